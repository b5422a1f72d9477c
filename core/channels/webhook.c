/*
 * webhook.c - the kind "webhook": a signed POST to a URL that a user or an administrator registered, as Standard Webhooks
 * say. The body is thin: what happened and to whom, and what the type's template made of it.
 */
#include "channels/http_send.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "channels/kinds.h"
#include "channels/signing.h"

#define BODY_MAX (20 * 1024) /* as Standard Webhooks recommend */

struct webhook {
    struct nb_senders *context;
    struct nb_signing *signing;
    bool asymmetric;
    int64_t time_limit_ms;
    struct nb_strbuf endpoint;
};

static const char *const yes_or_no[] = {"yes", "no", NULL};
static const struct nb_channel_option webhook_options[] = {
    {.name = "key", .type = NB_OPTION_SECRET, .required = true},
    {.name = "ed25519", .type = NB_OPTION_CHOICE, .fallback = "no", .choices = yes_or_no},
    {NULL},
};

static void webhook_end(void **sender)
{
    struct webhook *webhook = *sender;

    nb_signing_free(&webhook->signing);
    nb_strbuf_clear(&webhook->endpoint);
    nb_free(sender);
}

static int webhook_start(void **sender, const struct nb_channel *channel, struct nb_senders *context,
                         struct nb_error *err)
{
    struct nb_private_file key;
    struct nb_signing *signing;
    struct nb_error why;
    struct webhook *webhook;
    int rc;

    if ((rc = nb_channel_secret(&key, channel, "key", err)) < 0)
        return rc;
    rc = nb_signing_new(&signing, key.data, key.length, &why);
    nb_private_file_clear(&key);
    if (rc < 0) {
        nb_channel_problem(channel, "key", err, "%s", why.message);
        nb_error_hint(err, "%s", why.hint);
        return rc;
    }
    webhook = nb_calloc(1, sizeof(*webhook));
    *webhook = (struct webhook){.context = context, .signing = signing};
    webhook->asymmetric = strcmp(nb_channel_text(channel, "ed25519"), "yes") == 0;
    webhook->time_limit_ms = nb_channel_number(channel, "time_limit");
    nb_strbuf_init(&webhook->endpoint, NB_LINK_MAX + 16);
    *sender = webhook;
    return 0;
}

/* ---- the body ---- */

static void set_text(json_t *object, const char *name, const char *text)
{
    if (text)
        json_object_set_new(object, name, json_string(text));
}

static void set_id(json_t *object, const char *name, const struct nb_uuid *id)
{
    char text[NB_UUID_TEXT_SIZE];

    if (!nb_uuid_is_nil(id))
        json_object_set_new(object, name, json_string(nb_uuid_format(id, text)));
}

static json_t *data_of(const struct nb_message *message)
{
    json_t *data = json_object();

    set_id(data, "id", &message->delivery);
    set_id(data, "tenant", &message->tenant);
    set_id(data, "user", &message->user);
    set_text(data, "urgency", message->urgency);
    set_text(data, "locale", message->locale);
    set_text(data, "subject", message->subject);
    set_text(data, "link", message->link);
    return data;
}

/* The body as JSON: with text and payload where they fit, and "partial": true where they had to stay out. The caller frees it. */
static char *body_of(const struct nb_message *message)
{
    char timestamp[NB_TIME_TEXT_SIZE];
    json_t *root = json_pack("{s:s, s:s}", "type", message->type ? message->type : "test", "timestamp",
                             nb_time_format_rfc3339(message->created_ms * 1000, timestamp));
    json_t *data = data_of(message), *payload = NULL;
    char *text;

    json_object_set_new(root, "data", data);
    set_text(data, "body", message->body);
    if (message->payload && (payload = json_loads(message->payload, JSON_DECODE_ANY, NULL)))
        json_object_set_new(data, "payload", payload);
    text = json_dumps(root, JSON_COMPACT);
    if (text && strlen(text) > BODY_MAX) {
        free(text);
        json_object_del(data, "payload");
        json_object_del(data, "body");
        json_object_set_new(data, "partial", json_true());
        text = json_dumps(root, JSON_COMPACT);
    }
    json_decref(root);
    return text;
}

