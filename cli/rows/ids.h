/*
 * ids.h - the ids that a command acts on: from the command line, or from stdin where "-" is among them.
 */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include "base/vec.h"
#include "filter/filter.h"
#include "model/row.h"

struct command_call;
struct nb_connection;

struct ids {
    struct nb_key *keys;
    size_t count;
    char **endings; /* short ids, whose keys ids_find() puts in their place; NULL: there are none */
};

/* Reads the first `count` arguments, each strictly one id, whole or short (page/ids.h). For "-", each line of stdin is an id, or a JSON
 * object with the member "id" (what --json prints). A malformed id is refused before anything is done. */
NB_MUSTCHECK int ids_read(struct ids *out, const struct command_call *call, enum nb_subject subject, size_t count,
                          struct nb_error *err);
/* Looks up the short ones; a session that has only begun is settled first. One that means no row is NB_ENOTFOUND, one that
 * means several NB_EUSAGE with these. */
NB_MUSTCHECK int ids_find(struct ids *ids, struct command_call *call, struct nb_connection *connection,
                          enum nb_subject subject, struct nb_error *err);
/* Both, and connects in between: what an act on rows begins with. */
NB_MUSTCHECK int ids_open(struct ids *out, struct nb_connection **connection, struct command_call *call,
                          enum nb_subject subject, size_t count, struct nb_error *err);
/* One id, whole or short. */
NB_MUSTCHECK int ids_find_one(struct nb_key *out, struct command_call *call, struct nb_connection *connection,
                              enum nb_subject subject, const char *text, struct nb_error *err);
void ids_clear(struct ids *ids);

/* The outcome of acts on many rows. Each failure is reported at once. The exit code is that of the failures when all
 * are of one kind and nothing succeeded, 1 otherwise. */
struct ids_outcome {
    size_t succeeded;
    size_t failed;
    int code; /* that of the failures; NB_EFAILED when they differ */
};

/* Reports one failure on stderr. */
void ids_fail(struct ids_outcome *outcome, struct command_call *call, const struct nb_error *err);
/* The command's return value; the error has no message because every failure was reported already. */
NB_MUSTCHECK int ids_result(const struct ids_outcome *outcome, struct nb_error *err);
/* Reports "nightbell: ID: there is no such notification …" for a row that the reader cannot see. */
void ids_fail_unknown(struct ids_outcome *outcome, struct command_call *call, enum nb_subject subject,
                      const struct nb_key *key);

#endif
