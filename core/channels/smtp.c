/*
 * smtp.c - the kind that sends mail by SMTP: to a server that the administrator names, over a few connections that are kept.
 *
 * The reply's code decides what became of a mail, and where it came. A refusal of the recipient or of the text is for good when it
 * is 5xx; whatever is refused before that (the connection, our login) is a fault of the server or of channels.conf, and is tried
 * again. Copies go along with the mail; one that is refused is told, and keeps nobody from theirs.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "channels/channels.h"
#include "channels/kinds.h"
#include "channels/mail.h"
#include "channels/smtp_link.h"

#define ERROR_MAX 2000

struct smtp_send;

struct smtp {
    struct nb_senders *context;
    struct smtp_server server;
    struct nb_private_file password;
    char *endpoint; /* the server's name and port */
    struct nb_mail_sender from;
    size_t most; /* connections */
    NB_VEC(struct smtp_link *) links;
    NB_VEC(struct smtp_send *) waiting; /* for a connection, the first to come first */
};

struct smtp_send {
    struct nb_send send;
    struct smtp *owner;
    struct nb_mail mail;
    struct smtp_link *link; /* NULL: it waits for one */
    struct nb_timer *timer;
    bool was_stale; /* one connection was closed by the server before it was read */
    nb_send_done *done;
    void *arg;
};

/* ---- connections ---- */

static void on_link(void *arg, struct smtp_link *link, const struct smtp_result *result);

/* Of them all, those that are under way are in few places: a handful. */
static struct smtp_link *find_link(struct smtp *smtp)
{
    struct smtp_link *link = NULL;
    struct nb_error ignored;

    for (size_t i = 0; i < smtp->links.count; i++)
        if (smtp_link_is_free(smtp->links.data[i]))
            return smtp->links.data[i];
    if (smtp->links.count < smtp->most && smtp_link_open(&link, &smtp->server, on_link, smtp, &ignored) == NB_OK)
        nb_vec_push(&smtp->links, link);
    return link;
}

static void drop_link(struct smtp *smtp, struct smtp_link *link)
{
    for (size_t i = 0; i < smtp->links.count; i++)
        if (smtp->links.data[i] == link) {
            nb_vec_remove(&smtp->links, i);
            break;
        }
    smtp_link_free(&link);
}

static void dispatch(struct smtp *smtp)
{
    while (smtp->waiting.count > 0) {
        struct smtp_send *send = smtp->waiting.data[0];
        struct smtp_link *link = find_link(smtp);

        if (!link)
            return;
        nb_vec_remove(&smtp->waiting, 0);
        send->link = link;
        smtp_link_set_user(link, send);
        smtp_link_send(link, &send->mail);
    }
}

/* ---- answers ---- */

static void free_send(struct smtp_send *send)
{
    nb_timer_remove(&send->timer);
    nb_mail_clear(&send->mail);
    free(send);
}

static void answer(struct smtp_send *send, const struct nb_send_answer *what)
{
    nb_send_done *done = send->done;
    void *arg = send->arg;

    free_send(send);
    done(arg, what);
}

static struct nb_send_answer judge(const struct smtp_result *result)
{
    const struct smtp_reply *reply = &result->reply;
    struct nb_send_answer out = {.outcome = NB_SEND_RETRY, .code = reply->code, .retry_after_ms = -1};

    if (result->stage == SMTP_ACCEPTED) {
        out.outcome = NB_SEND_SENT;
    } else if (reply->code == 0 || reply->code == 421 || result->stage == SMTP_CONNECT) {
        out.provider_fault = true;
    } else if (reply->code >= 500) {
        out.outcome = NB_SEND_FAILED;
        out.address_ended = result->stage == SMTP_RECIPIENT && smtp_reply_ends_address(reply);
    }
    return out;
}

/* "the recipient was refused: 550 5.1.1 …", and of a mail that was sent what became of its copies. */
static void describe(struct nb_strbuf *error, const struct smtp_result *result)
{
    static const char *const refused[] = {[SMTP_CONNECT] = "the mail server",
                                          [SMTP_SENDER] = "the sender was refused",
                                          [SMTP_RECIPIENT] = "the recipient was refused",
                                          [SMTP_TEXT] = "the mail was refused"};

    if (result->stage == SMTP_ACCEPTED)
        nb_strbuf_append(error, result->refused ? result->refused : "");
    else if (result->reply.code == 0)
        nb_strbuf_append(error, result->reply.text);
    else
        nb_strbuf_appendf(error, "%s: %d %s", refused[result->stage], result->reply.code, result->reply.text);
}

