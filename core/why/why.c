/*
 * why.c - asks the database what was decided.
 */
#include "why/why.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

struct why_call {
    nb_why_done *done;
    void *arg;
};

/* What PostgreSQL stores as jsonb can always be read; were it not, the decision is told without. */
json_t *nb_decision_detail(const char *text)
{
    json_t *detail = NULL;
    struct nb_error err = {0};

    if (!text || nb_json_parse_nul(&detail, text, strlen(text), &err) != NB_OK)
        return NULL;
    return detail;
}

static void why_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct why_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_decision *decisions = nb_calloc(count + 1, sizeof(*decisions));

    for (size_t i = 0; i < count; i++)
        decisions[i] = (struct nb_decision){
            .at = nb_result_time(result, i, 0),
            .subject = nb_result_text(result, i, 1),
            .subject_id = nb_result_text(result, i, 2),
            .app_event = nb_result_int(result, i, 3),
            .event_type = nb_result_text(result, i, 4),
            .user_id = nb_result_uuid(result, i, 5),
            .user_name = nb_result_text(result, i, 6),
            .channel = nb_result_text(result, i, 7),
            .rule_id = nb_result_text(result, i, 8),
            .code = nb_result_text(result, i, 9),
            .outcome = nb_result_text(result, i, 10),
            .detail = nb_decision_detail(nb_result_text(result, i, 11)),
            .is_own = nb_result_bool(result, i, 12),
        };
    call->done(call->arg, decisions, count, err);
    for (size_t i = 0; i < count; i++)
        json_decref(decisions[i].detail);
    free(decisions);
}

struct nb_request *nb_why(struct nb_connection *connection, const char *kind, const char *id, size_t most,
                          nb_why_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct why_call *call = nb_calloc(1, sizeof(*call));

    nb_params_text(params, kind);
    nb_params_text(params, id);
    if (most == NB_WHY_ALL)
        nb_params_null(params);
    else
        nb_params_int(params, (int64_t)most);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_WHY, params, &options, why_answered, call);
}
