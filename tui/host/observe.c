/*
 * observe.c - what the rest of the host tells: that something is to be painted, and, to observers, what has happened.
 */
#include "tui/host/host.h"

void host_dirty(struct host *host)
{
    host->dirty = true;
}

void host_observe(struct host *host, struct host_observer *observer)
{
    struct host_observer **last = &host->observers;

    while (*last)
        last = &(*last)->next;
    observer->next = NULL;
    *last = observer;
}

void host_rang(struct host *host, unsigned subjects, bool resync)
{
    for (struct host_observer *observer = host->observers; observer; observer = observer->next)
        if (observer->rang)
            observer->rang(observer->arg, subjects, resync);
}

void host_identified(struct host *host)
{
    for (struct host_observer *observer = host->observers; observer; observer = observer->next)
        if (observer->identified)
            observer->identified(observer->arg);
}

void host_learned(struct host *host)
{
    for (struct host_observer *observer = host->observers; observer; observer = observer->next)
        if (observer->learned)
            observer->learned(observer->arg);
}
