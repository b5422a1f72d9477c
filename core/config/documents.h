/*
 * documents.h - the documents of a kind: listed, deleted, imported in batches, and compared with what an import would
 * make of them.
 */
#ifndef NB_CONFIG_DOCUMENTS_H
#define NB_CONFIG_DOCUMENTS_H

#include "base/error.h"
#include "config/kind.h"
#include "db/connection.h"

/* Where documents are: a kind, in a tenant (its name or UUID; NULL: one's own, and for a kind of the installation). */
struct nb_config {
    const struct nb_config_kind *kind;
    struct nb_connection *connection;
    const char *tenant;
    /* Refuses a document before it is sent, for what the database cannot check; NULL: nothing is refused here. */
    int (*check)(const char *document, size_t length, struct nb_error *err);
};

typedef void nb_config_seen(void *arg, const char *key, const char *document);

/* Calls `seen` for each document, by key; with key for that one only: NB_ENOTFOUND where there is none. */
NB_MUSTCHECK int nb_config_list(const struct nb_config *config, const char *key, nb_config_seen *seen, void *arg,
                                struct nb_error *err);
/* NB_ENOTFOUND for an unknown key. */
NB_MUSTCHECK int nb_config_delete(const struct nb_config *config, const char *key, struct nb_error *err);

/* ---- importing ---- */

/* A stream of documents, written in batches. Every document gets exactly one result, in order, with the number that it
 * was given; a bad one never stops the others. Begins and ends no transaction. */
struct nb_config_import;

/* change: "added", "changed" or "same"; both NULL where err says why the document was refused. */
typedef void nb_config_result(void *arg, size_t number, const char *key, const char *change,
                              const struct nb_error *err);
struct nb_config_import *nb_config_import_new(const struct nb_config *config, nb_config_result *result, void *arg);
void nb_config_import_free(struct nb_config_import **import);
/* Fails only when the whole import cannot go on (not allowed, database gone). */
NB_MUSTCHECK int nb_config_import_one(struct nb_config_import *import, size_t number, const char *document,
                                      size_t length, struct nb_error *err);
/* Instead of a document that cannot be sent: says what is wrong with it. */
NB_MUSTCHECK int nb_config_import_refused(struct nb_config_import *import, size_t number, const struct nb_error *why,
                                          struct nb_error *err);
NB_MUSTCHECK int nb_config_import_flush(struct nb_config_import *import, struct nb_error *err);

/* ---- looking first ---- */

/* An import that is undone: what it would do, member by member. */
struct nb_config_preview;

/* As nb_config_result, with the documents as they are now and as they would be; NULL where there is none. */
typedef void nb_config_difference(void *arg, size_t number, const char *key, const char *change, const char *before,
                                  const char *after, const struct nb_error *err);
/* Begins a transaction. Imports into preview's stream go on as usual, and their results are kept. */
NB_MUSTCHECK int nb_config_preview_begin(struct nb_config_preview **out, const struct nb_config *config,
                                         struct nb_error *err);
struct nb_config_import *nb_config_preview_import(struct nb_config_preview *preview);
/* Rolls the transaction back and tells every result, in order. */
NB_MUSTCHECK int nb_config_preview_end(struct nb_config_preview *preview, nb_config_difference *seen, void *arg,
                                       struct nb_error *err);
/* Rolls back where nb_config_preview_end() was not reached. */
void nb_config_preview_free(struct nb_config_preview **preview);

/* The members whose values differ, with their values as compact JSON ("null" where a member is missing). Either
 * document may be NULL: then nothing differs. */
typedef void nb_config_member(void *arg, const char *member, const char *before, const char *after);
void nb_config_compare(const char *before, const char *after, nb_config_member *differs, void *arg);

#endif
