/*
 * vigil.h - keeps whoever follows for long honest about who they are: a token that expires or is
 * revoked makes the database show nothing, which looks like peace. The vigil asks when the token
 * ends and from time to time, and takes a renewed one from its file.
 */
#ifndef NB_IDENTITY_VIGIL_H
#define NB_IDENTITY_VIGIL_H

#include "identity/identity.h"

struct nb_vigil;

/* With NB_EDENIED when the database no longer knows who is asking; without an error when it does
 * again, or when a renewed token has been taken. */
typedef void nb_vigil_changed(void *arg, const struct nb_error *err);

/* token_file (may be NULL) is read again when the token ends; token is what it said last.
 * expires_at: what is known of the token's end; NB_TIME_NONE: nothing, so it is asked at once. */
struct nb_vigil *nb_vigil_new(struct nb_connection *connection, const char *token_file, const char *token,
                              int64_t expires_at, nb_vigil_changed *changed, void *arg);
void nb_vigil_free(struct nb_vigil **vigil);

/* Something looked as if the token had ended: asks now. */
void nb_vigil_wake(struct nb_vigil *vigil);

#endif
