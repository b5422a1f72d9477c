/*
 * thread.c - detached threads with all signals blocked, so that the loop's thread gets them.
 */
#include "config.h"

#include "db/thread.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct start {
    void (*run)(void *arg);
    void *arg;
};

static void *enter(void *arg)
{
    struct start start = *(struct start *)arg;

    free(arg);
    start.run(start.arg);
    return NULL;
}

bool nb_thread_start(void (*run)(void *arg), void *arg)
{
    struct start *start = nb_malloc(sizeof(*start));
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all;
    sigset_t before;

    *start = (struct start){run, arg};
    if (pthread_attr_init(&attributes) != 0) {
        free(start);
        return false;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, enter, start) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (!started)
        free(start);
    return started;
}
