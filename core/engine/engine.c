/*
 * engine.c - a chunk: claimed, worked on, committed; or rolled back, and then one by one, so that the one which fails is
 * found and the others go on.
 */
#include "engine/engine.h"

#include <stdlib.h>

#include "base/log.h"
#include "db/server_query.h"
#include "engine/work.h"

#define ITEMS_AT_ONCE 64
#define PATIENCE_MS   10000 /* for one statement of a chunk */
#define ALONE_MS      5000  /* for one of a single app event */
#define SETS_CACHED   256

struct nb_engine {
    struct nb_connection *connection;
    struct nb_template_cache *cache;
    size_t alone; /* so many are taken one by one, because one of them has failed */
    int64_t processed, failed;
};

struct nb_engine *nb_engine_new(struct nb_connection *connection)
{
    struct nb_engine *engine = nb_calloc(1, sizeof(*engine));

    engine->connection = connection;
    engine->cache = nb_template_cache_new(SETS_CACHED);
    return engine;
}

void nb_engine_free(struct nb_engine **out)
{
    struct nb_engine *engine = *out;

    if (!engine)
        return;
    nb_template_cache_free(&engine->cache);
    nb_free(out);
}

int64_t nb_engine_processed(const struct nb_engine *engine)
{
    return engine->processed;
}

int64_t nb_engine_failed(const struct nb_engine *engine)
{
    return engine->failed;
}

/* ---- a chunk ---- */

static int claim(struct nb_engine *engine, bool critical, struct nb_result **out, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();

    nb_params_bool(params, critical);
    nb_params_int(params, engine->alone > 0 ? 1 : ITEMS_AT_ONCE);
    nb_params_int(params, engine->alone > 0 ? ALONE_MS : PATIENCE_MS);
    return nb_server_query_wait(engine->connection, NB_SERVER_SQL_ENGINE_CLAIM, params, out, err);
}

static int work_on_claim(struct nb_engine *engine, const struct nb_result *claimed, struct nb_error *err)
{
    size_t count = nb_result_rows(claimed);
    struct work_item *items = nb_calloc(count, sizeof(*items));
    int rc;

    for (size_t i = 0; i < count; i++)
        items[i] = (struct work_item){.tenant = nb_result_uuid(claimed, i, 0),
                                      .id = nb_result_int(claimed, i, 1),
                                      .context = nb_result_text(claimed, i, 4)};
    rc = work_on_items(engine->connection, engine->cache, items, count, err);
    free(items);
    return rc;
}

static struct nb_params *take_params(struct nb_params **params)
{
    struct nb_params *taken = *params;

    *params = NULL;
    return taken;
}

/* Writes down that the one app event of a chunk has failed. */
static int record_failure(struct nb_engine *engine, const struct nb_result *claimed, const struct nb_error *why,
                          struct nb_error *err)
{
    struct nb_uuid tenant = nb_result_uuid(claimed, 0, 0);
    struct nb_params *params = nb_params_new(), *patience = nb_params_new();
    int rc;

    engine->failed++;
    nb_log(NB_LOG_WARN, "worker app_event=%lld type=%s failed=%s", (long long)nb_result_int(claimed, 0, 1),
           nb_log_quote(nb_result_text(claimed, 0, 2)), nb_log_quote(why->message));
    nb_params_uuid(params, &tenant);
    nb_params_int(params, nb_result_int(claimed, 0, 1));
    nb_params_text(params, why->sqlstate[0] ? why->sqlstate : "XX000");
    nb_params_text(params, why->message);
    nb_params_int(patience, ALONE_MS);
    if ((rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err)) == NB_OK)
        rc = nb_server_query_wait(engine->connection, NB_SERVER_SQL_ENGINE_PATIENCE, take_params(&patience), NULL, err);
    if (rc == NB_OK)
        rc = nb_server_query_wait(engine->connection, NB_SERVER_SQL_ENGINE_FAILED, take_params(&params), NULL, err);
    if (rc == NB_OK)
        rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, err);
    nb_params_free(&patience);
    nb_params_free(&params);
    return rc;
}

