/*
 * fcm.c - one message to one app by Firebase Cloud Messaging (HTTP v1). An access token is fetched with the service account's key
 * when one is needed, and kept for its time; sends wait for it meanwhile.
 */
#include "channels/push_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"

#define BODY_MAX      4096
#define ASSERTION_S   3600
#define RENEWED_MS    60000 /* before a token ends */
#define QUOTA_WAIT_MS 60000 /* at least, as Google asks */
#define DOWN_WAIT_MS  10000

struct fcm_send {
    struct nb_send send;
    struct nb_fcm *fcm;
    struct nb_send *request; /* NULL while it waits for a token */
    char *body;
    nb_send_done *done;
    void *arg;
};

struct nb_fcm {
    struct nb_transfers *transfers;
    char *url, *email, *key, *key_id, *token_url;
    int64_t time_limit_ms;
    char *authorization; /* a header; NULL: no token */
    int64_t renewed_at_ms;
    struct nb_transfer *fetching;
    NB_VEC(struct fcm_send *) waiting;
};

/* ---- the account ---- */

static int read_account(struct nb_fcm *fcm, const char *text, const char *url, struct nb_error *err)
{
    json_t *account = NULL;
    const char *project, *email, *key, *key_id, *token_url;
    int rc;

    if ((rc = nb_json_parse(&account, text, strlen(text), err)) == 0 &&
        (rc = nb_json_get_string(&project, account, "project_id", true, err)) == 0 &&
        (rc = nb_json_get_string(&email, account, "client_email", true, err)) == 0 &&
        (rc = nb_json_get_string(&key, account, "private_key", true, err)) == 0 &&
        (rc = nb_json_get_string(&key_id, account, "private_key_id", false, err)) == 0 &&
        (rc = nb_json_get_string(&token_url, account, "token_uri", true, err)) == 0) {
        size_t length = strlen(url);

        while (length > 0 && url[length - 1] == '/')
            length--;
        fcm->url = nb_asprintf("%.*s/v1/projects/%s/messages:send", (int)length, url, project);
        fcm->email = nb_strdup(email);
        fcm->key = nb_strdup(key);
        fcm->key_id = nb_strdup(key_id);
        fcm->token_url = nb_strdup(token_url);
        if (project[strspn(project, "abcdefghijklmnopqrstuvwxyz0123456789-.:")])
            rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "the account's project_id is none");
        else
            rc = nb_http_check_url(token_url, 2048, err);
    }
    json_decref(account);
    return rc;
}

static int make_assertion(char **out, const struct nb_fcm *fcm, struct nb_error *err)
{
    long now = (long)(nb_now() / 1000000);
    jwt_t *jwt = NULL;
    int rc;

    *out = NULL;
    if ((rc = jwt_new(&jwt)) == 0 && (rc = jwt_add_grant(jwt, "iss", fcm->email)) == 0 &&
        (rc = jwt_add_grant(jwt, "scope", "https://www.googleapis.com/auth/firebase.messaging")) == 0 &&
        (rc = jwt_add_grant(jwt, "aud", fcm->token_url)) == 0 && (rc = jwt_add_grant_int(jwt, "iat", now)) == 0 &&
        (rc = jwt_add_grant_int(jwt, "exp", now + ASSERTION_S)) == 0 &&
        (!fcm->key_id || (rc = jwt_add_header(jwt, "kid", fcm->key_id)) == 0) &&
        (rc = jwt_set_alg(jwt, JWT_ALG_RS256, (const unsigned char *)fcm->key, (int)strlen(fcm->key))) == 0) {
        *out = jwt_encode_str(jwt);
        rc = *out ? 0 : errno;
    }
    jwt_free(jwt);
    return rc == 0 ? 0 : nb_error_errno(err, rc, "sign with the account's private_key");
}

