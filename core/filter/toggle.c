/*
 * toggle.c - the toggle keys. They edit the same filter line that a person types:
 * - values of one word are collected: severity:high,critical
 * - choices that exclude each other replace each other: is:unread, is:read
 * - a time replaces a time
 * - anything else is added or removed as a term of its own
 */
#include "filter/term.h"

static void remove_term(struct nb_filter *filter, size_t index)
{
    filter_term_clear(&filter->terms.data[index]);
    nb_vec_remove(&filter->terms, index);
}

static bool same_value(const struct filter_value *a, const struct filter_value *b)
{
    return strcmp(a->text, b->text) == 0 && a->literal == b->literal;
}

static bool term_has_value(const struct filter_term *term, const struct filter_value *value)
{
    for (size_t i = 0; i < term->values.count; i++) {
        if (same_value(&term->values.data[i], value))
            return true;
    }
    return false;
}

/* Whether `term` matches at least everything that `wanted` matches. */
static bool covers(const struct filter_term *term, const struct filter_term *wanted)
{
    if (term->word != wanted->word || term->negated != wanted->negated)
        return false;
    if (wanted->negated || wanted->op != FILTER_COLON)
        return filter_term_equal(term, wanted);
    if ((term->choices & wanted->choices) != wanted->choices)
        return false;
    for (size_t i = 0; i < wanted->values.count; i++) {
        if (!term_has_value(term, &wanted->values.data[i]))
            return false;
    }
    return true;
}

static bool has_term(const struct nb_filter *filter, const struct filter_term *wanted)
{
    for (size_t i = 0; i < filter->terms.count; i++) {
        if (covers(&filter->terms.data[i], wanted))
            return true;
    }
    return false;
}

/* Removes the values of `unwanted` from a term, and the term itself when no value is left. */
static void take_out(struct nb_filter *filter, size_t index, const struct filter_term *unwanted)
{
    struct filter_term *term = &filter->terms.data[index];

    term->choices &= ~unwanted->choices;
    term->op = FILTER_COLON;
    for (size_t i = term->values.count; i-- > 0;) {
        if (term_has_value(unwanted, &term->values.data[i])) {
            free(term->values.data[i].text);
            nb_vec_remove(&term->values, i);
        }
    }
    if (term->choices == 0 && term->values.count == 0)
        remove_term(filter, index);
}

static void switch_off(struct nb_filter *filter, const struct filter_term *unwanted)
{
    for (size_t i = filter->terms.count; i-- > 0;) {
        if (!covers(&filter->terms.data[i], unwanted))
            continue;
        if (unwanted->negated || unwanted->op != FILTER_COLON)
            remove_term(filter, i);
        else
            take_out(filter, i, unwanted);
    }
}

/* The choices that cannot stand beside those of `term`: the others of the same group. */
static unsigned excluded_choices(const struct filter_term *term)
{
    const struct nb_word_choice *choices = term->word->choices;
    unsigned excluded = 0;

    for (int i = 0; choices[i].name; i++) {
        if (!(term->choices & 1u << i) || choices[i].group == 0)
            continue;
        for (int other = 0; choices[other].name; other++) {
            if (choices[other].group == choices[i].group)
                excluded |= 1u << other;
        }
    }
    return excluded & ~term->choices;
}

/* Removes terms that contradict one that is to be switched on. */
static void make_room(struct nb_filter *filter, const struct filter_term *wanted)
{
    struct filter_term excluded = {.word = wanted->word, .op = FILTER_COLON};

    if (wanted->word->kind <= NB_WORD_CHOICE && !wanted->negated)
        excluded.choices = excluded_choices(wanted);
    for (size_t i = filter->terms.count; i-- > 0;) {
        struct filter_term *term = &filter->terms.data[i];

        if (term->word != wanted->word)
            continue;
        if (term->negated != wanted->negated) {
            take_out(filter, i, wanted);
        } else if (!wanted->negated && (term->word->kind == NB_WORD_TIME || wanted->op != FILTER_COLON)) {
            remove_term(filter, i);
        } else if (excluded.choices) {
            take_out(filter, i, &excluded);
        }
    }
}

/* Adds the values of `wanted` to a term that collects them, where there is one. */
static bool collect(struct nb_filter *filter, struct filter_term *wanted)
{
    enum nb_word_kind kind = wanted->word->kind;

    if (wanted->negated || wanted->op != FILTER_COLON || kind <= NB_WORD_CHOICE || kind == NB_WORD_TIME ||
        kind == NB_WORD_TEXT)
        return false;
    for (size_t i = 0; i < filter->terms.count; i++) {
        struct filter_term *term = &filter->terms.data[i];

        if (term->word != wanted->word || term->negated)
            continue;
        term->op = FILTER_COLON;
        term->choices |= wanted->choices;
        for (size_t v = 0; v < wanted->values.count; v++) {
            if (term_has_value(term, &wanted->values.data[v]))
                free(wanted->values.data[v].text);
            else
                nb_vec_push(&term->values, wanted->values.data[v]);
        }
        wanted->values.count = 0;
        return true;
    }
    return false;
}

static void switch_on(struct nb_filter *filter, struct filter_term *wanted)
{
    make_room(filter, wanted);
    if (!collect(filter, wanted)) {
        nb_vec_push(&filter->terms, *wanted);
        *wanted = (struct filter_term){.word = wanted->word};
    }
}

static int parse_one(struct nb_filter **out, enum nb_subject subject, const char *term, struct nb_error *err)
{
    int rc = nb_filter_parse(out, subject, term, err);

    if (rc == 0 && (*out)->terms.count != 1) {
        nb_filter_free(out);
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a toggle takes one term of the filter");
    }
    return rc;
}

int nb_filter_toggle(char **out, enum nb_subject subject, const char *text, const char *term, struct nb_error *err)
{
    struct nb_filter *filter = NULL, *wanted = NULL, *check = NULL;
    int rc;

    *out = NULL;
    if ((rc = nb_filter_parse(&filter, subject, text, err)) < 0 || (rc = parse_one(&wanted, subject, term, err)) < 0)
        goto out;
    if (has_term(filter, &wanted->terms.data[0]))
        switch_off(filter, &wanted->terms.data[0]);
    else
        switch_on(filter, &wanted->terms.data[0]);
    /* parsing the result checks the same limits as for typed text */
    if ((rc = filter_finish(filter, err)) < 0 || (rc = nb_filter_parse(&check, subject, filter->text, err)) < 0)
        goto out;
    *out = nb_strdup(nb_filter_text(check));
out:
    nb_filter_free(&filter);
    nb_filter_free(&wanted);
    nb_filter_free(&check);
    return rc;
}
