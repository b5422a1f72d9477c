/*
 * token.c - `nightbell token`: its table of commands, and those that make and revoke tokens.
 */
#include "cli/commands/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/groups.h"
#include "cli/commands/private_input.h"
#include "cli/frame/session.h"
#include "cli/frame/shell.h"

#define MINT_LIFETIME     (12 * INT64_C(3600000000))
#define EXCHANGE_LIFETIME (15 * INT64_C(60000000))

static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};

static int read_lifetime(int64_t *out, const struct command_call *call, int64_t otherwise, struct nb_error *err)
{
    const char *text = command_text(call, "expires");
    struct nb_error why = {0};

    *out = otherwise;
    if (!text)
        return NB_OK;
    if (nb_duration_parse(out, text, &why) != NB_OK)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--expires %.40s: %s", text, why.message);
    if (*out < 1000000 || *out > NB_TOKEN_LIFETIME_MAX)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--expires %.40s: expected a second to 366 days", text);
    return NB_OK;
}

static int read_roles(unsigned *out, const struct command_call *call, struct nb_error *err)
{
    size_t count;
    const char **names = command_texts(call, "role", &count);
    int rc = NB_OK;

    *out = 0;
    for (size_t i = 0; i < count && rc == NB_OK; i++) {
        unsigned bit = nb_role_from_name(names[i], strlen(names[i]));

        if (bit == 0)
            rc = nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                              "--role %.40s: expected user, operator, producer or admin", names[i]);
        *out |= bit;
    }
    free(names);
    return rc;
}

/* ---- making tokens ---- */

/* Writes text to a file that only its owner can read, or to standard output. */
static int hand_out(struct command_call *call, const char *text, const struct nb_uuid *id, int64_t expires_at,
                    const struct nb_token_user *user, bool is_global, struct nb_error *err)
{
    const char *path = command_text(call, "output");
    char id_text[NB_UUID_TEXT_SIZE], user_id[NB_UUID_TEXT_SIZE], until[NB_TIME_TEXT_SIZE];
    json_t *object;
    int rc;

    if (path && (rc = shell_write_private(path, text, err)) != NB_OK)
        return rc;
    if (output_is_json(call->output)) {
        object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", path ? "file" : "token", path ? path : text, "jti",
                           nb_uuid_format(id, id_text), "user_id", nb_uuid_format(&user->id, user_id), "user_name",
                           user->name, "tenant_name", is_global ? "*" : user->tenant_name, "expires_at",
                           nb_time_format_rfc3339(expires_at, until));
        output_json_take(call->output, object);
    } else if (path) {
        output_note(call->output, "%s holds a token for %s at %s, until %s", path, user->name,
                    is_global ? "*" : user->tenant_name, nb_time_format_local(expires_at, until));
    } else {
        output_raw_line(call->output, "%s", text);
    }
    return NB_OK;
}

static int run_mint(struct command_call *call, struct nb_error *err)
{
    const char *name = command_text(call, "user"), *tenant = command_tenant(call);
    bool is_global = tenant && strcmp(tenant, "*") == 0;
    struct nb_token_claims claims = {.id = nb_uuid_v7()};
    struct nb_connection *connection = NULL;
    struct nb_token_user user;
    int64_t lifetime;
    char *text = NULL;
    int rc;

    if (!name) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "token mint needs --user");
        return nb_error_hint(err, "see nightbell token mint --help");
    }
    if ((rc = read_lifetime(&lifetime, call, MINT_LIFETIME, err)) != NB_OK ||
        (rc = read_roles(&claims.roles, call, err)) != NB_OK ||
        (rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        return rc;
    if ((rc = nb_token_user_find(&user, connection, NB_USER_BY_FORM, name, is_global ? NULL : tenant, err)) != NB_OK)
        return session_explain_denied(rc, err);
    claims.subject = user.id;
    if (!is_global)
        claims.tenant = user.tenant_id;
    claims.expires_at = nb_now() + lifetime;
    if ((rc = nb_token_mint(&text, connection, &claims, err)) == NB_OK)
        rc = hand_out(call, text, &claims.id, claims.expires_at, &user, is_global, err);
    free(text);
    return session_explain_denied(rc, err);
}

static int check_exchange(struct nb_token_exchange *exchange, const struct command_call *call, struct nb_error *err)
{
    exchange->issuer = command_text(call, "issuer");
    exchange->audience = command_text(call, "audience");
    exchange->user_claim = command_text(call, "user-claim");
    exchange->tenant = command_text(call, "tenant"); /* only from the option: a guest might have set the environment */
    if (!command_has(call, "jwks") && !command_has(call, "key"))
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                     "token exchange needs the identity provider's keys: --jwks or --key");
    else if (!exchange->issuer || !exchange->audience)
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "token exchange needs --issuer and --audience");
    else if (exchange->tenant && strcmp(exchange->tenant, "*") == 0)
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                     "a global operator's token is not exchanged: an administrator mints it");
    else
        return read_lifetime(&exchange->lifetime, call, EXCHANGE_LIFETIME, err);
    return nb_error_hint(err, "see nightbell token exchange --help");
}

