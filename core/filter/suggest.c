/*
 * suggest.c - completes a term that is being typed, and finds out what would match where a filter matches nothing.
 */
#include "filter/term.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

size_t nb_filter_term_start(const char *text, size_t cursor)
{
    size_t start = 0;
    bool quoted = false;

    for (size_t i = 0; i < cursor; i++) {
        if (quoted && text[i] == '\\' && i + 1 < cursor)
            i++;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (!quoted && isspace((unsigned char)text[i]))
            start = i + 1;
    }
    return start < cursor && text[start] == '-' ? start + 1 : start;
}

/* The byte where the last value of a term begins; 0: the term has no operator yet. */
static size_t value_start(const char *term)
{
    size_t name = strcspn(term, ":<>=\""), operator_length = strspn(term + name, ":<>=");
    size_t start = name + operator_length;
    bool quoted = false;

    if (operator_length == 0)
        return 0;
    for (size_t i = start; term[i]; i++) {
        if (quoted && term[i] == '\\' && term[i + 1])
            i++;
        else if (term[i] == '"')
            quoted = !quoted;
        else if (!quoted && term[i] == ',')
            start = i + 1;
    }
    return start;
}

const struct nb_word *nb_filter_value_typed(enum nb_subject subject, const char *term, size_t *value)
{
    *value = value_start(term);
    return *value ? filter_word_find(subject, term, strcspn(term, ":<>=")) : NULL;
}

char *nb_filter_value_text(const char *typed)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, NB_FILTER_MAX);
    if (*typed != '"')
        nb_strbuf_append(&text, typed);
    for (const char *c = typed + 1; *typed == '"' && *c && *c != '"'; c++) {
        if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
            c++;
        nb_strbuf_append_char(&text, *c);
    }
    return nb_strbuf_take(&text);
}

/* Whether the language would take the text for something else. */
static bool means_otherwise(const char *text)
{
    static const struct nb_word_choice *const special[] = {nb_word_me_or_none, nb_word_none};

    for (size_t i = 0; i < NB_ARRAY_SIZE(special); i++) {
        for (const struct nb_word_choice *choice = special[i]; choice->name; choice++) {
            if (strcasecmp(choice->name, text) == 0)
                return true;
        }
    }
    return strchr(text, '*') != NULL;
}

char *nb_filter_with_value(const char *term, size_t value, const char *text)
{
    const struct filter_value shown = {.text = (char *)text, .literal = means_otherwise(text)};
    struct nb_strbuf out;

    nb_strbuf_init(&out, NB_FILTER_MAX);
    nb_strbuf_append_n(&out, term, value);
    filter_value_print(&out, &shown);
    return nb_strbuf_take(&out);
}

/* ---- words and their own values ---- */

static void suggest_choices(const struct nb_word *word, const char *term, size_t value, nb_filter_suggestion *each,
                            void *arg)
{
    for (const struct nb_word_choice *choice = word->choices; choice && choice->name; choice++) {
        char *text;

        if (strncasecmp(choice->name, term + value, strlen(term + value)) != 0)
            continue;
        text = nb_asprintf("%.*s%s", (int)value, term, choice->name);
        each(arg, text);
        free(text);
    }
}

void nb_filter_suggest(enum nb_subject subject, const char *term, nb_filter_suggestion *each, void *arg)
{
    size_t value;
    const struct nb_word *typed = nb_filter_value_typed(subject, term, &value);

    if (typed)
        suggest_choices(typed, term, value, each, arg);
    for (const struct nb_word *word = nb_subject_info(subject)->words; word->name && value == 0; word++) {
        char *text;

        if (strncasecmp(word->name, term, strlen(term)) != 0)
            continue;
        text = nb_asprintf("%s:", word->name);
        each(arg, text);
        free(text);
    }
}

/* ---- what would match instead ---- */

/* Quoted, a * is a character like others. */
static bool can_widen(const struct nb_word *word, const struct filter_value *value)
{
    return !value->literal && value->text[strcspn(value->text, "*\" \t,")] == '\0' &&
           filter_choice_find(word, value->text) < 0;
}

static bool widen_term(struct filter_term *term)
{
    bool widened = false;

    if (term->word->kind != NB_WORD_PATTERN || term->negated)
        return false;
    for (size_t i = 0; i < term->values.count; i++) {
        struct filter_value *value = &term->values.data[i];
        char *wider;

        if (!can_widen(term->word, value))
            continue;
        wider = nb_asprintf("%s*", value->text);
        free(value->text);
        value->text = wider;
        widened = true;
    }
    return widened;
}

static char *printed(const struct filter_term *term)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, 2 * NB_FILTER_MAX);
    filter_term_print(&text, term);
    return nb_strbuf_take(&text);
}

char *nb_filter_widen(const struct nb_filter *filter, char **term, char **pattern)
{
    struct nb_filter *wider = nb_filter_copy(filter);
    char *text = NULL;

    *term = *pattern = NULL;
    for (size_t i = 0; wider && i < wider->terms.count; i++) {
        char *before = printed(&wider->terms.data[i]);

        if (widen_term(&wider->terms.data[i]) && !*term) {
            *term = before;
            before = NULL;
            *pattern = printed(&wider->terms.data[i]);
        }
        free(before);
    }
    if (*term && filter_finish(wider, NULL) == 0)
        text = nb_strdup(nb_filter_text(wider));
    if (!text) { /* there is none, or it would be too long */
        nb_free(term);
        nb_free(pattern);
    }
    nb_filter_free(&wider);
    return text;
}
