/* answer.c - fuzzes what other servers answer: Retry-After, Twilio's and FCM's JSON; and addresses that users give: URLs, subscriptions. */
#include "channels/push_internal.h"
#include "channels/sms.h"
#include "tests/fuzz/fuzz.h"

/* A sentence for people is one bounded line. */
static void check_sentence(const char *sentence)
{
    if (!sentence)
        return;
    PROMISE(strlen(sentence) < 1024);
    for (const char *c = sentence; *c; c++)
        PROMISE((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void judge(const char *body, size_t length, int status)
{
    struct nb_transfer_answer answer = {
        .end = NB_TRANSFER_ANSWERED, .status = status, .body = body, .body_length = length, .retry_after_ms = -1};
    struct nb_send_answer out;
    struct nb_strbuf error, text;

    for (int provider = 0; provider < 2; provider++) {
        nb_strbuf_init(&error, 4096);
        nb_strbuf_init(&text, 4096);
        nb_http_judge(&answer, &out, &error);
        (provider == 0 ? nb_twilio_judge : nb_fcm_judge)(&answer, &out, &text);
        PROMISE((out.error == NULL) == (out.outcome == NB_SEND_SENT));
        PROMISE(out.provider_fault == (out.outcome == NB_SEND_RETRY));
        PROMISE(!out.address_ended || out.outcome == NB_SEND_FAILED);
        PROMISE((status >= 200 && status < 300) == (out.outcome == NB_SEND_SENT));
        check_sentence(out.error);
        check_sentence(out.message_id);
        nb_strbuf_clear(&error);
        nb_strbuf_clear(&text);
    }
}

static void read_addresses(const char *text)
{
    struct nb_subscription subscription;
    struct nb_strbuf origin;
    struct nb_error err = {0};
    int64_t wait = nb_retry_after_parse(text, INT64_C(1796040000) * 1000000);

    PROMISE(wait >= -1 && wait <= INT64_C(315360000000));
    if (nb_subscription_parse(&subscription, text, &err) < 0)
        PROMISE(err.message[0] && !subscription.endpoint);
    else
        PROMISE(nb_http_check_url(subscription.endpoint, 2048, NULL) == 0);
    nb_subscription_clear(&subscription);
    if (nb_http_check_url(text, 2048, NULL) == 0) {
        nb_strbuf_init(&origin, 8192);
        PROMISE(nb_http_origin(&origin, text, NULL) == 0);
        PROMISE(strncmp(origin.data, "http", 4) == 0 && !strpbrk(origin.data, " \r\n"));
        nb_strbuf_clear(&origin);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 201, 302, 400, 401, 403, 404, 410, 429, 500, 503};
    char *text = nb_strndup((const char *)data, size);
    struct nb_sms_size before = nb_sms_measure(text);
    char *cut = nb_sms_cut(text, 2);

    PROMISE(nb_sms_measure(cut).segments <= 2);
    PROMISE(before.segments > 2 || strcmp(cut, text) == 0);
    read_addresses(text);
    if (size > 0)
        judge((const char *)data + 1, size - 1, statuses[data[0] % NB_ARRAY_SIZE(statuses)]);
    free(cut);
    free(text);
    return 0;
}