static int run_exchange(struct command_call *call, struct nb_error *err)
{
    struct nb_token_exchange exchange = {0};
    struct nb_token_exchanged ours = {0};
    struct nb_connection *connection = NULL;
    struct nb_verification_keys *keys = NULL;
    char *source = NULL;
    int rc;

    if ((rc = check_exchange(&exchange, call, err)) != NB_OK || (rc = token_read_keys(&keys, call, err)) != NB_OK)
        return rc;
    exchange.keys = keys;
    if ((rc = private_input_token(&source, call->argument_count > 0 ? call->arguments[0] : "-", err)) == NB_OK &&
        (rc = session_connect(&connection, call, &administrator, err)) == NB_OK)
        rc = session_explain_denied(nb_token_exchange(&ours, connection, source, &exchange, err), err);
    if (rc == NB_OK)
        rc = hand_out(call, ours.text, &ours.id, ours.expires_at, &ours.user, false, err);
    free(ours.text);
    free(source);
    nb_verification_keys_free(&keys);
    return rc;
}

/* ---- revoking tokens ---- */

static void say_revoked(struct output *output, const char *id, bool anew)
{
    if (output_is_json(output))
        output_json_take(output, json_pack("{s:s, s:b}", "jti", id, "revoked", anew));
    else
        output_note(output, anew ? "the token %s is revoked" : "the token %s was revoked already", id);
}

static int revoke_id(struct command_call *call, const char *id, struct nb_error *err)
{
    const char *expires = command_text(call, "expires");
    int64_t now = nb_now(), ends = now + NB_TOKEN_LIFETIME_MAX;
    struct nb_connection *connection = NULL;
    bool anew = false;
    int rc;

    if (!*id || strlen(id) > 256)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--id: expected a token's id (jti) of 1 to 256 bytes");
    if (expires && nb_time_parse_future(&ends, expires, now, err) != NB_OK)
        return err->code = NB_EUSAGE;
    if ((rc = session_connect(&connection, call, &administrator, err)) == NB_OK &&
        (rc = nb_token_revoke(&anew, connection, id, ends, err)) == NB_OK)
        say_revoked(call->output, id, anew);
    return session_explain_denied(rc, err);
}

static int run_revoke(struct command_call *call, struct nb_error *err)
{
    const char *id = command_text(call, "id");
    struct nb_connection *connection = NULL;
    struct nb_token *token = NULL;
    char *text = NULL;
    bool anew = false;
    int rc;

    if ((call->argument_count > 0) == (id != NULL)) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "token revoke needs a token's file, or its id with --id");
        return nb_error_hint(err, "see nightbell token revoke --help");
    }
    if (id)
        return revoke_id(call, id, err);
    if (command_has(call, "expires"))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                            "--expires goes with --id: a token says itself when it ends");
    if ((rc = private_input_token(&text, call->arguments[0], err)) == NB_OK &&
        (rc = session_connect(&connection, call, &administrator, err)) == NB_OK &&
        (rc = session_explain_denied(nb_token_revoke_text(&token, &anew, connection, text, err), err)) == NB_OK)
        say_revoked(call->output, nb_token_text(token, "jti"), anew);
    nb_token_free(&token);
    free(text);
    return rc;
}

/* ---- the table ---- */

