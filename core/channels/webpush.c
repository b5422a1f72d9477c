/*
 * webpush.c - one message to one browser, through the push service that its subscription names (RFC 8030). The address is
 * given by a user, so the guard holds.
 */
#include "channels/push_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "channels/kinds.h"

static const struct nb_sender_ops webpush_ops = {.cancel = nb_http_cancel};

static const struct {
    const char *ours, *theirs;
} urgencies[] = {{"critical", "high"}, {"high", "high"}, {"normal", "normal"}, {"low", "low"}};

static const char *urgency_of(const struct nb_message *message)
{
    for (size_t i = 0; message->urgency && i < NB_ARRAY_SIZE(urgencies); i++)
        if (strcmp(urgencies[i].ours, message->urgency) == 0)
            return urgencies[i].theirs;
    return "normal";
}

/* What the page's service worker gets. */
static json_t *make(const struct push *push, const struct nb_message *message, const char *text)
{
    char id[NB_UUID_TEXT_SIZE];

    (void)push;
    return json_pack("{s:s, s:s*, s:s*, s:s*, s:s, s:s*}", "id", nb_uuid_format(&message->delivery, id), "type",
                     message->type, "urgency", message->urgency, "title", message->subject, "body", text, "link",
                     message->link);
}

static void judge(void *sender, const struct nb_transfer_answer *answer, struct nb_send_answer *out,
                  struct nb_strbuf *text)
{
    const char *location;

    (void)sender;
    if (answer->status == 404 || answer->status == 410) /* the subscription is over */
        out->address_ended = true;
    if (out->outcome == NB_SEND_SENT && (location = nb_transfer_header(answer, "Location"))) {
        nb_http_sentence(text, location, SIZE_MAX);
        out->message_id = text->data;
    }
}

/* The delivery's id as a topic: a try that is repeated replaces what the service may hold of the one before. */
static char *topic_header(const struct nb_message *message)
{
    struct nb_strbuf header;

    nb_strbuf_init(&header, 64);
    nb_strbuf_append(&header, "Topic: ");
    nb_base64url_append(&header, message->delivery.bytes, sizeof(message->delivery.bytes));
    return nb_strbuf_take(&header);
}

static int post(struct nb_send **out, struct push *push, const struct nb_message *message,
                const struct nb_subscription *subscription, const struct nb_strbuf *body, const char *authorization,
                nb_send_done *done, void *arg, struct nb_error *err)
{
    char *authorization_header = nb_asprintf("Authorization: %s", authorization);
    char *ttl = nb_asprintf("TTL: %" PRId64, push->ttl_s), *topic = topic_header(message);
    char *urgency = nb_asprintf("Urgency: %s", urgency_of(message));
    const char *const headers[] = {"Content-Type: application/octet-stream",
                                   "Content-Encoding: aes128gcm",
                                   ttl,
                                   topic,
                                   urgency,
                                   authorization_header,
                                   NULL};
    struct nb_transfer_request transfer = {.url = subscription->endpoint,
                                           .body = body->data,
                                           .body_length = body->length,
                                           .headers = headers,
                                           .time_limit_ms = push->time_limit_ms};
    struct nb_http_request request = {.ops = &webpush_ops,
                                      .sender = push,
                                      .transfers = nb_senders_transfers(push->context),
                                      .transfer = &transfer,
                                      .judge = judge};
    int rc = nb_http_send(out, &request, done, arg, err);

    free(authorization_header);
    free(ttl);
    free(topic);
    free(urgency);
    return rc;
}

/* Encrypts the text, and signs for the service's origin. */
static int prepare(struct nb_strbuf *body, const char **authorization, struct push *push,
                   const struct nb_subscription *subscription, const char *text, struct nb_error *err)
{
    struct nb_strbuf origin;
    int rc;

    nb_strbuf_init(&origin, 4096);
    if ((rc = nb_http_origin(&origin, subscription->endpoint, err)) == 0 &&
        (rc = nb_webpush_encrypt(body, push->crypt, subscription, text, strlen(text), err)) == 0)
        rc = nb_vapid_authorization(authorization, push->vapid, origin.data, nb_now(), err);
    nb_strbuf_clear(&origin);
    return rc;
}

int push_webpush_send(struct nb_send **out, struct push *push, const struct nb_message *message, nb_send_done *done,
                      void *arg, struct nb_error *err)
{
    struct nb_subscription subscription;
    const char *authorization;
    struct nb_strbuf body;
    struct nb_error why;
    char *text = NULL;
    int rc = 0;

    nb_strbuf_init(&body, NB_WEBPUSH_BODY_MAX);
    if (nb_subscription_parse(&subscription, message->target.address, &why) < 0)
        push_refuse(out, push, why.message, done, arg);
    else if (!(text = push_body(push, message, make, NB_WEBPUSH_TEXT_MAX)))
        push_refuse(out, push, "the message is too long for a push message, even without its text", done, arg);
    else if (prepare(&body, &authorization, push, &subscription, text, &why) < 0)
        push_refuse(out, push, why.message, done, arg);
    else
        rc = post(out, push, message, &subscription, &body, authorization, done, arg, err);
    free(text);
    nb_strbuf_clear(&body);
    nb_subscription_clear(&subscription);
    return rc;
}
