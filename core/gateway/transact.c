/*
 * transact.c - makes the chain of a request, and answers when it has run.
 */
#include "gateway/transact.h"

#include <stdlib.h>

#include "db/server_query.h"
#include "gateway/gateway_internal.h"
#include "gateway/problem.h"
#include "gateway/route.h"

#define STATEMENT_LIMIT "5s"
#define LOCK_LIMIT      "3s"

struct gateway_transaction {
    struct gateway_turn turn;
    struct gateway_request *request;
    gateway_transacted *done;
    size_t begin; /* the first step of the transaction; what is before it may fail */
    size_t who,
        still; /* the steps that say whose token it is, before and behind the route's; only where there is a token */
};

static struct nb_params *text_param(const char *text)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, text);
    return params;
}

static size_t add_server(struct nb_chain *chain, enum nb_server_sql id, struct nb_params *params_take)
{
    return nb_chain_add_text(chain, nb_server_queries[id].text, params_take);
}

/* The token and the limits of time, for one transaction. */
static void add_enter(struct gateway_request *request, bool writes)
{
    struct nb_params *params = text_param(request->token);

    nb_params_text(params, writes ? "off" : "on");
    nb_params_text(params, STATEMENT_LIMIT);
    nb_params_text(params, LOCK_LIMIT);
    add_server(request->chain, NB_SERVER_SQL_GATEWAY_ENTER, params);
}

/* In front of the route's statements. What is kept of a token is in a transaction of its own, which may write and ends with the sync; it
 * has the same limits, or a lock in its way would hold the session until that counts as lost. */
static void begin_for_token(struct gateway_transaction *transaction)
{
    struct gateway_request *request = transaction->request;

    if (!gateway_tokens_remembered(request->gateway->tokens, request->token)) {
        add_enter(request, true);
        add_server(request->chain, NB_SERVER_SQL_GATEWAY_REMEMBER, text_param(request->token));
        nb_chain_sync(request->chain);
    }
    transaction->begin = nb_chain_add(request->chain, NB_SQL_TRANSACTION_BEGIN, NULL);
    add_enter(request, request->route->writes);
    transaction->who = add_server(request->chain, NB_SERVER_SQL_GATEWAY_WHO, NULL);
}

/* Behind them: a token that ended meanwhile was shown nothing, which must not look like an inbox that is empty. */
static void end_for_token(struct gateway_transaction *transaction)
{
    transaction->still = add_server(transaction->request->chain, NB_SERVER_SQL_GATEWAY_WHO, NULL);
    transaction->turn.last = nb_chain_add(transaction->request->chain, NB_SQL_TRANSACTION_COMMIT, NULL);
}

/* ---- the answer ---- */

/* The first error of the chain is what went wrong; the others follow from it. */
static int first_failure(struct gateway_transaction *transaction, struct nb_error *err)
{
    int rc = NB_OK;

    for (size_t i = transaction->begin; rc == NB_OK && i <= transaction->turn.last; i++)
        rc = nb_chain_result(transaction->request->chain, i, NULL, err);
    return rc;
}

static void answer_unknown(struct gateway_request *request, const char *reason)
{
    struct nb_error err;

    gateway_tokens_refused(request->gateway->tokens, request->token, reason);
    nb_error_set(&err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s", reason);
    gateway_answer_unauthorized(request, &err);
}

enum who { WHO_KNOWN, WHO_REFUSED, WHO_UNSAID };

static enum who read_who(struct gateway_request *request, size_t step)
{
    struct nb_result *result = NULL;
    enum who who = WHO_UNSAID;

    if (nb_chain_result(request->chain, step, &result, NULL) < 0 || nb_result_rows(result) != 1)
        goto out;
    who = nb_result_bool(result, 0, 0) ? WHO_KNOWN : WHO_REFUSED;
    if (who == WHO_KNOWN)
        request->user = nb_result_uuid(result, 0, 1);
    else
        answer_unknown(request, nb_result_text(result, 0, 2));
out:
    nb_result_free(&result);
    return who;
}

static void answer(struct gateway_transaction *transaction)
{
    struct gateway_request *request = transaction->request;
    struct nb_error err = {0};
    int rc = first_failure(transaction, &err);

    /* what an unknown token is told comes before what its statements made of it */
    if (request->token) {
        enum who who = read_who(request, transaction->who);

        if (who == WHO_KNOWN && rc == NB_OK)
            who = read_who(request, transaction->still);
        if (who == WHO_REFUSED)
            return;
        if (who == WHO_UNSAID && rc == NB_OK)
            rc = nb_error_set(&err, NB_EFAILED, NB_DOMAIN_DATABASE, "the database did not say whose token it is");
    }
    if (rc == NB_OK)
        rc = request->route->tell(request, &err);
    if (rc < 0)
        gateway_answer_error(request, &err);
}

static void ran(void *arg, const struct nb_error *err)
{
    struct gateway_transaction *transaction = arg;
    struct gateway_request *request = transaction->request;
    gateway_transacted *done = transaction->done;

    if (!err)
        answer(transaction);
    else
        gateway_answer_problem(request, err->code == NB_ECONFLICT ? GATEWAY_BUSY : GATEWAY_UNREACHABLE, NULL);
    nb_chain_free(&request->chain);
    nb_free(&request->transaction);
    done(request);
}

/* ---- the question ---- */

void gateway_transact(struct gateway_request *request, gateway_transacted *done)
{
    struct gateway_transaction *transaction = nb_calloc(1, sizeof(*transaction));
    struct nb_error err = {0};
    int rc;

    *transaction = (struct gateway_transaction){.request = request, .done = done};
    request->transaction = transaction;
    request->chain = nb_chain_new();
    if (request->token)
        begin_for_token(transaction);
    if ((rc = request->route->ask(request, &err)) == NB_OK) {
        transaction->turn = (struct gateway_turn){.chain = request->chain, .done = ran, .arg = transaction};
        if (request->token)
            end_for_token(transaction);
        nb_chain_sync(request->chain);
        rc = gateway_pool_run(request->gateway->pool, &transaction->turn, &err);
        if (rc == NB_OK)
            return;
        gateway_answer_problem(request, rc == NB_ECONFLICT ? GATEWAY_BUSY : GATEWAY_UNREACHABLE, NULL);
    } else {
        gateway_answer_error(request, &err);
    }
    nb_chain_free(&request->chain);
    nb_free(&request->transaction);
}

void gateway_transact_forget(struct gateway_request *request)
{
    if (request->transaction)
        gateway_pool_forget(request->gateway->pool, &request->transaction->turn);
    nb_free(&request->transaction);
}
