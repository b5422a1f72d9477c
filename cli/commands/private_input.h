/*
 * private_input.h - reads tokens and secrets: from a file that only its owner can read, from standard input, or typed
 * without echo. Never from the command line, which other people on the machine can read.
 */
#ifndef CLI_PRIVATE_INPUT_H
#define CLI_PRIVATE_INPUT_H

#include "base/error.h"

/* file: a path, or "-" for standard input, where a terminal is asked without echo. The caller frees *out. */
NB_MUSTCHECK int private_input_token(char **out, const char *file, struct nb_error *err);
/* The same for a secret, which may be any bytes; the caller overwrites and frees it. */
NB_MUSTCHECK int private_input_secret(unsigned char **out, size_t *size, const char *file, struct nb_error *err);

#endif
