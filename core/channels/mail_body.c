/*
 * mail_body.c - texts and attachments as parts of a mail (RFC 2045): 7bit where nothing is in its way, quoted-printable or base64.
 */
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "channels/mail_internal.h"

#define LINE_MAX_LENGTH 76

/* The length of the line that text begins with, without its end; *next is where the next one begins. LF, CRLF and CR end one. */
static size_t take_line(const char *text, const char **next)
{
    size_t length = strcspn(text, "\r\n");
    const char *end = text + length;

    *next = end + (*end ? 1 : 0) + (end[0] == '\r' && end[1] == '\n' ? 1 : 0);
    return length;
}

/* ---- 7bit ---- */

/* A line that servers and readers leave alone: not the beginning of an mbox message, a part's boundary or SMTP's end. */
static bool is_harmless_line(const char *line, size_t length)
{
    if (length > LINE_MAX_LENGTH || strncmp(line, "From ", 5) == 0 || strncmp(line, "--", 2) == 0 || line[0] == '.' ||
        (length > 0 && line[length - 1] == ' '))
        return false;
    for (size_t i = 0; i < length; i++)
        if (line[i] < ' ' || line[i] > '~')
            return false;
    return true;
}

static bool is_harmless(const char *text)
{
    const char *next;

    for (; *text; text = next)
        if (!is_harmless_line(text, take_line(text, &next)))
            return false;
    return true;
}

static void append_lines(struct nb_strbuf *out, const char *text)
{
    const char *next;

    for (; *text; text = next) {
        nb_strbuf_append_n(out, text, take_line(text, &next));
        nb_strbuf_append(out, "\r\n");
    }
}

/* ---- quoted-printable ---- */

/* Whether the byte at i of the line stands for itself; first: at the beginning of a line of the message. */
static bool is_literal(const char *line, size_t length, size_t i, bool first)
{
    unsigned char c = (unsigned char)line[i];

    if (c == ' ' || c == '\t')
        return i + 1 < length;
    if (first && (c == '.' || c == '-' || strncmp(line + i, "From ", 5) == 0))
        return false;
    return c > ' ' && c <= '~' && c != '=';
}

static void append_quoted_line(struct nb_strbuf *out, const char *line, size_t length)
{
    size_t column = 0;

    for (size_t i = 0; i < length; i++) {
        if (column + 3 >= LINE_MAX_LENGTH) {
            nb_strbuf_append(out, "=\r\n");
            column = 0;
        }
        if (is_literal(line, length, i, column == 0)) {
            nb_strbuf_append_char(out, line[i]);
            column++;
        } else {
            nb_strbuf_appendf(out, "=%02X", (unsigned char)line[i]);
            column += 3;
        }
    }
    nb_strbuf_append(out, "\r\n");
}

static void append_quoted(struct nb_strbuf *out, const char *text)
{
    const char *next;

    for (; *text; text = next) {
        size_t length = take_line(text, &next);

        append_quoted_line(out, text, length);
    }
}

/* ---- base64 ---- */

/* Cuts what is base64 already into lines. */
static void append_wrapped(struct nb_strbuf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length; at += LINE_MAX_LENGTH) {
        nb_strbuf_append_n(out, text + at, length - at < LINE_MAX_LENGTH ? length - at : LINE_MAX_LENGTH);
        nb_strbuf_append(out, "\r\n");
    }
}

static void append_base64(struct nb_strbuf *out, const char *text)
{
    struct nb_strbuf lines, encoded;

    nb_strbuf_init(&lines, out->limit);
    append_lines(&lines, text);
    nb_strbuf_init(&encoded, NB_BASE64_LENGTH(lines.length));
    nb_base64_append(&encoded, (const unsigned char *)lines.data, lines.length);
    append_wrapped(out, encoded.data, encoded.length);
    nb_strbuf_clear(&encoded);
    nb_strbuf_clear(&lines);
}