int nb_fcm_new(struct nb_fcm **out, const struct nb_fcm_options *options, struct nb_error *err)
{
    struct nb_fcm *fcm = nb_calloc(1, sizeof(*fcm));
    char *assertion = NULL;
    int rc;

    fcm->transfers = options->transfers;
    fcm->time_limit_ms = options->time_limit_ms;
    if ((rc = read_account(fcm, options->account, options->url, err)) == 0)
        rc = make_assertion(&assertion, fcm, err); /* a key that cannot sign is told of now */
    free(assertion);
    if (rc < 0)
        nb_fcm_free(&fcm);
    *out = fcm;
    return rc;
}

static void forget_token(struct nb_fcm *fcm)
{
    if (fcm->authorization)
        explicit_bzero(fcm->authorization, strlen(fcm->authorization));
    nb_free(&fcm->authorization);
}

void nb_fcm_free(struct nb_fcm **out)
{
    struct nb_fcm *fcm = *out;

    if (!fcm)
        return;
    nb_transfer_cancel(&fcm->fetching);
    forget_token(fcm);
    if (fcm->key)
        explicit_bzero(fcm->key, strlen(fcm->key));
    free(fcm->key);
    free(fcm->url);
    free(fcm->email);
    free(fcm->key_id);
    free(fcm->token_url);
    nb_vec_clear(&fcm->waiting);
    nb_free(out);
}

/* ---- what a refusal means ---- */

static const struct meaning {
    const char *code;
    enum nb_send_outcome outcome;
    bool address_ended;
    int64_t wait_ms; /* at least */
} meanings[] = {
    {"UNREGISTERED", NB_SEND_FAILED, true, 0},
    {"SENDER_ID_MISMATCH", NB_SEND_FAILED, true, 0},
    {"QUOTA_EXCEEDED", NB_SEND_RETRY, false, QUOTA_WAIT_MS},
    {"UNAVAILABLE", NB_SEND_RETRY, false, DOWN_WAIT_MS},
    {"INTERNAL", NB_SEND_RETRY, false, DOWN_WAIT_MS},
    {"THIRD_PARTY_AUTH_ERROR", NB_SEND_RETRY, false,
     0}, /* the settings are wrong, the message is not; likewise below */
    {"UNAUTHENTICATED", NB_SEND_RETRY, false, 0},
    {"PERMISSION_DENIED", NB_SEND_RETRY, false, 0},
};

/* FCM's own code, among the details, or else the general status. */
static const char *code_of(const json_t *error)
{
    const json_t *detail;
    size_t i;

    json_array_foreach(json_object_get(error, "details"), i, detail)
    {
        const char *code = json_string_value(json_object_get(detail, "errorCode"));

        if (code)
            return code;
    }
    return json_string_value(json_object_get(error, "status"));
}

/* INVALID_ARGUMENT is said of a token that is none, and of a message that is none. */
static bool blames_the_token(const json_t *error, const char *code)
{
    const char *message = json_string_value(json_object_get(error, "message"));
    const json_t *detail;
    size_t i;

    if (strcmp(code, "INVALID_ARGUMENT") != 0 || !message || !strstr(message, "registration token"))
        return false;
    json_array_foreach(json_object_get(error, "details"), i, detail)
    {
        const char *type = json_string_value(json_object_get(detail, "@type"));

        if (type && strstr(type, "google.rpc.BadRequest"))
            return false;
    }
    return true;
}

static void apply(struct nb_send_answer *out, const json_t *error, const char *code)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(meanings); i++) {
        const struct meaning *meaning = &meanings[i];

        if (strcmp(meaning->code, code) != 0)
            continue;
        out->outcome = meaning->outcome;
        out->address_ended = meaning->address_ended;
        if (out->retry_after_ms < meaning->wait_ms && meaning->wait_ms > 0)
            out->retry_after_ms = meaning->wait_ms;
    }
    if (blames_the_token(error, code))
        out->address_ended = true;
    out->provider_fault = out->outcome == NB_SEND_RETRY;
}

