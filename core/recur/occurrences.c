/*
 * occurrences.c - asks the database what is to be worked out, and brings it the local times.
 */
#include "recur/occurrences.h"

#include <stdlib.h>

#include "db/server_query.h"
#include "recur/rrule.h"

#define BATCH 20

enum { KIND, TENANT, KEY, REVISION, STARTS, RRULE, SINCE, UPTO, UPTO_TIME };

static int store(struct nb_connection *connection, const struct nb_result *wanted, size_t row,
                 char (*times)[NB_RRULE_TIME_SIZE], size_t count, const char *problem, struct nb_error *err)
{
    const struct nb_uuid tenant = nb_result_uuid(wanted, row, TENANT);
    const char **texts = nb_calloc(count + 1, sizeof(*texts));
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    for (size_t i = 0; i < count; i++)
        texts[i] = times[i];
    nb_params_text(params, nb_result_text(wanted, row, KIND));
    nb_params_uuid(params, &tenant);
    nb_params_text(params, nb_result_text(wanted, row, KEY));
    nb_params_int(params, nb_result_int(wanted, row, REVISION));
    nb_params_text_array(params, texts, count);
    nb_params_text(params, nb_result_text(wanted, row, UPTO_TIME));
    nb_params_text(params, problem);
    rc = nb_server_query_wait(connection, NB_SERVER_SQL_OCCURRENCES_STORE, params, &result, err);
    nb_result_free(&result);
    free(texts);
    return rc;
}

static int update_one(struct nb_connection *connection, const struct nb_result *wanted, size_t row,
                      nb_occurrences_failed *failed, void *arg, struct nb_error *err)
{
    const struct nb_rrule rule = {
        .rule = nb_result_text(wanted, row, RRULE),
        .starts = nb_result_text(wanted, row, STARTS),
        .since = nb_result_text(wanted, row, SINCE),
        .upto = nb_result_text(wanted, row, UPTO),
    };
    char(*times)[NB_RRULE_TIME_SIZE] = NULL;
    struct nb_error problem = {0};
    size_t count = 0;
    int rc = nb_rrule_expand(&rule, &times, &count, &problem);

    if (rc < 0 && rc != NB_EINVALID) { /* the system's trouble, not the rule's */
        if (err)
            *err = problem;
        return rc;
    }
    if (rc < 0 && failed)
        failed(arg, nb_result_text(wanted, row, KIND), nb_result_text(wanted, row, KEY), &problem);
    rc = store(connection, wanted, row, times, count, rc < 0 ? problem.message : NULL, err);
    free(times);
    return rc;
}

int nb_occurrences_update(struct nb_connection *connection, nb_occurrences_failed *failed, void *arg,
                          struct nb_error *err)
{
    size_t rows = 1;
    int rc = 0;

    while (rc == 0 && rows > 0) {
        struct nb_params *params = nb_params_new();
        struct nb_result *wanted = NULL;

        nb_params_int(params, BATCH);
        rc = nb_server_query_wait(connection, NB_SERVER_SQL_OCCURRENCES_WANTED, params, &wanted, err);
        rows = rc == 0 ? nb_result_rows(wanted) : 0;
        for (size_t i = 0; rc == 0 && i < rows; i++)
            rc = update_one(connection, wanted, i, failed, arg, err);
        nb_result_free(&wanted);
    }
    return rc;
}
