/*
 * produce.h - shared by the producing commands: their checks, and `--file`, a stream of NDJSON lines.
 */
#ifndef CLI_PRODUCE_H
#define CLI_PRODUCE_H

#include "produce/produce.h"

struct command_call;

/* Reads the file of --file ("-": standard input) and prints one result line for each of its lines. */
NB_MUSTCHECK int produce_file(struct command_call *call, struct nb_connection *connection, enum nb_produce_kind kind,
                              struct nb_error *err);

/* Refuses a call that lacks one of these options (the list ends with NULL). */
NB_MUSTCHECK int produce_require(const struct command_call *call, const char *const *names, struct nb_error *err);
/* Checks the UUIDs of --user, --actor and --tenant, and the JSON of the option `document`. */
NB_MUSTCHECK int produce_check_values(const struct command_call *call, const char *document, struct nb_error *err);

#endif
