/*
 * smtp_reply.c - replies of SMTP (RFC 5321), with their enhanced status (RFC 3463).
 */
#include "config.h"

#include "channels/smtp_reply.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Copies what a log and a terminal may show of it. */
static void append_text(struct smtp_reply *out, const char *line, size_t length)
{
    size_t used = strlen(out->text);

    if (used > 0 && length > 0 && used + 1 < sizeof(out->text))
        out->text[used++] = ' ';
    for (size_t i = 0; i < length && used + 1 < sizeof(out->text); i++)
        out->text[used++] = (unsigned char)line[i] < ' ' || line[i] == 0x7f ? ' ' : line[i];
    out->text[used] = '\0';
}

static void drop_front(struct nb_strbuf *in, size_t length)
{
    memmove(in->data, in->data + length, in->length - length + 1);
    in->length -= length;
}

/* The later lines of a reply repeat its code and may repeat its enhanced status; the first one's is kept. */
static size_t skip_status(const char *line, size_t length)
{
    size_t at = 0;

    for (int part = 0; part < 3; part++) {
        size_t digits = 0;

        while (at + digits < length && digits < 4 && is_digit(line[at + digits]))
            digits++;
        if (digits == 0 || digits == 4 || (part == 0 && digits != 1))
            return 0;
        at += digits;
        if (part < 2 && (at >= length || line[at++] != '.'))
            return 0;
    }
    return at < length && line[at] != ' ' ? 0 : at + (at < length);
}

int smtp_reply_take(struct smtp_reply *out, struct nb_strbuf *in)
{
    const char *line = in->data, *end;

    *out = (struct smtp_reply){0};
    while ((end = memchr(line, '\n', in->length - (size_t)(line - in->data)))) {
        size_t length = (size_t)(end - line) - (end > line && end[-1] == '\r');
        size_t skipped;
        bool last;

        if (length < 3 || line[0] < '2' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]) ||
            (length > 3 && line[3] != ' ' && line[3] != '-'))
            return -1;
        out->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + line[2] - '0';
        last = length == 3 || line[3] == ' ';
        skipped = length > 4 ? 4 : length;
        if (out->text[0])
            skipped += skip_status(line + skipped, length - skipped);
        append_text(out, line + skipped, length - skipped);
        line = end + 1;
        if (last) {
            nb_utf8_mend(out->text);
            drop_front(in, (size_t)(line - in->data));
            return 1;
        }
    }
    return in->overflowed || in->length >= NB_SMTP_REPLY_MAX ? -1 : 0;
}

int smtp_reply_status(const struct smtp_reply *reply)
{
    size_t length = skip_status(reply->text, strlen(reply->text));
    int status = 0;

    for (size_t i = 0; i < length; i++)
        if (is_digit(reply->text[i]))
            status = status * 10 + reply->text[i] - '0';
    return status;
}

bool smtp_reply_ends_address(const struct smtp_reply *reply)
{
    /* no such mailbox, no such domain, no address, moved away, its domain takes no mail; mailbox disabled */
    static const int ended[] = {511, 512, 513, 516, 5110, 521};
    int status = smtp_reply_status(reply);

    for (size_t i = 0; reply->code >= 500 && i < NB_ARRAY_SIZE(ended); i++)
        if (status == ended[i])
            return true;
    return false;
}

void smtp_reply_message_id(const struct smtp_reply *reply, char id[NB_SMTP_TEXT_MAX])
{
    static const char *const before[] = {"queued as ", "id="}; /* Postfix and many others; Exim */
    const char *rest = reply->text + skip_status(reply->text, strlen(reply->text));
    size_t length = strlen(rest);

    for (size_t i = 0; i < NB_ARRAY_SIZE(before); i++) {
        const char *found = strcasestr(rest, before[i]);

        if (found) {
            rest = found + strlen(before[i]);
            length = strcspn(rest, " ;,");
            break;
        }
    }
    nb_text_copy(id, length + 1, rest);
}
