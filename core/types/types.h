/*
 * types.h - the catalogue of notification types as everybody reads it. Administrators write it as documents:
 * config/documents.h.
 */
#ifndef NB_TYPES_TYPES_H
#define NB_TYPES_TYPES_H

#include "base/error.h"
#include "db/connection.h"

/* Types in order of name. struct nb_type_info is public: see nightbell.h. */
NB_MUSTCHECK int nb_types_list(struct nb_connection *connection, nb_client_type *seen, void *arg, struct nb_error *err);

#endif
