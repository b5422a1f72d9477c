/*
 * signing_key.c - the database's signing keys. Secrets travel as bound parameters, and their memory is overwritten.
 */
#include "identity/signing_key.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "identity/secret.h"

#define SECRET_SIZE 64 /* enough for HS512 */

void nb_signing_key_clear(struct nb_signing_key *key)
{
    nb_free(&key->kid);
    nb_free(&key->algorithm);
    nb_free(&key->issuer);
    nb_free(&key->audience);
    if (key->secret)
        explicit_bzero(key->secret, key->secret_size);
    nb_free(&key->secret);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : 0;
}

static void decode(struct nb_signing_key *key, const struct nb_result *result)
{
    const char *hex = nb_result_text(result, 0, 2);

    key->kid = nb_strdup(nb_result_text(result, 0, 0));
    key->algorithm = nb_strdup(nb_result_text(result, 0, 1));
    key->secret_size = strlen(hex) / 2;
    key->secret = nb_malloc(key->secret_size + 1);
    for (size_t i = 0; i < key->secret_size; i++)
        key->secret[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    key->issuer = nb_strdup(nb_result_text(result, 0, 3));
    key->audience = nb_strdup(nb_result_text(result, 0, 4));
}

int nb_signing_key_newest(struct nb_signing_key *out, struct nb_connection *admin, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY, NULL, &result, err);

    memset(out, 0, sizeof(*out));
    if (rc == 0 && nb_result_rows(result) == 0)
        rc = nb_signing_key_add(out, admin, err);
    else if (rc == 0)
        decode(out, result);
    nb_result_free(&result);
    return rc;
}

static int unknown(const char *kid, struct nb_error *err)
{
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "there is no signing key \"%.64s\"", kid);
    return nb_error_hint(err, "nightbell key list names them");
}

int nb_signing_key_find(struct nb_signing_key *out, struct nb_connection *admin, const char *kid, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    memset(out, 0, sizeof(*out));
    nb_params_text(params, kid);
    if ((rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY_FIND, params, &result, err)) == 0) {
        if (nb_result_rows(result) == 0)
            rc = unknown(kid, err);
        else
            decode(out, result);
    }
    nb_result_free(&result);
    return rc;
}

/* ---- a new one ---- */

static int random_secret(struct nb_signing_key *key, struct nb_error *err)
{
    key->secret_size = SECRET_SIZE;
    key->secret = nb_calloc(1, SECRET_SIZE);
    for (size_t got = 0; got < SECRET_SIZE;) {
        ssize_t n = getrandom(key->secret + got, SECRET_SIZE - got, 0);

        if (n < 0 && errno != EINTR)
            return nb_error_errno(err, errno, "getrandom");
        got += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int fill_in(struct nb_signing_key *key, struct nb_error *err)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    struct nb_uuid id = nb_uuid_v7();
    char text[NB_UUID_TEXT_SIZE];

    if (!key->kid)
        key->kid = nb_strdup(nb_uuid_format(&id, text));
    if (strlen(key->kid) - 1 >= 64 || key->kid[strspn(key->kid, letters)])
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY,
                            "a key's id has 1 to 64 letters, digits, dots, dashes and underscores");
    if (!key->algorithm)
        key->algorithm = nb_strdup("HS256");
    if (!key->audience)
        key->audience = nb_strdup("nightbell");
    if (!key->secret) {
        int rc = random_secret(key, err);

        if (rc < 0)
            return rc;
    }
    return nb_secret_check(key->secret, key->secret_size, key->algorithm, err);
}

int nb_signing_key_add(struct nb_signing_key *key, struct nb_connection *admin, struct nb_error *err)
{
    struct nb_params *params;
    struct nb_result *result = NULL;
    char *hex;
    int rc;

    if ((rc = fill_in(key, err)) < 0)
        return rc;
    hex = nb_calloc(2 * key->secret_size + 1, 1);
    for (size_t i = 0; i < key->secret_size; i++) {
        hex[2 * i] = "0123456789abcdef"[key->secret[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[key->secret[i] & 15];
    }
    params = nb_params_new();
    nb_params_text(params, key->kid);
    nb_params_text(params, key->algorithm);
    nb_params_text(params, hex);
    nb_params_text(params, key->issuer);
    nb_params_text(params, key->audience);
    explicit_bzero(hex, 2 * key->secret_size);
    free(hex);
    rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY_ADD, params, &result, err);
    if (rc == 0 && nb_result_affected(result) == 0)
        rc = nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_IDENTITY, "there is a signing key \"%s\" already", key->kid);
    nb_result_free(&result);
    return rc;
}

/* ---- all of them ---- */

int nb_signing_keys_list(struct nb_connection *admin, nb_signing_key_seen *seen, void *arg, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY_LIST, NULL, &result, err);

    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++) {
        struct nb_signing_key_info key = {.kid = nb_result_text(result, i, 0),
                                          .algorithm = nb_result_text(result, i, 1),
                                          .issuer = nb_result_text(result, i, 2),
                                          .audience = nb_result_text(result, i, 3),
                                          .created_at = nb_result_time(result, i, 4),
                                          .retired_at = nb_result_time(result, i, 5)};
        seen(arg, &key);
    }
    nb_result_free(&result);
    return rc;
}

int nb_signing_key_retire(int64_t *retired_at, int *left, struct nb_connection *admin, const char *kid, int64_t after,
                          struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, kid);
    nb_params_int(params, after);
    if ((rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY_RETIRE, params, &result, err)) == 0) {
        if (nb_result_rows(result) == 0) {
            rc = unknown(kid, err);
        } else {
            *retired_at = nb_result_time(result, 0, 0);
            *left = (int)nb_result_int(result, 0, 1);
        }
    }
    nb_result_free(&result);
    return rc;
}
