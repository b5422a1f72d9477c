/*
 * door.h - the hub's listening socket in the file system: one hub per path; the file of a dead hub is replaced.
 */
#ifndef NB_HUB_DOOR_H
#define NB_HUB_DOOR_H

#include "base/error.h"

struct hub_door;

NB_MUSTCHECK int hub_door_open(struct hub_door **out, const char *path, struct nb_error *err);
/* Closes the socket and removes its file, so that no console tries it. */
void hub_door_free(struct hub_door **door);
int hub_door_fd(const struct hub_door *door);

#endif
