/*
 * flight.c - cancelling a request in flight: only the first one, which the server is running.
 */
#include "config.h"

#include "db/connection_internal.h"

/* A cancel that overtakes its statement has no effect, so it is repeated while the statement runs. */
#define CANCEL_AGAIN_MS 40

struct nb_request *nb_first_flight(const struct nb_connection *connection)
{
    return connection->flights.count > 0 ? connection->flights.data[0] : NULL;
}

static void cancel_taken(void *arg)
{
    struct nb_connection *connection = arg;
    const struct nb_request *first = nb_first_flight(connection);

    nb_cancel_forget(&connection->cancel);
    if (first && first->cancel_wanted)
        nb_timer_start(connection->cancel_timer, CANCEL_AGAIN_MS);
}

/* The cancel may arrive when the server runs the next request already; that one then has to be sent again. */
static void expose_others(const struct nb_connection *connection)
{
    for (size_t i = 0; i < connection->flights.count; i++)
        connection->flights.data[i]->exposed = true;
}

void nb_flight_cancel_due(void *arg)
{
    struct nb_connection *connection = arg;
    const struct nb_request *first = nb_first_flight(connection);

    if (!first || !first->cancel_wanted || connection->cancel)
        return;
    expose_others(connection);
    connection->cancel = nb_cancel_start(connection->loop, connection->pg, cancel_taken, connection);
}

void nb_flight_cancel(struct nb_request *request)
{
    request->cancel_wanted = true;
    if (request == nb_first_flight(request->connection) && !nb_timer_active(request->connection->cancel_timer))
        nb_flight_cancel_due(request->connection);
}
