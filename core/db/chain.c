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
    bool sync;      /* behind it */
    bool preparing; /* the first answer is to its being prepared */
    PGresult *result;
};

struct nb_chain {
    struct nb_connection *connection;
    struct nb_request *request; /* while under way */
    NB_VEC(struct step) steps;
    size_t syncs;   /* to come */
    size_t current; /* the step whose answer is expected */
    bool begun;     /* something of that answer has come */
    bool skips;     /* what has come was the answer to preparing it */
    bool done;
    bool orphan;          /* nobody asks any more: goes with the request */
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

    (void)result; /* each step has its own */
    chain->done = true;
    if (err)
        chain->lost = *err;
}

void nb_chain_send(struct nb_chain *chain, struct nb_connection *connection)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .no_prepare = true};

    chain->connection = connection;
    chain->syncs = chain->current = 0;
    chain->begun = chain->skips = chain->done = false;
    nb_error_clear(&chain->lost);
    for (size_t i = 0; i < chain->steps.count; i++) {
        struct step *step = &chain->steps.data[i];

        chain->syncs += step->sync;
        step->preparing = false;
        PQclear(step->result);
        step->result = NULL;
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

/* Prepared statements got lost on the way (a pooler), or the plan's result changed. */
static bool lost_preparation(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return sqlstate &&
           (strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "42P05") == 0 || strcmp(sqlstate, "0A000") == 0);
}

bool nb_chain_was_unprepared(const struct nb_chain *chain, size_t step)
{
    return lost_preparation(chain->steps.data[step].result);
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

static bool send_step(struct step *step, struct nb_statements *statements, PGconn *pg)
{
    const char *text = nb_sql_queries[step->id].text, *name = NULL;
    const char *const *values = nb_params_values(step->params);
    int count = (int)nb_params_count(step->params);

    switch (nb_statements_use(statements, text, &name)) {
    case NB_STATEMENT_PREPARE:
        step->preparing = true;
        return PQsendPrepare(pg, name, text, 0, NULL) && PQsendQueryPrepared(pg, name, count, values, NULL, NULL, 1);
    case NB_STATEMENT_PREPARED:
        return PQsendQueryPrepared(pg, name, count, values, NULL, NULL, 1);
    case NB_STATEMENT_UNNAMED:
    case NB_STATEMENT_FULL:
        break;
    }
    return PQsendQueryParams(pg, text, count, NULL, values, NULL, NULL, 1);
}

bool nb_chain_start(struct nb_chain *chain, PGconn *pg)
{
    if (!PQenterPipelineMode(pg))
        return false;
    for (size_t i = 0; i < chain->steps.count; i++) {
        struct step *step = &chain->steps.data[i];

        if (!send_step(step, chain->connection->statements, pg) || (step->sync && !PQpipelineSync(pg)))
            return false;
    }
    return true;
}

/* The answer to PQsendPrepare; true: it was one. A failure stays as the statement's own. */
static bool take_prepared(struct nb_chain *chain, struct step *step, PGresult *result)
{
    if (!step->preparing)
        return false;
    step->preparing = false;
    chain->skips = true;
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        nb_statements_prepared(chain->connection->statements, nb_sql_queries[step->id].text);
        PQclear(result);
    } else {
        if (lost_preparation(result))
            nb_statements_disable(chain->connection->statements);
        step->result = result;
    }
    return true;
}

/* A statement's results end with NULL, a sync is a result of its own. */
bool nb_chain_take(struct nb_chain *chain, PGresult *result)
{
    struct step *step = chain->current < chain->steps.count ? &chain->steps.data[chain->current] : NULL;

    if (!result) {
        chain->current += chain->begun;
        chain->begun = chain->skips = false;
        return false;
    }
    if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
        PQclear(result);
        chain->current += chain->begun;
        chain->begun = chain->skips = false;
        return --chain->syncs == 0;
    }
    if (step && !chain->skips && take_prepared(chain, step, result))
        return false;
    chain->begun = true;
    if (lost_preparation(result))
        nb_statements_disable(chain->connection->statements);
    if (!step || step->result)
        PQclear(result);
    else
        step->result = result;
    return false;
}
