/*
 * mail_header.c - headers of a mail: folded (RFC 5322), in encoded words where they are not ASCII (RFC 2047), parameters by
 * RFC 2231.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"
#include "channels/mail_internal.h"

#define LINE_MAX_COLUMNS 76 /* RFC 5322 recommends 78, RFC 2047 allows 76 to a line with encoded words */
#define ENCODED_MAX      75 /* of an encoded word, with what surrounds it */
#define ENCODED_AROUND   12 /* =?UTF-8?Q? and ?= */
#define ENCODED_LEAST    12 /* room for one character of four bytes, each as =XX */
#define PLAIN_WORD_MAX   60 /* a longer one is encoded, for encoded words can be cut */
#define PARAMETER_PIECE  50

int mail_check_line(const char *what, const char *text, struct nb_error *err)
{
    if (strpbrk(text, "\r\n"))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: a line break is refused, it would begin a header",
                            what);
    if (!nb_utf8_valid(text, strlen(text)))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected UTF-8", what);
    return NB_OK;
}

static void append(struct mail_header *header, const char *text, size_t length)
{
    nb_strbuf_append_n(header->out, text, length);
    header->column += length;
}

void mail_header_begin(struct mail_header *header, const char *name)
{
    header->column = 0;
    append(header, name, strlen(name));
    append(header, ":", 1);
}

static void fold(struct mail_header *header)
{
    nb_strbuf_append(header->out, "\r\n ");
    header->column = 1;
}

void mail_header_word(struct mail_header *header, const char *word)
{
    size_t length = strlen(word);

    if (header->column + 1 + length > LINE_MAX_COLUMNS)
        fold(header);
    else
        append(header, " ", 1);
    append(header, word, length);
}

void mail_header_end(struct mail_header *header)
{
    nb_strbuf_append(header->out, "\r\n");
    header->column = 0;
}

/* ---- encoded words ---- */

static bool is_alphanumeric(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* What stands for itself in an encoded word wherever it is, also in a display name. */
static bool is_plain_in_q(unsigned char c)
{
    return is_alphanumeric(c) || (c && strchr("!*+-/", c));
}

static size_t q_length(const char *text, size_t length)
{
    size_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += text[i] == ' ' || is_plain_in_q((unsigned char)text[i]) ? 1 : 3;
    return sum;
}

static size_t character_length(const char *text)
{
    size_t length = 1;

    while (((unsigned char)text[length] & 0xc0) == 0x80)
        length++;
    return length;
}

/* How many bytes of text, in whole characters, have an encoded length of at most `room`. */
static size_t take_characters(const char *text, size_t room, bool in_q)
{
    size_t taken = 0;

    while (text[taken]) {
        size_t next = taken + character_length(text + taken);

        if ((in_q ? q_length(text, next) : NB_BASE64_LENGTH(next)) > room)
            break;
        taken = next;
    }
    return taken;
}

static void append_q(struct mail_header *header, const char *text, size_t length)
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        char code[3] = {'=', digits[c >> 4], digits[c & 15]};

        if (c == ' ')
            append(header, "_", 1);
        else if (is_plain_in_q(c))
            append(header, text + i, 1);
        else
            append(header, code, sizeof(code));
    }
}

static void append_b(struct mail_header *header, const char *text, size_t length)
{
    nb_base64_append(header->out, (const unsigned char *)text, length);
    header->column += NB_BASE64_LENGTH(length);
}

/* White space between two encoded words is not shown, so that a text may be cut anywhere. */
static void append_encoded(struct mail_header *header, const char *text)
{
    bool in_q = q_length(text, strlen(text)) <= NB_BASE64_LENGTH(strlen(text));

    while (*text) {
        size_t used = header->column + 1 + ENCODED_AROUND;
        size_t room = used < LINE_MAX_COLUMNS ? LINE_MAX_COLUMNS - used : 0;
        size_t length;

        if (room < ENCODED_LEAST) {
            fold(header);
            room = LINE_MAX_COLUMNS - header->column - ENCODED_AROUND;
        } else {
            append(header, " ", 1);
        }
        if (room > ENCODED_MAX - ENCODED_AROUND)
            room = ENCODED_MAX - ENCODED_AROUND;
        length = take_characters(text, room, in_q);
        append(header, in_q ? "=?UTF-8?Q?" : "=?UTF-8?B?", ENCODED_AROUND - 2);
        if (in_q)
            append_q(header, text, length);
        else
            append_b(header, text, length);
        append(header, "?=", 2);
        text += length;
    }
}

