/*
 * filter.h - the filter language, the same in console and commands (03-console, "Filter language").
 *
 *   filter  := term*                       terms are ANDed
 *   term    := ["-"] (word ":" value ["," value]… | word (">="|"<="|">"|"<"|"=") value | "quoted
 * phrase" | bare)
 *
 * It compiles to fragments of core/sql/filters/SUBJECT.sql and parameters; a value never becomes
 * SQL text. Bounded: 1024 bytes, 32 terms, 32 values a term.
 */
#ifndef NB_FILTER_FILTER_H
#define NB_FILTER_FILTER_H

#include "base/strbuf.h"
#include "model/subject.h"

struct nb_filter;

/* err->column points at what is wrong, err->hint names what was expected. "" and NULL give the
 * empty filter. */
NB_MUSTCHECK int nb_filter_parse(struct nb_filter **out, enum nb_subject subject, const char *text,
                                 struct nb_error *err);
void nb_filter_free(struct nb_filter **filter);
/* NULL gives NULL. */
struct nb_filter *nb_filter_copy(const struct nb_filter *filter);
bool nb_filter_is_empty(const struct nb_filter *filter);
bool nb_filter_equal(const struct nb_filter *a, const struct nb_filter *b);
/* The canonical text; parses back to an equal filter. Borrowed. */
const char *nb_filter_text(const struct nb_filter *filter);
/* The bare words and phrases, for highlighting. Borrowed. */
size_t nb_filter_words(const struct nb_filter *filter, const char *const **words);
/* The canonical text of `text` with one term switched on or off, as the toggle keys do:
 * "is:unread", "severity:high" (values of one word are collected: severity:high,critical). The
 * caller frees *out. */
NB_MUSTCHECK int nb_filter_toggle(char **out, enum nb_subject subject, const char *text, const char *term,
                                  struct nb_error *err);
/* Whether the term is on in text (for drawing toggles). */
bool nb_filter_has(const struct nb_filter *filter, const char *term);

/* Whether a subject has the word. */
bool nb_filter_knows(enum nb_subject subject, const char *word);

/* Calls `each` for everything that the language knows and that begins with `start`: words ("type:")
 * and, where a word has values of its own, those ("is:unread", "severity>=high" from "severity>="). */
typedef void nb_filter_suggestion(void *arg, const char *text);
void nb_filter_suggest(enum nb_subject subject, const char *start, nb_filter_suggestion *each, void *arg);

/* Appends the text of a query on `subject` to out with the marker comment (every occurrence of slash-star filter star-slash)
 * replaced by " AND (fragment)…", whose values are appended to params behind those that the query has itself. filter may be
 * NULL: the subject's default holds. */
NB_MUSTCHECK int nb_filter_compose(struct nb_strbuf *out, struct nb_params *params, enum nb_subject subject,
                                   const struct nb_filter *filter, enum nb_sql query, struct nb_error *err);

#endif
