/*
 * subject.h - the words "inbox" and "events" where a command takes either.
 */
#ifndef CLI_SUBJECT_H
#define CLI_SUBJECT_H

#include "filter/filter.h"

NB_MUSTCHECK int subject_parse(enum nb_subject *out, const char *word, struct nb_error *err);
const char *subject_name(enum nb_subject subject);

#endif
