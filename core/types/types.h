/*
 * types.h - the catalogue of notification types: read by everybody, written by administrators.
 */
#ifndef NB_TYPES_TYPES_H
#define NB_TYPES_TYPES_H

#include "db/connection.h"

#define NB_TYPE_LINE_MAX (64 * 1024)

/* A type; text is borrowed for the duration of the call. */
struct nb_type_info {
    const char *type;
    const char *module;
    const char *description;
    const char *urgency;
    const char *channels;      /* parted by commas */
    const char *restricted_to; /* roles, parted by commas; "": nobody; NULL: every producer */
    const char *document;      /* all of it as JSON: what import takes */
};
typedef void nb_type_seen(void *arg, const struct nb_type_info *type);
/* By name. */
NB_MUSTCHECK int nb_types_list(struct nb_connection *connection, nb_type_seen *seen, void *arg,
                               struct nb_error *err);

/* A stream of JSON documents, one a line, written in batches. Every line gets exactly one result,
 * in order: what became of its type ("added", "changed", "same"), or an error; a bad line never
 * keeps the others out. */
struct nb_types_import;
typedef void nb_type_imported(void *arg, size_t line, const char *type, const char *change,
                              const struct nb_error *err);
struct nb_types_import *nb_types_import_new(struct nb_connection *admin, nb_type_imported *imported,
                                            void *arg);
void nb_types_import_free(struct nb_types_import **import);
/* One line without its newline; an empty one is counted, and none. Fails only when the import as a
 * whole cannot go on (not allowed, database gone). */
NB_MUSTCHECK int nb_types_import_line(struct nb_types_import *import, const char *line,
                                      size_t length, struct nb_error *err);
NB_MUSTCHECK int nb_types_import_flush(struct nb_types_import *import, struct nb_error *err);

/* NB_ENOTFOUND where there is no such type; refused while notifications are of it. */
NB_MUSTCHECK int nb_type_delete(struct nb_connection *admin, const char *type,
                                struct nb_error *err);

#endif
