/*
 * revoke.c - revokes tokens. The database checks for it on every statement.
 */
#include "identity/token.h"

#include "identity/signing_key.h"

int nb_token_revoke(bool *anew, struct nb_connection *admin, const char *id, int64_t expires_at, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, id);
    nb_params_time(params, expires_at);
    if ((rc = nb_query_wait(admin, NB_SQL_TOKEN_REVOKE, params, &result, err)) == 0)
        *anew = nb_result_bool(result, 0, 0);
    nb_result_free(&result);
    return rc;
}

/* An unsigned token could name an expiry that is too early, and the revocation would be forgotten before the real token
 * expires. */
static int check_signature(struct nb_token *token, struct nb_connection *admin, const char *text, struct nb_error *err)
{
    const char *kid = json_string_value(json_object_get(token->header, "kid"));
    struct nb_signing_key key = {0};
    struct nb_verification_keys *keys = NULL;
    int rc;

    if (!kid)
        return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token does not name its key (kid)");
    if ((rc = nb_signing_key_find(&key, admin, kid, err)) == 0 &&
        (rc = nb_verification_keys_from_secret(&keys, kid, key.secret, key.secret_size, key.algorithm, err)) == 0)
        rc = nb_token_check_signature(token, text, keys, err);
    nb_verification_keys_free(&keys);
    nb_signing_key_clear(&key);
    return rc;
}

int nb_token_revoke_text(struct nb_token **out, bool *anew, struct nb_connection *admin, const char *text,
                         struct nb_error *err)
{
    int64_t expires = NB_TIME_NONE;
    const char *id;
    int rc;

    if ((rc = nb_token_decode(out, text, err)) < 0)
        return rc;
    id = nb_token_text(*out, "jti");
    if (!id || !*id) {
        nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the token has no id (jti), so it cannot be revoked alone");
        rc = nb_error_hint(err, "retire the key that signed it: nightbell key retire");
    } else if ((rc = check_signature(*out, admin, text, err)) == 0 &&
               (rc = nb_token_time(&expires, *out, "exp", err)) == 0) {
        rc = expires != NB_TIME_NONE ? nb_token_revoke(anew, admin, id, expires, err)
                                     : nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY,
                                                    "the token has no expiry (exp), so no database takes it");
    }
    if (rc < 0)
        nb_token_free(out);
    return rc;
}
