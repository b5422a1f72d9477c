/*
 * probe.c - does the proxy keep a session for us? A second connection through it helps to find out.
 *
 * First the cheap disproof: we ask for our process while the second connection has a transaction open, and while it has none.
 * A pool gives out the session that was used last, or the next one, so one of the two changes. Only if the process stays the
 * same in each round do we LISTEN for the probe's channel, whose bells tell nothing,
 * and the second connection rings it. If that bell comes although we have sent nothing since before it was rung, the proxy
 * keeps the session for us: a pool passes nothing on from a session that no client is using.
 */
#include "config.h"

#include "feed/probe.h"

#include <stdlib.h>
#include <string.h>

#define CHANNEL       "nightbell_probe" /* as in feed_probe_listen.sql */
#define PATIENCE_MS   3000
#define HOLD_MS       500 /* the second one's transaction, at most */
#define ROUNDS        5   /* in a busy pool chance gives us the same session now and then */
#define RINGS         10  /* tries to find a moment in which we send nothing */
#define RING_AGAIN_MS 100

struct nb_probe {
    struct nb_connection *connection, *second;
    struct nb_connection_observer ours, theirs;
    struct nb_request *asking; /* of either connection */
    nb_probe_done *done;
    void *arg;
    struct nb_timer *patience, *again;
    char *nonce;
    int64_t process;
    unsigned rounds, rings;
    uint64_t quiet_since; /* nb_connection_idle_since() when it was rung */
    bool listens;
    enum nb_probe_result result; /* what it is when patience ends */
};

static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .no_prepare = true};

/* The owner frees the probe in its callback, so it is called from the loop. */
static void conclude(struct nb_probe *probe, enum nb_probe_result result)
{
    if (probe->asking)
        nb_request_abandon(&probe->asking);
    nb_timer_stop(probe->again);
    probe->result = result;
    nb_timer_start(probe->patience, 0);
}

static void patience_over(void *arg)
{
    struct nb_probe *probe = arg;

    probe->done(probe->arg, probe->result);
}

/* Notes that the answer to `asking` is there. An error ends the probe without a result. */
static bool take_answer(struct nb_probe *probe, const struct nb_error *err)
{
    probe->asking = NULL;
    if (err)
        conclude(probe, NB_PROBE_UNKNOWN);
    return !err;
}

/* ---- the bell ---- */

static void rung(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    (void)result;
    if (take_answer(probe, err))
        probe->result = NB_PROBE_SHARED; /* it was rung: if it is not heard before patience ends, bells do not arrive */
}

static void ring(void *arg)
{
    struct nb_probe *probe = arg;
    struct nb_params *params;

    if (++probe->rings > RINGS) {
        conclude(probe, NB_PROBE_UNKNOWN);
        return;
    }
    probe->result = NB_PROBE_UNKNOWN;
    probe->quiet_since = nb_connection_idle_since(probe->connection);
    if (probe->quiet_since == 0 || probe->asking) {
        nb_timer_start(probe->again, RING_AGAIN_MS);
        return;
    }
    params = nb_params_new();
    nb_params_text(params, CHANNEL);
    nb_params_text(params, probe->nonce);
    probe->asking = nb_query(probe->second, NB_SQL_FEED_PROBE_RING, params, &options, rung, probe);
}

static void heard(void *arg, const char *channel, const char *payload)
{
    struct nb_probe *probe = arg;

    if (strcmp(channel, CHANNEL) != 0 || strcmp(payload, probe->nonce) != 0)
        return;
    if (probe->quiet_since != 0 && nb_connection_idle_since(probe->connection) == probe->quiet_since)
        conclude(probe, NB_PROBE_OURS);
    else
        nb_timer_start(probe->again, RING_AGAIN_MS); /* we sent something meanwhile, so it proves nothing */
}

static void listened(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    (void)result;
    probe->listens = true;
    if (take_answer(probe, err))
        ring(probe);
}

static void listen(struct nb_probe *probe)
{
    nb_timer_start(probe->patience, PATIENCE_MS);
    probe->result = NB_PROBE_UNKNOWN;
    probe->asking = nb_query(probe->connection, NB_SQL_FEED_PROBE_LISTEN, NULL, &options, listened, probe);
}

/* ---- the disproof ---- */

static void name(struct nb_probe *probe);

static void turned(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    (void)result;
    if (take_answer(probe, err))
        name(probe);
}

/* Every second round takes one session more, so that a pool which gives them out in turn does not come round to the same
 * one each time: with two sessions it did. */
