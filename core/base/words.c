/*
 * words.c - splits a line, and compares names.
 */
#include "base/words.h"

#include <string.h>

#define COMPARED_MAX 63

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

const char *nb_word_take(struct nb_strbuf *word, const char **at)
{
    const char *c = *at, *open = NULL;

    while (*c && !is_blank(*c)) {
        char quote = *c == '"' || *c == '\'' ? *c : '\0';

        if (!quote) {
            nb_strbuf_append_char(word, *c++);
            continue;
        }
        open = c;
        for (c++; *c && *c != quote; c++) {
            if (quote == '"' && *c == '\\' && (c[1] == '"' || c[1] == '\\'))
                c++;
            nb_strbuf_append_char(word, *c);
        }
        if (!*c)
            break;
        open = NULL;
        c++;
    }
    *at = c;
    return open;
}

char *nb_word_next(const char **at)
{
    struct nb_strbuf word;

    while (is_blank(**at))
        (*at)++;
    if (**at == '\0')
        return NULL;
    nb_strbuf_init(&word, SIZE_MAX / 2);
    (void)nb_word_take(&word, at);
    return nb_strbuf_take(&word);
}

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

size_t nb_word_distance(const char *one, const char *other)
{
    size_t m = strnlen(one, COMPARED_MAX), n = strnlen(other, COMPARED_MAX);
    size_t rows[3][COMPARED_MAX + 1]; /* the row before last, the last, this one */

    for (size_t j = 0; j <= n; j++)
        rows[1][j] = j;
    for (size_t i = 1; i <= m; i++) {
        rows[2][0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t changed = rows[1][j - 1] + (one[i - 1] != other[j - 1]);

            rows[2][j] = least(changed, least(rows[1][j], rows[2][j - 1]) + 1);
            if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                rows[2][j] = least(rows[2][j], rows[0][j - 2] + 1);
        }
        memmove(rows[0], rows[1], sizeof(rows[0]));
        memmove(rows[1], rows[2], sizeof(rows[0]));
    }
    return rows[1][n];
}

bool nb_word_is_near(const char *typed, size_t distance)
{
    return distance <= 1 + strlen(typed) / 4;
}
