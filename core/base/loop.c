/*
 * loop.c - the poll(2) loop.
 *
 * A removed source or signal is only marked, and freed once no turn is running. So callbacks may add and remove
 * anything and may turn the loop themselves. Timers are in timers.c.
 */
#include "config.h"

#include "base/loop.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timers.h"
#include "base/vec.h"

#ifndef NSIG
#define NSIG 65
#endif

struct nb_source {
    struct nb_loop *loop;
    nb_source_prepare *prepare;
    nb_source_ready *ready;
    void *arg;
    bool removed;
};

struct nb_signal {
    struct nb_loop *loop;
    nb_signal_callback *callback;
    void *arg;
    int signo;
    bool removed;
    struct sigaction former;
};

/* The descriptors of one turn; each nested turn has its own. */
struct polled {
    NB_VEC(struct pollfd) fds;
    NB_VEC(struct nb_source *) sources; /* the source behind each descriptor */
};

struct nb_loop {
    NB_VEC(struct nb_source *) sources;
    struct nb_timers timers;
    NB_VEC(struct nb_signal *) signals;
    struct polled spare; /* kept between turns, so that a turn allocates nothing */
    nb_loop_callback *before_sleep;
    void *before_sleep_arg;
    int signal_pipe[2];
    unsigned depth; /* of nested turns */
    bool dirty;     /* something removed is to be freed */
    bool stopped;
};

/* ---- signals: the handler touches only these two ---- */

static volatile sig_atomic_t signal_pending[NSIG];
static volatile sig_atomic_t signal_fd[NSIG]; /* descriptor + 1; 0: no loop wants the signal */

static void on_signal(int signo)
{
    int saved = errno;

    signal_pending[signo] = 1;
    if (signal_fd[signo] > 0) {
        /* A failed write loses nothing: the pipe is full, so the loop wakes anyway, and the pending flag is set. */
        ssize_t ignored = write(signal_fd[signo] - 1, "", 1);
        (void)ignored;
    }
    errno = saved;
}

static void prepare_signals(void *arg, struct nb_interest *interest)
{
    const struct nb_loop *loop = arg;

    interest->fd = loop->signal_pipe[0];
    interest->events = POLLIN;
}

static void deliver_signals(void *arg, short revents)
{
    struct nb_loop *loop = arg;
    char drained[256];

    (void)revents;
    while (read(loop->signal_pipe[0], drained, sizeof(drained)) > 0)
        ;
    for (size_t i = 0; i < loop->signals.count; i++) {
        const struct nb_signal *signal = loop->signals.data[i];
        if (signal->removed || !signal_pending[signal->signo])
            continue;
        signal_pending[signal->signo] = 0;
        signal->callback(signal->arg, signal->signo);
    }
}

int nb_loop_add_signal(struct nb_signal **out, struct nb_loop *loop, int signo, nb_signal_callback *callback, void *arg,
                       struct nb_error *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    *out = NULL;
    if (signo <= 0 || signo >= NSIG || signal_fd[signo])
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_SYSTEM, "signal %d: somebody waits for it already", signo);
    struct nb_signal *signal = nb_calloc(1, sizeof(*signal));
    *signal = (struct nb_signal){.loop = loop, .callback = callback, .arg = arg, .signo = signo};
    sigemptyset(&action.sa_mask);
    signal_pending[signo] = 0;
    signal_fd[signo] = loop->signal_pipe[1] + 1;
    if (sigaction(signo, &action, &signal->former) != 0) {
        int rc = nb_error_errno(err, errno, "signal %d", signo);
        signal_fd[signo] = 0;
        nb_free(&signal);
        return rc;
    }
    nb_vec_push(&loop->signals, signal);
    *out = signal;
    return 0;
}

static void retire_signal(struct nb_signal *signal)
{
    if (signal->removed)
        return;
    sigaction(signal->signo, &signal->former, NULL);
    signal_fd[signal->signo] = 0;
    signal->removed = true;
}

/* ---- removal ---- */

/* Frees what was removed. Only while no turn is running. */
#define SWEEP(vec)                                                                                                     \
    do {                                                                                                               \
        size_t kept_ = 0;                                                                                              \
        for (size_t i_ = 0; i_ < (vec)->count; i_++) {                                                                 \
            if ((vec)->data[i_]->removed)                                                                              \
                free((vec)->data[i_]);                                                                                 \
            else                                                                                                       \
                (vec)->data[kept_++] = (vec)->data[i_];                                                                \
        }                                                                                                              \
        (vec)->count = kept_;                                                                                          \
    } while (0)

static void sweep(struct nb_loop *loop)
{
    loop->dirty = true;
    if (loop->depth > 0)
        return;
    SWEEP(&loop->sources);
    SWEEP(&loop->signals);
    loop->dirty = false;
}

void nb_signal_remove(struct nb_signal **signal)
{
    if (!*signal)
        return;
    struct nb_loop *loop = (*signal)->loop;
    retire_signal(*signal);
    *signal = NULL;
    sweep(loop);
}

void nb_source_remove(struct nb_source **source)
{
    if (!*source)
        return;
    struct nb_loop *loop = (*source)->loop;
    (*source)->removed = true;
    *source = NULL;
    sweep(loop);
}

/* ---- sources and timers ---- */

