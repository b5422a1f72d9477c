/*
 * smtp_link.c - see smtp_link.h. The sender and all recipients go out together where the server takes commands in a row
 * (PIPELINING); the text follows once it is known who was taken.
 */
#include "channels/smtp_link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define READ_AT_ONCE  4096
#define IDLE_LIMIT_MS 20000
#define REFUSED_MAX   2000 /* of what is told about refused copies */
#define UNSENT_MAX    (64 * 1024 * 1024)

enum step {
    STEP_CONNECT,
    STEP_IDLE,
    STEP_ENVELOPE,
    STEP_DATA,
    STEP_TEXT,
    STEP_RESET, /* the result is known already */
    STEP_CLOSED,
};

struct smtp_link {
    const struct smtp_server *server;
    smtp_link_event *event;
    void *arg, *user;
    enum step step;
    struct nb_transfer *transfer;
    CURL *handle; /* NULL: not connected */
    int fd;
    struct nb_source *source;
    struct nb_timer *idle;
    bool pipelining, takes_utf8;
    bool was_used; /* a mail has gone over it */
    struct nb_strbuf in, out;
    size_t written; /* of out */
    const struct nb_mail *mail;
    size_t asked, answered; /* commands of the envelope: the sender, then a recipient each */
    struct smtp_result result;
    struct nb_strbuf refused;
};

/* ---- the end of a mail ---- */

static void disconnect(struct smtp_link *link)
{
    link->step = STEP_CLOSED;
    link->handle = NULL;
    nb_source_remove(&link->source);
    nb_timer_stop(link->idle);
    nb_transfer_cancel(&link->transfer);
}

/* The last thing that is done with a link in a turn: the event may free it. */
static void tell(struct smtp_link *link)
{
    struct smtp_result result = link->result;

    link->mail = NULL;
    link->was_used = true;
    result.refused = link->refused.length > 0 ? link->refused.data : NULL;
    if (link->step == STEP_IDLE)
        nb_timer_start(link->idle, IDLE_LIMIT_MS);
    link->event(link->arg, link, &result);
}

/* The server had given the connection up before it read what this mail asks. */
static bool is_stale(const struct smtp_link *link)
{
    return link->was_used && link->step == STEP_ENVELOPE && link->answered == 0;
}

/* What was said before the connection broke stands; otherwise this is why there is no answer. */
static void fail(struct smtp_link *link, const char *why)
{
    bool has_mail = link->mail != NULL;

    if (link->step != STEP_RESET) {
        link->result.is_stale = is_stale(link);
        link->result.reply.code = 0;
        nb_text_copy(link->result.reply.text, sizeof(link->result.reply.text), why);
    }
    disconnect(link);
    if (has_mail)
        tell(link);
    else
        link->event(link->arg, link, NULL);
}

/* ---- writing ---- */

