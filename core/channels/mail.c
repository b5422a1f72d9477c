/*
 * mail.c - composes a mail: its headers in their order, then the parts.
 */
#include "channels/mail.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/text.h"
#include "channels/mail_internal.h"

/* Base64 and quoted-printable make more of it: texts at most three times, and lines are cut. */
#define MAIL_MAX     (4 * 2 * NB_TEMPLATE_OUTPUT_MAX + 2 * NB_CONTEXT_MAX + 64 * 1024)
#define URL_MAX      900 /* a line has at most 998 bytes */
#define BOUNDARY_MAX 64

/* ---- whom it is from ---- */

int nb_mail_sender_parse(struct nb_mail_sender *out, const char *from, const char *reply_to, const char *return_path,
                         struct nb_error *err)
{
    struct nb_mailbox bounces = {0};
    int rc;

    *out = (struct nb_mail_sender){0};
    rc = nb_mailbox_parse(&out->from, from, err);
    if (rc == NB_OK && reply_to)
        rc = nb_mailbox_parse(&out->reply_to, reply_to, err);
    if (rc == NB_OK && return_path)
        rc = nb_mailbox_parse(&bounces, return_path, err);
    if (rc == NB_OK && bounces.name)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "return_path: expected an address without a name");
    if (rc == NB_OK && return_path) {
        out->return_path = bounces.address;
        bounces.address = NULL;
    }
    nb_mailbox_clear(&bounces);
    return rc;
}

void nb_mail_sender_clear(struct nb_mail_sender *sender)
{
    nb_mailbox_clear(&sender->from);
    nb_mailbox_clear(&sender->reply_to);
    nb_free(&sender->return_path);
}

/* ---- the envelope ---- */

/* bounces@example.org is bounces+ID@example.org: what bounces says by its own address which delivery it was. */
static char *return_path_of(const struct nb_mail_sender *sender, const struct nb_uuid *delivery)
{
    const char *path = sender->return_path;
    char id[NB_UUID_TEXT_SIZE];
    size_t local;

    if (!path)
        return nb_strdup(sender->from.address);
    local = strcspn(path, "@");
    return nb_asprintf("%.*s+%s%s", (int)local, path, nb_uuid_format(delivery, id), path + local);
}

static void add_recipient(struct nb_mail *mail, const char *address)
{
    for (size_t i = 0; i < mail->recipients.count; i++)
        if (strcasecmp(mail->recipients.data[i], address) == 0)
            return;
    nb_vec_push(&mail->recipients, nb_strdup(address));
}

/* ---- headers ---- */

static void simple_header(struct nb_strbuf *out, const char *name, const char *value)
{
    struct mail_header header = {.out = out};

    mail_header_begin(&header, name);
    mail_header_word(&header, value);
    mail_header_end(&header);
}

static void mailbox_header(struct nb_strbuf *out, const char *name, const struct nb_mailbox *mailbox)
{
    struct mail_header header = {.out = out};

    mail_header_begin(&header, name);
    mail_header_mailbox(&header, mailbox, "");
    mail_header_end(&header);
}

