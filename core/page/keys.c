/*
 * keys.c - keys and ranks as parameters, and the one way to send a query on a subject.
 */
#include "page/page_internal.h"

#define QUERY_MAX (1024 * 1024)

void page_bind_key(struct nb_params *params, enum nb_subject subject, const struct nb_key *key)
{
    struct nb_uuid uuid = nb_key_to_uuid(key);

    if (nb_subject_info(subject)->integer_keys)
        nb_params_int(params, nb_key_to_int(key));
    else
        nb_params_uuid(params, &uuid);
}

void page_bind_rank(struct nb_params *params, const struct nb_order *order, int64_t rank)
{
    if (!order->rank)
        return;
    rank = rank < order->lowest ? order->lowest : rank > order->highest ? order->highest : rank;
    if (order->by_time)
        nb_params_time(params, rank);
    else
        nb_params_int(params, rank);
}

/* The limits of the filter language keep every query far below the limits of composing, and a test composes every
 * fragment. So a failure here is a bug of this library, not something that a caller could handle. */
void page_compose(struct nb_strbuf *text, struct nb_params *params, enum nb_subject subject, enum nb_sql query,
                  const struct nb_filter *filter, const struct nb_ranks *ranks)
{
    struct nb_error err;

    nb_strbuf_init(text, QUERY_MAX);
    if (nb_filter_compose(text, params, subject, filter, ranks, query, &err) < 0)
        nb_fatal(err.message);
}

struct nb_request *page_query(struct nb_connection *connection, enum nb_subject subject, enum nb_sql query,
                              const struct nb_filter *filter, const struct nb_ranks *ranks,
                              struct nb_params *params_take, const struct nb_request_options *options,
                              nb_request_done *done, void *arg)
{
    struct nb_request *request;
    struct nb_strbuf text;

    page_compose(&text, params_take, subject, query, filter, ranks);
    request = nb_query_text(connection, text.data, params_take, options, done, arg);
    nb_strbuf_clear(&text);
    return request;
}