void nb_fcm_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *text)
{
    json_t *root = NULL;
    const json_t *error;
    const char *code, *message;

    if (answer->body_length == 0 || nb_json_parse(&root, answer->body, answer->body_length, NULL) < 0)
        return;
    if (out->outcome == NB_SEND_SENT) {
        const char *name = json_string_value(json_object_get(root, "name"));

        if (name) {
            nb_http_sentence(text, name, SIZE_MAX);
            out->message_id = text->data;
        }
    } else if ((error = json_object_get(root, "error")) && (code = code_of(error))) {
        apply(out, error, code);
        message = json_string_value(json_object_get(error, "message"));
        nb_strbuf_appendf(text, "HTTP %d ", answer->status);
        nb_http_sentence(text, code, SIZE_MAX);
        nb_strbuf_append(text, message ? ": " : "");
        nb_http_sentence(text, message ? message : "", SIZE_MAX);
        out->error = text->data;
    }
    json_decref(root);
}

static void judge(void *sender, const struct nb_transfer_answer *answer, struct nb_send_answer *out,
                  struct nb_strbuf *text)
{
    nb_fcm_judge(answer, out, text);
    if (answer->status == 401)
        forget_token(sender);
}

/* ---- a send, with a token ---- */

static void free_send(struct fcm_send *send)
{
    free(send->body);
    free(send);
}

static void answer_send(void *arg, const struct nb_send_answer *answer)
{
    struct fcm_send *send = arg;

    send->done(send->arg, answer);
    free_send(send);
}

static int start_request(struct fcm_send *send, struct nb_error *err)
{
    struct nb_fcm *fcm = send->fcm;
    const char *const headers[] = {"Content-Type: application/json", fcm->authorization, NULL};
    struct nb_transfer_request transfer = {.url = fcm->url,
                                           .body = send->body,
                                           .body_length = strlen(send->body),
                                           .headers = headers,
                                           .time_limit_ms = fcm->time_limit_ms,
                                           .trusted = true};
    struct nb_http_request request = {
        .ops = send->send.ops, .sender = fcm, .transfers = fcm->transfers, .transfer = &transfer, .judge = judge};

    return nb_http_send(&send->request, &request, answer_send, send, err);
}

/* ---- the token ---- */

static void keep_token(struct nb_fcm *fcm, const struct nb_transfer_answer *answer)
{
    json_t *root = NULL;
    const char *token = NULL;
    int64_t lives_s = 0;

    if (answer->status == 200 && nb_json_parse(&root, answer->body, answer->body_length, NULL) == 0) {
        token = json_string_value(json_object_get(root, "access_token"));
        lives_s = json_integer_value(json_object_get(root, "expires_in"));
    }
    forget_token(fcm);
    if (token && token[0] && lives_s > 0 && lives_s <= 86400) {
        int64_t lives_ms = lives_s * 1000;

        fcm->authorization = nb_asprintf("Authorization: Bearer %s", token);
        fcm->renewed_at_ms = nb_monotonic_ms() + (lives_ms > 2 * RENEWED_MS ? lives_ms - RENEWED_MS : lives_ms / 2);
        for (char *c = fcm->authorization; *c; c++)
            if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
                *c = '?'; /* the service refuses it, as it would what came */
    }
    json_decref(root);
}

static void answer_waiting(struct fcm_send *send, const struct nb_send_answer *refusal)
{
    struct nb_send_answer answer = {.outcome = NB_SEND_RETRY, .retry_after_ms = -1};
    struct nb_error err;

    if (refusal) {
        answer_send(send, refusal);
    } else if (start_request(send, &err) < 0) {
        answer.error = err.message;
        answer_send(send, &answer);
    }
}

/* The sends that wait go on, or are to be tried again. */
static void on_token(void *arg, const struct nb_transfer_answer *answer)
{
    struct nb_fcm *fcm = arg;
    struct nb_send_answer refusal;
    struct nb_strbuf error, sentence;
    size_t waiting = fcm->waiting.count;
    bool refused;

    fcm->fetching = NULL;
    nb_strbuf_init(&error, 4096);
    nb_strbuf_init(&sentence, 4096);
    nb_http_judge(answer, &refusal, &error);
    keep_token(fcm, answer);
    refused = !fcm->authorization;
    nb_strbuf_appendf(&sentence, "no access token: %s", error.data);
    refusal.outcome = NB_SEND_RETRY; /* whatever it is: the messages are not to blame */
    refusal.provider_fault = true;
    refusal.error = sentence.data;
    for (; waiting > 0 && fcm->waiting.count > 0; waiting--) {
        struct fcm_send *send = fcm->waiting.data[0];

        nb_vec_remove(&fcm->waiting, 0);
        answer_waiting(send, refused ? &refusal : NULL);
    }
    nb_strbuf_clear(&error);
    nb_strbuf_clear(&sentence);
}