/* False: the link has failed. */
static bool flush(struct smtp_link *link)
{
    while (link->written < link->out.length) {
        size_t sent = 0;
        CURLcode code =
            curl_easy_send(link->handle, link->out.data + link->written, link->out.length - link->written, &sent);

        if (code == CURLE_AGAIN)
            return true;
        if (code != CURLE_OK) {
            fail(link, "the connection broke while sending");
            return false;
        }
        link->written += sent;
    }
    nb_strbuf_reset(&link->out);
    link->written = 0;
    return true;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

static bool needs_utf8(const struct nb_mail *mail)
{
    for (size_t i = 0; i < mail->recipients.count; i++)
        if (!is_ascii(mail->recipients.data[i]))
            return true;
    return !is_ascii(mail->return_path);
}

/* Asks what the server has not been asked: all at once, or one by one. */
static void ask(struct smtp_link *link)
{
    size_t count = link->mail->recipients.count + 1;

    while (link->asked < count && (link->pipelining || link->asked == link->answered)) {
        if (link->asked == 0)
            nb_strbuf_appendf(&link->out, "MAIL FROM:<%s>%s\r\n", link->mail->return_path,
                              needs_utf8(link->mail) ? " SMTPUTF8" : "");
        else
            nb_strbuf_appendf(&link->out, "RCPT TO:<%s>\r\n", link->mail->recipients.data[link->asked - 1]);
        link->asked++;
    }
}

static void write_text(struct smtp_link *link)
{
    const char *text = link->mail->text.data, *end = text + link->mail->text.length;

    while (text < end) {
        const char *next = memchr(text, '\n', (size_t)(end - text));

        next = next ? next + 1 : end;
        if (*text == '.')
            nb_strbuf_append_char(&link->out, '.');
        nb_strbuf_append_n(&link->out, text, (size_t)(next - text));
        text = next;
    }
    nb_strbuf_append(&link->out, ".\r\n");
}

/* ---- the conversation ---- */

static void conclude(struct smtp_link *link, enum smtp_stage stage, const struct smtp_reply *reply)
{
    link->result.stage = stage;
    link->result.reply = *reply;
}

/* Forgets the mail on the server's side, so that the next one may begin. */
static void reset(struct smtp_link *link)
{
    link->step = STEP_RESET;
    nb_strbuf_append(&link->out, "RSET\r\n");
}

static void note_refused(struct smtp_link *link, const char *address, const struct smtp_reply *reply)
{
    nb_strbuf_appendf(&link->refused, "%snot to %s: %d %s", link->refused.length > 0 ? "; " : "", address, reply->code,
                      reply->text);
}

static void on_envelope(struct smtp_link *link, const struct smtp_reply *reply)
{
    size_t which = link->answered++;
    bool taken = reply->code / 100 == 2;

    if (link->result.reply.code == 0 && !taken && which <= 1)
        conclude(link, which == 0 ? SMTP_SENDER : SMTP_RECIPIENT, reply);
    else if (!taken && which > 1)
        note_refused(link, link->mail->recipients.data[which - 1], reply);
    if (link->result.reply.code != 0 && link->asked == link->answered) {
        reset(link);
    } else if (link->answered == link->mail->recipients.count + 1) {
        link->step = STEP_DATA;
        nb_strbuf_append(&link->out, "DATA\r\n");
    } else {
        ask(link);
    }
}

/* True: the mail has come to its end, and the link is idle. */
static bool on_reply(struct smtp_link *link, const struct smtp_reply *reply)
{
    switch (link->step) {
    case STEP_ENVELOPE:
        on_envelope(link, reply);
        return false;
    case STEP_DATA:
        if (reply->code == 354) {
            link->step = STEP_TEXT;
            write_text(link);
        } else {
            conclude(link, SMTP_TEXT, reply);
            reset(link);
        }
        return false;
    case STEP_TEXT:
        conclude(link, reply->code / 100 == 2 ? SMTP_ACCEPTED : SMTP_TEXT, reply);
        link->step = STEP_IDLE;
        return true;
    case STEP_RESET:
        link->step = STEP_IDLE;
        return true;
    default:
        return false;
    }
}

/* A server that says 421 closes the connection, whatever it was asked. */
static void on_shutdown(struct smtp_link *link, const struct smtp_reply *reply)
{
    static const enum smtp_stage stages[] = {
        [STEP_ENVELOPE] = SMTP_SENDER, [STEP_DATA] = SMTP_TEXT, [STEP_TEXT] = SMTP_TEXT};

    if (link->mail && link->step != STEP_RESET) {
        conclude(link, stages[link->step], reply);
        link->result.is_stale = is_stale(link);
    }
    disconnect(link);
    if (link->mail)
        tell(link);
    else
        link->event(link->arg, link, NULL);
}

/* ---- reading ---- */

/* 1: something came; 0: nothing for now; -1: the connection has ended. */
static int receive(struct smtp_link *link)
{
    char buffer[READ_AT_ONCE];
    size_t size = 0;
    CURLcode code = curl_easy_recv(link->handle, buffer, sizeof(buffer), &size);

    if (code == CURLE_AGAIN)
        return 0;
    if (code != CURLE_OK || size == 0)
        return -1;
    nb_strbuf_append_n(&link->in, buffer, size);
    return 1;
}

static void on_ready(void *arg, short revents)
{
    struct smtp_link *link = arg;
    struct smtp_reply reply;
    int got, taken;

    (void)revents;
    if (!flush(link))
        return;
    do {
        got = receive(link);
        while ((taken = smtp_reply_take(&reply, &link->in)) > 0) {
            if (reply.code == 421 || !link->mail) {
                on_shutdown(link, &reply);
                return;
            }
            if (on_reply(link, &reply)) {
                tell(link);
                return;
            }
        }
        if (taken < 0 || got < 0) {
            fail(link, taken < 0 ? "the server's answer is no SMTP" : "the server closed the connection");
            return;
        }
        if (!flush(link))
            return;
    } while (got > 0);
}

static void prepare(void *arg, struct nb_interest *interest)
{
    const struct smtp_link *link = arg;

    interest->fd = link->fd;
    interest->events = (short)(POLLIN | (link->written < link->out.length ? POLLOUT : 0));
}

/* ---- connecting ---- */

/* Whether the server's last EHLO reply has the word: there is another one behind STARTTLS. */
static bool offers(const char *lines, const char *word)
{
    size_t length = strlen(word);
    bool found = false;

    while (*lines) {
        if (strncmp(lines, "220", 3) == 0)
            found = false;
        if (strncmp(lines, "250", 3) == 0 && strncasecmp(lines + 4, word, length) == 0 &&
            strchr(" \r\n", lines[4 + length]))
            found = true;
        lines += strcspn(lines, "\n");
        lines += *lines == '\n';
    }
    return found;
}

static void begin(struct smtp_link *link)
{
    if (needs_utf8(link->mail) && !link->takes_utf8) {
        conclude(link, SMTP_RECIPIENT,
                 &(struct smtp_reply){
                     .code = 553, .text = "5.6.7 the mail server takes no addresses in other letters than ASCII's"});
        link->step = STEP_RESET; /* the event is told from the loop, as always: this asks for a reply */
        nb_strbuf_append(&link->out, "RSET\r\n");
    } else {
        link->step = STEP_ENVELOPE;
        ask(link);
    }
    nb_timer_stop(link->idle);
}

/* The last reply that came while it connected, for who reads why it did not. */
static void last_line(struct smtp_reply *reply, const struct nb_transfer_answer *answer)
{
    const char *line = answer->lines, *next;

    for (; (next = strchr(line, '\n')) && next[1]; line = next + 1)
        ;
    reply->code = answer->status;
    if (answer->status >= 400 && strlen(line) > 4) {
        nb_text_copy(reply->text, sizeof(reply->text), line + 4);
        reply->text[strcspn(reply->text, "\r\n")] = '\0';
        nb_utf8_mend(reply->text);
    } else {
        reply->code = 0;
        nb_text_copy(reply->text, sizeof(reply->text), answer->error ? answer->error : "no connection");
    }
}

static void on_connected(void *arg, const struct nb_transfer_answer *answer)
{
    struct smtp_link *link = arg;
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (answer->end == NB_TRANSFER_ANSWERED)
        curl_easy_getinfo(answer->handle, CURLINFO_ACTIVESOCKET, &fd);
    if (fd == CURL_SOCKET_BAD) {
        struct smtp_reply reply = {0};

        last_line(&reply, answer);
        link->transfer = NULL; /* it ends with this call */
        link->result.stage = SMTP_CONNECT;
        if (reply.code == 0) {
            fail(link, reply.text);
            return;
        }
        conclude(link, SMTP_CONNECT, &reply);
        link->step = STEP_RESET;
        fail(link, "");
        return;
    }
    link->handle = answer->handle;
    link->fd = fd;
    link->pipelining = offers(answer->lines, "PIPELINING");
    link->takes_utf8 = offers(answer->lines, "SMTPUTF8");
    link->step = STEP_IDLE;
    link->source = nb_loop_add_source(link->server->loop, prepare, on_ready, link);
    if (link->mail)
        begin(link);
    else
        nb_timer_start(link->idle, IDLE_LIMIT_MS);
}

static int set_handle(void *arg, CURL *handle, struct nb_error *err)
{
    const struct smtp_server *server = arg;

    (void)err;
    curl_easy_setopt(handle, CURLOPT_USE_SSL, server->use_ssl);
    if (server->ca_file)
        nb_transfer_trust(handle, server->ca_file);
    return 0;
}

static void on_idle(void *arg)
{
    struct smtp_link *link = arg;
    size_t sent;

    curl_easy_send(link->handle, "QUIT\r\n", 6, &sent); /* nobody waits for its answer */
    disconnect(link);
    link->event(link->arg, link, NULL);
}

int smtp_link_open(struct smtp_link **out, const struct smtp_server *server, smtp_link_event *event, void *arg,
                   struct nb_error *err)
{
    const struct nb_transfer_request request = {.url = server->url,
                                                .protocols = "smtp,smtps",
                                                .username = server->username,
                                                .password = server->password,
                                                .time_limit_ms = server->time_limit_ms,
                                                .trusted = true,
                                                .connect_only = true,
                                                .prepare = set_handle,
                                                .prepare_arg = (void *)server};
    struct smtp_link *link = nb_calloc(1, sizeof(*link));
    int rc;

    *link = (struct smtp_link){.server = server, .event = event, .arg = arg, .fd = -1};
    nb_strbuf_init(&link->in, 2 * NB_SMTP_REPLY_MAX);
    nb_strbuf_init(&link->out, UNSENT_MAX);
    nb_strbuf_init(&link->refused, REFUSED_MAX);
    link->idle = nb_loop_add_timer(server->loop, on_idle, link);
    *out = link;
    if ((rc = nb_transfer_start(&link->transfer, server->transfers, &request, on_connected, link, err)) < 0)
        smtp_link_free(out);
    return rc;
}

void smtp_link_free(struct smtp_link **out)
{
    struct smtp_link *link = *out;

    if (!link)
        return;
    disconnect(link);
    nb_timer_remove(&link->idle);
    nb_strbuf_clear(&link->in);
    nb_strbuf_clear(&link->out);
    nb_strbuf_clear(&link->refused);
    nb_free(out);
}

bool smtp_link_is_free(const struct smtp_link *link)
{
    return !link->mail && (link->step == STEP_IDLE || link->step == STEP_CONNECT);
}

bool smtp_link_is_closed(const struct smtp_link *link)
{
    return link->step == STEP_CLOSED;
}

void smtp_link_set_user(struct smtp_link *link, void *user)
{
    link->user = user;
}

void *smtp_link_user(const struct smtp_link *link)
{
    return link->user;
}

void smtp_link_send(struct smtp_link *link, const struct nb_mail *mail)
{
    link->mail = mail;
    link->asked = link->answered = 0;
    link->result = (struct smtp_result){.stage = SMTP_CONNECT};
    nb_strbuf_reset(&link->refused);
    if (link->step == STEP_IDLE)
        begin(link);
}