void mail_text_part(struct nb_strbuf *out, const char *subtype, const char *text)
{
    size_t length = strlen(text), escaped = 0;
    const char *encoding = "7bit";

    for (size_t i = 0; i < length; i++)
        escaped += (unsigned char)text[i] >= 0x80;
    if (!is_harmless(text)) /* base64 adds a third, quoted-printable two to each such byte */
        encoding = escaped > length / 6 ? "base64" : "quoted-printable";
    nb_strbuf_appendf(out, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: %s\r\n\r\n", subtype,
                      encoding);
    if (*encoding == '7')
        append_lines(out, text);
    else if (*encoding == 'b')
        append_base64(out, text);
    else
        append_quoted(out, text);
}

/* ---- attachments ---- */

static bool is_token_character(char c)
{
    return c > ' ' && c <= '~' && !strchr("()<>@,;:\\\"/[]?=", c);
}

/* "type/subtype", perhaps with parameters that need no quotes: "text/calendar; method=REQUEST". A message or several parts
 * would have to be more than a type. */
static bool is_media_type(const char *text)
{
    const char *c = text;

    if (strncasecmp(text, "multipart/", 10) == 0 || strncasecmp(text, "message/", 8) == 0 || strlen(text) > 200)
        return false;
    for (char separator = '/';; separator = '=') {
        size_t first = 0, second = 0;

        for (; is_token_character(*c); c++)
            first++;
        if (first == 0 || *c++ != separator)
            return false;
        for (; is_token_character(*c); c++)
            second++;
        if (second == 0)
            return false;
        if (!*c)
            return true;
        if (*c++ != ';')
            return false;
        c += strspn(c, " ");
    }
}

static bool is_base64(const char *text, size_t length)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t padding = 0;

    while (padding < 2 && padding < length && text[length - 1 - padding] == '=')
        padding++;
    return length % 4 == 0 && strspn(text, letters) == length - padding;
}

static int refuse(size_t number, const char *member, const char *expected, struct nb_error *err)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "attachments[%zu].%s: expected %s", number, member,
                        expected);
}

/* A media type that has parameters keeps them on lines of their own, so that none is too long. */
static void append_type(struct mail_header *header, const char *type)
{
    char *copy = nb_strdup(type), *rest = copy;
    const char *piece;

    while ((piece = strsep(&rest, ";"))) {
        char *word = nb_asprintf("%s%s", piece + strspn(piece, " "), rest ? ";" : "");

        mail_header_word(header, word);
        free(word);
    }
    free(copy);
}

int mail_attachment_part(struct nb_strbuf *out, const json_t *attachment, size_t number, struct nb_error *err)
{
    static const char *const members[] = {"filename", "content_type", "content", NULL};
    const char *filename, *type, *content;
    struct mail_header header = {.out = out};
    int rc;

    if (!json_is_object(attachment))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "attachments[%zu]: expected an object", number);
    if ((rc = nb_json_check_members(attachment, members, err)) < 0 ||
        (rc = nb_json_get_string(&filename, attachment, "filename", true, err)) < 0 ||
        (rc = nb_json_get_string(&type, attachment, "content_type", false, err)) < 0 ||
        (rc = nb_json_get_string(&content, attachment, "content", true, err)) < 0)
        return rc;
    if (!*filename || strlen(filename) > NB_MAIL_NAME_MAX || strpbrk(filename, "\r\n/\\"))
        return refuse(number, "filename", "a name without folders, of 1 to 255 bytes and one line", err);
    if (type && !is_media_type(type))
        return refuse(number, "content_type", "a media type such as application/pdf", err);
    if (!is_base64(content, strlen(content)))
        return refuse(number, "content", "base64 with padding, on one line", err);
    mail_header_begin(&header, "Content-Type");
    append_type(&header, type ? type : "application/octet-stream");
    mail_header_end(&header);
    nb_strbuf_append(out, "Content-Transfer-Encoding: base64\r\n");
    mail_header_begin(&header, "Content-Disposition");
    mail_header_word(&header, "attachment");
    mail_header_parameter(&header, "filename", filename);
    mail_header_end(&header);
    nb_strbuf_append(out, "\r\n");
    append_wrapped(out, content, strlen(content));
    return NB_OK;
}
