/*
 * page_internal.h - shared by the files of this folder: keys and places as parameters, and sending a query.
 */
#ifndef NB_PAGE_PAGE_INTERNAL_H
#define NB_PAGE_PAGE_INTERNAL_H

#include "page/page.h"

void page_bind_key(struct nb_params *params, enum nb_subject subject, const struct nb_key *key);

/* The text of a look: its session, its time (of the server), and the snapshot. */
char *page_look_format(unsigned session, int64_t at, const char *snapshot);

/* Appends the rank of a place as a parameter, within the bounds of the order; nothing where it is by key alone. */
void page_bind_rank(struct nb_params *params, const struct nb_order *order, int64_t rank);

/* Composes a query of a subject and queues it; takes params. ranks: NULL where it compares with none. */
struct nb_request *page_query(struct nb_connection *connection, enum nb_subject subject, enum nb_sql query,
                              const struct nb_filter *filter, const struct nb_ranks *ranks,
                              struct nb_params *params_take, const struct nb_request_options *options,
                              nb_request_done *done, void *arg);

/* The text of a composed query; the caller clears it. Appends the filter's values to params. */
void page_compose(struct nb_strbuf *text, struct nb_params *params, enum nb_subject subject, enum nb_sql query,
                  const struct nb_filter *filter, const struct nb_ranks *ranks);

/* A page query's own parameters, without the filter's; *ranks is for composing it. */
struct nb_params *page_params(const struct nb_page_request *request, struct nb_ranks *ranks);
/* The page in an answer. limit 0: all its rows, which come in any order. generation: of the session that answered. */
struct nb_page *page_decode(const struct nb_result *result, enum nb_subject subject, enum nb_direction direction,
                            size_t limit, unsigned generation);
/* A query by keys. */
struct nb_params *page_key_params(enum nb_subject subject, const struct nb_key *keys, size_t count);

#endif
