/*
 * fuzzy.c - scores how well a few letters match a text.
 */
#include "config.h"

#include <string.h>

#include "tui/modal/picker.h"

#define PATTERN_MAX 32
#define TEXT_MAX    256

#define SCORE_LETTER     16
#define SCORE_WORD_START 12
#define SCORE_NEIGHBOUR  14
#define SCORE_FIRST      8
#define PENALTY_GAP      1
#define PENALTY_GAP_MAX  10

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool starts_word(const char *text, size_t at)
{
    return at == 0 || strchr(" -_./:@", text[at - 1]) != NULL;
}

static int gap_penalty(size_t gap)
{
    return gap > PENALTY_GAP_MAX ? PENALTY_GAP_MAX * PENALTY_GAP : (int)gap * PENALTY_GAP;
}

/* The best match of a letter of the pattern at a place of the text. */
struct place {
    int score;            /* 0: no match ends here */
    unsigned char before; /* the place of the previous letter */
};

static struct place place_letter(const struct place *former, const char *text, size_t at, bool first)
{
    int own = SCORE_LETTER + (starts_word(text, at) ? SCORE_WORD_START : 0) + (at == 0 ? SCORE_FIRST : 0);
    struct place best = {0, 0};

    if (first)
        return (struct place){own + PENALTY_GAP_MAX - gap_penalty(at), 0};
    for (size_t i = 0; i < at; i++) {
        int score;

        if (former[i].score == 0)
            continue;
        score = former[i].score + own + (i + 1 == at ? SCORE_NEIGHBOUR : 0) - gap_penalty(at - i - 1);
        if (score > best.score)
            best = (struct place){score, (unsigned char)i};
    }
    return best;
}

/* The pattern without blanks, in lower case. */
static size_t read_pattern(const char *pattern, char letters[PATTERN_MAX])
{
    size_t count = 0;

    for (; *pattern && count < PATTERN_MAX; pattern++)
        if (*pattern != ' ')
            letters[count++] = lower(*pattern);
    return count;
}

int fuzzy_score(const char *pattern, const char *text, uint64_t *positions)
{
    static struct place places[PATTERN_MAX][TEXT_MAX]; /* static: only one thread draws */
    char letters[PATTERN_MAX];
    size_t count = read_pattern(pattern, letters), length = strnlen(text, TEXT_MAX);
    size_t best = 0;

    if (positions)
        *positions = 0;
    if (count == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        for (size_t at = 0; at < length; at++)
            places[i][at] = lower(text[at]) == letters[i] ? place_letter(i ? places[i - 1] : NULL, text, at, i == 0)
                                                          : (struct place){0, 0};
    for (size_t at = 0; at < length; at++)
        if (places[count - 1][at].score > places[count - 1][best].score)
            best = at;
    if (length == 0 || places[count - 1][best].score == 0)
        return -1;
    for (size_t i = count, at = best; positions && i > 0; i--) {
        if (at < 64)
            *positions |= (uint64_t)1 << at;
        at = places[i - 1][at].before;
    }
    return places[count - 1][best].score;
}