static int fetch_token(struct nb_fcm *fcm, struct nb_error *err)
{
    struct nb_transfer_request request = {.url = fcm->token_url, .time_limit_ms = fcm->time_limit_ms, .trusted = true};
    struct nb_strbuf form;
    char *assertion;
    int rc;

    if ((rc = make_assertion(&assertion, fcm, err)) < 0)
        return rc;
    nb_strbuf_init(&form, 16384);
    nb_http_append_field(&form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    nb_http_append_field(&form, "assertion", assertion);
    request.body = form.data;
    request.body_length = form.length;
    rc = nb_transfer_start(&fcm->fetching, fcm->transfers, &request, on_token, fcm, err);
    nb_strbuf_clear(&form);
    free(assertion);
    return rc;
}

/* ---- sending ---- */

static json_t *make(const struct push *push, const struct nb_message *message, const char *text)
{
    bool urgent =
        message->urgency && (strcmp(message->urgency, "high") == 0 || strcmp(message->urgency, "critical") == 0);
    char id[NB_UUID_TEXT_SIZE], ttl[32], expiration[32];

    snprintf(ttl, sizeof(ttl), "%" PRId64 "s", push->ttl_s);
    snprintf(expiration, sizeof(expiration), "%" PRId64, nb_now() / 1000000 + push->ttl_s);
    nb_uuid_format(&message->delivery, id);
    return json_pack("{s:{s:s, s:{s:s*, s:s}, s:{s:s, s:s*, s:s*, s:s*}, s:{s:s, s:s, s:s}, s:{s:{s:s, s:s, s:s}}}}",
                     "message", "token", message->target.address, "notification", "title", message->subject, "body",
                     text, "data", "id", id, "type", message->type, "urgency", message->urgency, "link", message->link,
                     "android", "priority", urgent ? "HIGH" : "NORMAL", "ttl", ttl, "collapse_key", id, "apns",
                     "headers", "apns-priority", urgent ? "10" : "5", "apns-expiration", expiration, "apns-collapse-id",
                     id);
}

static void fcm_cancel(struct nb_send **out)
{
    struct fcm_send *send = (struct fcm_send *)*out;
    struct nb_fcm *fcm = send->fcm;

    *out = NULL;
    nb_http_cancel(&send->request);
    for (size_t i = 0; i < fcm->waiting.count; i++)
        if (fcm->waiting.data[i] == send) {
            nb_vec_remove(&fcm->waiting, i);
            break;
        }
    free_send(send);
}

int push_fcm_send(struct nb_send **out, struct push *push, const struct nb_message *message, nb_send_done *done,
                  void *arg, struct nb_error *err)
{
    static const struct nb_sender_ops ops = {.cancel = fcm_cancel};
    char *body = push_body(push, message, make, BODY_MAX);
    struct nb_fcm *fcm = push->fcm;
    struct fcm_send *send;
    int rc = 0;

    if (!body) {
        push_refuse(out, push, "the message is too long for a push message, even without its text", done, arg);
        return 0;
    }
    send = nb_calloc(1, sizeof(*send));
    *send = (struct fcm_send){.send.ops = &ops, .fcm = fcm, .body = body, .done = done, .arg = arg};
    if (fcm->authorization && nb_monotonic_ms() < fcm->renewed_at_ms) {
        rc = start_request(send, err);
    } else {
        nb_vec_push(&fcm->waiting, send);
        if (!fcm->fetching && (rc = fetch_token(fcm, err)) < 0)
            fcm->waiting.count--;
    }
    if (rc < 0)
        free_send(send);
    else
        *out = &send->send;
    return rc;
}