static void round_over(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    if (err || probe->rounds % 2 == 0) {
        turned(probe, result, err);
        return;
    }
    probe->asking = nb_query(probe->second, NB_SQL_FEED_PROBE_PROCESS, NULL, &options, turned, probe);
}

static void named_again(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    if (!take_answer(probe, err))
        return;
    if (nb_result_int(result, 0, 0) != probe->process)
        conclude(probe, NB_PROBE_SHARED);
    else
        probe->asking = nb_query(probe->second, NB_SQL_TRANSACTION_COMMIT, NULL, &options, round_over, probe);
}

/* Without an answer in time, the only session of the pool is the one that the second connection holds: it is a pool. */
static void ask_again(struct nb_probe *probe)
{
    nb_timer_start(probe->patience, HOLD_MS);
    probe->result = NB_PROBE_SHARED;
    probe->asking = nb_query(probe->connection, NB_SQL_FEED_PROBE_PROCESS, NULL, &options, named_again, probe);
}

static void occupied(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    if (!take_answer(probe, err))
        return;
    if (nb_result_int(result, 0, 0) == probe->process)
        conclude(probe, NB_PROBE_SHARED);
    else
        ask_again(probe);
}

static void begun(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    (void)result;
    probe->asking = NULL;
    if (err) /* transactions are refused: each statement gets another session */
        conclude(probe, NB_PROBE_SHARED);
    else
        probe->asking = nb_query(probe->second, NB_SQL_FEED_PROBE_PROCESS, NULL, &options, occupied, probe);
}

static void named(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_probe *probe = arg;
    int64_t process;

    if (!take_answer(probe, err))
        return;
    process = nb_result_int(result, 0, 0);
    if (probe->rounds > 0 && process != probe->process)
        conclude(probe, NB_PROBE_SHARED);
    else if (probe->rounds++ == ROUNDS)
        listen(probe);
    else
        probe->asking = nb_query(probe->second, NB_SQL_TRANSACTION_BEGIN, NULL, &options, begun, probe);
    probe->process = process;
}

static void name(struct nb_probe *probe)
{
    nb_timer_start(probe->patience, PATIENCE_MS);
    probe->result = NB_PROBE_UNKNOWN;
    probe->asking = nb_query(probe->connection, NB_SQL_FEED_PROBE_PROCESS, NULL, &options, named, probe);
}

static void second_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_probe *probe = arg;

    (void)err;
    if (state == NB_CONNECTION_READY)
        name(probe);
    else if (state == NB_CONNECTION_FAILED)
        conclude(probe, NB_PROBE_UNKNOWN);
}

/* ---- beginning and end ---- */

struct nb_probe *nb_probe_start(struct nb_connection *connection, nb_probe_done *done, void *arg)
{
    struct nb_loop *loop = nb_connection_loop(connection);
    struct nb_probe *probe = nb_calloc(1, sizeof(*probe));
    struct nb_uuid random = nb_uuid_v7();
    char text[NB_UUID_TEXT_SIZE];

    probe->connection = connection;
    probe->done = done;
    probe->arg = arg;
    probe->nonce = nb_strdup(nb_uuid_format(&random, text));
    probe->patience = nb_loop_add_timer(loop, patience_over, probe);
    probe->again = nb_loop_add_timer(loop, ring, probe);
    probe->ours = (struct nb_connection_observer){.notified = heard, .arg = probe};
    nb_connection_observe(connection, &probe->ours);
    probe->second = nb_connection_sibling(connection);
    probe->theirs = (struct nb_connection_observer){.state_changed = second_changed, .arg = probe};
    nb_connection_observe(probe->second, &probe->theirs);
    nb_connection_start(probe->second);
    nb_timer_start(probe->patience, PATIENCE_MS);
    return probe;
}

void nb_probe_free(struct nb_probe **out)
{
    struct nb_probe *probe = *out;

    if (!probe)
        return;
    *out = NULL;
    if (probe->asking)
        nb_request_abandon(&probe->asking);
    nb_connection_unobserve(probe->connection, &probe->ours);
    nb_connection_unobserve(probe->second, &probe->theirs);
    nb_connection_free(&probe->second);
    if (probe->listens && nb_connection_state(probe->connection) == NB_CONNECTION_READY)
        nb_query(probe->connection, NB_SQL_FEED_PROBE_UNLISTEN, NULL, &options, NULL, NULL);
    nb_timer_remove(&probe->patience);
    nb_timer_remove(&probe->again);
    free(probe->nonce);
    free(probe);
}
