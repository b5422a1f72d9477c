/*
 * produce.h - shared by the producing commands: their checks, and `--file`, a stream of NDJSON lines.
 */
#ifndef CLI_PRODUCE_H
#define CLI_PRODUCE_H

#include "produce/produce.h"

#define PRODUCE_FILE_HELP "read NDJSON: one object a line; - is standard input"
#define PRODUCE_FILE_DESCRIPTION(members)                                                                              \
    "With --file every line is a JSON object with the members " members ". Each line gets one "                        \
    "result line: its number and its id, or the reason why it was refused. A refused line never "                      \
    "keeps the others out; the exit code is 1 then. Lines are written in batches and are at most " NB_DIGITS(          \
        NB_NDJSON_LINE_KIB) " KiB long."

struct command_call;

/* Reads an option that is a time; NB_TIME_NONE where it is not given. */
NB_MUSTCHECK int produce_time(const struct command_call *call, const char *option, int64_t *out, struct nb_error *err);

/* Reads the file of --file ("-": standard input) and prints one result line for each of its lines. */
NB_MUSTCHECK int produce_file(struct command_call *call, struct nb_connection *connection, enum nb_produce_kind kind,
                              struct nb_error *err);

/* Connects and does that; no other option or argument goes with it. */
NB_MUSTCHECK int produce_from_file(struct command_call *call, enum nb_produce_kind kind, struct nb_error *err);
/* "settled 90" as {"outcome": "settled", "id": 90}; "orphan" as {"outcome": "orphan"}. The caller owns it. */
json_t *settle_outcome(const char *text);

/* Refuses a call that lacks one of these options (the list ends with NULL). */
NB_MUSTCHECK int produce_require(const struct command_call *call, const char *const *names, struct nb_error *err);
/* Checks the UUIDs of --user, --actor and --tenant, and the JSON of the option `document`. */
NB_MUSTCHECK int produce_check_values(const struct command_call *call, const char *document, struct nb_error *err);

#endif
