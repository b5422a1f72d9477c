/*
 * token.h - shared by the files of `nightbell token`.
 */
#ifndef CLI_TOKEN_H
#define CLI_TOKEN_H

#include "cli/frame/command.h"
#include "identity/token.h"

/* Reads the keys of --jwks FILE or --key FILE [--algorithm A]; *out is NULL where neither is given. */
NB_MUSTCHECK int token_read_keys(struct nb_verification_keys **out, const struct command_call *call,
                                 struct nb_error *err);
/* Reads the token to inspect: the argument (a file, "-": standard input), or else the session's own, or else standard
 * input. */
NB_MUSTCHECK int token_read(char **out, const struct command_call *call, struct nb_error *err);

int token_show(struct command_call *call, struct nb_error *err);   /* token_show.c */
int token_verify(struct command_call *call, struct nb_error *err); /* token_verify.c */

#endif
