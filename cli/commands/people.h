/*
 * people.h - who is meant by a name, an e-mail address, a UUID or "me".
 */
#ifndef CLI_PEOPLE_H
#define CLI_PEOPLE_H

#include "db/connection.h"
#include "identity/identity.h"

/* NB_ENOTFOUND where nobody is called so, NB_EUSAGE with the candidates where several may be meant. */
NB_MUSTCHECK int people_find(struct nb_uuid *out, struct nb_connection *connection, const struct nb_identity *identity,
                             const char *text, struct nb_error *err);

#endif
