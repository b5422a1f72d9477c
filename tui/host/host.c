/*
 * host.c - what every screen asks of the host: whether acts are possible now, and which keys do one.
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