/* Whether text comes out as it went in when it is folded at its blanks and read without decoding. */
static bool is_plain(const char *text)
{
    size_t word = 0;

    for (const char *c = text; *c; c++) {
        if (*c < ' ' || *c > '~' || (c[0] == '=' && c[1] == '?') || (*c == ' ' && word == 0))
            return false;
        word = *c == ' ' ? 0 : word + 1;
        if (word > PLAIN_WORD_MAX)
            return false;
    }
    return word > 0;
}

void mail_header_text(struct mail_header *header, const char *text)
{
    char word[PLAIN_WORD_MAX + 1];

    if (!is_plain(text)) {
        append_encoded(header, text);
        return;
    }
    while (*text) {
        size_t length = strcspn(text, " ");

        nb_text_copy(word, length + 1, text);
        mail_header_word(header, word);
        text += length + (text[length] == ' ');
    }
}

/* ---- mailboxes ---- */

/* RFC 5322's specials and the quotes: a name with one of them stands in quotes. */
static bool is_atoms(const char *name)
{
    return !strpbrk(name, "()<>[]:;@\\,.\"");
}

static void append_quoted(struct mail_header *header, const char *name)
{
    struct nb_strbuf quoted;

    nb_strbuf_init(&quoted, 2 * PLAIN_WORD_MAX + 2);
    nb_strbuf_append_char(&quoted, '"');
    for (; *name; name++) {
        if (*name == '"' || *name == '\\')
            nb_strbuf_append_char(&quoted, '\\');
        nb_strbuf_append_char(&quoted, *name);
    }
    nb_strbuf_append_char(&quoted, '"');
    mail_header_word(header, quoted.data);
    nb_strbuf_clear(&quoted);
}

void mail_header_mailbox(struct mail_header *header, const struct nb_mailbox *mailbox, const char *behind)
{
    char *address = nb_asprintf(mailbox->name ? "<%s>%s" : "%s%s", mailbox->address, behind);

    if (mailbox->name && !is_atoms(mailbox->name) && is_plain(mailbox->name) && strlen(mailbox->name) <= PLAIN_WORD_MAX)
        append_quoted(header, mailbox->name);
    else if (mailbox->name && !is_atoms(mailbox->name))
        append_encoded(header, mailbox->name);
    else if (mailbox->name)
        mail_header_text(header, mailbox->name);
    mail_header_word(header, address);
    free(address);
}

/* ---- parameters ---- */

static size_t append_percent(struct nb_strbuf *out, const char *value, size_t room)
{
    size_t taken = 0, used = 0;

    while (value[taken]) {
        size_t length = character_length(value + taken);
        size_t cost = length > 1 || !is_alphanumeric((unsigned char)value[taken]) ? 3 * length : 1;

        if (used + cost > room)
            break;
        for (size_t i = taken; i < taken + length; i++) {
            if (is_alphanumeric((unsigned char)value[i]))
                nb_strbuf_append_char(out, value[i]);
            else
                nb_strbuf_appendf(out, "%%%02X", (unsigned char)value[i]);
        }
        used += cost;
        taken += length;
    }
    return taken;
}

static bool is_plain_parameter(const char *value)
{
    for (const char *c = value; *c; c++)
        if (!is_alphanumeric((unsigned char)*c) && !strchr(" -_.+,()", *c))
            return false;
    return strlen(value) <= PARAMETER_PIECE;
}

void mail_header_parameter(struct mail_header *header, const char *name, const char *value)
{
    struct nb_strbuf piece;
    unsigned count = 0;
    char *text;

    nb_strbuf_init(&piece, LINE_MAX_COLUMNS + 3 * PARAMETER_PIECE);
    if (is_plain_parameter(value)) {
        append(header, ";", 1);
        nb_strbuf_appendf(&piece, "%s=\"%s\"", name, value);
        mail_header_word(header, piece.data);
        value = "";
    }
    while (*value) {
        size_t taken;

        append(header, ";", 1);
        nb_strbuf_reset(&piece);
        taken = append_percent(&piece, value, PARAMETER_PIECE);
        text = count == 0 && !value[taken]
                   ? nb_asprintf("%s*=UTF-8''%s", name, piece.data)
                   : nb_asprintf("%s*%u*=%s%s", name, count, count == 0 ? "UTF-8''" : "", piece.data);
        mail_header_word(header, text);
        free(text);
        value += taken;
        count++;
    }
    nb_strbuf_clear(&piece);
}
