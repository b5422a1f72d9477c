/*
 * produce.h - `--file`: a stream of NDJSON lines, the same for notify, announce and raise.
 */
#ifndef CLI_PRODUCE_H
#define CLI_PRODUCE_H

#include "produce/produce.h"

struct command_call;

/* Reads the file of --file ("-": standard input) and prints one result line a line. */
NB_MUSTCHECK int produce_file(struct command_call *call, struct nb_connection *connection,
                              enum nb_produce_kind kind, struct nb_error *err);

#endif
