/*
 * token.h - what the files of `nightbell token` share.
 */
#ifndef CLI_TOKEN_H
#define CLI_TOKEN_H

#include "cli/frame/command.h"
#include "identity/token.h"

/* The keys that --jwks FILE or --key FILE [--algorithm A] name; *out is NULL where neither is
 * given. */
NB_MUSTCHECK int token_read_keys(struct nb_verification_keys **out, const struct command_call *call,
                                 struct nb_error *err);
/* The token to look at: the argument (a file, "-": standard input), else the session's own, else
 * standard input. */
NB_MUSTCHECK int token_read(char **out, const struct command_call *call, struct nb_error *err);

int token_show(struct command_call *call, struct nb_error *err);   /* token_show.c */
int token_verify(struct command_call *call, struct nb_error *err); /* token_verify.c */

#endif