#define KEY_OPTIONS                                                                                                    \
    {"jwks", "FILE", "the signer's keys: a JSON Web Key Set"},                                                         \
        {"key", "FILE", "the signer's key: a PEM public key, or a secret (a file of yours alone)"},                    \
    {                                                                                                                  \
        "algorithm", "NAME",                                                                                           \
            "what the key is for, where it does not say: HS, RS, ES or PS with 256, 384 or 512 "                       \
            "(default: RS256 for RSA, HS256 for a secret, by its curve for EC)"                                        \
    }

static const struct command_option mint_options[] = {
    {"user", "USER", "whom it is for: a name, an e-mail address or a UUID"},
    {"role", "ROLE", "user, operator, producer or admin (default: those stored for the user)", .repeats = true,
     .values = "user operator producer admin"},
    {"expires", "DURATION", "how long it is good (90s 15m 12h 30d; default: 12h, at most 366d)"},
    {"output", "FILE", "write it there, readable by you alone (default: standard output)"},
    {NULL},
};
static const struct command_option verify_options[] = {
    KEY_OPTIONS,
    {"issuer", "TEXT", "with a key: the issuer that it must be of (iss)"},
    {"audience", "TEXT", "with a key: the audience that it must be for (aud)"},
    {NULL},
};
static const struct command_option exchange_options[] = {
    KEY_OPTIONS,
    {"issuer", "TEXT", "the identity provider, as its tokens say it (iss)"},
    {"audience", "TEXT", "whom its tokens must be for (aud): us, not another program"},
    {"user-claim", "NAME",
     "the claim that says who it is: email (verified), or one with an id or a name (default: sub)"},
    {"expires", "DURATION", "how long ours is good (default: 15m), never longer than theirs"},
    {"output", "FILE", "write it there, readable by you alone (default: standard output)"},
    {NULL},
};
static const struct command_option revoke_options[] = {
    {"id", "JTI", "the token's id, where the token itself is not at hand"},
    {"expires", "TIME", "with --id: when the token ends anyway (default: in 366d)"},
    {NULL},
};

static const struct command commands[] = {
    {"mint", "", "--user USER [--tenant TENANT] [--role ROLE]... [--expires DURATION] [--output FILE]",
     .summary = "make a token (administrators)",
     .description = "Signed with the newest key of `nightbell key list`; the first token makes the first key. "
                    "--tenant is needed where several tenants have a user of that name; --tenant '*' makes a "
                    "global operator's token, who sees every tenant's events.\n"
                    "Whoever holds the token is the user until it ends or is revoked.",
     .options = mint_options, .run = run_mint},
    {"show", "[FILE]", .summary = "tell what a token says, without verifying it",
     .description = "FILE is the token's file, or - for standard input; without it, your own token "
                    "is meant.",
     .run = token_show},
    {"verify", "[FILE]", "[FILE] [--jwks FILE | --key FILE]", .summary = "tell whether a token is accepted",
     .description = "By the database, which is asked who the token is; or, with --jwks or --key, without any "
                    "database: signature, times, and the issuer and audience that are named.\n"
                    "The key says which algorithm it is for, never the token. FILE is as for token show.",
     .options = verify_options, .run = token_verify},
    {"exchange", "[FILE]", "[FILE] --jwks FILE | --key FILE --issuer TEXT --audience TEXT",
     .summary = "make a short token for the bearer of an identity provider's (administrators)",
     .description = "For a trusted host, such as an ssh gateway. The provider's token comes from FILE or "
                    "standard input; its signature, times, issuer and audience are verified, and then one "
                    "claim says who it is: the UUID, the e-mail address (anything with an @; refused when "
                    "email_verified says no) or the whole name of a user whom the database has. Roles and "
                    "tenant are those that the database has for that user; nothing else of the token is "
                    "used.\n"
                    "Where the same name is known in several tenants, --tenant must say which is meant.",
     .options = exchange_options, .run = run_exchange},
    {"revoke", "[FILE]", "FILE | --id JTI", .summary = "end a token at once (administrators)",
     .description = "In open consoles too: the database looks at every statement. FILE may be - for "
                    "standard input. A token without an id (jti) ends with its key only: nightbell "
                    "key retire.",
     .options = revoke_options, .run = run_revoke},
    {NULL},
};

const struct command_group token_group = {
    .name = "token",
    .summary = "tokens: who a session is",
    .commands = commands,
};
