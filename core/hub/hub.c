/*
 * hub.c - LISTENs to exactly the keys that clients want, and passes their bells on.
 */
#include "hub/hub.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/server_query.h"
#include "feed/place.h"
#include "hub/clients.h"
#include "hub/ringer.h"

#define KEYS_AT_ONCE 256
#define TRY_AGAIN_MS 1000
#define LINGER_MS                                                                                                      \
    1000 /* how long the hub LISTENs to a key that no client wants, since its console may reconnect at once */

struct nb_hub {
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_timer *again;
    struct nb_timer *linger;
    bool lingered; /* LINGER_MS are over for the unwanted keys */
    struct hub_keys keys;
    struct hub_clients *clients;
    struct hub_ringer *ringer;
    char *socket;
    char *channel; /* notifies hubs that the way of ringing has changed */
    struct nb_request *asking;
    struct nb_request *changing;
    bool changing_to; /* LISTEN, or else UNLISTEN */
    struct hub_key *batch[KEYS_AT_ONCE];
    size_t batch_count;
};

/* ---- LISTEN and UNLISTEN ---- */

static void change_keys(struct nb_hub *hub);

static void changed(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_hub *hub = arg;
    bool listening = hub->changing_to != (err != NULL);

    (void)result;
    hub->changing = NULL;
    if (err && err->code == NB_EUNREACHABLE)
        return; /* state_changed() reports the end of the session and resets everything */
    for (size_t i = 0; i < hub->batch_count; i++) {
        if (!err && listening)
            hub_clients_tell_key(hub->batch[i], NB_HUB_LISTENING, NULL);
        hub_keys_changed(&hub->keys, hub->batch[i], listening);
    }
    hub->batch_count = 0;
    if (!err) {
        change_keys(hub);
        return;
    }
    nb_log(NB_LOG_ERROR, "hub listen=failed reason=%s", nb_log_quote(err->message));
    nb_timer_start(hub->again, TRY_AGAIN_MS);
}

static struct nb_params *batch_params(const struct nb_hub *hub)
{
    struct nb_params *params = nb_params_new();
    const char *names[KEYS_AT_ONCE] = {NULL};

    for (size_t i = 0; i < hub->batch_count; i++)
        names[i] = hub->batch[i]->name;
    nb_params_text_array(params, names, hub->batch_count);
    nb_params_bool(params, hub->changing_to);
    return params;
}

/* Unwanted keys are UNLISTENed in batches, so that clients that come and go cost the database little. */
static bool is_unlisten_due(struct nb_hub *hub)
{
    size_t count = hub->keys.to_unlisten.count;

    if (count == 0)
        nb_timer_stop(hub->linger);
    else if (!hub->lingered && !nb_timer_active(hub->linger))
        nb_timer_start(hub->linger, LINGER_MS);
    return count >= KEYS_AT_ONCE || hub->lingered;
}

/* Sends one request at a time; later changes go with the next one. LISTEN comes first, but not twice in a row while
 * UNLISTEN is due, because each key that the session listens to makes the next LISTEN slower. */
static void change_keys(struct nb_hub *hub)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    bool due, first;

    if (hub->changing || nb_timer_active(hub->again) || nb_connection_state(hub->connection) != NB_CONNECTION_READY)
        return;
    due = is_unlisten_due(hub);
    first = !(due && hub->changing_to);
    for (int turn = 0; turn < 2 && hub->batch_count == 0; turn++) {
        hub->changing_to = turn == 0 ? first : !first;
        if (hub->changing_to || due)
            hub->batch_count = hub_keys_take(&hub->keys, hub->changing_to, hub->batch, KEYS_AT_ONCE);
    }
    if (!hub->changing_to)
        hub->lingered = false; /* keys given up from now on linger again */
    if (hub->batch_count > 0)
        hub->changing =
            nb_server_query(hub->connection, NB_SERVER_SQL_HUB_LISTEN, batch_params(hub), &options, changed, hub);
}

static void keys_differ(void *arg)
{
    change_keys(arg);
}

/* ---- how bells ring ---- */

static void take_answer(struct nb_hub *hub, const struct nb_result *result)
{
    free(hub->channel);
    hub->channel = nb_strdup(nb_result_text(result, 0, 2));
    hub_ringer_set_deferred(hub->ringer, strcmp(nb_result_text(result, 0, 1), "deferred") == 0);
}

