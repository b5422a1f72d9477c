/*
 * subject.h - what differs between the subjects that can be paged: their queries, their decoder,
 * their kind of key. Private to this folder. A new subject is one entry in subject.c.
 */
#ifndef NB_PAGE_SUBJECT_H
#define NB_PAGE_SUBJECT_H

#include "page/page.h"

struct page_subject {
    enum nb_sql older, newer, keys, count, count_new, changes;
    struct nb_row *(*decode)(const struct nb_result *result, size_t index, struct nb_arena *arena);
    size_t columns;    /* of the decoder; what a query adds stands behind them */
    bool integer_keys; /* bigint, not uuid */
};

const struct page_subject *page_subject(enum nb_subject subject);
/* The keys below and above all others. */
struct nb_key page_key_lowest(void);
struct nb_key page_key_highest(enum nb_subject subject);
void page_bind_key(struct nb_params *params, enum nb_subject subject, const struct nb_key *key);

/* Composes and queues one query of a subject; takes params. */
struct nb_request *page_query(struct nb_connection *connection, enum nb_sql query, const struct nb_filter *filter,
                              struct nb_params *params_take, const struct nb_request_options *options,
                              nb_request_done *done, void *arg);

#endif
