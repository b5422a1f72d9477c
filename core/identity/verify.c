/*
 * verify.c - verifies a token: RFC 7519 with the advice of RFC 8725. Reports the first thing that is wrong; no claim is
 * used before the signature has been checked.
 */
#include "identity/token.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "identity/verification_key.h"

static int refuse(struct nb_error *err, const char *reason)
{
    return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s", reason);
}

/* Accepts a JWT or an access token (RFC 9068); other signed objects are refused. */
static bool is_token_type(const json_t *type)
{
    static const char *const types[] = {"JWT", "at+jwt", "application/jwt", "application/at+jwt"};

    for (size_t i = 0; json_is_string(type) && i < NB_ARRAY_SIZE(types); i++)
        if (strcasecmp(json_string_value(type), types[i]) == 0)
            return true;
    return !type;
}

static int check_header(const struct nb_token *token, struct nb_error *err)
{
    const json_t *kid = json_object_get(token->header, "kid");

    if (json_object_get(token->header, "crit"))
        return refuse(err, "the token demands something that is not known here (crit)");
    if (json_object_get(token->header, "b64"))
        return refuse(err, "the token is not signed as tokens are (b64)");
    if (!is_token_type(json_object_get(token->header, "typ")))
        return refuse(err, "what is signed is no token (typ)");
    if (kid && !json_is_string(kid))
        return refuse(err, "the token names its key with something that is not a text (kid)");
    if (!json_is_string(json_object_get(token->header, "alg")))
        return refuse(err, "the token names no algorithm (alg)");
    return 0;
}

int nb_token_check_signature(struct nb_token *token, const char *text, const struct nb_verification_keys *keys,
                             struct nb_error *err)
{
    const char *kid = json_string_value(json_object_get(token->header, "kid"));
    const char *algorithm = json_string_value(json_object_get(token->header, "alg"));
    const struct nb_verification_key *key;
    int rc = check_header(token, err);

    if (rc < 0)
        return rc;
    key = nb_verification_keys_next(keys, NULL, kid, algorithm);
    if (!key)
        return refuse(err, "the token is signed with a key that is not accepted here (kid, alg)");
    for (; key; key = nb_verification_keys_next(keys, key, kid, algorithm)) {
        if (nb_verification_key_verifies(key, text, token->signed_length, token->signature, token->signature_length)) {
            token->algorithm = key->algorithm->name;
            return 0;
        }
    }
    return refuse(err, "the token's signature is wrong");
}

static int check_times(const struct nb_token *token, int64_t now, struct nb_error *err)
{
    char text[NB_TIME_TEXT_SIZE];
    int64_t expires, begins, issued;
    int rc;

    if ((rc = nb_token_time(&expires, token, "exp", err)) < 0 || (rc = nb_token_time(&begins, token, "nbf", err)) < 0 ||
        (rc = nb_token_time(&issued, token, "iat", err)) < 0)
        return rc;
    if (expires == NB_TIME_NONE)
        return refuse(err, "the token has no expiry (exp)");
    if (expires <= now)
        return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token expired at %s",
                            nb_time_format_local(expires, text));
    if (begins != NB_TIME_NONE && begins > now + NB_TOKEN_LEEWAY)
        return refuse(err, "the token is not valid yet (nbf)");
    if (issued != NB_TIME_NONE && issued > now + NB_TOKEN_LEEWAY)
        return refuse(err, "the token was issued in the future (iat)");
    return 0;
}

/* aud is a string or a list of strings. */
static bool is_for(const json_t *audience, const char *wanted)
{
    size_t index;
    json_t *member;

    if (json_is_string(audience))
        return strcmp(json_string_value(audience), wanted) == 0;
    json_array_foreach(audience, index, member)
    {
        if (json_is_string(member) && strcmp(json_string_value(member), wanted) == 0)
            return true;
    }
    return false;
}

static int check_parties(const struct nb_token *token, const struct nb_token_expectations *expectations,
                         struct nb_error *err)
{
    const char *issuer = nb_token_text(token, "iss");

    if (expectations->issuer && (!issuer || strcmp(issuer, expectations->issuer) != 0))
        return refuse(err, "the token is of another issuer (iss)");
    if (expectations->audience && !is_for(json_object_get(token->claims, "aud"), expectations->audience))
        return refuse(err, "the token is for another audience (aud)");
    return 0;
}

int nb_token_verify(struct nb_token **out, const char *text, const struct nb_verification_keys *keys,
                    const struct nb_token_expectations *expectations, struct nb_error *err)
{
    int64_t now = expectations->now ? expectations->now : nb_now();
    int rc;

    if ((rc = nb_token_decode(out, text, err)) < 0)
        return rc;
    if ((rc = nb_token_check_signature(*out, text, keys, err)) < 0 || (rc = check_times(*out, now, err)) < 0 ||
        (rc = check_parties(*out, expectations, err)) < 0)
        nb_token_free(out);
    return rc;
}
