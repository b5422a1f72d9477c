/*
 * filter.h - the filter language, the same in console and commands (03-console, "Filter language").
 *
 *   filter  := term*                       terms are ANDed
 *   term    := ["-"] (word ":" value ["," value]… | word (">="|"<="|">"|"<"|"=") value | "quoted phrase" | bare)
 *
 * It compiles to fragments of core/sql/filters/SUBJECT.sql and parameters; a value never becomes SQL text. Limits: 1024
 * bytes, 32 terms, 32 values in a term.
 */
#ifndef NB_FILTER_FILTER_H
#define NB_FILTER_FILTER_H

#include "base/strbuf.h"
#include "model/subject.h"

struct nb_filter;

/* On a mistake err->column is its place and err->hint lists what was expected. "" and NULL give the empty filter. */
NB_MUSTCHECK int nb_filter_parse(struct nb_filter **out, enum nb_subject subject, const char *text,
                                 struct nb_error *err);
void nb_filter_free(struct nb_filter **filter);
/* NULL gives NULL. */
struct nb_filter *nb_filter_copy(const struct nb_filter *filter);
/* Whether it shows every row, in whatever order. */
bool nb_filter_is_empty(const struct nb_filter *filter);
/* Whether it shows the rows that text does, in whatever order. */
bool nb_filter_shows(const struct nb_filter *filter, const char *text);
/* How it sorts; never NULL. filter may be NULL. */
const struct nb_order *nb_filter_order(const struct nb_filter *filter, enum nb_subject subject);
/* How it sorts where it does not say so itself; not part of its text, but of its copies. */
void nb_filter_default_order(struct nb_filter *filter, const struct nb_order *order);
/* For tests and the fuzzer, which hold that a filter's text parses to the same filter. */
bool nb_filter_equal(const struct nb_filter *a, const struct nb_filter *b);
/* The canonical text, which parses to an equal filter. Borrowed. */
const char *nb_filter_text(const struct nb_filter *filter);
/* The bare words and phrases, for highlighting. Both array and texts are borrowed. */
size_t nb_filter_words(const struct nb_filter *filter, const char *const **words);
/* Switches one term on or off in text, as the toggle keys do: "is:unread", "severity:high". Values of one word are
 * collected (severity:high,critical). *out is the canonical text; the caller frees it. */
NB_MUSTCHECK int nb_filter_toggle(char **out, enum nb_subject subject, const char *text, const char *term,
                                  struct nb_error *err);

/* By its name; NULL: the subject has no such word. */
const struct nb_word *nb_filter_word(enum nb_subject subject, const char *name);
/* Whether a subject has the word. */
bool nb_filter_knows(enum nb_subject subject, const char *word);

/* ---- completion ---- */

/* The byte where the term begins that ends at `cursor`: behind the last blank that no quotes enclose, and behind a "-". */
size_t nb_filter_term_start(const char *text, size_t cursor);
/* Calls `each` for every completion of a term that has been typed so far: words ("type:") and, where a word has values of
 * its own, these ("is:unread", "severity:low,high" for "severity:low,h"). */
typedef void nb_filter_suggestion(void *arg, const char *text);
void nb_filter_suggest(enum nb_subject subject, const char *term, nb_filter_suggestion *each, void *arg);
/* The word whose value is being typed at the end of a term, NULL where none is. *value: the byte where that value begins. */
const struct nb_word *nb_filter_value_typed(enum nb_subject subject, const char *term, size_t *value);
/* What was typed of a value, without its quotes. The caller frees it. */
char *nb_filter_value_text(const char *typed);
/* The term with another value from byte `value` on, in quotes where it needs them. The caller frees it. */
char *nb_filter_with_value(const char *term, size_t value, const char *text);

/* The filter with a * behind each type or other pattern that has none, as text that the caller frees; NULL: it has no such
 * term. For saying that type:BOOK* would find what type:BOOK does not. *term, *pattern: the first one before and after, which the caller
 * frees. */
char *nb_filter_widen(const struct nb_filter *filter, char **term, char **pattern);

/* Where a query finds the ranks that it compares with, in its parameters. */
struct nb_ranks {
    const struct nb_order *order; /* NULL, or without a rank: by key alone */
    size_t bounds;                /* the parameter before the first bound, for the markers "bound 1" and "bound 2" */
    size_t above;                 /* the one before those of order_NAME_above, for the marker "or above" */
};

/* Appends the text of a query on `subject` to out. Every marker comment (slash-star filter star-slash) is replaced by "
 * AND (fragment)…"; the values are appended to params after the query's own. filter may be NULL: the subject's default
 * applies. Of the other markers nothing is left where rows are ordered by key alone: "rank" and "rank falling" stand for what is
 * compared and sorted by before the key, "bound N" for what it is compared with; ranks may be NULL then. "older" and
 * "newer" become the end of the name of a view that is sorted so. */
NB_MUSTCHECK int nb_filter_compose(struct nb_strbuf *out, struct nb_params *params, enum nb_subject subject,
                                   const struct nb_filter *filter, const struct nb_ranks *ranks, enum nb_sql query,
                                   struct nb_error *err);

#endif
