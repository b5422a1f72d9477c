/*
 * keys.c - keys as parameters, and the one way to send a query on a subject.
 */
#include "page/page_internal.h"

#define QUERY_MAX (1024 * 1024)

struct nb_key page_key_lowest(void)
{
    return (struct nb_key){{0}};
}

struct nb_key page_key_highest(enum nb_subject subject)
{
    struct nb_key key;

    if (nb_subject_info(subject)->integer_keys)
        return nb_key_from_int(INT64_MAX);
    memset(key.bytes, 0xff, sizeof(key.bytes));
    return key;
}

void page_bind_key(struct nb_params *params, enum nb_subject subject, const struct nb_key *key)
{
    struct nb_uuid uuid = nb_key_to_uuid(key);

    if (nb_subject_info(subject)->integer_keys)
        nb_params_int(params, nb_key_to_int(key));
    else
        nb_params_uuid(params, &uuid);
}

/* The limits of the filter language keep every query far below the limits of composing, and a test composes every
 * fragment. So a failure here is a bug of this library, not something that a caller could handle. */
struct nb_request *page_query(struct nb_connection *connection, enum nb_subject subject, enum nb_sql query,
                              const struct nb_filter *filter, struct nb_params *params_take,
                              const struct nb_request_options *options, nb_request_done *done, void *arg)
{
    struct nb_request *request;
    struct nb_strbuf text;
    struct nb_error err;

    nb_strbuf_init(&text, QUERY_MAX);
    if (nb_filter_compose(&text, params_take, subject, filter, query, &err) < 0)
        nb_fatal(err.message);
    request = nb_query_text(connection, text.data, params_take, options, done, arg);
    nb_strbuf_clear(&text);
    return request;
}
