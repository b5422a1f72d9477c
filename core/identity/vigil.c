/*
 * vigil.c - asks the database for the session's identity when the token expires, and every half minute because it may
 * be revoked. Before each question it looks whether the token's file has changed; once the token has ended it re-reads
 * the file every few seconds. It looks no more often, since each look wakes an idle console.
 */
#include "identity/vigil.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/text.h"

#define INTERVAL_MS       30000
#define ENDED_INTERVAL_MS 2000 /* between reads of the file; the database is asked every few reads */
#define ENDED_LOOKS       10

struct nb_vigil {
    struct nb_connection *connection;
    struct nb_timer *timer;
    struct nb_request *request; /* NULL: none is running */
    char *token_file;           /* NULL: no file to read again */
    char *token;                /* as last read */
    ino_t file;                 /* which file that was … */
    struct timespec changed_at; /* … and when it had last changed */
    struct nb_identity identity;
    bool answered;   /* identity is the database's last answer */
    bool renewed;    /* a new token was read since the last answer */
    bool woken;      /* ask the database even if the file has not changed */
    unsigned looked; /* reads of the file since the token ended */
    char file_problem[256];
    nb_vigil_changed *changed;
    void *arg;
};

static bool has_ended(const struct nb_vigil *vigil)
{
    return vigil->answered && !vigil->identity.known;
}

static void start_timer(struct nb_vigil *vigil)
{
    int64_t delay = has_ended(vigil) && vigil->token_file ? ENDED_INTERVAL_MS : INTERVAL_MS;

    if (vigil->answered && vigil->identity.known && vigil->identity.expires_at != NB_TIME_NONE) {
        int64_t left = (vigil->identity.expires_at - nb_now()) / 1000 + 100;

        if (left < delay)
            delay = left > 0 ? left : 100;
    }
    nb_timer_start(vigil->timer, vigil->woken ? 0 : delay);
}

/* Reports a token file that cannot be used, once for each reason. */
static void tell_problem(struct nb_vigil *vigil, const struct nb_error *problem)
{
    struct nb_error err = *problem;

    if (strncmp(vigil->file_problem, err.message, sizeof(vigil->file_problem) - 1) == 0)
        return;
    nb_text_copy(vigil->file_problem, sizeof(vigil->file_problem), err.message);
    err.code = NB_EDENIED;
    vigil->changed(vigil->arg, &vigil->identity, &err);
}

/* Whether the file is the one that was read last. The change time also covers a new mode, the inode a renamed file. */
static bool is_unchanged(const struct nb_vigil *vigil, const struct stat *now)
{
    return now->st_ino == vigil->file && now->st_ctim.tv_sec == vigil->changed_at.tv_sec &&
           now->st_ctim.tv_nsec == vigil->changed_at.tv_nsec;
}

/* Takes a token file that has changed; false when it has not. After the token has ended the file is read even if it looks
 * unchanged, because two writes within a tick of the file system's clock have the same change time. */
static bool take_new_token(struct nb_vigil *vigil)
{
    struct nb_error err = {0};
    struct stat info;
    char *token = NULL;
    int rc;

    if (!vigil->token_file)
        return false;
    if (stat(vigil->token_file, &info) < 0)
        info = (struct stat){0};
    else if (!has_ended(vigil) && is_unchanged(vigil, &info))
        return false;
    if ((rc = nb_token_read_file(&token, vigil->token_file, &err)) != NB_OK) {
        if (rc != NB_ENOTFOUND && has_ended(vigil))
            tell_problem(vigil, &err);
        return false;
    }
    vigil->file_problem[0] = '\0';
    vigil->file = info.st_ino;
    vigil->changed_at = info.st_ctim;
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

static bool is_same(const struct nb_identity *a, const struct nb_identity *b)
{
    return a->known == b->known && memcmp(&a->user_id, &b->user_id, sizeof(a->user_id)) == 0 &&
           memcmp(&a->tenant_id, &b->tenant_id, sizeof(a->tenant_id)) == 0 && a->is_global == b->is_global &&
           a->roles == b->roles && a->expires_at == b->expires_at && strcmp(a->user_name, b->user_name) == 0 &&
           strcmp(a->tenant_name, b->tenant_name) == 0;
}

static void tell_ended(struct nb_vigil *vigil)
{
    struct nb_error gone = {0};

    nb_error_set(&gone, NB_EDENIED, NB_DOMAIN_IDENTITY, "the database does not know any more who you are: %s",
                 vigil->identity.reason);
    if (vigil->token_file)
        nb_error_hint(&gone, "put a new token into %s", vigil->token_file);
    else
        nb_error_hint(&gone, "renew the token and start again");
    vigil->changed(vigil->arg, &vigil->identity, &gone);
}

static void answered(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct nb_vigil *vigil = arg;
    bool news;

    vigil->request = NULL;
    if (err) { /* the connection is lost; the timer asks again */
        start_timer(vigil);
        return;
    }
    if (!identity->known && take_new_token(vigil)) {
        nb_timer_start(vigil->timer, 0);
        return;
    }
    news = !vigil->answered || vigil->renewed || !is_same(&vigil->identity, identity);
    if (identity->known)
        vigil->looked = 0;
    vigil->identity = *identity;
    vigil->answered = true;
    vigil->renewed = false;
    start_timer(vigil);
    if (news && identity->known)
        vigil->changed(vigil->arg, &vigil->identity, NULL);
    else if (news)
        tell_ended(vigil);
}

static void ask(void *arg)
{
    struct nb_vigil *vigil = arg;
    bool only_file = has_ended(vigil) && vigil->token_file;

    if (vigil->request)
        return; /* the answer restarts the timer */
    if (!take_new_token(vigil) && only_file && !vigil->woken && ++vigil->looked % ENDED_LOOKS != 0) {
        start_timer(vigil);
        return;
    }
    vigil->woken = false;
    vigil->request = nb_identity_fetch(vigil->connection, answered, vigil);
}

void nb_vigil_wake(struct nb_vigil *vigil)
{
    vigil->woken = true;
    nb_timer_start(vigil->timer, 0);
}

struct nb_vigil *nb_vigil_new(struct nb_connection *connection, const char *token_file, const char *token,
                              const struct nb_identity *identity, nb_vigil_changed *changed, void *arg)
{
    struct nb_vigil *vigil = nb_calloc(1, sizeof(*vigil));

    vigil->connection = connection;
    vigil->token_file = nb_strdup(token_file);
    vigil->token = nb_strdup(token);
    vigil->changed = changed;
    vigil->arg = arg;
    vigil->timer = nb_loop_add_timer(nb_connection_loop(connection), ask, vigil);
    if (identity) {
        vigil->identity = *identity;
        vigil->answered = true;
    } else {
        vigil->woken = true;
    }
    start_timer(vigil);
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
