/*
 * person.h - the person whom an argument USER names: by a name, an e-mail address or a UUID.
 */
#ifndef CLI_PERSON_H
#define CLI_PERSON_H

#include "base/uuid.h"
#include "db/connection.h"

/* tenant: whose people are meant, as a UUID; NULL: those of the session's own. A UUID is taken as it is. */
NB_MUSTCHECK int person_find(struct nb_uuid *out, struct nb_connection *connection, const char *tenant,
                             const char *text, struct nb_error *err);

/* The same, as the text of a UUID; for NULL *out is NULL. text keeps it. */
NB_MUSTCHECK int person_resolve(const char **out, char text[NB_UUID_TEXT_SIZE], struct nb_connection *connection,
                                const char *tenant, const char *named, struct nb_error *err);

#endif
