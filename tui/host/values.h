/*
 * values.h - what the words of filters can stand for, for completion: asked of the database without waiting, and kept.
 *
 * A prompt that opens has them read again; where the database does not answer, the former ones are offered. Of a word
 * with many, the beginning that was typed is asked for.
 */
#ifndef TUI_VALUES_H
#define TUI_VALUES_H

#include "base/vec.h"
#include "page/values.h"

struct host;
struct values_asked;

/* The values of one word that begin with `start`. */
struct values_entry {
    enum nb_subject subject;
    const struct nb_word *word;
    char *start;
    bool all; /* texts has all of them, not only the first NB_VALUES_MAX */
    NB_VEC(char *) texts;
};

struct values {
    NB_VEC(struct values_entry) entries;
    NB_VEC(struct values_asked *) asked; /* what is under way */
    bool failed;                         /* the last answer was an error that no Tab has reported yet */
};

enum values_state {
    VALUES_HERE,
    VALUES_COMING, /* the host's observers hear `learned` when they have come, or will not */
    VALUES_NONE,   /* the database cannot be asked now */
};

/* Reads what every word of a subject can stand for. */
void values_refresh(struct host *host, enum nb_subject subject);
/* Calls `each` for those that begin with `start`, whatever the case. */
enum values_state values_find(struct host *host, enum nb_subject subject, const struct nb_word *word, const char *start,
                              void (*each)(void *arg, const char *text), void *arg);
/* Forgets all values, because the reader has changed, and abandons the requests under way. */
void values_forget(struct host *host);

#endif
