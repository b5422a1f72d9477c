/*
 * shell.h - lines for a shell's eval, and the private files that they point to.
 */
#ifndef CLI_SHELL_H
#define CLI_SHELL_H

#include "base/error.h"

struct output;

/* export NAME='value', whatever is in the value; with --json a member of an object is the caller's
 * business. */
void shell_print_export(struct output *output, const char *name, const char *value);
/* Writes text to a file that only its owner may read, in one step: what is there is replaced whole
 * or left as it is. */
NB_MUSTCHECK int shell_write_private(const char *path, const char *text, struct nb_error *err);
/* Writes a token to a file of its own in directory (NULL: in the user's runtime or data directory),
 * 0600, in one step. The caller frees *path. */
NB_MUSTCHECK int shell_write_token(char **path, const char *directory, const char *person, const char *token,
                                   struct nb_error *err);

#endif
