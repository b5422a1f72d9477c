/*
 * message.c - keeps the latest messages and shows the newest.
 */
#include "tui/host/message.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/host/host.h"

static void add(struct host *host, enum role role, char *text_take)
{
    struct messages *messages = &host->messages;
    struct message message = {.text = text_take, .role = role, .at = nb_now()};

    if (messages->list.count >= MESSAGES_KEPT) {
        free(messages->list.data[0].text);
        nb_vec_remove(&messages->list, 0);
    }
    nb_vec_push(&messages->list, message);
    messages->shown = true;
    host_dirty(host);
}

void message_show(struct host *host, enum role role, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(host, role, nb_vasprintf(format, args));
    va_end(args);
}

void message_error(struct host *host, const struct nb_error *err)
{
    if (err->hint[0])
        add(host, ROLE_ERROR, nb_asprintf("%s: %s", err->message, err->hint));
    else
        add(host, ROLE_ERROR, nb_strdup(err->message));
}

void message_dismiss(struct host *host)
{
    if (!host->messages.shown)
        return;
    host->messages.shown = false;
    host_dirty(host);
}

const struct message *message_current(const struct messages *messages)
{
    return messages->shown && messages->list.count > 0 ? nb_vec_last(&messages->list) : NULL;
}

void messages_clear(struct messages *messages)
{
    for (size_t i = 0; i < messages->list.count; i++)
        free(messages->list.data[i].text);
    nb_vec_clear(&messages->list);
}
