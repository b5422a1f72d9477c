/*
 * token.c - token files, and minting tokens with the database's own signing key.
 */
#include "identity/identity.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define TOKEN_FILE_MAX (16 * 1024)
#define SECRET_SIZE    48

struct signing_key {
    char *kid;
    jwt_alg_t algorithm;
    unsigned char *secret;
    size_t secret_size;
    char *issuer;
    char *audience;
};

/* ---- files ---- */

static int read_all(char **out, int fd, const char *path, struct nb_error *err)
{
    char *text = nb_malloc(TOKEN_FILE_MAX + 2);
    size_t length = 0;
    ssize_t got = 1;

    while (got != 0 && length <= TOKEN_FILE_MAX) {
        got = read(fd, text + length, TOKEN_FILE_MAX + 1 - length);
        if (got < 0 && errno != EINTR) {
            free(text);
            return nb_error_errno(err, errno, "read %s", path);
        }
        if (got > 0)
            length += (size_t)got;
    }
    if (length > TOKEN_FILE_MAX || memchr(text, '\0', length)) {
        free(text);
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "token file %s is %s", path,
                            length > TOKEN_FILE_MAX ? "larger than 16 KiB" : "not text");
    }
    text[length] = '\0';
    *out = text;
    return 0;
}

static int trim(char *text, const char *path, struct nb_error *err)
{
    size_t start = strspn(text, " \t\r\n"), length = strlen(text + start);

    while (length > 0 && isspace((unsigned char)text[start + length - 1]))
        length--;
    memmove(text, text + start, length);
    text[length] = '\0';
    if (length == 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "token file %s is empty", path);
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY,
                                "token file %s holds something that is not one token", path);
    }
    return 0;
}

/* The permissions are those of the opened file, so that nobody can swap it between the look and the
 * reading. */
int nb_token_read_file(char **out, const char *path, struct nb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    int rc = 0;

    *out = NULL;
    if (fd < 0) {
        int code = nb_error_errno(err, errno, "open token file %s", path);

        if (err && errno == ENOENT)
            code = err->code = NB_ENOTFOUND;
        return code;
    }
    if (fstat(fd, &st) < 0) {
        rc = nb_error_errno(err, errno, "stat token file %s", path);
    } else if (!S_ISREG(st.st_mode)) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY,
                          "token file %s is not a regular file", path);
    } else if (st.st_mode & 077) {
        nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY,
                     "token file %s can be read or changed by others", path);
        nb_error_hint(err, "chmod 600 %s", path);
        rc = NB_EDENIED;
    } else if ((rc = read_all(out, fd, path, err)) == 0 && (rc = trim(*out, path, err)) < 0) {
        nb_free(out);
    }
    close(fd);
    return rc;
}

/* ---- minting ---- */

static void signing_key_clear(struct signing_key *key)
{
    free(key->kid);
    free(key->issuer);
    free(key->audience);
    if (key->secret)
        explicit_bzero(key->secret, key->secret_size);
    free(key->secret);
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : 0;
}

static int decode_key(struct signing_key *key, const struct nb_result *result, struct nb_error *err)
{
    const char *hex = nb_result_text(result, 0, 2);

    key->kid = nb_strdup(nb_result_text(result, 0, 0));
    key->algorithm = jwt_str_alg(nb_result_text(result, 0, 1));
    key->secret_size = strlen(hex) / 2;
    key->secret = nb_malloc(key->secret_size + 1);
    for (size_t i = 0; i < key->secret_size; i++)
        key->secret[i] = (unsigned char)(hex_digit(hex[2 * i]) << 4 | hex_digit(hex[2 * i + 1]));
    key->issuer = nb_strdup(nb_result_text(result, 0, 3));
    key->audience = nb_strdup(nb_result_text(result, 0, 4));
    if (key->algorithm != JWT_ALG_HS256 && key->algorithm != JWT_ALG_HS384 &&
        key->algorithm != JWT_ALG_HS512)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_IDENTITY,
                            "signing key %s is for no algorithm that this program knows", key->kid);
    return 0;
}