static void conclude(struct smtp_send *send, const struct smtp_result *result)
{
    struct nb_send_answer out = judge(result);
    char id[NB_SMTP_TEXT_MAX];
    struct nb_strbuf error;

    nb_strbuf_init(&error, ERROR_MAX);
    describe(&error, result);
    if (error.length > 0)
        out.error = error.data;
    if (out.outcome == NB_SEND_SENT) {
        smtp_reply_message_id(&result->reply, id);
        out.message_id = id;
    }
    answer(send, &out);
    nb_strbuf_clear(&error);
}

/* The answer may end the sender's last send, but not the sender. */
static void on_link(void *arg, struct smtp_link *link, const struct smtp_result *result)
{
    struct smtp *smtp = arg;
    struct smtp_send *send = smtp_link_user(link);
    bool is_closed = smtp_link_is_closed(link);

    smtp_link_set_user(link, NULL);
    if (result && result->is_stale && !send->was_stale) {
        send->was_stale = true;
        send->link = NULL;
        nb_vec_insert(&smtp->waiting, 0, send);
    } else if (result) {
        conclude(send, result);
    }
    if (is_closed)
        drop_link(smtp, link);
    dispatch(smtp);
}

static void on_time_limit(void *arg)
{
    struct smtp_send *send = arg;
    struct smtp *smtp = send->owner;
    const struct nb_send_answer late = {.outcome = NB_SEND_RETRY,
                                        .error = "the mail server did not answer in time",
                                        .retry_after_ms = -1,
                                        .provider_fault = true};

    if (send->link)
        drop_link(smtp, send->link);
    for (size_t i = 0; !send->link && i < smtp->waiting.count; i++)
        if (smtp->waiting.data[i] == send) {
            nb_vec_remove(&smtp->waiting, i);
            break;
        }
    answer(send, &late);
    dispatch(smtp);
}

/* ---- the sender ---- */

static int smtp_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                     void *arg, struct nb_error *err)
{
    struct smtp *smtp = sender;
    struct smtp_send *send;
    struct nb_mail mail;
    struct nb_error why = {0};

    (void)err;
    if (nb_mail_compose(&mail, &smtp->from, message, &why) < 0) {
        const struct nb_send_answer no_mail = {.outcome = NB_SEND_FAILED, .error = why.message, .retry_after_ms = -1};

        nb_mail_clear(&mail);
        nb_send_answered(out, smtp->context, &no_mail, done, arg);
        return NB_OK;
    }
    send = nb_calloc(1, sizeof(*send));
    *send = (struct smtp_send){.send.ops = &nb_sender_smtp, .owner = smtp, .mail = mail, .done = done, .arg = arg};
    send->timer = nb_loop_add_timer(smtp->server.loop, on_time_limit, send);
    nb_timer_start(send->timer, smtp->server.time_limit_ms);
    nb_vec_push(&smtp->waiting, send);
    *out = &send->send;
    dispatch(smtp);
    return NB_OK;
}

static void smtp_cancel(struct nb_send **out)
{
    struct smtp_send *send = (struct smtp_send *)*out;
    struct smtp *smtp = send->owner;

    if (send->link)
        drop_link(smtp, send->link);
    for (size_t i = 0; !send->link && i < smtp->waiting.count; i++)
        if (smtp->waiting.data[i] == send) {
            nb_vec_remove(&smtp->waiting, i);
            break;
        }
    free_send(send);
    *out = NULL;
    dispatch(smtp);
}

static const char *smtp_endpoint(void *sender, const struct nb_message *message)
{
    const struct smtp *smtp = sender;

    (void)message;
    return smtp->endpoint;
}

static int smtp_check_address(void *sender, const char *address, struct nb_error *err)
{
    struct nb_mailbox mailbox;
    int rc = nb_mailbox_parse(&mailbox, address, err);

    (void)sender;
    nb_mailbox_clear(&mailbox);
    return rc;
}

/* ---- settings ---- */