struct nb_source *nb_loop_add_source(struct nb_loop *loop, nb_source_prepare *prepare, nb_source_ready *ready,
                                     void *arg)
{
    struct nb_source *source = nb_calloc(1, sizeof(*source));

    *source = (struct nb_source){.loop = loop, .prepare = prepare, .ready = ready, .arg = arg};
    nb_vec_push(&loop->sources, source);
    return source;
}

struct nb_timer *nb_loop_add_timer(struct nb_loop *loop, nb_loop_callback *fire, void *arg)
{
    return nb_timers_add(&loop->timers, fire, arg);
}

/* ---- the turn ---- */

static int open_signal_pipe(struct nb_loop *loop, struct nb_error *err)
{
    if (pipe2(loop->signal_pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        return nb_error_errno(err, errno, "pipe");
    return 0;
}

int nb_loop_new(struct nb_loop **out, struct nb_error *err)
{
    struct nb_loop *loop = nb_calloc(1, sizeof(*loop));
    int rc;

    *out = NULL;
    if ((rc = open_signal_pipe(loop, err)) != 0) {
        nb_free(&loop);
        return rc;
    }
    (void)nb_loop_add_source(loop, prepare_signals, deliver_signals, loop);
    *out = loop;
    return 0;
}

void nb_loop_free(struct nb_loop **loop_pointer)
{
    struct nb_loop *loop = *loop_pointer;

    if (!loop)
        return;
    for (size_t i = 0; i < loop->signals.count; i++)
        retire_signal(loop->signals.data[i]);
    for (size_t i = 0; i < loop->sources.count; i++)
        free(loop->sources.data[i]);
    for (size_t i = 0; i < loop->signals.count; i++)
        free(loop->signals.data[i]);
    nb_vec_clear(&loop->sources);
    nb_timers_clear(&loop->timers);
    nb_vec_clear(&loop->signals);
    nb_vec_clear(&loop->spare.fds);
    nb_vec_clear(&loop->spare.sources);
    close(loop->signal_pipe[0]);
    close(loop->signal_pipe[1]);
    nb_free(loop_pointer);
}

void nb_loop_set_before_sleep(struct nb_loop *loop, nb_loop_callback *hook, void *arg)
{
    loop->before_sleep = hook;
    loop->before_sleep_arg = arg;
}

static void prepare_sources(struct nb_loop *loop, struct polled *polled)
{
    polled->fds.count = polled->sources.count = 0;
    for (size_t i = 0; i < loop->sources.count; i++) {
        struct nb_source *source = loop->sources.data[i];
        struct nb_interest interest = {.fd = -1};
        if (source->removed)
            continue;
        source->prepare(source->arg, &interest);
        if (interest.fd < 0 || source->removed)
            continue;
        struct pollfd fd = {.fd = interest.fd, .events = interest.events};
        nb_vec_push(&polled->fds, fd);
        nb_vec_push(&polled->sources, source);
    }
}

static int wait_limit(const struct nb_loop *loop, int64_t max_wait_ms)
{
    int64_t next = nb_timers_next(&loop->timers);

    if (next != INT64_MAX) {
        int64_t left = next - nb_monotonic_ms();

        if (left < 0)
            left = 0;
        if (max_wait_ms < 0 || left < max_wait_ms)
            max_wait_ms = left;
    }
    if (max_wait_ms < 0)
        return -1;
    return max_wait_ms > INT_MAX ? INT_MAX : (int)max_wait_ms;
}

static void dispatch(const struct polled *polled)
{
    for (size_t i = 0; i < polled->fds.count; i++) {
        struct nb_source *source = polled->sources.data[i];
        if (polled->fds.data[i].revents && !source->removed)
            source->ready(source->arg, polled->fds.data[i].revents);
    }
}

int nb_loop_interests(struct nb_loop *loop, nb_loop_visit *visit, void *arg)
{
    for (size_t i = 0; i < loop->sources.count; i++) {
        const struct nb_source *source = loop->sources.data[i];
        struct nb_interest interest = {.fd = -1};

        if (source->removed)
            continue;
        source->prepare(source->arg, &interest);
        if (interest.fd >= 0)
            visit(arg, &interest);
    }
    return wait_limit(loop, -1);
}

int nb_loop_turn(struct nb_loop *loop, int64_t max_wait_ms, struct nb_error *err)
{
    struct polled polled = loop->spare;
    int rc = 0;

    memset(&loop->spare, 0, sizeof(loop->spare));
    loop->depth++;
    if (loop->before_sleep)
        loop->before_sleep(loop->before_sleep_arg);
    prepare_sources(loop, &polled);
    int ready = poll(polled.fds.data, (nfds_t)polled.fds.count, wait_limit(loop, max_wait_ms));
    if (ready > 0)
        dispatch(&polled);
    else if (ready < 0 && errno != EINTR)
        rc = nb_error_errno(err, errno, "poll");
    nb_timers_fire(&loop->timers, nb_monotonic_ms());
    loop->depth--;

    nb_vec_clear(&loop->spare.fds);
    nb_vec_clear(&loop->spare.sources);
    loop->spare = polled;
    if (loop->dirty)
        sweep(loop);
    return rc;
}

int nb_loop_run(struct nb_loop *loop, struct nb_error *err)
{
    int rc = 0;

    loop->stopped = false;
    while (!loop->stopped && rc == 0)
        rc = nb_loop_turn(loop, -1, err);
    return rc;
}

void nb_loop_stop(struct nb_loop *loop)
{
    loop->stopped = true;
}
