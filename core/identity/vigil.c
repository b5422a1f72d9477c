/*
 * vigil.c - asks who we are when the token ends, and every half minute besides (it may be revoked);
 * once it has ended, looks for a new one in its file every few seconds.
 */
#include "identity/vigil.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define INTERVAL_MS       30000
#define ENDED_INTERVAL_MS 2000 /* for the file; the database is asked every so many of them */
#define ENDED_LOOKS       10

struct nb_vigil {
    struct nb_connection *connection;
    struct nb_timer *timer;
    struct nb_request *request; /* NULL: none is running */
    char *token_file;           /* NULL: there is none to read again */
    char *token;                /* as last read */
    bool ended;
    bool renewed;    /* a new token was taken since the last answer */
    unsigned looked; /* into the file, since it ended */
    nb_vigil_changed *changed;
    void *arg;
};

static void start_timer(struct nb_vigil *vigil, int64_t expires_at)
{
    int64_t delay = vigil->ended && vigil->token_file ? ENDED_INTERVAL_MS : INTERVAL_MS;

    if (expires_at != NB_TIME_NONE) {
        int64_t left = (expires_at - nb_now()) / 1000 + 100;

        if (left < delay)
            delay = left > 0 ? left : 100;
    }
    nb_timer_start(vigil->timer, delay);
}

/* A token file that has changed is taken; false when there is nothing new in it. */
static bool take_new_token(struct nb_vigil *vigil)
{
    char *token = NULL;

    if (!vigil->token_file || nb_token_read_file(&token, vigil->token_file, NULL) != NB_OK)
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
    struct nb_vigil *vigil = arg;
    struct nb_error gone = {0};
    bool again;

    vigil->request = NULL;
    if (err) { /* the connection is lost; it is asked again when it may be back */
        start_timer(vigil, NB_TIME_NONE);
        return;
    }
    if (identity->known) {
        again = vigil->ended || vigil->renewed;
        vigil->ended = vigil->renewed = false;
        start_timer(vigil, identity->expires_at);
        if (again)
            vigil->changed(vigil->arg, NULL);
        return;
    }
    if (take_new_token(vigil)) {
        nb_timer_start(vigil->timer, 0);
        return;
    }
    again = vigil->ended;
    vigil->ended = true;
    start_timer(vigil, NB_TIME_NONE);
    if (again)
        return;
    nb_error_set(&gone, NB_EDENIED, NB_DOMAIN_IDENTITY, "the database does not know any more who you are: %s",
                 identity->reason);
    if (vigil->token_file)
        nb_error_hint(&gone, "put a new token into %s", vigil->token_file);
    else
        nb_error_hint(&gone, "renew the token and start again");
    vigil->changed(vigil->arg, &gone);
}

static void ask(void *arg)
{
    struct nb_vigil *vigil = arg;

    if (vigil->request)
        return;
    if (vigil->ended && vigil->token_file && !take_new_token(vigil) && ++vigil->looked % ENDED_LOOKS != 0) {
        start_timer(vigil, NB_TIME_NONE);
        return;
    }
    vigil->request = nb_identity_fetch(vigil->connection, answered, vigil);
}

void nb_vigil_wake(struct nb_vigil *vigil)
{
    if (!vigil->ended)
        nb_timer_start(vigil->timer, 0);
}

struct nb_vigil *nb_vigil_new(struct nb_connection *connection, const char *token_file, const char *token,
                              int64_t expires_at, nb_vigil_changed *changed, void *arg)
{
    struct nb_vigil *vigil = nb_calloc(1, sizeof(*vigil));

    vigil->connection = connection;
    vigil->token_file = nb_strdup(token_file);
    vigil->token = nb_strdup(token);
    vigil->changed = changed;
    vigil->arg = arg;
    vigil->timer = nb_loop_add_timer(nb_connection_loop(connection), ask, vigil);
    if (expires_at == NB_TIME_NONE)
        nb_timer_start(vigil->timer, 0);
    else
        start_timer(vigil, expires_at);
    return vigil;
}

void nb_vigil_free(struct nb_vigil **vigil)
{
    if (!*vigil)
        return;
    if ((*vigil)->request)
        nb_request_abandon(&(*vigil)->request);
    nb_timer_remove(&(*vigil)->timer);
    free((*vigil)->token_file);
    free((*vigil)->token);
    nb_free(vigil);
}
