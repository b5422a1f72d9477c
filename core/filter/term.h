/*
 * term.h - shared by the files of the filter language: words, values, terms. Private to this folder.
 */
#ifndef NB_FILTER_TERM_H
#define NB_FILTER_TERM_H

#include "base/limits.h"
#include "base/strbuf.h"
#include "base/vec.h"
#include "filter/filter.h"

#define FILTER_MAX_TERMS  32
#define FILTER_MAX_VALUES 32

/* FILTER_COLON is also "=". */
enum filter_operator { FILTER_COLON, FILTER_AT_LEAST, FILTER_AT_MOST, FILTER_ABOVE, FILTER_BELOW };

struct filter_value {
    char *text;
    bool literal;  /* it was quoted, and would have a special meaning without quotes: "*", "me" */
    bool relative; /* TIME: micros is a duration */
    int64_t micros;
};

struct filter_term {
    const struct nb_word *word;
    enum filter_operator op;
    bool negated;
    unsigned choices; /* CHOICE, SET, SCALE: one bit for each */
    NB_VEC(struct filter_value) values;
};

struct nb_filter {
    enum nb_subject subject;
    NB_VEC(struct filter_term) terms;
    const struct nb_order *order; /* what a term or else nb_filter_default_order() says; NULL: nothing does */
    NB_VEC(const char *) words;   /* borrowed from the terms */
    char *text;
};

/* words.c */
const struct nb_word *filter_word_find(enum nb_subject subject, const char *name, size_t length);
const struct nb_word *filter_word_text(void);
int filter_choice_find(const struct nb_word *word, const char *name);
/* "is: severity: …" and "unread, read, …", for hints. */
void filter_list_words(struct nb_strbuf *out, enum nb_subject subject);
void filter_list_choices(struct nb_strbuf *out, const struct nb_word *word);
const char *filter_operator_text(enum filter_operator op);

/* text.c */
void filter_term_clear(struct filter_term *term);
void filter_term_print(struct nb_strbuf *out, const struct filter_term *term);
void filter_value_print(struct nb_strbuf *out, const struct filter_value *value);
bool filter_term_equal(const struct filter_term *a, const struct filter_term *b);
/* Rebuilds text and words from the terms. */
int filter_finish(struct nb_filter *filter, struct nb_error *err);

#endif
