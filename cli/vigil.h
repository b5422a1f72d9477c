/*
 * vigil.h - keeps a long-running command honest about who it is: a token that expires or is revoked
 * makes the database show nothing, which looks like peace. The vigil asks from time to time, and
 * takes a renewed token from its file.
 */
#ifndef CLI_VIGIL_H
#define CLI_VIGIL_H

#include "identity/identity.h"

struct command_call;
struct vigil;

/* Called once, with NB_EDENIED, when the database no longer knows who is asking. */
typedef void vigil_ended(void *arg, const struct nb_error *err);

/* Begins with what `identity` says of the token's end. */
struct vigil *vigil_new(struct nb_connection *connection, const struct command_call *call,
                        const struct nb_identity *identity, vigil_ended *ended, void *arg);
void vigil_free(struct vigil **vigil);

#endif
