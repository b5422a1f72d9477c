/*
 * lists.h - shared by inbox, events and deliveries: list, show and count.
 */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "filter/filter.h"

struct command_call;
struct command_option;

extern const struct command_option lists_options[]; /* --limit, --before */
extern const char lists_description[];

NB_MUSTCHECK int lists_list(struct command_call *call, enum nb_subject subject, struct nb_error *err);
NB_MUSTCHECK int lists_count(struct command_call *call, enum nb_subject subject, struct nb_error *err);

#endif