/* ---- sending ---- */

static char *signature_header(const struct webhook *webhook, const struct nb_target *target,
                              const struct nb_signed *what)
{
    struct nb_strbuf signatures;
    char *header;

    nb_strbuf_init(&signatures, 1024);
    nb_signing_sign(&signatures, webhook->signing, &target->id, target->secret_version ? target->secret_version : 1,
                    what);
    if (target->former_version)
        nb_signing_sign(&signatures, webhook->signing, &target->id, target->former_version, what);
    if (webhook->asymmetric)
        nb_signing_sign_public(&signatures, webhook->signing, what);
    header = nb_asprintf("webhook-signature: %s", signatures.data);
    nb_strbuf_clear(&signatures);
    return header;
}

static void judge(void *sender, const struct nb_transfer_answer *answer, struct nb_send_answer *out,
                  struct nb_strbuf *text)
{
    (void)sender;
    (void)text;
    if (answer->status == 410) /* "gone": the receiver wants no more */
        out->address_ended = true;
}

static int post(struct nb_send **out, struct webhook *webhook, const struct nb_message *message, char *body,
                nb_send_done *done, void *arg, struct nb_error *err)
{
    char id[NB_UUID_TEXT_SIZE];
    struct nb_signed what = {.id = nb_uuid_format(&message->delivery, id),
                             .timestamp = nb_now() / 1000000,
                             .body = body,
                             .body_length = strlen(body)};
    char *id_header = nb_asprintf("webhook-id: %s", id);
    char *time_header = nb_asprintf("webhook-timestamp: %" PRId64, what.timestamp);
    char *signature = signature_header(webhook, &message->target, &what);
    const char *const headers[] = {"Content-Type: application/json", id_header, time_header, signature, NULL};
    struct nb_transfer_request transfer = {.url = message->target.address,
                                           .body = body,
                                           .body_length = what.body_length,
                                           .headers = headers,
                                           .time_limit_ms = webhook->time_limit_ms};
    struct nb_http_request request = {.ops = &nb_sender_webhook,
                                      .sender = webhook,
                                      .transfers = nb_senders_transfers(webhook->context),
                                      .transfer = &transfer,
                                      .judge = judge};
    int rc = nb_http_send(out, &request, done, arg, err);

    free(id_header);
    free(time_header);
    free(signature);
    return rc;
}

static int webhook_check_address(void *sender, const char *address, struct nb_error *err)
{
    (void)sender;
    return nb_http_check_url(address, NB_LINK_MAX, err);
}

static int webhook_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                        void *arg, struct nb_error *err)
{
    struct nb_send_answer refused = {.outcome = NB_SEND_FAILED, .retry_after_ms = -1};
    struct webhook *webhook = sender;
    struct nb_error why;
    char *body;
    int rc;

    if (webhook_check_address(sender, message->target.address, &why) < 0) {
        refused.error = why.message;
    } else if (!(body = body_of(message))) {
        refused.error = "the message has text that is no UTF-8";
    } else {
        rc = post(out, webhook, message, body, done, arg, err);
        free(body);
        return rc;
    }
    nb_send_answered(out, webhook->context, &refused, done, arg);
    return 0;
}

static const char *webhook_endpoint(void *sender, const struct nb_message *message)
{
    struct webhook *webhook = sender;

    nb_strbuf_reset(&webhook->endpoint);
    return nb_http_origin(&webhook->endpoint, message->target.address, NULL) == 0 ? webhook->endpoint.data : NULL;
}

const struct nb_sender_ops nb_sender_webhook = {
    .kind = "webhook",
    .summary = "signed POST to a URL (Standard Webhooks)",
    .retries = "5s 5m 30m 2h 5h 10h 14h 20h 24h", /* ten tries in 75 hours */
    .options = webhook_options,
    .start = webhook_start,
    .end = webhook_end,
    .send = webhook_send,
    .cancel = nb_http_cancel,
    .endpoint = webhook_endpoint,
    .check_address = webhook_check_address,
};
