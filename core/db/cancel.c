/*
 * cancel.c - a cancel needs a connection of its own. libpq 17 opens it without blocking. Before 17 there is only
 * PQcancel(), which blocks, so it runs in a short-lived thread whose end the loop sees as the end of a pipe.
 */
#include "config.h"

#include "db/cancel.h"

#include <poll.h>
#include <stdlib.h>

#ifdef HAVE_PQCANCELCREATE

struct nb_cancel {
    PGcancelConn *pg;
    PostgresPollingStatusType polling;
    struct nb_source *source;
    struct nb_timer *over;
    nb_loop_callback *done;
    void *arg;
};

static void prepare(void *arg, struct nb_interest *interest)
{
    struct nb_cancel *cancel = arg;

    if (nb_timer_active(cancel->over))
        return;
    interest->fd = PQcancelSocket(cancel->pg);
    interest->events = cancel->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
}

static void advance(struct nb_cancel *cancel)
{
    cancel->polling = PQcancelPoll(cancel->pg);
    if (cancel->polling == PGRES_POLLING_OK || cancel->polling == PGRES_POLLING_FAILED)
        nb_timer_start(cancel->over, 0);
}

static void ready(void *arg, short revents)
{
    (void)revents;
    advance(arg);
}

static void finish(void *arg)
{
    struct nb_cancel *cancel = arg;

    cancel->done(cancel->arg);
}

struct nb_cancel *nb_cancel_start(struct nb_loop *loop, PGconn *pg, nb_loop_callback *done, void *arg)
{
    struct nb_cancel *cancel = nb_calloc(1, sizeof(*cancel));

    cancel->done = done;
    cancel->arg = arg;
    cancel->polling = PGRES_POLLING_WRITING;
    cancel->source = nb_loop_add_source(loop, prepare, ready, cancel);
    cancel->over = nb_loop_add_timer(loop, finish, cancel);
    cancel->pg = PQcancelCreate(pg);
    if (!cancel->pg || !PQcancelStart(cancel->pg))
        nb_timer_start(cancel->over, 0);
    return cancel;
}

void nb_cancel_forget(struct nb_cancel **cancel)
{
    if (!*cancel)
        return;
    nb_source_remove(&(*cancel)->source);
    nb_timer_remove(&(*cancel)->over);
    PQcancelFinish((*cancel)->pg);
    nb_free(cancel);
}

#else

#include <fcntl.h>
#include <unistd.h>

#include "db/thread.h"

struct nb_cancel {
    struct nb_source *source;
    struct nb_timer *failed;
    nb_loop_callback *done;
    void *arg;
    int fd; /* reaches end of file when the thread ends */
};

/* What the thread owns. */
struct job {
    PGcancel *pg;
    int fd;
};

static void free_job(struct job *job)
{
    if (job->pg)
        PQfreeCancel(job->pg);
    if (job->fd >= 0)
        close(job->fd);
    free(job);
}

/* PQcancel()'s result is not needed: the statement's own answer shows whether the cancel worked. */
static void run(void *arg)
{
    struct job *job = arg;
    char reason[256];

    PQcancel(job->pg, reason, sizeof(reason));
    free_job(job);
}

static void prepare(void *arg, struct nb_interest *interest)
{
    const struct nb_cancel *cancel = arg;

    interest->fd = cancel->fd;
    interest->events = POLLIN;
}

static void ready(void *arg, short revents)
{
    struct nb_cancel *cancel = arg;

    (void)revents;
    cancel->done(cancel->arg);
}

static void fail(void *arg)
{
    struct nb_cancel *cancel = arg;

    cancel->done(cancel->arg);
}

struct nb_cancel *nb_cancel_start(struct nb_loop *loop, PGconn *pg, nb_loop_callback *done, void *arg)
{
    struct nb_cancel *cancel = nb_calloc(1, sizeof(*cancel));
    struct job *job = nb_calloc(1, sizeof(*job));
    int ends[2] = {-1, -1};

    cancel->done = done;
    cancel->arg = arg;
    cancel->source = nb_loop_add_source(loop, prepare, ready, cancel);
    cancel->failed = nb_loop_add_timer(loop, fail, cancel);
    bool piped = pipe2(ends, O_CLOEXEC) == 0;
    cancel->fd = ends[0];
    job->fd = ends[1];
    job->pg = PQgetCancel(pg);
    if (!piped || !job->pg || !nb_thread_start(run, job)) {
        free_job(job);
        if (!piped)
            nb_timer_start(cancel->failed, 0);
    }
    return cancel;
}

void nb_cancel_forget(struct nb_cancel **cancel)
{
    if (!*cancel)
        return;
    nb_source_remove(&(*cancel)->source);
    nb_timer_remove(&(*cancel)->failed);
    if ((*cancel)->fd >= 0)
        close((*cancel)->fd);
    nb_free(cancel);
}

#endif
