/*
 * chain.c - sends statements in a row, and waits for their answers.
 */
#include "config.h"

#include "db/chain_internal.h"
#include "db/connection_internal.h"

void nb_chain_free(struct nb_chain **chain_pointer)
{
    struct nb_chain *chain = *chain_pointer;

    if (!chain)
        return;
    *chain_pointer = NULL;
    if (chain->request) {
        chain->orphan = true;
        if (!chain->done)
            nb_request_cancel(chain->request);
        return;
    }
    nb_chain_dispose(chain);
}

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_chain *chain = arg;

    (void)result; /* nb_chain_keep() has collected the results */
    chain->done = true;
    if (err)
        chain->lost = *err;
    if (chain->on_done && !chain->orphan)
        chain->on_done(chain->on_done_arg);
}

void nb_chain_send(struct nb_chain *chain, struct nb_connection *connection)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    chain->connection = connection;
    chain->done = false;
    nb_error_clear(&chain->lost);
    for (size_t i = 0; i < chain->steps.count; i++) {
        PQclear(chain->steps.data[i].result);
        chain->steps.data[i].result = NULL;
    }
    chain->request = nb_request_new(connection, "", NULL, &options, answered, chain);
    chain->request->chain = chain;
    nb_request_submit(connection, chain->request);
}

bool nb_chain_is_done(const struct nb_chain *chain)
{
    return chain->done;
}

int nb_chain_wait(struct nb_chain *chain, struct nb_error *err)
{
    while (!chain->done) {
        int rc = nb_loop_turn(nb_connection_loop(chain->connection), -1, err);

        if (rc < 0)
            return rc;
    }
    if (chain->lost.code < 0 && err)
        *err = chain->lost;
    return chain->lost.code;
}
