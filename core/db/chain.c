/*
 * chain.c - statements in a row, and their answers.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "db/chain_internal.h"
#include "db/connection_internal.h"
#include "db/failure.h"
#include "db/params.h"
#include "db/result.h"

struct step {
    enum nb_sql id;
    struct nb_params *params;
    bool sync; /* a sync follows it */
    PGresult *result;
};

struct nb_chain {
    struct nb_connection *connection;
    struct nb_request *request; /* while it runs */
    NB_VEC(struct step) steps;
    bool done;
    bool orphan;          /* freed by its owner while running: freed when the request ends */
    struct nb_error lost; /* code 0: all answers came */
};

struct nb_chain *nb_chain_new(void)
{
    return nb_calloc(1, sizeof(struct nb_chain));
}

void nb_chain_free(struct nb_chain **chain_pointer)
{
    struct nb_chain *chain = *chain_pointer;

    if (!chain)
        return;
    *chain_pointer = NULL;
    if (chain->request) {
        chain->orphan = true;
        nb_request_cancel(chain->request);
        return;
    }
    for (size_t i = 0; i < chain->steps.count; i++) {
        nb_params_free(&chain->steps.data[i].params);
        PQclear(chain->steps.data[i].result);
    }
    nb_vec_clear(&chain->steps);
    free(chain);
}

size_t nb_chain_add(struct nb_chain *chain, enum nb_sql id, struct nb_params *params_take)
{
    struct step step = {.id = id, .params = params_take};

    nb_vec_push(&chain->steps, step);
    return chain->steps.count - 1;
}

void nb_chain_sync(struct nb_chain *chain)
{
    chain->steps.data[chain->steps.count - 1].sync = true;
}

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_chain *chain = arg;

    (void)result; /* nb_chain_keep() has collected the results */
    chain->done = true;
    if (err)
        chain->lost = *err;
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

bool nb_chain_was_unprepared(const struct nb_chain *chain, size_t step)
{
    return nb_result_lost_preparation(chain->steps.data[step].result);
}

int nb_chain_result(struct nb_chain *chain, size_t step, struct nb_result **out, struct nb_error *err)
{
    PGresult *result = chain->steps.data[step].result;

    if (!result) {
        if (chain->lost.code < 0 && err)
            *err = chain->lost;
        return chain->lost.code < 0
                   ? chain->lost.code
                   : nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "the database did not answer a statement");
    }
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        break;
    case PGRES_PIPELINE_ABORTED:
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "left out because a statement before it failed");
    default:
        return nb_failure_from_result(err, result, NULL);
    }
    if (out) {
        *out = nb_calloc(1, sizeof(**out));
        (*out)->pg = result;
        chain->steps.data[step].result = NULL;
    }
    return 0;
}

/* ---- the queue's side ---- */

void nb_chain_released(struct nb_chain *chain)
{
    chain->request = NULL;
    if (chain->orphan)
        nb_chain_free(&chain);
}

size_t nb_chain_steps(const struct nb_chain *chain)
{
    return chain->steps.count;
}

const char *nb_chain_step(const struct nb_chain *chain, size_t step, const struct nb_params **params, bool *sync)
{
    *params = chain->steps.data[step].params;
    *sync = chain->steps.data[step].sync;
    return nb_sql_queries[chain->steps.data[step].id].text;
}

void nb_chain_keep(struct nb_chain *chain, size_t step, PGresult *result_take)
{
    struct step *kept = step < chain->steps.count ? &chain->steps.data[step] : NULL;

    if (!kept || kept->result)
        PQclear(result_take);
    else
        kept->result = result_take;
}
