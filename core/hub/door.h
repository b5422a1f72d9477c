/*
 * door.h - the hub's listening socket as a file: one hub at each path; a file that a dead hub left is replaced.
 */
#ifndef NB_HUB_DOOR_H
#define NB_HUB_DOOR_H

#include "base/error.h"

struct hub_door;

NB_MUSTCHECK int hub_door_open(struct hub_door **out, const char *path, struct nb_error *err);
/* Removes the file, so that no console tries it any more. */
void hub_door_free(struct hub_door **door);
int hub_door_fd(const struct hub_door *door);

#endif
