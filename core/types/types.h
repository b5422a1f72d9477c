/*
 * types.h - the catalogue of notification types: everybody reads it, administrators write it.
 */
#ifndef NB_TYPES_TYPES_H
#define NB_TYPES_TYPES_H

#include "base/limits.h"
#include "db/connection.h"

/* Types in order of name. struct nb_type_info is public: see nightbell.h. */
/* By name. */
NB_MUSTCHECK int nb_types_list(struct nb_connection *connection, nb_client_type *seen, void *arg, struct nb_error *err);

/* A stream of JSON documents, written in batches. Every document gets exactly one result, in order, with the number
 * that it was given; a bad one never stops the others. */
struct nb_types_import;
struct nb_types_import *nb_types_import_new(struct nb_connection *admin, nb_client_type_result *result, void *arg);
void nb_types_import_free(struct nb_types_import **import);
/* Fails only when the whole import cannot go on (not allowed, database gone). */
NB_MUSTCHECK int nb_types_import_one(struct nb_types_import *import, size_t number, const char *document, size_t length,
                                     struct nb_error *err);
NB_MUSTCHECK int nb_types_import_flush(struct nb_types_import *import, struct nb_error *err);

/* NB_ENOTFOUND for an unknown type; refused while there are notifications of the type. */
NB_MUSTCHECK int nb_type_delete(struct nb_connection *admin, const char *type, struct nb_error *err);

#endif
