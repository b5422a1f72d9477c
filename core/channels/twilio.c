/*
 * twilio.c - the kind "twilio": SMS in the form of Twilio's interface, which others speak too (url names whose).
 */
#include "channels/http_send.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "channels/kinds.h"
#include "channels/sms.h"

#define FORM_MAX 32768

struct twilio {
    struct nb_senders *context;
    struct nb_strbuf url;
    const char *account, *from, *messaging_service, *status_url; /* of the settings, which outlive us */
    struct nb_private_file token;
    size_t segments;
    int64_t time_limit_ms;
};

static const struct nb_channel_option twilio_options[] = {
    {.name = "url", .type = NB_OPTION_URL, .fallback = "https://api.twilio.com"},
    {.name = "account", .type = NB_OPTION_TEXT, .required = true},
    {.name = "token", .type = NB_OPTION_SECRET, .required = true},
    {.name = "from", .type = NB_OPTION_TEXT},
    {.name = "messaging_service", .type = NB_OPTION_TEXT},
    {.name = "status_url", .type = NB_OPTION_URL},
    {.name = "segments", .type = NB_OPTION_COUNT, .fallback = "4"}, /* each costs what one message does */
    {NULL},
};

/* What Twilio's own codes say beyond the status. All others are as their status says: 4xx has failed for good. */
static const struct meaning {
    int code;
    enum nb_send_outcome outcome;
    bool address_ended;
} meanings[] = {
    /* the settings or the account are wrong, the message is not: it goes once they are put right */
    {20003, NB_SEND_RETRY, false}, /* not authenticated */
    {20005, NB_SEND_RETRY, false}, /* the account is not active */
    {21212, NB_SEND_RETRY, false}, /* no valid From */
    {21601, NB_SEND_RETRY, false}, /* a From that cannot send messages */
    {21603, NB_SEND_RETRY, false}, /* no From */
    {21606, NB_SEND_RETRY, false}, /* a From that is not the account's */
    {21659, NB_SEND_RETRY, false}, /* likewise, none of Twilio's */
    {21660, NB_SEND_RETRY, false}, /* likewise, another account's */
    {21703, NB_SEND_RETRY, false}, /* a messaging service without numbers */
    {21705, NB_SEND_RETRY, false}, /* no such messaging service */
    {30002, NB_SEND_RETRY, false}, /* the account is suspended */
    /* too much at once, or for today */
    {20429, NB_SEND_RETRY, false},
    {21611, NB_SEND_RETRY, false}, /* the queue of From is full */
    {30001, NB_SEND_RETRY, false}, /* likewise */
    {30022, NB_SEND_RETRY, false}, /* the carriers' rate in the United States */
    {63018, NB_SEND_RETRY, false},
    {63038, NB_SEND_RETRY, false}, /* the day's limit */
    /* nothing will ever arrive at the number */
    {21211, NB_SEND_FAILED, true}, /* it is none */
    {21217, NB_SEND_FAILED, true}, /* likewise */
    {21610, NB_SEND_FAILED, true}, /* its owner answered STOP */
    {21614, NB_SEND_FAILED, true}, /* it cannot take messages */
    {30005, NB_SEND_FAILED, true}, /* nobody has it */
    {30006, NB_SEND_FAILED, true}, /* a landline */
};

/* ---- settings ---- */

static void twilio_end(void **sender)
{
    struct twilio *twilio = *sender;

    nb_private_file_clear(&twilio->token);
    nb_strbuf_clear(&twilio->url);
    nb_free(sender);
}