/* The server's name and port, of smtp://host:port. */
static int read_url(struct smtp *smtp, const struct nb_channel *channel, bool *is_smtps, struct nb_error *err)
{
    char *scheme = NULL, *host = NULL, *port = NULL;
    CURLU *url = curl_url();
    int rc = NB_OK;

    if (!url)
        nb_fatal("out of memory");
    smtp->server.url = nb_channel_text(channel, "url");
    if (curl_url_set(url, CURLUPART_URL, smtp->server.url, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        (strcmp(scheme, "smtp") != 0 && strcmp(scheme, "smtps") != 0))
        rc = nb_channel_problem(channel, "url", err, "expected smtp://HOST:PORT or smtps://HOST:PORT");
    else
        smtp->endpoint = nb_asprintf("%s:%s", host, port);
    *is_smtps = scheme && strcmp(scheme, "smtps") == 0;
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(url);
    return rc;
}

/* A password goes only where TLS hides it: "yes" can be talked out of it by whoever stands in between. */
static int read_security(struct smtp *smtp, const struct nb_channel *channel, bool is_smtps, struct nb_error *err)
{
    static const struct {
        const char *word;
        long use_ssl;
    } words[] = {{"required", CURLUSESSL_ALL}, {"yes", CURLUSESSL_TRY}, {"no", CURLUSESSL_NONE}};
    const char *starttls = nb_channel_text(channel, "starttls");
    int rc;

    for (size_t i = 0; i < NB_ARRAY_SIZE(words); i++)
        if (strcmp(starttls, words[i].word) == 0)
            smtp->server.use_ssl = words[i].use_ssl;
    smtp->server.ca_file = nb_channel_text(channel, "ca_file");
    smtp->server.username = nb_channel_text(channel, "username");
    if ((rc = nb_channel_secret(&smtp->password, channel, "password", err)) < 0)
        return rc;
    smtp->server.password = smtp->password.data;
    if (!smtp->server.username != !smtp->server.password)
        return nb_channel_problem(channel, smtp->server.username ? "username" : "password", err,
                                  "expected a username and a password, or neither");
    if (smtp->server.password && !is_smtps && smtp->server.use_ssl != CURLUSESSL_ALL)
        return nb_channel_problem(channel, "starttls", err, "expected required, since there is a password");
    return NB_OK;
}

static int smtp_start(void **out, const struct nb_channel *channel, struct nb_senders *context, struct nb_error *err)
{
    struct smtp *smtp = nb_calloc(1, sizeof(*smtp));
    struct nb_error why = {0};
    bool is_smtps = false;
    int rc;

    *out = smtp;
    smtp->context = context;
    smtp->server.loop = nb_senders_loop(context);
    smtp->server.transfers = nb_senders_transfers(context);
    smtp->server.time_limit_ms = nb_channel_number(channel, "time_limit");
    smtp->most = (size_t)nb_channel_number(channel, "in_flight");
    if ((rc = read_url(smtp, channel, &is_smtps, err)) == NB_OK)
        rc = read_security(smtp, channel, is_smtps, err);
    if (rc == NB_OK &&
        nb_mail_sender_parse(&smtp->from, nb_channel_text(channel, "from"), nb_channel_text(channel, "reply_to"),
                             nb_channel_text(channel, "return_path"), &why) < 0)
        rc = nb_channel_problem(channel, "from", err, "%s", why.message);
    if (rc < 0)
        nb_sender_smtp.end(out);
    return rc;
}

static void smtp_end(void **sender)
{
    struct smtp *smtp = *sender;

    while (smtp->links.count > 0)
        drop_link(smtp, smtp->links.data[0]);
    nb_vec_clear(&smtp->links);
    nb_vec_clear(&smtp->waiting);
    nb_mail_sender_clear(&smtp->from);
    nb_private_file_clear(&smtp->password);
    free(smtp->endpoint);
    nb_free(sender);
}

static const char *const starttls_words[] = {"required", "yes", "no", NULL};
static const struct nb_channel_option smtp_options[] = {
    {.name = "url", .type = NB_OPTION_URL, .required = true},
    {.name = "starttls", .type = NB_OPTION_CHOICE, .fallback = "required", .choices = starttls_words},
    {.name = "ca_file", .type = NB_OPTION_TEXT},
    {.name = "username", .type = NB_OPTION_TEXT},
    {.name = "password", .type = NB_OPTION_SECRET},
    {.name = "from", .type = NB_OPTION_TEXT, .required = true},
    {.name = "reply_to", .type = NB_OPTION_TEXT},
    {.name = "return_path", .type = NB_OPTION_TEXT},
    {NULL}};

const struct nb_sender_ops nb_sender_smtp = {
    .kind = "smtp",
    .summary = "mail by SMTP",
    .options = smtp_options,
    .start = smtp_start,
    .end = smtp_end,
    .send = smtp_send,
    .cancel = smtp_cancel,
    .endpoint = smtp_endpoint,
    .check_address = smtp_check_address,
};
