/*
 * kind.h - the kinds of configuration that administrators import and export as JSON documents: one table, from which
 * the commands `nightbell KIND list|show|export|import|delete` and the folders of `nightbell apply` follow.
 *
 * A document is a JSON object whose members are the kind's. What export writes, import takes, and changes nothing.
 * To add a kind: a row of the table in kind.c with its three queries, and its columns and commands in cli/commands.
 *
 *   import     $1 tenant (name or UUID; NULL: one's own), $2 text[] documents
 *              → ordinal, key, change (added, changed or same), sqlstate, message, hint; one row a document
 *   documents  $1 tenant, $2 a key (NULL: all) → key, document; by key
 *   removal    $1 tenant, $2 the key → boolean: false where there is none
 *
 * The queries of a kind that belongs to the whole installation have no tenant: their first parameter is the next one.
 */
#ifndef NB_CONFIG_KIND_H
#define NB_CONFIG_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include "db/sql.h"

struct nb_config_kind {
    const char *name;    /* "types": the word of the command and the folder */
    const char *one;     /* "notification type": for messages */
    const char *key;     /* "type": the member that identifies a document */
    size_t document_max; /* bytes */
    size_t batch;        /* documents that are sent together; 0: the usual number */
    bool is_of_a_tenant; /* false: of the installation */
    bool is_personal; /* what applications bring, not administrators: export-config leaves it out unless it is named */
    const char
        *csv_list; /* imported from CSV too; this member is a list, its items separated by blanks. NULL: it is not */
    enum nb_sql import;
    enum nb_sql documents;
    enum nb_sql removal;
};

/* The kind of that name; NULL: there is none. */
const struct nb_config_kind *nb_config_kind_find(const char *name);
/* All kinds, in the order in which they must be imported: what others refer to comes first. */
const struct nb_config_kind *nb_config_kinds(size_t *count);

#endif