static int add_key(struct nb_connection *admin, struct nb_error *err)
{
    struct nb_params *params;
    struct nb_uuid name = nb_uuid_v7();
    unsigned char secret[SECRET_SIZE];
    char kid[NB_UUID_TEXT_SIZE], hex[2 * SECRET_SIZE + 1];

    for (size_t got = 0; got < sizeof(secret);) {
        ssize_t n = getrandom(secret + got, sizeof(secret) - got, 0);

        if (n < 0 && errno != EINTR)
            return nb_error_errno(err, errno, "getrandom");
        got += n > 0 ? (size_t)n : 0;
    }
    for (size_t i = 0; i < sizeof(secret); i++) {
        hex[2 * i] = "0123456789abcdef"[secret[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[secret[i] & 15];
    }
    hex[2 * SECRET_SIZE] = '\0';
    params = nb_params_new();
    nb_params_text(params, nb_uuid_format(&name, kid));
    nb_params_text(params, hex);
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(hex, sizeof(hex));
    return nb_query_wait(admin, NB_SQL_SIGNING_KEY_ADD, params, NULL, err);
}

/* Where there is no key yet, the first token makes one. */
static int fetch_key(struct signing_key *key, struct nb_connection *admin, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY, NULL, &result, err);

    if (rc == 0 && nb_result_rows(result) == 0) {
        nb_result_free(&result);
        if ((rc = add_key(admin, err)) == 0)
            rc = nb_query_wait(admin, NB_SQL_SIGNING_KEY, NULL, &result, err);
    }
    if (rc == 0 && nb_result_rows(result) == 0)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_IDENTITY,
                          "the database holds no signing key that is in use");
    if (rc == 0)
        rc = decode_key(key, result, err);
    nb_result_free(&result);
    return rc;
}

static json_t *claims_json(const struct nb_token_claims *claims, const struct signing_key *key)
{
    static const struct {
        unsigned bit;
        const char *name;
    } roles[] = {{NB_ROLE_USER, "user"},
                 {NB_ROLE_OPERATOR, "operator"},
                 {NB_ROLE_PRODUCER, "producer"},
                 {NB_ROLE_ADMIN, "admin"}};
    char subject[NB_UUID_TEXT_SIZE], tenant[NB_UUID_TEXT_SIZE], id[NB_UUID_TEXT_SIZE];
    struct nb_uuid jti = nb_uuid_v7();
    json_t *list = json_array(), *object;

    for (size_t i = 0; i < NB_ARRAY_SIZE(roles); i++) {
        if (claims->roles & roles[i].bit)
            json_array_append_new(list, json_string(roles[i].name));
    }
    object = json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:s, s:s}", "sub", nb_uuid_format(&claims->subject, subject),
        "tenant", nb_uuid_is_nil(&claims->tenant) ? "*" : nb_uuid_format(&claims->tenant, tenant),
        "roles", list, "exp", (json_int_t)(claims->expires_at / 1000000), "iat",
        (json_int_t)(nb_now() / 1000000), "aud", key->audience, "jti", nb_uuid_format(&jti, id));
    if (key->issuer)
        json_object_set_new(object, "iss", json_string(key->issuer));
    return object;
}

static int sign(char **out, const struct nb_token_claims *claims, const struct signing_key *key,
                struct nb_error *err)
{
    json_auto_t *object = claims_json(claims, key);
    char *grants = json_dumps(object, JSON_COMPACT), *encoded = NULL;
    jwt_t *jwt = NULL;
    int rc;

    if ((rc = jwt_new(&jwt)) == 0 && (rc = jwt_add_grants_json(jwt, grants)) == 0 &&
        (rc = jwt_add_header(jwt, "kid", key->kid)) == 0 &&
        (rc = jwt_set_alg(jwt, key->algorithm, key->secret, (int)key->secret_size)) == 0) {
        encoded = jwt_encode_str(jwt);
        rc = encoded ? 0 : errno;
    }
    *out = nb_strdup(encoded);
    free(encoded);
    jwt_free(jwt);
    free(grants);
    return rc == 0 ? 0 : nb_error_errno(err, rc, "sign the token");
}

int nb_token_mint(char **out, struct nb_connection *admin, const struct nb_token_claims *claims,
                  struct nb_error *err)
{
    struct signing_key key = {0};
    int rc;

    *out = NULL;
    if (claims->expires_at == NB_TIME_NONE || claims->expires_at <= nb_now())
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY,
                            "a token needs an expiry in the future");
    if ((rc = fetch_key(&key, admin, err)) == 0)
        rc = sign(out, claims, &key, err);
    signing_key_clear(&key);
    return rc;
}
