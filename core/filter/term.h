/*
 * term.h - what the files of the filter language share: words, values, terms. Private to this
 * folder.
 */
#ifndef NB_FILTER_TERM_H
#define NB_FILTER_TERM_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "filter/filter.h"

#define FILTER_MAX_BYTES  1024
#define FILTER_MAX_TERMS  32
#define FILTER_MAX_VALUES 32

/* What a word's values are, and so how they compile. Fragment names begin with the word. */
enum filter_kind {
    FILTER_CHOICE,  /* is: has:            one fragment a choice: is_unread */
    FILTER_SET,     /* channel:            names for one fragment with an array */
    FILTER_SCALE,   /* severity:           the same, in rising order: >= <= > < too */
    FILTER_PATTERN, /* type:               type, or type_like where the value has a * */
    FILTER_NAME,    /* user:               user_id, user_name, or user_me for a special name */
    FILTER_TIME,    /* since:              a duration back from now, or a date */
    FILTER_TEXT,    /* a bare word or a phrase */
};

struct filter_choice {
    const char *name;
    int group; /* choices of one group exclude each other, so a toggle replaces; 0: stands alone */
};

struct filter_word {
    const char *name;
    enum filter_kind kind;
    const struct filter_choice *choices; /* all values, or for PATTERN and NAME the special ones; ends in a NULL name */
    bool bounds_id;                      /* TIME: the fragment takes a bound in the id as $2 */
};

/* FILTER_COLON stands for "=" as well. */
enum filter_operator { FILTER_COLON, FILTER_AT_LEAST, FILTER_AT_MOST, FILTER_ABOVE, FILTER_BELOW };

struct filter_value {
    char *text;
    bool literal;  /* was quoted, and means something else without quotes: "*", "me" */
    bool relative; /* TIME: micros is a duration */
    int64_t micros;
};

struct filter_term {
    const struct filter_word *word;
    enum filter_operator op;
    bool negated;
    unsigned choices; /* CHOICE, SET, SCALE: one bit for each */
    NB_VEC(struct filter_value) values;
};

struct nb_filter {
    enum nb_subject subject;
    NB_VEC(struct filter_term) terms;
    NB_VEC(const char *) words; /* borrowed from the terms */
    char *text;
};

/* words.c */
const struct filter_word *filter_word_find(enum nb_subject subject, const char *name, size_t length);
const struct filter_word *filter_word_text(void);
int filter_choice_find(const struct filter_word *word, const char *name);
const char *filter_subject_name(enum nb_subject subject);
/* "is: severity: …" and "unread, read, …", for hints. */
void filter_list_words(struct nb_strbuf *out, enum nb_subject subject);
void filter_list_choices(struct nb_strbuf *out, const struct filter_word *word);
const char *filter_operator_text(enum filter_operator op);

/* text.c */
void filter_term_clear(struct filter_term *term);
void filter_term_print(struct nb_strbuf *out, const struct filter_term *term);
bool filter_term_equal(const struct filter_term *a, const struct filter_term *b);
/* Sets text and words anew from the terms. */
int filter_finish(struct nb_filter *filter, struct nb_error *err);

#endif
