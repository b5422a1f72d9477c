/*
 * counts.c - what is unread, exactly, and how much matches, up to a bound.
 */
#include "gateway/counts.h"

#include "page/page_chain.h"

#define MATCHING_MOST 10000 /* queries/inbox_counts.sql counts one more */

size_t gateway_counts_add(struct nb_chain *chain, const struct nb_filter *filter)
{
    return nb_page_add_filtered(chain, NB_SUBJECT_INBOX, NB_SQL_INBOX_COUNTS, filter, NULL);
}

int gateway_counts_tell(struct gateway_request *request, size_t step, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int64_t matching;
    int rc = nb_chain_result(request->chain, step, &result, err);

    if (rc < 0)
        return rc;
    matching = nb_result_int(result, 0, 1);
    nb_strbuf_appendf(&request->answer, "\"counts\":{\"unread\":%lld,\"total\":%lld,\"total_capped\":%s}",
                      (long long)nb_result_int(result, 0, 0),
                      (long long)(matching > MATCHING_MOST ? MATCHING_MOST : matching),
                      matching > MATCHING_MOST ? "true" : "false");
    nb_result_free(&result);
    return NB_OK;
}