/* The chunk has failed and is rolled back. */
static int fail(struct nb_engine *engine, const struct nb_result *claimed, const struct nb_error *why,
                struct nb_error *err)
{
    int rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, err);

    if (rc < 0)
        return rc;
    if (nb_result_rows(claimed) == 1) {
        engine->alone -= engine->alone > 0;
        return record_failure(engine, claimed, why, err);
    }
    nb_log(NB_LOG_INFO, "worker chunk=%zu failed=%s then=one-by-one", nb_result_rows(claimed),
           nb_log_quote(why->message));
    engine->alone = nb_result_rows(claimed);
    return NB_OK;
}

static int finish(struct nb_engine *engine, const struct nb_result *claimed, struct nb_error *err)
{
    int rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, err);

    if (rc < 0)
        return rc;
    engine->alone -= engine->alone > 0;
    engine->processed += (int64_t)nb_result_rows(claimed);
    nb_log(NB_LOG_DEBUG, "worker processed=%zu", nb_result_rows(claimed));
    return NB_OK;
}

static int step(struct nb_engine *engine, size_t *done, struct nb_error *err)
{
    struct nb_result *claimed = NULL;
    struct nb_error why;
    int rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err);

    *done = 0;
    for (int lane = 0; rc == NB_OK && *done == 0 && lane < 2; lane++) {
        nb_result_free(&claimed);
        if ((rc = claim(engine, lane == 0, &claimed, err)) == NB_OK)
            *done = nb_result_rows(claimed);
    }
    if (rc == NB_OK && *done == 0) {
        rc = nb_query_wait(engine->connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, err);
    } else if (rc == NB_OK) {
        rc = work_on_claim(engine, claimed, &why);
        if (rc == NB_EUNREACHABLE)
            *err = why;
        else
            rc = rc < 0 ? fail(engine, claimed, &why, err) : finish(engine, claimed, err);
    }
    nb_result_free(&claimed);
    return rc;
}

int nb_engine_step(struct nb_engine *engine, size_t *done, struct nb_error *err)
{
    struct nb_error ignored;
    int rc = step(engine, done, err);

    /* whatever went wrong, no transaction stays open */
    if (rc < 0 && rc != NB_EUNREACHABLE &&
        nb_query_wait(engine->connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, &ignored) < 0)
        nb_log(NB_LOG_WARN, "worker rollback=failed reason=%s", nb_log_quote(ignored.message));
    return rc;
}

int nb_engine_waits(struct nb_engine *engine, int64_t *due_ms, bool *others_work, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(engine->connection, NB_SERVER_SQL_ENGINE_WAITS, NULL, &result, err);

    if (rc == NB_OK) {
        *due_ms = nb_result_is_null(result, 0, 0) ? -1 : nb_result_int(result, 0, 0);
        *others_work = nb_result_bool(result, 0, 1);
    }
    nb_result_free(&result);
    return rc;
}

int nb_engine_try(struct nb_connection *connection, const struct nb_engine_trial *trial, nb_engine_said *said,
                  void *arg, bool *more, struct nb_error *err)
{
    const struct work_trial of = {trial->event_type, trial->module, trial->person};
    struct work_item item = {.context = trial->context};
    struct nb_params *params = nb_params_new();
    struct nb_template_cache *cache = nb_template_cache_new(SETS_CACHED);
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, trial->tenant);
    rc = nb_server_query_wait(connection, NB_SERVER_SQL_RULES_TEST_TENANT, params, &result, err);
    if (rc == NB_OK) {
        item.tenant = nb_result_uuid(result, 0, 0);
        rc = work_on_trial(connection, cache, &item, &of, said, arg, more, err);
    }
    nb_result_free(&result);
    nb_template_cache_free(&cache);
    return rc;
}
