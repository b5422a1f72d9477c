/*
 * compare.c - whether two filters say the same.
 */
#include "config.h"

#include "filter/term.h"

bool nb_filter_equal(const struct nb_filter *a, const struct nb_filter *b)
{
    if (!a || !b || a->terms.count == 0 || b->terms.count == 0)
        return (!a || a->terms.count == 0) && (!b || b->terms.count == 0);
    if (a->subject != b->subject || a->terms.count != b->terms.count)
        return false;
    for (size_t i = 0; i < a->terms.count; i++) {
        if (!filter_term_equal(&a->terms.data[i], &b->terms.data[i]))
            return false;
    }
    return true;
}

/* The next term from i on that is a condition, or the number of terms. */
static size_t next_condition(const struct nb_filter *filter, size_t i)
{
    while (i < filter->terms.count && filter->terms.data[i].word->kind == NB_WORD_ORDER)
        i++;
    return i;
}

bool nb_filter_shows(const struct nb_filter *filter, const char *text)
{
    struct nb_filter *other = NULL;
    bool same = filter && nb_filter_parse(&other, filter->subject, text, NULL) == 0;
    size_t a = same ? next_condition(filter, 0) : 0, b = same ? next_condition(other, 0) : 0;

    while (same && a < filter->terms.count && b < other->terms.count) {
        same = filter_term_equal(&filter->terms.data[a], &other->terms.data[b]);
        a = next_condition(filter, a + 1);
        b = next_condition(other, b + 1);
    }
    same = same && a == filter->terms.count && b == other->terms.count;
    nb_filter_free(&other);
    return same;
}
