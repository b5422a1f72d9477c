/*
 * words.c - finds and lists the words of the filter language. The table of a subject's words is with its model; a new
 * word is a line there and a fragment in core/sql/filters/SUBJECT.sql.
 */
#include "filter/term.h"

#include <stdlib.h>
#include <strings.h>

static const struct nb_word text_word = {"text", NB_WORD_TEXT, NULL, false};

const struct nb_word *filter_word_text(void)
{
    return &text_word;
}

const struct nb_word *filter_word_find(enum nb_subject subject, const char *name, size_t length)
{
    for (const struct nb_word *word = nb_subject_info(subject)->words; word->name; word++) {
        if (strlen(word->name) == length && strncasecmp(word->name, name, length) == 0)
            return word;
    }
    return NULL;
}

const struct nb_word *nb_filter_word(enum nb_subject subject, const char *name)
{
    return filter_word_find(subject, name, strlen(name));
}

bool nb_filter_knows(enum nb_subject subject, const char *word)
{
    return nb_filter_word(subject, word) != NULL;
}

int filter_choice_find(const struct nb_word *word, const char *name)
{
    for (int i = 0; word->choices && word->choices[i].name; i++) {
        if (strcasecmp(word->choices[i].name, name) == 0)
            return i;
    }
    return -1;
}

void filter_list_words(struct nb_strbuf *out, enum nb_subject subject)
{
    for (const struct nb_word *word = nb_subject_info(subject)->words; word->name; word++)
        nb_strbuf_appendf(out, "%s%s:", out->length ? " " : "", word->name);
}

void filter_list_choices(struct nb_strbuf *out, const struct nb_word *word)
{
    for (const struct nb_word_choice *choice = word->choices; choice && choice->name; choice++)
        nb_strbuf_appendf(out, "%s%s", out->length ? ", " : "", choice->name);
}

const char *filter_operator_text(enum filter_operator op)
{
    static const char *const texts[] = {
        [FILTER_COLON] = ":", [FILTER_AT_LEAST] = ">=", [FILTER_AT_MOST] = "<=",
        [FILTER_ABOVE] = ">", [FILTER_BELOW] = "<",
    };

    return texts[op];
}
