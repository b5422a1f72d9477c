/*
 * sequence.c - builds the program's own escape sequences.
 */
#include "config.h"

#include "tui/term/sequence.h"

#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

#define TITLE_COLUMNS  120
#define NOTIFY_COLUMNS 240
/* GNU screen accepts at most 768 bytes in one string */
#define SCREEN_CHUNK 500

/* Appends text as one sanitised line of at most `columns`; the character `avoid` (may be 0) becomes a comma. */
static void append_text(struct nb_strbuf *out, const char *text, int columns, char avoid)
{
    struct nb_strbuf clean;
    size_t from = out->length;

    nb_strbuf_init(&clean, SIZE_MAX / 2);
    nb_text_sanitize(&clean, text, strnlen(text, (size_t)columns * 16), NB_TEXT_LINE, false);
    nb_text_append_cut(out, clean.data, columns, false, false);
    nb_strbuf_clear(&clean);
    for (size_t i = from; avoid && i < out->length; i++)
        if (out->data[i] == avoid)
            out->data[i] = ',';
}

void sequence_title(struct nb_strbuf *out, const char *title)
{
    nb_strbuf_append(out, "\033]2;");
    append_text(out, title, TITLE_COLUMNS, 0);
    nb_strbuf_append(out, "\a");
}

void sequence_notify(struct nb_strbuf *out, unsigned protocols, const char *title, const char *body)
{
    if (protocols & NOTIFY_OSC9) {
        /* the name also keeps the text from beginning with a digit, which some terminals take for a command */
        nb_strbuf_append(out, "\033]9;nightbell: ");
        append_text(out, title, TITLE_COLUMNS, ';');
        nb_strbuf_append(out, ": ");
        append_text(out, body, NOTIFY_COLUMNS, ';');
        nb_strbuf_append(out, "\033\\");
    }
    if (protocols & NOTIFY_OSC777) {
        nb_strbuf_append(out, "\033]777;notify;");
        append_text(out, title, TITLE_COLUMNS, ';');
        nb_strbuf_append(out, ";");
        append_text(out, body, NOTIFY_COLUMNS, ';');
        nb_strbuf_append(out, "\033\\");
    }
}

int sequence_copy(struct nb_strbuf *out, const char *text, size_t length, struct nb_error *err)
{
    struct nb_strbuf clean;
    int rc = 0;

    nb_strbuf_init(&clean, SIZE_MAX / 2);
    if (length <= SEQUENCE_COPY_MAX)
        nb_text_sanitize(&clean, text, length, NB_TEXT_BLOCK, false);
    if (length > SEQUENCE_COPY_MAX || NB_BASE64_LENGTH(clean.length) > SEQUENCE_COPY_MAX) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                          "too long for the clipboard: terminals take %d bytes at most", SEQUENCE_COPY_MAX / 4 * 3);
        goto out;
    }
    nb_strbuf_append(out, "\033]52;c;");
    nb_base64_append(out, (const unsigned char *)clean.data, clean.length);
    nb_strbuf_append(out, "\a");
out:
    nb_strbuf_clear(&clean);
    return rc;
}

static void append_doubling_escapes(struct nb_strbuf *out, const char *sequence, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (sequence[i] == '\033')
            nb_strbuf_append_char(out, '\033');
        nb_strbuf_append_char(out, sequence[i]);
    }
}

void sequence_pass_through(struct nb_strbuf *out, enum multiplexer multiplexer, const char *sequence, size_t length)
{
    switch (multiplexer) {
    case MULTIPLEXER_TMUX:
        nb_strbuf_append(out, "\033Ptmux;");
        append_doubling_escapes(out, sequence, length);
        nb_strbuf_append(out, "\033\\");
        break;
    case MULTIPLEXER_SCREEN:
        for (size_t i = 0; i < length; i += SCREEN_CHUNK) {
            size_t chunk = length - i < SCREEN_CHUNK ? length - i : SCREEN_CHUNK;

            nb_strbuf_append(out, "\033P");
            nb_strbuf_append_n(out, sequence + i, chunk);
            nb_strbuf_append(out, "\033\\");
        }
        break;
    case MULTIPLEXER_NONE:
        nb_strbuf_append_n(out, sequence, length);
        break;
    }
}

bool sequence_read_background(const char *answer, bool *light)
{
    static const char start[] = "11;rgb";
    double parts[3];
    const char *at;

    if (strncmp(answer, start, sizeof(start) - 1) != 0)
        return false;
    at = strchr(answer, ':');
    for (int i = 0; i < 3; i++) {
        char *end = NULL;
        size_t digits;

        if (!at || (*at != ':' && *at != '/'))
            return false;
        at++;
        digits = strspn(at, "0123456789abcdefABCDEF");
        if (digits < 1 || digits > 4)
            return false;
        parts[i] = (double)strtoul(at, &end, 16) / (double)((1UL << 4 * digits) - 1);
        at = end;
    }
    *light = 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] > 0.5;
    return true;
}
