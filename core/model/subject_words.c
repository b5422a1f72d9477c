/*
 * subject_words.c - what more than one subject says of itself with the same words.
 */
#include "model/subject.h"

const struct nb_order nb_order_newest[] = {{.name = "new", .title = "newest"}, {NULL}};

const struct nb_word_choice nb_word_me_or_none[] = {{"me"}, {"none"}, {NULL}};
const struct nb_word_choice nb_word_none[] = {{"none"}, {NULL}};
