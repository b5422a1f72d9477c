/*
 * exchange.c - exchanges an identity provider's token for one of ours. The provider says who the user is; the database
 * says what they may do.
 *
 * Only one claim of the provider's token is used: it names a user that an administrator has created. Roles and tenant
 * never come from it, and it can never become a global operator's token.
 */
#include "identity/token.h"

#include <string.h>

#include "base/clock.h"

/* An address that the provider has not verified may belong to anybody, so the token must say that it is verified. */
static int check_verified(const struct nb_token *token, struct nb_error *err)
{
    if (json_is_true(json_object_get(token->claims, "email_verified")))
        return 0;
    return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY,
                        "the identity provider does not say that it has verified the e-mail address (email_verified)");
}

/* The claim's name decides what its value means, not the value's form: a name that looks like an address is not looked
 * up as an address. */
static int find_user(struct nb_token_user *out, struct nb_connection *admin, const struct nb_token *token,
                     const struct nb_token_exchange *exchange, struct nb_error *err)
{
    const char *claim = exchange->user_claim ? exchange->user_claim : "sub";
    const char *user = nb_token_text(token, claim);
    bool is_address = strcmp(claim, "email") == 0;
    int rc;

    if (!user || !*user)
        return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token does not say who it is for (%.50s)", claim);
    if (is_address && (rc = check_verified(token, err)) < 0)
        return rc;
    rc = nb_token_user_find(out, admin, is_address ? NB_USER_BY_ADDRESS : NB_USER_BY_ID_OR_NAME, user, exchange->tenant,
                            err);
    if ((rc == NB_ENOTFOUND || rc == NB_EUSAGE) && err)
        rc = err->code = NB_EDENIED;
    return rc;
}

int nb_token_exchange(struct nb_token_exchanged *out, struct nb_connection *admin, const char *source,
                      const struct nb_token_exchange *exchange, struct nb_error *err)
{
    const struct nb_token_expectations expectations = {.issuer = exchange->issuer, .audience = exchange->audience};
    struct nb_token *token = NULL;
    struct nb_token_claims claims = {.id = nb_uuid_v7()};
    int64_t ends = NB_TIME_NONE;
    int rc;

    memset(out, 0, sizeof(*out));
    if (!exchange->issuer || !exchange->audience)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY,
                            "an exchange needs the issuer and the audience to expect");
    if ((rc = nb_token_verify(&token, source, exchange->keys, &expectations, err)) < 0 ||
        (rc = nb_token_time(&ends, token, "exp", err)) < 0 ||
        (rc = find_user(&out->user, admin, token, exchange, err)) < 0)
        goto out;
    claims.subject = out->user.id;
    claims.tenant = out->user.tenant_id;
    claims.expires_at = nb_now() + exchange->lifetime;
    if (claims.expires_at > ends)
        claims.expires_at = ends;
    if ((rc = nb_token_mint(&out->text, admin, &claims, err)) == 0) {
        out->id = claims.id;
        out->expires_at = claims.expires_at;
    }
out:
    nb_token_free(&token);
    return rc;
}
