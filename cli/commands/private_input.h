/*
 * private_input.h - tokens and secrets on their way in: from a file that is its owner's alone, from
 * standard input, or typed where nothing is shown. Never from the command line, which other people
 * on the machine can read.
 */
#ifndef CLI_PRIVATE_INPUT_H
#define CLI_PRIVATE_INPUT_H

#include "base/error.h"

/* file: a path, or "-" for standard input, where a terminal is asked without echo. The caller frees
 * *out. */
NB_MUSTCHECK int private_input_token(char **out, const char *file, struct nb_error *err);
/* The same for a secret, which may be bytes; the caller overwrites and frees it. */
NB_MUSTCHECK int private_input_secret(unsigned char **out, size_t *size, const char *file, struct nb_error *err);

#endif