static void asked(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_hub *hub = arg;

    hub->asking = NULL;
    if (!err)
        take_answer(hub, result);
    else if (err->code != NB_EUNREACHABLE)
        nb_log(NB_LOG_ERROR, "hub ask=failed reason=%s", nb_log_quote(err->message));
}

void nb_hub_ask_again(struct nb_hub *hub)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    if (!hub->asking && nb_connection_state(hub->connection) == NB_CONNECTION_READY)
        hub->asking = nb_server_query(hub->connection, NB_SERVER_SQL_HUB_START, NULL, &options, asked, hub);
}

/* ---- the session with the database ---- */

static void notified(void *arg, const char *channel, const char *payload)
{
    struct nb_hub *hub = arg;
    const struct hub_key *key = hub_keys_find(&hub->keys, channel);

    if (key)
        hub_clients_tell_key(key, NB_HUB_BELL, payload);
    else if (hub->channel && strcmp(channel, hub->channel) == 0)
        nb_hub_ask_again(hub);
}

static void try_again(void *arg)
{
    change_keys(arg);
}

static void linger_ended(void *arg)
{
    struct nb_hub *hub = arg;

    hub->lingered = true;
    change_keys(hub);
}

static void forget_session(struct nb_hub *hub)
{
    if (hub->changing)
        nb_request_abandon(&hub->changing);
    if (hub->asking)
        nb_request_abandon(&hub->asking);
    hub->batch_count = 0;
    nb_timer_stop(hub->again);
    nb_timer_stop(hub->linger);
    hub_ringer_forget(hub->ringer);
    hub_keys_forget(&hub->keys);
}

/* When the database is back, clients get "listening" again for each of their keys, and then look. */
static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_hub *hub = arg;

    (void)err;
    if (state == NB_CONNECTION_READY) {
        nb_hub_ask_again(hub);
        change_keys(hub);
    } else if (state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED) {
        forget_session(hub);
        hub_clients_tell_all(hub->clients, NB_HUB_LOST);
    }
}

/* ---- beginning and end ---- */

static int begin(struct nb_hub *hub, const char *socket, struct nb_error *err)
{
    struct nb_connection *connection = hub->connection;
    struct nb_result *result = NULL;
    char *directory = nb_connection_socket_directory(connection);
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_HUB_START, NULL, &result, err);

    if (rc == NB_EDENIED)
        nb_error_hint(err, "the hub needs a login that is a member of nightbell_ringer");
    if (rc == 0 && socket)
        hub->socket = nb_strdup(socket);
    else if (rc == 0)
        rc = nb_hub_choose_place(&hub->socket, nb_result_text(result, 0, 0), directory, err);
    if (rc == 0)
        rc = hub_clients_open(&hub->clients, nb_connection_loop(connection), &hub->keys, hub->socket, keys_differ, hub,
                              err);
    if (rc == 0)
        take_answer(hub, result);
    nb_result_free(&result);
    free(directory);
    return rc;
}

int nb_hub_new(struct nb_hub **out, struct nb_connection *connection, const char *socket, struct nb_error *err)
{
    struct nb_hub *hub = nb_calloc(1, sizeof(*hub));
    int rc;

    *out = NULL;
    hub->connection = connection;
    hub_keys_init(&hub->keys);
    hub->again = nb_loop_add_timer(nb_connection_loop(connection), try_again, hub);
    hub->linger = nb_loop_add_timer(nb_connection_loop(connection), linger_ended, hub);
    hub->ringer = hub_ringer_new(connection);
    if ((rc = begin(hub, socket, err)) < 0) {
        nb_hub_free(&hub);
        return rc;
    }
    hub->observer = (struct nb_connection_observer){state_changed, notified, hub};
    nb_connection_observe(connection, &hub->observer);
    *out = hub;
    return 0;
}

void nb_hub_free(struct nb_hub **out)
{
    struct nb_hub *hub = *out;

    if (!hub)
        return;
    nb_connection_unobserve(hub->connection, &hub->observer);
    if (hub->changing)
        nb_request_abandon(&hub->changing);
    if (hub->asking)
        nb_request_abandon(&hub->asking);
    hub_clients_free(&hub->clients);
    hub_ringer_free(&hub->ringer);
    hub_keys_clear(&hub->keys);
    nb_timer_remove(&hub->again);
    nb_timer_remove(&hub->linger);
    free(hub->socket);
    free(hub->channel);
    nb_free(out);
}

const char *nb_hub_socket(const struct nb_hub *hub)
{
    return hub->socket;
}
