/*
 * chain_steps.c - what a chain consists of, and the answer to each step.
 */
#include "config.h"

#include <stdlib.h>

#include "db/chain_internal.h"
#include "db/failure.h"
#include "db/params.h"
#include "db/result.h"
#include "db/statements.h"

struct nb_chain *nb_chain_new(void)
{
    return nb_calloc(1, sizeof(struct nb_chain));
}

void nb_chain_dispose(struct nb_chain *chain)
{
    for (size_t i = 0; i < chain->steps.count; i++) {
        nb_params_free(&chain->steps.data[i].params);
        free(chain->steps.data[i].text);
        PQclear(chain->steps.data[i].result);
    }
    nb_vec_clear(&chain->steps);
    free(chain);
}

size_t nb_chain_add(struct nb_chain *chain, enum nb_sql id, struct nb_params *params_take)
{
    struct nb_step step = {.id = id, .params = params_take};

    nb_vec_push(&chain->steps, step);
    return chain->steps.count - 1;
}

size_t nb_chain_add_text(struct nb_chain *chain, const char *text, struct nb_params *params_take)
{
    struct nb_step step = {.text = nb_strdup(text), .params = params_take};

    nb_vec_push(&chain->steps, step);
    return chain->steps.count - 1;
}

void nb_chain_set_done(struct nb_chain *chain, nb_chain_done *done, void *arg)
{
    chain->on_done = done;
    chain->on_done_arg = arg;
}

void nb_chain_sync(struct nb_chain *chain)
{
    chain->steps.data[chain->steps.count - 1].sync = true;
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
        nb_chain_dispose(chain);
}

size_t nb_chain_steps(const struct nb_chain *chain)
{
    return chain->steps.count;
}

const char *nb_chain_step(const struct nb_chain *chain, size_t step, const struct nb_params **params, bool *sync)
{
    *params = chain->steps.data[step].params;
    *sync = chain->steps.data[step].sync;
    return chain->steps.data[step].text ? chain->steps.data[step].text
                                        : nb_sql_queries[chain->steps.data[step].id].text;
}

void nb_chain_keep(struct nb_chain *chain, size_t step, PGresult *result_take)
{
    struct nb_step *kept = step < chain->steps.count ? &chain->steps.data[step] : NULL;

    if (!kept || kept->result)
        PQclear(result_take);
    else
        kept->result = result_take;
}
