/*
 * poller.c - an epoll descriptor as one source of the loop.
 *
 * Events that epoll_wait() has already returned may still point at a removed descriptor, so removal only marks it; it
 * is freed once no batch of events is being handled.
 */
#include "config.h"

#include "base/poller.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/vec.h"

/* poll and epoll use the same bits, so none has to be translated. */
_Static_assert(POLLIN == EPOLLIN && POLLOUT == EPOLLOUT && POLLHUP == EPOLLHUP && POLLERR == EPOLLERR,
               "poll and epoll number their events alike");

struct nb_polled {
    struct nb_poller *poller;
    nb_source_ready *ready;
    void *arg;
    int fd;
    short events;
    bool removed;
};

struct nb_poller {
    struct nb_source *source;
    nb_loop_callback *served;
    void *served_arg;
    int fd;
    unsigned depth; /* of nested batches of events */
    size_t count;   /* of registered descriptors, without the removed */
    NB_VEC(struct nb_polled *) removed;
};

static void sweep(struct nb_poller *poller)
{
    if (poller->depth > 0)
        return;
    for (size_t i = 0; i < poller->removed.count; i++)
        free(poller->removed.data[i]);
    poller->removed.count = 0;
}

static void prepare(void *arg, struct nb_interest *interest)
{
    const struct nb_poller *poller = arg;

    interest->fd = poller->fd;
    interest->events = POLLIN;
}

static void ready(void *arg, short revents)
{
    struct nb_poller *poller = arg;
    struct epoll_event events[NB_POLLER_AT_ONCE];
    int count = epoll_wait(poller->fd, events, NB_POLLER_AT_ONCE, 0);

    (void)revents;
    poller->depth++;
    for (int i = 0; i < count; i++) {
        struct nb_polled *polled = events[i].data.ptr;

        if (!polled->removed)
            polled->ready(polled->arg, (short)events[i].events);
    }
    poller->depth--;
    sweep(poller);
    if (count > 0 && poller->served)
        poller->served(poller->served_arg);
}

int nb_poller_new(struct nb_poller **out, struct nb_loop *loop, struct nb_error *err)
{
    struct nb_poller *poller;
    int fd = epoll_create1(EPOLL_CLOEXEC);

    *out = NULL;
    if (fd < 0)
        return nb_error_errno(err, errno, "epoll");
    poller = nb_calloc(1, sizeof(*poller));
    poller->fd = fd;
    poller->source = nb_loop_add_source(loop, prepare, ready, poller);
    *out = poller;
    return 0;
}

void nb_poller_free(struct nb_poller **out)
{
    struct nb_poller *poller = *out;

    if (!poller)
        return;
    assert(poller->depth == 0 && poller->count == 0);
    nb_source_remove(&poller->source);
    nb_vec_clear(&poller->removed);
    close(poller->fd);
    nb_free(out);
}

void nb_poller_set_served(struct nb_poller *poller, nb_loop_callback *served, void *arg)
{
    poller->served = served;
    poller->served_arg = arg;
}

int nb_poller_add(struct nb_polled **out, struct nb_poller *poller, int fd, short events,
                  nb_source_ready *ready_callback, void *arg, struct nb_error *err)
{
    struct nb_polled *polled = nb_calloc(1, sizeof(*polled));
    struct epoll_event event = {.events = (uint32_t)events, .data.ptr = polled};

    *out = NULL;
    *polled = (struct nb_polled){.poller = poller, .ready = ready_callback, .arg = arg, .fd = fd, .events = events};
    if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        int rc = nb_error_errno(err, errno, "wait for descriptor %d", fd);
        nb_free(&polled);
        return rc;
    }
    poller->count++;
    *out = polled;
    return 0;
}

void nb_polled_set(struct nb_polled *polled, short events)
{
    struct epoll_event event = {.events = (uint32_t)events, .data.ptr = polled};
    int rc = 0;

    if (polled->events != events)
        rc = epoll_ctl(polled->poller->fd, EPOLL_CTL_MOD, polled->fd, &event);
    assert(rc == 0); /* it is registered, and open */
    (void)rc;
    polled->events = events;
}

void nb_polled_remove(struct nb_polled **out)
{
    struct nb_polled *polled = *out;
    int rc;

    if (!polled)
        return;
    *out = NULL;
    rc = epoll_ctl(polled->poller->fd, EPOLL_CTL_DEL, polled->fd, NULL);
    assert(rc == 0); /* fails if fd was closed first; epoll then still reports it if a child inherited it */
    (void)rc;
    polled->removed = true;
    polled->poller->count--;
    nb_vec_push(&polled->poller->removed, polled);
    sweep(polled->poller);
}
