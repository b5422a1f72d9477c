/*
 * manual_text.c - writes text as mdoc, so that nothing in it is taken for a request.
 */
#include <stdio.h>
#include <string.h>

#include "docs/manual.h"

#define MANUAL_WIDTH 76

bool manual_starts_request(const char *line)
{
    return *line == '.' || *line == '\'';
}

void manual_put(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '\\') {
            fputs("\\e", stdout);
        } else if (c < 0x80) {
            putchar(c);
        } else { /* UTF-8 of our own sources is trusted */
            unsigned extra = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
            unsigned character = c & (0x3fu >> extra);
            while (extra-- > 0)
                character = character << 6 | ((unsigned char)text[++i] & 0x3f);
            printf("\\[u%04X]", character);
        }
    }
}

static bool ends_sentence(const char *word, size_t length)
{
    while (length > 1 && strchr(")\"", word[length - 1]))
        length--;
    return strchr(".!?", word[length - 1]) != NULL;
}

/* Running text: each sentence begins a line, .Pp separates paragraphs. */
void manual_put_text(const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (column > 0 && column + 1 + length > MANUAL_WIDTH) {
            putchar('\n');
            column = 0;
        }
        if (column > 0 && length > 0)
            putchar(' ');
        if (column == 0 && manual_starts_request(text))
            fputs("\\&", stdout);
        manual_put(text, length);
        column += length + 1;
        text += length;
        if (*text == '\n') {
            printf("\n.Pp\n");
            column = 0;
        } else if (*text == ' ' && ends_sentence(text - length, length)) {
            putchar('\n');
            column = 0;
        }
        text += strspn(text, " \n");
    }
    if (column > 0)
        putchar('\n');
}

/* One argument of a macro, in quotes. It begins with \& because mdoc would take a lone delimiter for punctuation. */
void manual_put_quoted(const char *text)
{
    fputs("\"\\&", stdout);
    for (; *text; text++) {
        if (*text == '"') {
            fputs("\"\"", stdout);
            continue;
        }
        size_t length = strcspn(text, "\"");
        manual_put(text, length);
        text += length - 1;
    }
    putchar('"');
}
