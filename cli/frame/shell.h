/*
 * shell.h - lines for a shell's eval, and the private files that they name.
 */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include "base/error.h"

struct output;

/* Prints export NAME='value', quoted for any value. With --json the caller prints the member of an object instead. */
void shell_print_export(struct output *output, const char *name, const char *value);
/* Writes text atomically to a file that only its owner can read: the old file is replaced whole, or not at all. */
NB_MUSTCHECK int shell_write_private(const char *path, const char *text, struct nb_error *err);
/* Writes a token atomically to a new file, 0600, in directory (NULL: the user's runtime or data directory). The caller
 * frees *path. */
NB_MUSTCHECK int shell_write_token(char **path, const char *directory, const char *person, const char *token,
                                   struct nb_error *err);

#endif
