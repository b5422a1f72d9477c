/*
 * vigil.c - asks who we are when the token ends, and every half minute besides (it may be revoked).
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/session.h"
#include "cli/vigil.h"

#define VIGIL_INTERVAL_MS 30000

struct vigil {
    struct nb_connection *connection;
    struct nb_timer *timer;
    struct nb_request *request; /* NULL: none is running */
    const char *token_file;     /* NULL: there is none to read again */
    char *token;                /* as last read */
    bool renewed;               /* a new token was tried since the last good answer */
    vigil_ended *ended;
    void *arg;
};

static void start_timer(struct vigil *vigil, int64_t expires_at)
{
    int64_t delay = VIGIL_INTERVAL_MS;
    if (expires_at != NB_TIME_NONE) {
        int64_t left = (expires_at - nb_now()) / 1000 + 100;
        if (left < delay)
            delay = left > 0 ? left : 100;
    }
    nb_timer_start(vigil->timer, delay);
}

/* A token file that has changed is taken; false when there is nothing new in it. */
static bool take_new_token(struct vigil *vigil)
{
    char *token = NULL;
    if (!vigil->token_file || vigil->renewed ||
        nb_token_read_file(&token, vigil->token_file, NULL) != NB_OK)
        return false;
    if (vigil->token && strcmp(token, vigil->token) == 0) {
        free(token);
        return false;
    }
    free(vigil->token);
    vigil->token = token;
    vigil->renewed = true;
    nb_connection_set_token(vigil->connection, token);
    return true;
}

static void answered(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct vigil *vigil = arg;
    struct nb_error gone = {0};
    vigil->request = NULL;
    if (err) { /* the connection is lost; it is asked again when it may be back */
        start_timer(vigil, NB_TIME_NONE);
        return;
    }
    if (identity->known) {
        vigil->renewed = false;
        start_timer(vigil, identity->expires_at);
        return;
    }
    if (take_new_token(vigil)) {
        nb_timer_start(vigil->timer, 0);
        return;
    }
    nb_error_set(&gone, NB_EDENIED, NB_DOMAIN_IDENTITY,
                 "the database does not know any more who you are: %s", identity->reason);
    nb_error_hint(&gone, "renew the token and start again");
    vigil->ended(vigil->arg, &gone);
}

static void ask(void *arg)
{
    struct vigil *vigil = arg;
    vigil->request = nb_identity_fetch(vigil->connection, answered, vigil);
}

struct vigil *vigil_new(struct nb_connection *connection, const struct command_call *call,
                        const struct nb_identity *identity, vigil_ended *ended, void *arg)
{
    struct vigil *vigil = nb_calloc(1, sizeof(*vigil));
    vigil->connection = connection;
    vigil->token_file = session_token_file(call);
    vigil->ended = ended;
    vigil->arg = arg;
    if (vigil->token_file && nb_token_read_file(&vigil->token, vigil->token_file, NULL) != NB_OK)
        vigil->token = NULL;
    vigil->timer = nb_loop_add_timer(nb_connection_loop(connection), ask, vigil);
    start_timer(vigil, identity->expires_at);
    return vigil;
}

void vigil_free(struct vigil **vigil)
{
    if (!*vigil)
        return;
    if ((*vigil)->request)
        nb_request_abandon(&(*vigil)->request);
    nb_timer_remove(&(*vigil)->timer);
    free((*vigil)->token);
    nb_free(vigil);
}
