/*
 * text.c - writes terms as canonical text, compares filters, and answers questions about a parsed filter.
 */
#include "filter/term.h"

#include <ctype.h>
#include <strings.h>

void filter_term_clear(struct filter_term *term)
{
    for (size_t i = 0; i < term->values.count; i++)
        free(term->values.data[i].text);
    nb_vec_clear(&term->values);
}

void nb_filter_free(struct nb_filter **filter)
{
    if (!*filter)
        return;
    for (size_t i = 0; i < (*filter)->terms.count; i++)
        filter_term_clear(&(*filter)->terms.data[i]);
    nb_vec_clear(&(*filter)->terms);
    nb_vec_clear(&(*filter)->words);
    free((*filter)->text);
    nb_free(filter);
}

static void print_quoted(struct nb_strbuf *out, const char *text)
{
    nb_strbuf_append_char(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            nb_strbuf_append_char(out, '\\');
        nb_strbuf_append_char(out, *text);
    }
    nb_strbuf_append_char(out, '"');
}

/* Unquoted, a value after a word would end at a blank or a comma. */
static bool value_needs_quotes(const struct filter_value *value)
{
    if (value->literal || value->text[0] == '"')
        return true;
    for (const char *c = value->text; *c; c++) {
        if (isspace((unsigned char)*c) || *c == ',')
            return true;
    }
    return false;
}

void filter_value_print(struct nb_strbuf *out, const struct filter_value *value)
{
    if (value_needs_quotes(value))
        print_quoted(out, value->text);
    else
        nb_strbuf_append(out, value->text);
}

/* Unquoted, a bare word must not look like a negation, a phrase, or a word with an operator. */
static bool text_needs_quotes(const char *text)
{
    if (text[0] == '-' || text[0] == '"')
        return true;
    for (; *text; text++) {
        if (isspace((unsigned char)*text) || strchr(":<>=!", *text))
            return true;
    }
    return false;
}

static void print_choices(struct nb_strbuf *out, const struct filter_term *term)
{
    const char *separator = "";

    for (int i = 0; term->word->choices[i].name; i++) {
        if (!(term->choices & 1u << i))
            continue;
        nb_strbuf_append(out, separator);
        nb_strbuf_append(out, term->word->choices[i].name);
        separator = ",";
    }
}

/* The level that a comparison is written with: the lowest or highest one that it includes, or the neighbour that it
 * excludes. */
static int compared_level(const struct filter_term *term)
{
    int lowest = 0, highest = 0;

    while (!(term->choices & 1u << lowest))
        lowest++;
    for (int i = lowest; term->word->choices[i].name; i++) {
        if (term->choices & 1u << i)
            highest = i;
    }
    switch (term->op) {
    case FILTER_AT_LEAST:
        return lowest;
    case FILTER_ABOVE:
        return lowest - 1;
    case FILTER_AT_MOST:
        return highest;
    default:
        return highest + 1;
    }
}

void filter_term_print(struct nb_strbuf *out, const struct filter_term *term)
{
    if (term->negated)
        nb_strbuf_append_char(out, '-');
    if (term->word->kind == NB_WORD_TEXT) {
        const char *text = term->values.data[0].text;

        if (text_needs_quotes(text))
            print_quoted(out, text);
        else
            nb_strbuf_append(out, text);
        return;
    }
    nb_strbuf_append(out, term->word->name);
    nb_strbuf_append(out, filter_operator_text(term->op));
    if (term->op != FILTER_COLON) {
        nb_strbuf_append(out, term->word->choices[compared_level(term)].name);
        return;
    }
    if (term->choices)
        print_choices(out, term);
    for (size_t i = 0; i < term->values.count; i++) {
        const struct filter_value *value = &term->values.data[i];

        if (i > 0)
            nb_strbuf_append_char(out, ',');
        filter_value_print(out, value);
    }
}

bool filter_term_equal(const struct filter_term *a, const struct filter_term *b)
{
    if (a->word != b->word || a->op != b->op || a->negated != b->negated || a->choices != b->choices ||
        a->values.count != b->values.count)
        return false;
    for (size_t i = 0; i < a->values.count; i++) {
        const struct filter_value *x = &a->values.data[i], *y = &b->values.data[i];

        if (strcmp(x->text, y->text) != 0 || x->literal != y->literal)
            return false;
    }
    return true;
}

static const struct nb_order *order_of(const struct nb_filter *filter, const struct filter_term *term)
{
    for (int i = 0; term->word->choices[i].name; i++) {
        if (term->choices & 1u << i)
            return nb_order_find(filter->subject, term->word->choices[i].name);
    }
    return NULL;
}

int filter_finish(struct nb_filter *filter, struct nb_error *err)
{
    struct nb_strbuf text;
    int rc;

    nb_strbuf_init(&text, NB_FILTER_MAX);
    filter->words.count = 0;
    filter->order = NULL;
    for (size_t i = 0; i < filter->terms.count; i++) {
        const struct filter_term *term = &filter->terms.data[i];

        if (i > 0)
            nb_strbuf_append_char(&text, ' ');
        filter_term_print(&text, term);
        if (term->word->kind == NB_WORD_TEXT && !term->negated)
            nb_vec_push(&filter->words, term->values.data[0].text);
        if (term->word->kind == NB_WORD_ORDER)
            filter->order = order_of(filter, term);
    }
    if ((rc = nb_strbuf_check(&text, "the filter", err)) == 0) {
        free(filter->text);
        filter->text = nb_strbuf_take(&text);
    }
    nb_strbuf_clear(&text);
    return rc;
}

bool nb_filter_is_empty(const struct nb_filter *filter)
{
    for (size_t i = 0; filter && i < filter->terms.count; i++) {
        if (filter->terms.data[i].word->kind != NB_WORD_ORDER)
            return false;
    }
    return true;
}

const struct nb_order *nb_filter_order(const struct nb_filter *filter, enum nb_subject subject)
{
    return filter && filter->order ? filter->order : nb_subject_info(subject)->orders;
}

void nb_filter_default_order(struct nb_filter *filter, const struct nb_order *order)
{
    if (!filter->order)
        filter->order = order;
}

const char *nb_filter_text(const struct nb_filter *filter)
{
    return filter && filter->text ? filter->text : "";
}

size_t nb_filter_words(const struct nb_filter *filter, const char *const **words)
{
    *words = filter ? filter->words.data : NULL;
    return filter ? filter->words.count : 0;
}
