/*
 * webhook.c - the kind "webhook": a signed POST to a URL that a user or an administrator registered, as Standard Webhooks
 * say. The body is thin: what happened and to whom, and what the type's template made of it.
 */
#include "channels/http_send.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_text.h"
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

static void add_name(struct nb_strbuf *out, const char *name)
{
    nb_strbuf_appendf(out, "%s\"%s\":", out->data[out->length - 1] == '{' ? "" : ",", name);
}

static void add_text(struct nb_strbuf *out, const char *name, const char *text)
{
    if (!text)
        return;
    add_name(out, name);
    nb_json_append_string(out, text);
}

static void add_id(struct nb_strbuf *out, const char *name, const struct nb_uuid *id)
{
    char text[NB_UUID_TEXT_SIZE];

    if (!nb_uuid_is_nil(id))
        add_text(out, name, nb_uuid_format(id, text));
}

/* {"type": …, "timestamp": …, "data": {…}}; with text and payload, or with "partial": true in their place. */
static void write_body(struct nb_strbuf *out, const struct nb_message *message, bool partial)
{
    char timestamp[NB_TIME_TEXT_SIZE];

    nb_strbuf_reset(out);
    nb_strbuf_append_char(out, '{');
    add_text(out, "type", message->type ? message->type : "test");
    add_text(out, "timestamp", nb_time_format_rfc3339(message->created_ms * 1000, timestamp));
    add_name(out, "data");
    nb_strbuf_append_char(out, '{');
    add_id(out, "id", &message->delivery);
    add_id(out, "tenant", &message->tenant);
    add_id(out, "user", &message->user);
    add_text(out, "urgency", message->urgency);
    add_text(out, "locale", message->locale);
    add_text(out, "subject", message->subject);
    add_text(out, "link", message->link);
    if (partial) {
        add_name(out, "partial");
        nb_strbuf_append(out, "true");
    } else {
        add_text(out, "body", message->body);
        if (message->payload) {
            add_name(out, "payload");
            nb_json_append_compact(out, message->payload);
        }
    }
    nb_strbuf_append(out, "}}");
}

/* As much of it as a body may have. False: not even the least of it fits. */
static bool make_body(struct nb_strbuf *out, const struct nb_message *message)
{
    nb_strbuf_init(out, BODY_MAX);
    write_body(out, message, false);
    if (out->overflowed)
        write_body(out, message, true);
    return !out->overflowed;
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

static int post(struct nb_send **out, struct webhook *webhook, const struct nb_message *message,
                const struct nb_strbuf *body, nb_send_done *done, void *arg, struct nb_error *err)
{
    char id[NB_UUID_TEXT_SIZE];
    struct nb_signed what = {.id = nb_uuid_format(&message->delivery, id),
                             .timestamp = nb_now() / 1000000,
                             .body = body->data,
                             .body_length = body->length};
    char *id_header = nb_asprintf("webhook-id: %s", id);
    char *time_header = nb_asprintf("webhook-timestamp: %" PRId64, what.timestamp);
    char *signature = signature_header(webhook, &message->target, &what);
    const char *const headers[] = {"Content-Type: application/json", id_header, time_header, signature, NULL};
    struct nb_transfer_request transfer = {.url = message->target.address,
                                           .body = body->data,
                                           .body_length = body->length,
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
    struct nb_strbuf body;
    struct nb_error why;
    int rc = 0;

    if (webhook_check_address(sender, message->target.address, &why) < 0) {
        refused.error = why.message;
        nb_send_answered(out, webhook->context, &refused, done, arg);
        return 0;
    }
    if (make_body(&body, message)) {
        rc = post(out, webhook, message, &body, done, arg, err);
    } else {
        refused.error = "the message is too long for a webhook, even without its text";
        nb_send_answered(out, webhook->context, &refused, done, arg);
    }
    nb_strbuf_clear(&body);
    return rc;
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
    .has_many_endpoints = true,
    .check_address = webhook_check_address,
};