static int check(const struct twilio *twilio, const struct nb_channel *channel, struct nb_error *err)
{
    if (!twilio->from == !twilio->messaging_service)
        return nb_channel_problem(channel, twilio->from ? "from" : NULL, err,
                                  "expected from or messaging_service, and not both");
    if (twilio->account[strspn(twilio->account, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")])
        return nb_channel_problem(channel, "account", err, "account: expected letters and digits, such as AC0123…");
    return 0;
}

static int twilio_start(void **sender, const struct nb_channel *channel, struct nb_senders *context,
                        struct nb_error *err)
{
    struct twilio *twilio = nb_calloc(1, sizeof(*twilio));
    const char *url = nb_channel_text(channel, "url");
    size_t length = strlen(url);
    int rc;

    *sender = twilio;
    twilio->context = context;
    twilio->account = nb_channel_text(channel, "account");
    twilio->from = nb_channel_text(channel, "from");
    twilio->messaging_service = nb_channel_text(channel, "messaging_service");
    twilio->status_url = nb_channel_text(channel, "status_url");
    twilio->segments = (size_t)nb_channel_number(channel, "segments");
    twilio->time_limit_ms = nb_channel_number(channel, "time_limit");
    while (length > 0 && url[length - 1] == '/')
        length--;
    nb_strbuf_init(&twilio->url, 4096);
    nb_strbuf_appendf(&twilio->url, "%.*s/2010-04-01/Accounts/%s/Messages.json", (int)length, url, twilio->account);
    if ((rc = nb_channel_secret(&twilio->token, channel, "token", err)) < 0 || (rc = check(twilio, channel, err)) < 0)
        twilio_end(sender);
    return rc;
}

/* ---- what the answer says ---- */

static const struct meaning *meaning_of(int64_t code)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(meanings); i++)
        if (meanings[i].code == code)
            return &meanings[i];
    return NULL;
}

/* {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400, …} */
static void judge_refusal(const json_t *answer, struct nb_send_answer *out, struct nb_strbuf *text)
{
    const char *message = json_string_value(json_object_get(answer, "message"));
    int64_t code = json_integer_value(json_object_get(answer, "code"));
    const struct meaning *meaning = meaning_of(code);

    if (meaning) {
        out->outcome = meaning->outcome;
        out->address_ended = meaning->address_ended;
        out->provider_fault = meaning->outcome == NB_SEND_RETRY;
    }
    if (code > 0 && code < 100000)
        out->code = (int)code;
    if (message) {
        nb_strbuf_appendf(text, "%d ", out->code);
        nb_http_sentence(text, message, SIZE_MAX);
        out->error = text->data;
    }
}

void nb_twilio_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *text)
{
    json_t *json = NULL;

    if (answer->body_length == 0 || nb_json_parse(&json, answer->body, answer->body_length, NULL) < 0)
        return;
    if (out->outcome != NB_SEND_SENT) {
        judge_refusal(json, out, text);
    } else {
        const char *sid = json_string_value(json_object_get(json, "sid"));

        if (sid) {
            nb_http_sentence(text, sid, SIZE_MAX);
            out->message_id = text->data;
        }
    }
    json_decref(json);
}

static void judge(void *sender, const struct nb_transfer_answer *answer, struct nb_send_answer *out,
                  struct nb_strbuf *text)
{
    (void)sender;
    nb_twilio_judge(answer, out, text);
}

/* ---- sending ---- */

static int twilio_check_address(void *sender, const char *address, struct nb_error *err)
{
    (void)sender;
    return nb_phone_check(address, err);
}

static void compose(struct nb_strbuf *form, const struct twilio *twilio, const struct nb_message *message)
{
    const char *text = message->body && message->body[0] ? message->body : message->subject;
    char *cut = nb_sms_cut(text ? text : "", twilio->segments);

    nb_strbuf_init(form, FORM_MAX);
    nb_http_append_field(form, "To", message->target.address);
    if (twilio->from)
        nb_http_append_field(form, "From", twilio->from);
    else
        nb_http_append_field(form, "MessagingServiceSid", twilio->messaging_service);
    nb_http_append_field(form, "Body", cut);
    if (twilio->status_url)
        nb_http_append_field(form, "StatusCallback", twilio->status_url);
    free(cut);
}

static int post(struct nb_send **out, struct twilio *twilio, const struct nb_strbuf *form, nb_send_done *done,
                void *arg, struct nb_error *err)
{
    static const char *const headers[] = {"Accept: application/json", NULL};
    struct nb_transfer_request transfer = {.url = twilio->url.data,
                                           .body = form->data,
                                           .body_length = form->length,
                                           .headers = headers,
                                           .username = twilio->account,
                                           .password = twilio->token.data,
                                           .time_limit_ms = twilio->time_limit_ms,
                                           .trusted = true};
    struct nb_http_request request = {.ops = &nb_sender_twilio,
                                      .sender = twilio,
                                      .transfers = nb_senders_transfers(twilio->context),
                                      .transfer = &transfer,
                                      .judge = judge};

    return nb_http_send(out, &request, done, arg, err);
}

static int twilio_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                       void *arg, struct nb_error *err)
{
    struct nb_send_answer refused = {.outcome = NB_SEND_FAILED, .retry_after_ms = -1};
    struct twilio *twilio = sender;
    struct nb_strbuf form;
    struct nb_error why;
    int rc;

    if ((rc = nb_phone_check(message->target.address, &why)) < 0) {
        refused.error = why.message;
        nb_send_answered(out, twilio->context, &refused, done, arg);
        return 0;
    }
    compose(&form, twilio, message);
    if (nb_strbuf_check(&form, "the text", &why) < 0) {
        refused.error = why.message;
        nb_send_answered(out, twilio->context, &refused, done, arg);
    } else {
        rc = post(out, twilio, &form, done, arg, err);
    }
    nb_strbuf_clear(&form);
    return rc;
}

const struct nb_sender_ops nb_sender_twilio = {
    .kind = "twilio",
    .summary = "SMS by Twilio, or a service that speaks its form",
    .options = twilio_options,
    .start = twilio_start,
    .end = twilio_end,
    .send = twilio_send,
    .cancel = nb_http_cancel,
    .check_address = twilio_check_address,
};
