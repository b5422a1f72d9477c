/*
 * ids.h - the ids that an act is about: from the command line, or from stdin where "-" stands among
 * them.
 */
#ifndef CLI_IDS_H
#define CLI_IDS_H

#include "base/vec.h"
#include "filter/filter.h"
#include "model/row.h"

struct command_call;

struct ids {
    struct nb_key *keys;
    size_t count;
};

/* The first `count` arguments, each strictly one id. Of "-" each line of stdin is an id, or a JSON
 * object with the member "id" (what --json prints). A malformed one is refused before anything is
 * done. */
NB_MUSTCHECK int ids_read(struct ids *out, const struct command_call *call, enum nb_subject subject, size_t count,
                          struct nb_error *err);
void ids_clear(struct ids *ids);

/* How the acts on many rows come out: each failure is told as it is met, the exit code is that of
 * the failures when they are all of one kind and nothing succeeded, 1 otherwise. */
struct ids_outcome {
    size_t succeeded;
    size_t failed;
    int code; /* of the failures; NB_EFAILED when they differ */
};

/* Reports one failure on stderr. */
void ids_fail(struct ids_outcome *outcome, struct command_call *call, const struct nb_error *err);
/* What the command returns; the error has no message because everything is told already. */
NB_MUSTCHECK int ids_result(const struct ids_outcome *outcome, struct nb_error *err);
/* "nightbell: ID: there is no such notification …" for a row that the reader cannot see. */
void ids_fail_unknown(struct ids_outcome *outcome, struct command_call *call, enum nb_subject subject,
                      const struct nb_key *key);

#endif
