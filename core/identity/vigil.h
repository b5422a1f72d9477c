/*
 * vigil.h - keeps whoever follows for long honest about who they are: a token that expires or is revoked makes the database show
 * no rows, which looks like an empty inbox. The vigil asks the database when the token ends and every half minute, and takes a
 * renewed token from the token's file.
 */
#ifndef NB_IDENTITY_VIGIL_H
#define NB_IDENTITY_VIGIL_H

#include "identity/identity.h"

struct nb_vigil;

/*
 * Called when the database's answer is another than the last one.
 *   err NULL                 identity is known: for the first time, again, renewed, or somebody else's
 *   err NB_EDENIED           identity is not known any more: it expired or was revoked; the message has the reason and the hint
 *                            what to do. Once; again when the token's file cannot be read and that is news
 * identity is borrowed for the duration of the call; nb_vigil_identity() has it afterwards.
 */
typedef void nb_vigil_changed(void *arg, const struct nb_identity *identity, const struct nb_error *err);

/* token_file (may be NULL) is read when the token has ended; token is what it said last. identity: what is known already;
 * NULL: nothing, so the database is asked as soon as it can be, and changed() is called with the answer. */
struct nb_vigil *nb_vigil_new(struct nb_connection *connection, const char *token_file, const char *token,
                              const struct nb_identity *identity, nb_vigil_changed *changed, void *arg);
void nb_vigil_free(struct nb_vigil **vigil);

/* Asks now: an answer looked as if the token had ended, or the connection is back. */
void nb_vigil_wake(struct nb_vigil *vigil);
/* The last answer, with `known` false where it ended; NULL before the first one. */
const struct nb_identity *nb_vigil_identity(const struct nb_vigil *vigil);

#endif
