/*
 * client_watch.c - the public interface: watching for changes from a program that has a loop of its own.
 *
 * The watch has a loop inside, which the caller turns through nb_watch_dispatch(). One epoll descriptor stands for all
 * descriptors and timers of this loop.
 */
#include "client_internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/vec.h"
#include "feed/feed.h"
#include "feed/follow.h"
#include "identity/vigil.h"

struct nb_watch {
    struct nb_loop *loop;
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_feed *feed;
    struct nb_vigil *vigil;
    bool identified; /* the first answer about the identity has come */
    struct nb_watch_options options;
    struct nb_follow *follows[NB_SUBJECT_COUNT]; /* NULL: not watched */
    int epoll_fd;
    int timer_fd;
    NB_VEC(int) polled;
};

/* ---- changes ---- */

static void inbox_changed(void *arg, const struct nb_changes *changes)
{
    const struct nb_watch *watch = arg;
    struct nb_inbox_item item;

    for (size_t i = 0; i < changes->count; i++) {
        client_inbox_item(&item, changes->items[i].row);
        watch->options.inbox(watch->options.arg, &item, changes->items[i].created);
    }
}

static void events_changed(void *arg, const struct nb_changes *changes)
{
    const struct nb_watch *watch = arg;
    struct nb_event_item item;

    for (size_t i = 0; i < changes->count; i++) {
        client_event_item(&item, changes->items[i].row);
        watch->options.event(watch->options.arg, &item, changes->items[i].created);
    }
}

/* Lets the vigil check the token now; with a new one the follow continues from its look. */
static void not_known(void *arg)
{
    struct nb_watch *watch = arg;

    nb_vigil_wake(watch->vigil);
}

static void feed_changed(void *arg, unsigned subjects, bool resync)
{
    struct nb_watch *watch = arg;

    (void)resync; /* a follow misses nothing, so it needs no resync */
    for (size_t i = 0; i < NB_SUBJECT_COUNT; i++)
        if (watch->follows[i])
            nb_follow_rang(watch->follows[i], subjects);
}

/* Does not report that the token is valid at the beginning: the caller assumes it. */
static void identity_changed(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct nb_watch *watch = arg;
    bool first = !watch->identified;

    (void)identity;
    watch->identified = true;
    if (first && !err)
        return;
    if (watch->options.identity)
        watch->options.identity(watch->options.arg, !err, err);
    if (!err)
        feed_changed(watch, ~0u, true);
}

static void connection_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_watch *watch = arg;

    if (state == NB_CONNECTION_READY)
        nb_vigil_wake(watch->vigil); /* the token may have expired meanwhile */
    if (!watch->options.state)
        return;
    if (state == NB_CONNECTION_READY)
        watch->options.state(watch->options.arg, true, NULL);
    else if (state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED)
        watch->options.state(watch->options.arg, false, err);
}

/* ---- the descriptor ---- */

static void poll_one(void *arg, const struct nb_interest *interest)
{
    struct nb_watch *watch = arg;
    struct epoll_event event = {.data.fd = interest->fd};

    if (interest->events & POLLIN)
        event.events |= EPOLLIN;
    if (interest->events & POLLOUT)
        event.events |= EPOLLOUT;
    if (epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, interest->fd, &event) == 0)
        nb_vec_push(&watch->polled, interest->fd);
}

/* Registers all descriptors again, because libpq changes its socket while it connects; epoll drops closed ones
 * itself. */
static void arm(struct nb_watch *watch)
{
    struct itimerspec when = {{0}};
    int wait;

    for (size_t i = 0; i < watch->polled.count; i++)
        (void)epoll_ctl(watch->epoll_fd, EPOLL_CTL_DEL, watch->polled.data[i], NULL);
    watch->polled.count = 0;
    wait = nb_loop_interests(watch->loop, poll_one, watch);
    if (wait >= 0) {
        when.it_value.tv_sec = wait / 1000;
        when.it_value.tv_nsec = wait % 1000 * 1000000L + 1; /* zero would disarm the timer */
    }
    (void)timerfd_settime(watch->timer_fd, 0, &when, NULL);
}

