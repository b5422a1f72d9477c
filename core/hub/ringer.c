/*
 * ringer.c - looks and rings while it holds the lock; otherwise tries for the lock from time to time.
 */
#include "hub/ringer.h"

#include <stdlib.h>

#include "base/log.h"
#include "db/server_query.h"

#define LOOK_MS      25   /* from an answer to the next look; delays bells by at most this, and coalesces them */
#define STAND_BY_MS  1000 /* between tries for the lock: the longest gap when the ringing hub is gone */
#define TRY_AGAIN_MS 1000 /* after an error */

struct hub_ringer {
    struct nb_connection *connection;
    struct nb_timer *timer;
    struct nb_request *request;
    bool deferred;
    bool ringing;
    char *looked; /* the snapshot of the last look; NULL: continue where the last hub stopped */
};

static void be_ringing(struct hub_ringer *ringer, bool ringing)
{
    if (ringer->ringing != ringing)
        nb_log(NB_LOG_INFO, "hub ringing=%s", ringing ? "yes" : "no");
    ringer->ringing = ringing;
    if (!ringing)
        nb_free(&ringer->looked);
}

static void looked(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct hub_ringer *ringer = arg;

    ringer->request = NULL;
    if (err) {
        if (err->code != NB_EUNREACHABLE)
            nb_log(NB_LOG_ERROR, "hub look=failed reason=%s", nb_log_quote(err->message));
        nb_timer_start(ringer->timer, TRY_AGAIN_MS);
        return;
    }
    free(ringer->looked);
    ringer->looked = nb_strdup(nb_result_text(result, 0, 0));
    nb_timer_start(ringer->timer, LOOK_MS);
}

static void look(struct hub_ringer *ringer)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    struct nb_params *params = nb_params_new();

    nb_params_text(params, ringer->looked);
    ringer->request = nb_server_query(ringer->connection, NB_SERVER_SQL_HUB_RING, params, &options, looked, ringer);
}

static void tried(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct hub_ringer *ringer = arg;

    ringer->request = NULL;
    be_ringing(ringer, !err && nb_result_bool(result, 0, 0));
    if (ringer->ringing)
        look(ringer);
    else
        nb_timer_start(ringer->timer, STAND_BY_MS);
}

static void due(void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    struct hub_ringer *ringer = arg;

    if (!ringer->deferred || ringer->request)
        return;
    if (ringer->ringing)
        look(ringer);
    else
        ringer->request = nb_server_query(ringer->connection, NB_SERVER_SQL_HUB_LEAD, NULL, &options, tried, ringer);
}

static void resigned(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct hub_ringer *ringer = arg;

    (void)result;
    (void)err;
    ringer->request = NULL;
    if (ringer->deferred) /* set again in the meantime */
        due(ringer);
}

void hub_ringer_set_deferred(struct hub_ringer *ringer, bool deferred)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    bool was_ringing = ringer->ringing;

    if (ringer->deferred == deferred)
        return;
    hub_ringer_forget(ringer);
    ringer->deferred = deferred;
    if (deferred)
        due(ringer);
    else if (was_ringing)
        ringer->request =
            nb_server_query(ringer->connection, NB_SERVER_SQL_HUB_RESIGN, NULL, &options, resigned, ringer);
}

void hub_ringer_forget(struct hub_ringer *ringer)
{
    nb_timer_stop(ringer->timer);
    if (ringer->request)
        nb_request_abandon(&ringer->request);
    be_ringing(ringer, false);
    ringer->deferred = false;
}

struct hub_ringer *hub_ringer_new(struct nb_connection *connection)
{
    struct hub_ringer *ringer = nb_calloc(1, sizeof(*ringer));

    ringer->connection = connection;
    ringer->timer = nb_loop_add_timer(nb_connection_loop(connection), due, ringer);
    return ringer;
}

void hub_ringer_free(struct hub_ringer **out)
{
    struct hub_ringer *ringer = *out;

    if (!ringer)
        return;
    hub_ringer_forget(ringer);
    nb_timer_remove(&ringer->timer);
    nb_free(out);
}
