/*
 * host.c - observers, and whether acts are possible now.
 */
#include "tui/host/host.h"

#include "tui/host/link.h"

void host_clear(struct host *host)
{
    outside_clear(&host->outside);
    keymap_free(&host->keymap);
    messages_clear(&host->messages);
    problems_clear(&host->problems);
    settings_clear(&host->settings);
    nb_loop_free(&host->loop);
}

/* ---- observers ---- */

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

/* ---- whether acts are possible ---- */

void host_dirty(struct host *host)
{
    host->dirty = true;
}

bool host_is_operator(const struct host *host)
{
    return host->identified && (host->identity.is_global || (host->identity.roles & NB_ROLE_OPERATOR));
}

bool host_may_write(struct host *host)
{
    char trouble[LINK_TROUBLE_SIZE];

    if (!link_is_ready(host)) {
        message_show(host, ROLE_ERROR, "not now: %s", link_trouble(host, trouble, sizeof(trouble)));
        return false;
    }
    if (link_is_refused(host)) {
        message_show(host, ROLE_ERROR, "%s", link_trouble(host, trouble, sizeof(trouble)));
        return false;
    }
    return true;
}

void host_keys_of(const struct host *host, enum action action, struct nb_strbuf *out)
{
    keymap_keys_of(host->keymap, &host->scope, action, out);
}
