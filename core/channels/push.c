/*
 * push.c - the kind "push": one message to one device. Which service it goes to, the device's platform says.
 */
#include "channels/push_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "channels/kinds.h"

#define TOKEN_MAX 2048 /* bytes of a device's token, as the database has it */

static const struct nb_channel_option push_options[] = {
    {.name = "vapid_key", .type = NB_OPTION_SECRET},
    {.name = "vapid_subject", .type = NB_OPTION_TEXT},
    {.name = "fcm_account", .type = NB_OPTION_SECRET},
    {.name = "fcm_url", .type = NB_OPTION_URL, .fallback = "https://fcm.googleapis.com"},
    {.name = "ttl", .type = NB_OPTION_SPAN, .fallback = "1d"},
    {NULL},
};

/* ---- settings ---- */

static void push_end(void **sender)
{
    struct push *push = *sender;

    nb_vapid_free(&push->vapid);
    nb_webpush_crypt_free(&push->crypt);
    nb_fcm_free(&push->fcm);
    nb_strbuf_clear(&push->endpoint);
    nb_free(sender);
}

/* A problem with an option of the channel, with its hint. */
static int problem(const struct nb_channel *channel, const char *option, const struct nb_error *why,
                   struct nb_error *err)
{
    int rc = nb_channel_problem(channel, option, err, "%s", why->message);

    if (why->hint[0])
        nb_error_hint(err, "%s", why->hint);
    return rc;
}

static int start_webpush(struct push *push, const struct nb_channel *channel, const char *key, struct nb_error *err)
{
    const char *subject = nb_channel_text(channel, "vapid_subject");
    struct nb_error why = {0};

    if (!subject || (strncmp(subject, "mailto:", 7) != 0 && strncmp(subject, "https://", 8) != 0))
        return nb_channel_problem(channel, subject ? "vapid_subject" : NULL, err,
                                  "vapid_subject: expected mailto:ADDRESS or https://…, where push services can "
                                  "reach the administrator");
    if (nb_vapid_new(&push->vapid, key, subject, &why) < 0)
        return problem(channel, "vapid_key", &why, err);
    return nb_webpush_crypt_new(&push->crypt, err);
}

static int start_fcm(struct push *push, const struct nb_channel *channel, const char *account, struct nb_error *err)
{
    struct nb_fcm_options options = {.transfers = nb_senders_transfers(push->context),
                                     .account = account,
                                     .url = nb_channel_text(channel, "fcm_url"),
                                     .time_limit_ms = push->time_limit_ms};
    struct nb_error why = {0};

    return nb_fcm_new(&push->fcm, &options, &why) < 0 ? problem(channel, "fcm_account", &why, err) : 0;
}

static int push_start(void **sender, const struct nb_channel *channel, struct nb_senders *context, struct nb_error *err)
{
    struct push *push = nb_calloc(1, sizeof(*push));
    struct nb_private_file key = {0}, account = {0};
    int rc;

    *sender = push;
    push->context = context;
    push->time_limit_ms = nb_channel_number(channel, "time_limit");
    push->ttl_s = nb_channel_number(channel, "ttl") / 1000;
    nb_strbuf_init(&push->endpoint, NB_LINK_MAX + 16);
    if ((rc = nb_channel_secret(&key, channel, "vapid_key", err)) == 0 && key.data)
        rc = start_webpush(push, channel, key.data, err);
    if (rc == 0 && (rc = nb_channel_secret(&account, channel, "fcm_account", err)) == 0 && account.data)
        rc = start_fcm(push, channel, account.data, err);
    if (rc == 0 && !push->vapid && !push->fcm)
        rc = nb_channel_problem(channel, NULL, err, "expected vapid_key_file, fcm_account_file or both");
    nb_private_file_clear(&key);
    nb_private_file_clear(&account);
    if (rc < 0)
        push_end(sender);
    return rc;
}

/* ---- the kind ---- */

static bool is_web(const struct nb_target *target)
{
    return target->platform ? strcmp(target->platform, "web") == 0 : target->address[0] == '{';
}

static int push_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                     void *arg, struct nb_error *err)
{
    struct push *push = sender;
    bool web = is_web(&message->target);

    if (web && !push->vapid)
        push_refuse(out, push, "the channel sends to no browsers: it has no vapid_key_file", done, arg);
    else if (!web && !push->fcm)
        push_refuse(out, push, "the channel sends to no apps: it has no fcm_account_file", done, arg);
    else if (web)
        return push_webpush_send(out, push, message, done, arg, err);
    else
        return push_fcm_send(out, push, message, done, arg, err);
    return 0;
}

static int push_check_address(void *sender, const char *address, struct nb_error *err)
{
    struct nb_subscription subscription;
    int rc;

    (void)sender;
    if (address[0] == '{') {
        rc = nb_subscription_parse(&subscription, address, err);
        nb_subscription_clear(&subscription);
        return rc;
    }
    if (strlen(address) > TOKEN_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a device's token has %d bytes at most", TOKEN_MAX);
    return 0;
}

/* Of a browser, its push service; of apps, FCM. */
static const char *push_endpoint(void *sender, const struct nb_message *message)
{
    struct push *push = sender;
    struct nb_subscription subscription;

    if (!is_web(&message->target))
        return "fcm";
    nb_strbuf_reset(&push->endpoint);
    if (nb_subscription_parse(&subscription, message->target.address, NULL) == 0)
        (void)!nb_http_origin(&push->endpoint, subscription.endpoint, NULL);
    nb_subscription_clear(&subscription);
    return push->endpoint.length > 0 ? push->endpoint.data : NULL;
}

const struct nb_sender_ops nb_sender_push = {
    .kind = "push",
    .summary = "push notifications: Web Push to browsers, FCM to apps",
    .options = push_options,
    .start = push_start,
    .end = push_end,
    .send = push_send,
    .endpoint = push_endpoint,
    .has_many_endpoints = true,
    .check_address = push_check_address,
};
