/*
 * bearer.c - reads the header Authorization, and keeps what the database said of tokens.
 */
#include "gateway/bearer.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "identity/token.h"

#define TOKEN_MAX      8192 /* as the database */
#define SLOTS          1024
#define REFUSED_MS     INT64_C(5000)
#define REMEMBERED_MS  INT64_C(300000)
#define REASON_SIZE    160
#define DIGEST_SIZE    32
#define SCHEME         "Bearer "
#define TOKEN_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

struct slot {
    unsigned char digest[DIGEST_SIZE];
    int64_t until_ms; /* monotonic */
    char reason[REASON_SIZE];
};

struct gateway_tokens {
    struct slot refused[SLOTS], remembered[SLOTS]; /* by the digest's first bytes; the later one takes the place */
};

struct gateway_tokens *gateway_tokens_new(void)
{
    return nb_calloc(1, sizeof(struct gateway_tokens));
}

void gateway_tokens_free(struct gateway_tokens **tokens)
{
    nb_free(tokens);
}

static struct slot *slot_of(struct slot *slots, const char *token, unsigned char digest[DIGEST_SIZE])
{
    if (!EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL))
        nb_fatal("no SHA-256 in libcrypto");
    return &slots[(digest[0] << 8 | digest[1]) % SLOTS];
}

static bool is_held(const struct slot *slot, const unsigned char digest[DIGEST_SIZE])
{
    return slot->until_ms > nb_monotonic_ms() && memcmp(slot->digest, digest, DIGEST_SIZE) == 0;
}

void gateway_tokens_refused(struct gateway_tokens *tokens, const char *token, const char *reason)
{
    unsigned char digest[DIGEST_SIZE];
    struct slot *slot = slot_of(tokens->refused, token, digest);

    memcpy(slot->digest, digest, DIGEST_SIZE);
    slot->until_ms = nb_monotonic_ms() + REFUSED_MS;
    nb_text_copy(slot->reason, sizeof(slot->reason), reason);
}

bool gateway_tokens_remembered(struct gateway_tokens *tokens, const char *token)
{
    unsigned char digest[DIGEST_SIZE];
    struct slot *slot = slot_of(tokens->remembered, token, digest);

    if (is_held(slot, digest))
        return true;
    memcpy(slot->digest, digest, DIGEST_SIZE);
    slot->until_ms = nb_monotonic_ms() + REMEMBERED_MS;
    return false;
}

const char *gateway_bearer_text(const struct gateway_request *request)
{
    const char *header = gateway_request_header(request, "Authorization");

    if (!header || strncasecmp(header, SCHEME, strlen(SCHEME)) != 0)
        return NULL;
    header += strlen(SCHEME);
    return header + strspn(header, " ");
}

static int refuse(struct nb_error *err, const char *why)
{
    return nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s", why);
}

static int check_time(const char *text, struct nb_error *err)
{
    struct nb_token *token = NULL;
    int64_t expires = NB_TIME_NONE;
    int rc = nb_token_decode(&token, text, err);

    if (rc == NB_OK)
        rc = nb_token_time(&expires, token, "exp", err);
    if (rc == NB_OK && expires == NB_TIME_NONE)
        rc = refuse(err, "the token has no expiry (exp)");
    else if (rc == NB_OK && expires <= nb_now())
        rc = refuse(err, "the token has expired");
    nb_token_free(&token);
    return rc;
}

int gateway_bearer_read(struct gateway_request *request, struct gateway_tokens *tokens, struct nb_error *err)
{
    const char *text = gateway_bearer_text(request);
    unsigned char digest[DIGEST_SIZE];
    const struct slot *slot;
    int rc;

    if (!text || !*text) {
        (void)refuse(err, "there is no token");
        return nb_error_hint(err, "send the header Authorization: Bearer TOKEN");
    }
    if (strlen(text) > TOKEN_MAX)
        return refuse(err, "the token is larger than 8 KiB");
    if (text[strspn(text, TOKEN_ALPHABET)])
        return refuse(err, "the token is not a signed JWT of three parts");
    if ((rc = check_time(text, err)) < 0)
        return rc;
    slot = slot_of(tokens->refused, text, digest);
    if (is_held(slot, digest))
        return refuse(err, slot->reason);
    request->token = nb_strdup(text);
    return NB_OK;
}