/* RFC 5322's form is English whatever the locale. */
static void date_header(struct nb_strbuf *out, int64_t created_ms)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t at = (time_t)(created_ms / 1000);
    struct tm tm;

    gmtime_r(&at, &tm);
    nb_strbuf_appendf(out, "Date: %s, %02d %s %04d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday,
                      months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* The copies that are no address were left out when they were rendered; one that is none here is somebody's else doing. */
static int copies(struct nb_mail *mail, const char *name, const char *const *addresses, struct nb_error *err)
{
    struct mail_header header = {.out = &mail->text};
    int rc = NB_OK;

    if (!addresses || !addresses[0])
        return NB_OK;
    if (name)
        mail_header_begin(&header, name);
    for (size_t i = 0; rc == NB_OK && addresses[i]; i++) {
        struct nb_mailbox mailbox;

        rc = nb_mailbox_parse(&mailbox, addresses[i], err);
        if (rc == NB_OK)
            add_recipient(mail, mailbox.address);
        if (rc == NB_OK && name)
            mail_header_mailbox(&header, &mailbox, addresses[i + 1] ? "," : "");
        nb_mailbox_clear(&mailbox);
    }
    if (name)
        mail_header_end(&header);
    return rc;
}

static int people_headers(struct nb_mail *mail, const struct nb_mail_sender *sender, const struct nb_message *message,
                          struct nb_error *err)
{
    struct nb_mailbox to;
    int rc;

    mailbox_header(&mail->text, "From", &sender->from);
    if (sender->reply_to.address)
        mailbox_header(&mail->text, "Reply-To", &sender->reply_to);
    rc = nb_mailbox_parse(&to, message->target.address ? message->target.address : "", err);
    if (rc == NB_OK) {
        add_recipient(mail, to.address);
        mailbox_header(&mail->text, "To", &to);
    }
    nb_mailbox_clear(&to);
    if (rc == NB_OK)
        rc = copies(mail, "Cc", message->cc, err);
    if (rc == NB_OK)
        rc = copies(mail, NULL, message->bcc, err);
    return rc;
}

static int subject_header(struct nb_strbuf *out, const struct nb_message *message, struct nb_error *err)
{
    struct mail_header header = {.out = out};
    const char *subject = message->subject && *message->subject ? message->subject : message->type;
    int rc = mail_check_line("subject", subject, err);

    if (rc < 0)
        return rc;
    mail_header_begin(&header, "Subject");
    mail_header_text(&header, subject);
    mail_header_end(&header);
    return NB_OK;
}

/* A link that is followed by programs (RFC 8058): POST switches off without asking, so only https may have it. */
static int unsubscribe_headers(struct nb_strbuf *out, const char *url, struct nb_error *err)
{
    char *value;

    if (!url)
        return NB_OK;
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c > '~' || *c == '<' || *c == '>' || *c == ',' || strlen(url) > URL_MAX)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the link to unsubscribe by is no URL of a header");
    value = nb_asprintf("<%s>", url);
    simple_header(out, "List-Unsubscribe", value);
    free(value);
    if (strncmp(url, "https://", 8) == 0)
        simple_header(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    return NB_OK;
}

static bool is_language(const char *locale)
{
    size_t length = locale ? strlen(locale) : 0;

    return length >= 2 && length <= 35 && strcmp(locale, "default") != 0 &&
           strspn(locale, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static int headers(struct nb_mail *mail, const struct nb_mail_sender *sender, const struct nb_message *message,
                   struct nb_error *err)
{
    struct nb_strbuf *out = &mail->text;
    const char *domain = strrchr(sender->from.address, '@');
    char id[NB_UUID_TEXT_SIZE];
    char *value;
    int rc;

    date_header(out, message->created_ms);
    rc = people_headers(mail, sender, message, err);
    if (rc == NB_OK)
        rc = subject_header(out, message, err);
    if (rc < 0)
        return rc;
    value = nb_asprintf("<%s%s>", nb_uuid_format(&message->delivery, id), domain);
    simple_header(out, "Message-ID", value);
    free(value);
    rc = unsubscribe_headers(out, message->unsubscribe, err);
    simple_header(out, "Auto-Submitted", "auto-generated"); /* RFC 3834: nobody's absence answers it */
    if (message->urgency && strcmp(message->urgency, "critical") == 0)
        simple_header(out, "Importance", "high");
    if (is_language(message->locale))
        simple_header(out, "Content-Language", message->locale);
    simple_header(out, "MIME-Version", "1.0");
    return rc;
}

/* ---- the body ---- */

/* No line of a part begins with "--": mail_body.c encodes those. So a boundary is never found within one. */
static void make_boundary(char boundary[BOUNDARY_MAX], const char *kind, const struct nb_uuid *delivery)
{
    char id[NB_UUID_TEXT_SIZE];

    nb_text_format(boundary, BOUNDARY_MAX, "=_%s_%s", kind, nb_uuid_format(delivery, id));
}

static void begin_multipart(struct nb_strbuf *out, const char *kind, const char *boundary)
{
    nb_strbuf_appendf(out, "Content-Type: multipart/%s;\r\n boundary=\"%s\"\r\n\r\n", kind, boundary);
}

/* The texts that the delivery was rendered to. A message that has no HTML of its own, and does not mention its link, ends with
 * it: what an inbox opens with a key, a mail must show. */
static void texts(struct nb_strbuf *out, const struct nb_message *message)
{
    bool has_html = message->html && *message->html;
    bool adds_link = message->link && *message->link && !has_html && !strstr(message->body, message->link);
    char *body = adds_link ? nb_asprintf("%s\n\n%s\n", message->body, message->link) : NULL;
    char boundary[BOUNDARY_MAX];

    if (!has_html) {
        mail_text_part(out, "plain", body ? body : message->body);
    } else {
        make_boundary(boundary, "texts", &message->delivery);
        begin_multipart(out, "alternative", boundary);
        nb_strbuf_appendf(out, "--%s\r\n", boundary);
        mail_text_part(out, "plain", message->body);
        nb_strbuf_appendf(out, "\r\n--%s\r\n", boundary);
        mail_text_part(out, "html", message->html);
        nb_strbuf_appendf(out, "\r\n--%s--\r\n", boundary);
    }
    free(body);
}

static int parts(struct nb_strbuf *out, const struct nb_message *message, const json_t *attachments,
                 struct nb_error *err)
{
    char boundary[BOUNDARY_MAX];
    const json_t *attachment;
    size_t i;
    int rc;

    make_boundary(boundary, "parts", &message->delivery);
    begin_multipart(out, "mixed", boundary);
    nb_strbuf_appendf(out, "--%s\r\n", boundary);
    texts(out, message);
    json_array_foreach(attachments, i, attachment)
    {
        nb_strbuf_appendf(out, "\r\n--%s\r\n", boundary);
        if ((rc = mail_attachment_part(out, attachment, i, err)) < 0)
            return rc;
    }
    nb_strbuf_appendf(out, "\r\n--%s--\r\n", boundary);
    return NB_OK;
}

/* What else there is of the delivery is no text of a mail. */
static int read_attachments(json_t **payload, const json_t **out, const char *text, struct nb_error *err)
{
    int rc;

    *out = NULL;
    if (!text)
        return NB_OK;
    if ((rc = nb_json_parse(payload, text, strlen(text), err)) < 0)
        return rc;
    *out = json_object_get(*payload, "attachments");
    if (json_is_null(*out))
        *out = NULL;
    if (*out && (!json_is_array(*out) || json_array_size(*out) > NB_MAIL_ATTACHMENTS_MAX))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "attachments: expected a list of at most %d",
                            NB_MAIL_ATTACHMENTS_MAX);
    return NB_OK;
}

int nb_mail_compose(struct nb_mail *out, const struct nb_mail_sender *sender, const struct nb_message *message,
                    struct nb_error *err)
{
    const json_t *attachments;
    json_t *payload = NULL;
    int rc;

    *out = (struct nb_mail){.return_path = return_path_of(sender, &message->delivery)};
    nb_strbuf_init(&out->text, MAIL_MAX);
    rc = read_attachments(&payload, &attachments, message->payload, err);
    if (rc == NB_OK)
        rc = headers(out, sender, message, err);
    if (rc == NB_OK && json_array_size(attachments) > 0)
        rc = parts(&out->text, message, attachments, err);
    else if (rc == NB_OK)
        texts(&out->text, message);
    if (rc == NB_OK)
        rc = nb_strbuf_check(&out->text, "the mail", err);
    json_decref(payload);
    return rc;
}

void nb_mail_clear(struct nb_mail *mail)
{
    for (size_t i = 0; i < mail->recipients.count; i++)
        free(mail->recipients.data[i]);
    nb_vec_clear(&mail->recipients);
    nb_strbuf_clear(&mail->text);
    nb_free(&mail->return_path);
}
