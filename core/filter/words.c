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

bool nb_filter_knows(enum nb_subject subject, const char *word)
{
    return filter_word_find(subject, word, strlen(word)) != NULL;
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

/* Suggests a word's own values, after what was typed of it up to the operator. */
static void suggest_values(const struct nb_word *word, const char *start, size_t operator_end,
                           nb_filter_suggestion *each, void *arg)
{
    for (const struct nb_word_choice *choice = word->choices; choice && choice->name; choice++) {
        char *text = nb_asprintf("%.*s%s", (int)operator_end, start, choice->name);

        if (strncasecmp(text, start, strlen(start)) == 0)
            each(arg, text);
        free(text);
    }
}

void nb_filter_suggest(enum nb_subject subject, const char *start, nb_filter_suggestion *each, void *arg)
{
    size_t name_length = strcspn(start, ":<>="), operator_length = strspn(start + name_length, ":<>=");

    for (const struct nb_word *word = nb_subject_info(subject)->words; word->name; word++) {
        bool is_it = strlen(word->name) == name_length && strncasecmp(word->name, start, name_length) == 0;

        if (operator_length > 0 && is_it) {
            suggest_values(word, start, name_length + operator_length, each, arg);
        } else if (operator_length == 0 && strncasecmp(word->name, start, name_length) == 0) {
            char *text = nb_asprintf("%s:", word->name);

            each(arg, text);
            free(text);
        }
    }
}
