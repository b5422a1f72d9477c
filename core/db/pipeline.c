/*
 * pipeline.c - a request in flight: its parts in libpq's pipeline mode, all sent at once, and their answers.
 *
 * Each statement is followed by a sync, which ends its transaction, so that a failure affects no other statement.
 * Behind a pooler that shares sessions, the token and the settings precede the statement in the same transaction.
 */
#include "config.h"

#include <string.h>

#include "db/connection_internal.h"
#include "db/params.h"

/* ---- transaction blocks ---- */

static bool is_query(const char *text, enum nb_sql id)
{
    return text == nb_sql_queries[id].text || strcmp(text, nb_sql_queries[id].text) == 0;
}

static void follow_block(struct nb_connection *connection, const char *text)
{
    if (is_query(text, NB_SQL_TRANSACTION_BEGIN))
        connection->in_block = true;
    else if (is_query(text, NB_SQL_TRANSACTION_COMMIT) || is_query(text, NB_SQL_TRANSACTION_ROLLBACK))
        connection->in_block = false;
}

bool nb_request_goes_alone(const struct nb_request *request)
{
    return request->chain || request->script || request->connection->in_block ||
           is_query(request->text, NB_SQL_TRANSACTION_BEGIN);
}

/* ---- sending ---- */

static void add_part(struct nb_request *request, enum nb_part_kind kind, size_t step)
{
    struct nb_part part = {kind, step};

    nb_vec_push(&request->parts, part);
}

static bool send_text(struct nb_request *request, enum nb_part_kind kind, size_t step, const char *text,
                      const struct nb_params *params)
{
    if (!PQsendQueryParams(request->connection->pg, text, (int)nb_params_count(params), NULL, nb_params_values(params),
                           NULL, NULL, 1))
        return false;
    add_part(request, kind, step);
    return true;
}

static bool send_named(struct nb_request *request, size_t step, const char *name, const struct nb_params *params)
{
    if (!PQsendQueryPrepared(request->connection->pg, name, (int)nb_params_count(params), nb_params_values(params),
                             NULL, NULL, 1))
        return false;
    request->prepared = true;
    add_part(request, NB_PART_EXECUTE, step);
    return true;
}

/* Sends the token and settings; not within an open transaction, which has them already. */
static bool send_carry(struct nb_request *request, size_t step)
{
    const struct nb_connection *connection = request->connection;
    struct nb_params *params;
    bool sent;

    if (connection->owned || connection->in_block || request->internal)
        return true;
    params = nb_params_new();
    nb_params_text(params, connection->token ? connection->token : "");
    sent = send_text(request, NB_PART_CARRY, step, nb_sql_queries[NB_SQL_SESSION_CARRY].text, params);
    nb_params_free(&params);
    return sent;
}

static bool send_statement(struct nb_request *request, size_t step, const char *text, const struct nb_params *params)
{
    struct nb_connection *connection = request->connection;
    enum nb_statement_use use = NB_STATEMENT_UNNAMED;
    const char *name = NULL;

    if (connection->owned && !request->options.no_prepare && !request->unnamed)
        use = nb_statements_use(connection->statements, text, &name);
    switch (use) {
    case NB_STATEMENT_FULL:
        if (is_query(text, NB_SQL_TRANSACTION_ROLLBACK))
            break; /* a transaction that has failed takes a ROLLBACK and nothing in front of it */
        if (!send_text(request, NB_PART_FORGET, step, nb_sql_queries[NB_SQL_STATEMENTS_FORGET].text, NULL))
            return false;
        nb_statements_forget(connection->statements);
        break;
    case NB_STATEMENT_PREPARE:
        if (!PQsendPrepare(connection->pg, name, text, 0, NULL))
            return false;
        add_part(request, NB_PART_PREPARE, step);
        /* Assumed until the answer says otherwise, so that later requests can already use it. */
        nb_statements_prepared(connection->statements, text);
        return send_named(request, step, name, params);
    case NB_STATEMENT_PREPARED:
        return send_named(request, step, name, params);
    case NB_STATEMENT_UNNAMED:
        break;
    }
    return send_text(request, NB_PART_EXECUTE, step, text, params);
}

static bool send_sync(struct nb_request *request, size_t step)
{
    if (!PQpipelineSync(request->connection->pg))
        return false;
    add_part(request, NB_PART_SYNC, step);
    return true;
}

static bool send_chain(struct nb_request *request)
{
    bool sync = true;

    for (size_t i = 0; i < nb_chain_steps(request->chain); i++) {
        const struct nb_params *params;
        bool begins = sync;
        const char *text = nb_chain_step(request->chain, i, &params, &sync);

        if ((begins && !send_carry(request, i)) || !send_statement(request, i, text, params))
            return false;
        follow_block(request->connection, text);
        if (sync && !send_sync(request, i))
            return false;
    }
    return true;
}

bool nb_request_send(struct nb_request *request)
{
    PGconn *pg = request->connection->pg;
    bool sent;

    request->parts.count = request->at = 0;
    request->begun = request->prepared = false;
    request->in_block = request->connection->in_block;
    if (request->script)
        return PQexitPipelineMode(pg) && PQsendQuery(pg, request->text);
    if (request->chain)
        return send_chain(request);
    sent = send_carry(request, 0) && send_statement(request, 0, request->text, request->params);
    follow_block(request->connection, request->text);
    /* The sync is sent even when libpq refuses the statement (too many parameters): it ends the parts sent before
     * it. */
    return send_sync(request, 0) && sent;
}

/* ---- receiving ---- */

/* Keeps the first error, or else the last result. */
static void keep(struct nb_request *request, PGresult *result)
{
    if (request->result && PQresultStatus(request->result) == PGRES_FATAL_ERROR) {
        PQclear(result);
        return;
    }
    PQclear(request->result);
    request->result = result;
}

static const char *text_of(const struct nb_request *request, const struct nb_part *part)
{
    const struct nb_params *params;
    bool sync;

    return request->chain ? nb_chain_step(request->chain, part->step, &params, &sync) : request->text;
}

static void take_result(struct nb_request *request, PGresult *result)
{
    struct nb_statements *statements = request->connection->statements;
    const struct nb_part *part = request->at < request->parts.count ? &request->parts.data[request->at] : NULL;
    bool failed = PQresultStatus(result) == PGRES_FATAL_ERROR;

    /* left out behind an error: it was assumed to be prepared when it was sent */
    if (part && part->kind == NB_PART_PREPARE && (failed || PQresultStatus(result) == PGRES_PIPELINE_ABORTED))
        nb_statements_unprepared(statements, text_of(request, part));
    if (!part || (part->kind != NB_PART_EXECUTE && !failed)) {
        PQclear(result);
        return;
    }
    if (!request->chain) {
        keep(request, result);
        return;
    }
    if (nb_result_lost_preparation(result))
        nb_statements_lost(statements, result);
    nb_chain_keep(request->chain, part->step, result);
}

static void next_part(struct nb_request *request)
{
    request->at += request->begun;
    request->begun = false;
}

/* The results of a part end with NULL; a sync is a single result. A script has results for each statement. */
bool nb_request_take(struct nb_request *request, PGresult *result)
{
    if (request->script) {
        if (result)
            keep(request, result);
        return !result;
    }
    if (!result) {
        next_part(request);
        return false;
    }
    if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
        request->begun = true;
        take_result(request, result);
        return false;
    }
    PQclear(result);
    request->begun = false;
    while (request->at < request->parts.count && request->parts.data[request->at].kind != NB_PART_SYNC)
        request->at++;
    return ++request->at >= request->parts.count;
}
