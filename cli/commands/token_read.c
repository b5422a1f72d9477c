/*
 * token_read.c - the token and the keys that a command of `nightbell token` is about.
 */
#include "cli/commands/token.h"

#include <stdlib.h>
#include <string.h>

#include "cli/commands/private_input.h"
#include "cli/frame/session.h"

int token_read_keys(struct nb_verification_keys **out, const struct command_call *call, struct nb_error *err)
{
    const char *jwks = command_text(call, "jwks"), *key = command_text(call, "key");
    const char *algorithm = command_text(call, "algorithm");

    *out = NULL;
    if (jwks && key)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--jwks and --key exclude each other");
    if (algorithm && !jwks && !key)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                            "--algorithm says what a key is for: give --key or --jwks too");
    if (jwks)
        return nb_verification_keys_read_jwks(out, jwks, algorithm, err);
    return key ? nb_verification_keys_read_key(out, key, algorithm, err) : NB_OK;
}

int token_read(char **out, const struct command_call *call, struct nb_error *err)
{
    const char *own = getenv("NIGHTBELL_TOKEN");

    if (call->argument_count > 0)
        return private_input_token(out, call->arguments[0], err);
    if (session_token_file(call))
        return nb_token_read_file(out, session_token_file(call), err);
    if (own && *own)
        return nb_token_from_text(out, own, strlen(own), "NIGHTBELL_TOKEN", err);
    return private_input_token(out, "-", err);
}
