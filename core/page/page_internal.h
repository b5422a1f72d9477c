/*
 * page_internal.h - shared by the files of this folder: keys as parameters, and sending a query.
 */
#ifndef NB_PAGE_PAGE_INTERNAL_H
#define NB_PAGE_PAGE_INTERNAL_H

#include "page/page.h"

/* The keys below and above all real ones. */
struct nb_key page_key_lowest(void);
struct nb_key page_key_highest(enum nb_subject subject);
void page_bind_key(struct nb_params *params, enum nb_subject subject, const struct nb_key *key);

/* The text of a look: its session, its time (of the server), and the snapshot. */
char *page_look_format(unsigned session, int64_t at, const char *snapshot);

/* Composes a query of a subject and queues it; takes params. */
struct nb_request *page_query(struct nb_connection *connection, enum nb_subject subject, enum nb_sql query,
                              const struct nb_filter *filter, struct nb_params *params_take,
                              const struct nb_request_options *options, nb_request_done *done, void *arg);

#endif
