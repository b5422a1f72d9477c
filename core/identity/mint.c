/*
 * mint.c - mints our own tokens; libjwt signs them with the database's newest key.
 */
#include "identity/token.h"

#include <errno.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "identity/signing_key.h"

static const struct {
    const char *name;
    unsigned bit;
} roles[] = {
    {"user", NB_ROLE_USER}, {"operator", NB_ROLE_OPERATOR}, {"producer", NB_ROLE_PRODUCER}, {"admin", NB_ROLE_ADMIN}};

unsigned nb_role_from_name(const char *name, size_t length)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(roles); i++)
        if (strlen(roles[i].name) == length && memcmp(roles[i].name, name, length) == 0)
            return roles[i].bit;
    return 0;
}

unsigned nb_roles_from_names(const char *names)
{
    unsigned bits = 0;

    while (names && *names) {
        size_t length = strcspn(names, ", ");

        bits |= nb_role_from_name(names, length);
        names += length + (names[length] != '\0');
    }
    return bits;
}

char *nb_role_names(unsigned bits)
{
    struct nb_strbuf names;

    nb_strbuf_init(&names, 100);
    for (size_t i = 0; i < NB_ARRAY_SIZE(roles); i++)
        if (bits & roles[i].bit)
            nb_strbuf_appendf(&names, "%s%s", names.length > 0 ? "," : "", roles[i].name);
    return nb_strbuf_take(&names);
}

static json_t *roles_json(unsigned bits)
{
    json_t *list = json_array();

    for (size_t i = 0; i < NB_ARRAY_SIZE(roles); i++)
        if (bits & roles[i].bit)
            json_array_append_new(list, json_string(roles[i].name));
    return list;
}

static json_t *claims_json(const struct nb_token_claims *claims, const struct nb_signing_key *key)
{
    char subject[NB_UUID_TEXT_SIZE], tenant[NB_UUID_TEXT_SIZE], id[NB_UUID_TEXT_SIZE];
    struct nb_uuid jti = nb_uuid_is_nil(&claims->id) ? nb_uuid_v7() : claims->id;
    json_t *object =
        json_pack("{s:s, s:s, s:I, s:I, s:s, s:s}", "sub", nb_uuid_format(&claims->subject, subject), "tenant",
                  nb_uuid_is_nil(&claims->tenant) ? "*" : nb_uuid_format(&claims->tenant, tenant), "exp",
                  (json_int_t)(claims->expires_at / 1000000), "iat", (json_int_t)(nb_now() / 1000000), "aud",
                  key->audience, "jti", nb_uuid_format(&jti, id));

    if (claims->roles)
        json_object_set_new(object, "roles", roles_json(claims->roles));
    if (key->issuer)
        json_object_set_new(object, "iss", json_string(key->issuer));
    return object;
}

static int sign(char **out, const struct nb_token_claims *claims, const struct nb_signing_key *key,
                struct nb_error *err)
{
    json_auto_t *object = claims_json(claims, key);
    char *grants = json_dumps(object, JSON_COMPACT), *encoded = NULL;
    jwt_t *jwt = NULL;
    int rc;

    if ((rc = jwt_new(&jwt)) == 0 && (rc = jwt_add_grants_json(jwt, grants)) == 0 &&
        (rc = jwt_add_header(jwt, "kid", key->kid)) == 0 &&
        (rc = jwt_set_alg(jwt, jwt_str_alg(key->algorithm), key->secret, (int)key->secret_size)) == 0) {
        encoded = jwt_encode_str(jwt);
        rc = encoded ? 0 : errno;
    }
    *out = nb_strdup(encoded);
    free(encoded);
    jwt_free(jwt);
    free(grants);
    return rc == 0 ? 0 : nb_error_errno(err, rc, "sign the token");
}

int nb_token_mint(char **out, struct nb_connection *admin, const struct nb_token_claims *claims, struct nb_error *err)
{
    struct nb_signing_key key = {0};
    int64_t now = nb_now();
    int rc;

    *out = NULL;
    if (claims->expires_at == NB_TIME_NONE || claims->expires_at <= now)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY, "a token needs an expiry in the future");
    if (claims->expires_at > now + NB_TOKEN_LIFETIME_MAX)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY, "a token is good for at most 366 days");
    if ((rc = nb_signing_key_newest(&key, admin, err)) == 0)
        rc = sign(out, claims, &key, err);
    nb_signing_key_clear(&key);
    return rc;
}
