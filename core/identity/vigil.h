/*
 * vigil.h - watches the identity of a long-running session. With an expired or revoked token the database shows no
 * rows, which looks like an empty inbox. The vigil asks the database when the token expires and every half minute, and
 * takes a renewed token when the token's file has changed, before the old token expires.
 */
#ifndef NB_IDENTITY_VIGIL_H
#define NB_IDENTITY_VIGIL_H

#include "identity/identity.h"

struct nb_vigil;

/*
 * Called when the database's answer differs from the last one.
 *   err NULL         the identity is known: for the first time, again, renewed, or now somebody else's
 *   err NB_EDENIED   the identity is no longer known: the token expired or was revoked. The message has the reason, the
 *                    hint what to do. Called once, and again when the token's file cannot be read for a new reason.
 * identity is borrowed for the duration of the call.
 */
typedef void nb_vigil_changed(void *arg, const struct nb_identity *identity, const struct nb_error *err);

/* token_file (may be NULL) is read when it has changed and when the token has ended; token is its text when last read.
 * identity: the one already known; NULL: the database is asked as soon as possible and changed() is called with the
 * answer. */
struct nb_vigil *nb_vigil_new(struct nb_connection *connection, const char *token_file, const char *token,
                              const struct nb_identity *identity, nb_vigil_changed *changed, void *arg);
void nb_vigil_free(struct nb_vigil **vigil);

/* Looks at the file and asks now: for when an answer suggests that the token has ended, or when the connection is back. */
void nb_vigil_wake(struct nb_vigil *vigil);

#endif
