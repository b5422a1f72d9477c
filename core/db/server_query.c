/*
 * server_query.c - runs the statements of servers and administrators' commands.
 */
#include "db/server_query.h"

struct nb_request *nb_server_query(struct nb_connection *connection, enum nb_server_sql id,
                                   struct nb_params *params_take, const struct nb_request_options *options,
                                   nb_request_done *done, void *arg)
{
    return nb_query_text(connection, nb_server_queries[id].text, params_take, options, done, arg);
}

int nb_server_query_wait(struct nb_connection *connection, enum nb_server_sql id, struct nb_params *params_take,
                         struct nb_result **out, struct nb_error *err)
{
    return nb_query_text_wait(connection, nb_server_queries[id].text, params_take, out, err);
}
