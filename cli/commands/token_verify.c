/*
 * token_verify.c - `nightbell token verify`: whether a token is accepted, by the database or with a key of one's own.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/session.h"
#include "cli/commands/token.h"

/* ---- by the database ---- */

static void print_identity(struct output *output, const struct nb_identity *who)
{
    char user_id[NB_UUID_TEXT_SIZE], until[NB_TIME_TEXT_SIZE], *roles = nb_role_names(who->roles);

    if (output_is_json(output))
        output_json_take(output,
                         json_pack("{s:b, s:s, s:s, s:s, s:s, s:b, s:s, s:s}", "accepted", 1, "verified_by", "database",
                                   "user_id", nb_uuid_format(&who->user_id, user_id), "user_name", who->user_name,
                                   "tenant_name", who->tenant_name, "is_global", who->is_global, "roles", roles,
                                   "expires_at", nb_time_format_rfc3339(who->expires_at, until)));
    else
        output_line(output, "accepted by the database: %s at %s (%s), until %s", who->user_name, who->tenant_name,
                    *roles ? roles : "no role", nb_time_format_local(who->expires_at, until));
    free(roles);
}

static int ask_database(struct command_call *call, const char *text, struct nb_error *err)
{
    struct session_options options = {.login = SESSION_CLIENT, .token = text};
    struct nb_connection *connection = NULL;
    struct nb_identity *who = nb_calloc(1, sizeof(*who));
    int rc;

    if ((rc = session_connect(&connection, call, &options, err)) == NB_OK &&
        (rc = nb_identity_wait(who, connection, err)) == NB_OK) {
        if (who->known) {
            print_identity(call->output, who);
        } else {
            nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the database does not accept it: %s", who->reason);
            rc = nb_error_hint(err, "nightbell token show tells what it says");
        }
    }
    free(who);
    return rc;
}

/* ---- with a key ---- */

static void print_verified(struct output *output, const struct nb_token *token,
                           const struct nb_token_expectations *expectations)
{
    char until[NB_TIME_TEXT_SIZE];
    int64_t ends = NB_TIME_NONE;
    int rc = nb_token_time(&ends, token, "exp", NULL); /* it was checked already */

    (void)rc;
    if (output_is_json(output)) {
        output_json_take(output,
                         json_pack("{s:b, s:s, s:s, s:b, s:b, s:s, s:O}", "accepted", 1, "verified_by", "key",
                                   "algorithm", token->algorithm, "issuer_checked", expectations->issuer != NULL,
                                   "audience_checked", expectations->audience != NULL, "expires_at",
                                   nb_time_format_rfc3339(ends, until), "claims", token->claims));
        return;
    }
    output_line(output, "the signature is right (%s), and it is valid until %s", token->algorithm,
                nb_time_format_local(ends, until));
    if (!expectations->issuer || !expectations->audience)
        output_line(output, "not looked at: %s",
                    expectations->issuer     ? "whom it is for (--audience)"
                    : expectations->audience ? "who issued it (--issuer)"
                                             : "who issued it (--issuer) and whom it is for "
                                               "(--audience)");
}

static int verify_with_keys(struct command_call *call, const char *text, const struct nb_verification_keys *keys,
                            struct nb_error *err)
{
    const struct nb_token_expectations expectations = {.issuer = command_text(call, "issuer"),
                                                       .audience = command_text(call, "audience")};
    struct nb_token *token = NULL;
    int rc = nb_token_verify(&token, text, keys, &expectations, err);

    if (rc == NB_OK)
        print_verified(call->output, token, &expectations);
    nb_token_free(&token);
    return rc;
}

int token_verify(struct command_call *call, struct nb_error *err)
{
    struct nb_verification_keys *keys = NULL;
    char *text = NULL;
    int rc;

    if ((rc = token_read_keys(&keys, call, err)) != NB_OK)
        return rc;
    if (!keys && (command_has(call, "issuer") || command_has(call, "audience"))) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--issuer and --audience go with --jwks or --key");
        return nb_error_hint(err, "the database knows what to expect of its keys' tokens");
    }
    if ((rc = token_read(&text, call, err)) == NB_OK)
        rc = keys ? verify_with_keys(call, text, keys, err) : ask_database(call, text, err);
    nb_verification_keys_free(&keys);
    free(text);
    return rc;
}