static int open_descriptors(struct nb_watch *watch, struct nb_error *err)
{
    struct epoll_event event = {.events = EPOLLIN};

    watch->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    watch->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (watch->epoll_fd < 0 || watch->timer_fd < 0 ||
        epoll_ctl(watch->epoll_fd, EPOLL_CTL_ADD, watch->timer_fd, &event) < 0)
        return nb_error_errno(err, errno, "prepare the watch's descriptor");
    return 0;
}

int nb_watch_fd(const struct nb_watch *watch)
{
    return watch->epoll_fd;
}

int nb_watch_dispatch(struct nb_watch *watch, struct nb_error *err)
{
    int rc = nb_loop_turn(watch->loop, 0, err);

    arm(watch);
    return rc;
}

/* ---- beginning and end ---- */

/* changed: NULL when the caller does not watch this subject. */
static int watch_subject(struct nb_watch *watch, enum nb_subject subject, const char *text,
                         void (*changed)(void *arg, const struct nb_changes *changes), struct nb_error *err)
{
    const struct nb_follow_calls calls = {.changed = changed, .unknown = not_known};
    struct nb_follow_options options = {.subject = subject, .full = true, .wakes = true, .priority = NB_PRIORITY_PAGE};
    struct nb_filter *filter = NULL;
    int rc = nb_filter_parse(&filter, subject, text, err);

    options.filter = filter;
    if (rc == 0 && changed)
        watch->follows[subject] = nb_follow_new(watch->connection, &options, &calls, watch);
    nb_filter_free(&filter);
    return rc;
}

/* A filter that cannot be parsed is refused even when its subject is not watched. */
static int watch_subjects(struct nb_watch *watch, struct nb_error *err)
{
    const struct nb_watch_options *options = &watch->options;
    int rc = watch_subject(watch, NB_SUBJECT_INBOX, options->inbox_filter, options->inbox ? inbox_changed : NULL, err);

    if (rc < 0)
        return rc;
    return watch_subject(watch, NB_SUBJECT_EVENTS, options->events_filter, options->event ? events_changed : NULL, err);
}

int nb_client_watch(struct nb_watch **out, struct nb_client *client, const struct nb_watch_options *options,
                    struct nb_error *err)
{
    struct nb_watch *watch = nb_calloc(1, sizeof(*watch));
    int rc;

    *out = NULL;
    watch->epoll_fd = watch->timer_fd = -1;
    watch->options = *options;
    watch->observer = (struct nb_connection_observer){connection_changed, NULL, watch};
    if ((rc = open_descriptors(watch, err)) < 0 || (rc = nb_loop_new(&watch->loop, err)) < 0 ||
        (rc = client_connect(&watch->connection, client, watch->loop, true, err)) < 0 ||
        (rc = watch_subjects(watch, err)) < 0 ||
        (rc = nb_feed_new(&watch->feed, watch->connection, NULL, feed_changed, NULL, watch, err)) < 0) {
        nb_watch_free(&watch);
        return rc;
    }
    watch->options.inbox_filter = watch->options.events_filter = NULL;
    watch->vigil = nb_vigil_new(watch->connection, client->token_file, client->token, NULL, identity_changed, watch);
    nb_connection_observe(watch->connection, &watch->observer);
    nb_connection_start(watch->connection);
    arm(watch);
    *out = watch;
    return 0;
}

void nb_watch_free(struct nb_watch **out)
{
    struct nb_watch *watch = out ? *out : NULL;

    if (!watch)
        return;
    for (size_t i = 0; i < NB_SUBJECT_COUNT; i++)
        nb_follow_free(&watch->follows[i]);
    nb_vigil_free(&watch->vigil);
    nb_feed_free(&watch->feed);
    if (watch->connection) {
        nb_connection_unobserve(watch->connection, &watch->observer);
        nb_connection_free(&watch->connection);
    }
    if (watch->loop)
        nb_loop_free(&watch->loop);
    if (watch->epoll_fd >= 0)
        close(watch->epoll_fd);
    if (watch->timer_fd >= 0)
        close(watch->timer_fd);
    nb_vec_clear(&watch->polled);
    nb_free(out);
}
