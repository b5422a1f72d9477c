/*
 * page_chain.h - pages and counts as steps of a chain (db/chain.h), for who asks several things in one round trip.
 *
 * Each nb_page_add_…() appends a statement and returns its step; after the chain, nb_page_take_…() reads the answer to it. Whether the
 * database knows who asks is for the caller to ask in the same chain: an unknown reader has no rows.
 */
#ifndef NB_PAGE_PAGE_CHAIN_H
#define NB_PAGE_PAGE_CHAIN_H

#include "db/chain.h"
#include "page/page.h"

/* The filter is used only during the call. */
size_t nb_page_add_fetch(struct nb_chain *chain, const struct nb_page_request *request);
NB_MUSTCHECK int nb_page_take(struct nb_page **out, struct nb_chain *chain, size_t step,
                              const struct nb_page_request *request, struct nb_error *err);
/* Rows by their keys, with data and details, whatever the filter; newest first. */
size_t nb_page_add_keys(struct nb_chain *chain, enum nb_subject subject, const struct nb_key *keys, size_t count);
NB_MUSTCHECK int nb_page_take_keys(struct nb_page **out, struct nb_chain *chain, size_t step, enum nb_subject subject,
                                   struct nb_error *err);
/* What matches, exactly. query: the subject's own count, or another one with a marker for the filter and params before its values. */
size_t nb_page_add_count(struct nb_chain *chain, enum nb_subject subject, const struct nb_filter *filter);
size_t nb_page_add_filtered(struct nb_chain *chain, enum nb_subject subject, enum nb_sql query,
                            const struct nb_filter *filter, struct nb_params *params_take);
NB_MUSTCHECK int nb_page_take_count(int64_t *out, struct nb_chain *chain, size_t step, struct nb_error *err);

#endif
