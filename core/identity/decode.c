/*
 * decode.c - splits a token in the compact serialisation (RFC 7515) into its parts. Strict; verifies nothing.
 */
#include "identity/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define INTEGER_END  1000000000000000000LL
#define CALENDAR_END 253402300799.0 /* the last second of the year 9999 */

static int refuse(struct nb_error *err, const char *reason)
{
    return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s", reason);
}

/* Whether a number has more than 18 digits before its point. JSON parsers disagree about the value of such a number. */
static bool has_huge_number(const json_t *value)
{
    const char *name;
    json_t *member;
    size_t index;

    if (json_is_integer(value))
        return json_integer_value(value) >= INTEGER_END || json_integer_value(value) <= -INTEGER_END;
    if (json_is_real(value))
        return fabs(json_real_value(value)) >= (double)INTEGER_END;
    json_array_foreach(value, index, member)
    {
        if (has_huge_number(member))
            return true;
    }
    json_object_foreach((json_t *)value, name, member)
    {
        if (has_huge_number(member))
            return true;
    }
    return false;
}

/* Decodes the header or the payload: a JSON object without duplicate members at any depth. */
static int decode_object(json_t **out, const char *text, size_t length, const char *what, struct nb_error *err)
{
    struct nb_error why = {0};
    size_t size;
    unsigned char *bytes = nb_base64url_decode(text, length, &size);
    int rc = 0;

    if (!bytes)
        return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token's %s is not base64url in its one spelling",
                            what);
    if (nb_json_parse(out, (const char *)bytes, size, &why) < 0) {
        rc = nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token's %s: %s", what, why.message);
    } else if (!json_is_object(*out)) {
        rc = nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token's %s is not a JSON object", what);
    } else if (has_huge_number(*out)) {
        rc = nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "a number of the token's %s is too large", what);
    }
    free(bytes);
    return rc;
}

int nb_token_decode(struct nb_token **out, const char *text, struct nb_error *err)
{
    size_t length = strlen(text), header_end = strcspn(text, "."), claims_end;
    struct nb_token *token;
    int rc;

    *out = NULL;
    if (length > NB_TOKEN_MAX)
        return refuse(err, "the token is larger than 16 KiB");
    claims_end = header_end < length ? header_end + 1 + strcspn(text + header_end + 1, ".") : length;
    if (claims_end >= length || strchr(text + claims_end + 1, '.'))
        return refuse(err, "the token is not a signed JWT of three parts");
    token = nb_calloc(1, sizeof(*token));
    if ((rc = decode_object(&token->header, text, header_end, "header", err)) < 0 ||
        (rc = decode_object(&token->claims, text + header_end + 1, claims_end - header_end - 1, "claims", err)) < 0)
        goto out;
    token->signed_length = claims_end;
    token->signature = nb_base64url_decode(text + claims_end + 1, length - claims_end - 1, &token->signature_length);
    if (!token->signature)
        rc = refuse(err, "the token's signature is not base64url in its one spelling");
out:
    if (rc < 0)
        nb_token_free(&token);
    *out = token;
    return rc;
}

void nb_token_free(struct nb_token **token)
{
    if (!*token)
        return;
    json_decref((*token)->header);
    json_decref((*token)->claims);
    nb_free(&(*token)->signature);
    nb_free(token);
}

const char *nb_token_text(const struct nb_token *token, const char *claim)
{
    return json_string_value(json_object_get(token->claims, claim));
}

int nb_token_time(int64_t *out, const struct nb_token *token, const char *claim, struct nb_error *err)
{
    const json_t *member = json_object_get(token->claims, claim);
    double seconds = json_number_value(member);

    *out = NB_TIME_NONE;
    if (!member)
        return 0;
    if (!json_is_number(member) || !isfinite(seconds) || seconds < 0 || seconds > CALENDAR_END)
        return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "a time of the token is not a number of seconds (%s)",
                            claim);
    *out = json_is_integer(member) ? json_integer_value(member) * 1000000 : (int64_t)(seconds * 1e6);
    return 0;
}
