/*
 * counts.h - the counts that go with every answer about one's notifications.
 */
#ifndef NB_GATEWAY_COUNTS_H
#define NB_GATEWAY_COUNTS_H

#include "filter/filter.h"
#include "gateway/request.h"

/* filter: of the page; NULL: what the inbox shows. Returns the step. */
size_t gateway_counts_add(struct nb_chain *chain, const struct nb_filter *filter);
/* Appends "counts":{…} to the answer. */
NB_MUSTCHECK int gateway_counts_tell(struct gateway_request *request, size_t step, struct nb_error *err);

#endif
