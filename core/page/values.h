/*
 * values.h - what the words of a filter can stand for, as far as the reader may see it: types, sources, tenants, people.
 */
#ifndef NB_PAGE_VALUES_H
#define NB_PAGE_VALUES_H

#include "db/query.h"
#include "model/subject.h"

/* So many of a word come at most. Fewer are all that there are. */
#define NB_VALUES_MAX 50

struct nb_value {
    const char *word;
    const char *text;
};

/* In order of word and text. Borrowed for the duration of the call. */
typedef void nb_values_done(void *arg, const struct nb_value *values, size_t count, const struct nb_error *err);

/* Finds those that begin with `start`, whatever the case. word: one that is `listed`; NULL: all of these. */
struct nb_request *nb_values_find(struct nb_connection *connection, enum nb_subject subject, const struct nb_word *word,
                                  const char *start, enum nb_priority priority, nb_values_done *done, void *arg);

#endif
