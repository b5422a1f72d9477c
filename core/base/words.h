/*
 * words.h - words of a line, as they are typed with quotes, and the name that a mistyped one is nearest to.
 */
#ifndef NB_BASE_WORDS_H
#define NB_BASE_WORDS_H

#include "base/strbuf.h"

/* Appends what the word at *at means and moves *at past it. Quotes of both kinds hold blanks; within "" a backslash
 * stands before " and \. NULL, or where the last quote opens that is not closed. */
const char *nb_word_take(struct nb_strbuf *word, const char **at);
/* The next word after blanks; NULL at the end. An unclosed quote ends with the text. The caller frees it. */
char *nb_word_next(const char **at);

/* How many letters must be changed, added, left out or swapped to make one of the other; both are compared up to 63 bytes. */
size_t nb_word_distance(const char *one, const char *other);
/* Whether a name that far away may have been meant. */
bool nb_word_is_near(const char *typed, size_t distance);

#endif
