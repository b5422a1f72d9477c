/*
 * message.c - keeps the latest messages and shows the newest, answers before news.
 */
#include "tui/host/message.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/host/host.h"

/* ---- the rules ---- */

static bool shows_news(const struct messages *messages)
{
    return messages->shown > 0 && messages->list.data[messages->shown - 1].news;
}

static int64_t unread_ms(const struct messages *messages, int64_t now_ms)
{
    int64_t left = messages->shown > 0 ? messages->shown_ms + MESSAGE_READ_MS - now_ms : 0;

    return left > 0 ? left : 0;
}

static void show(struct messages *messages, size_t place, int64_t now_ms)
{
    messages->shown = place;
    messages->shown_ms = now_ms;
    if (messages->waiting == place)
        messages->waiting = 0;
}

static int64_t next_turn_ms(const struct messages *messages, int64_t now_ms)
{
    int64_t left = unread_ms(messages, now_ms);

    if (messages->waiting == 0)
        return 0;
    return left > 0 ? left : 1;
}

static void drop_oldest(struct messages *messages)
{
    free(messages->list.data[0].text);
    nb_vec_remove(&messages->list, 0);
    if (messages->shown > 0)
        messages->shown--;
    if (messages->waiting > 0)
        messages->waiting--;
}

/* A message that repeats the one before, as at every key while there is no database, replaces it. */
static void put(struct messages *messages, struct message message_take)
{
    struct message *last = messages->list.count > 0 ? nb_vec_last(&messages->list) : NULL;

    if (last && strcmp(last->text, message_take.text) == 0) {
        free(last->text);
        *last = message_take;
        return;
    }
    if (messages->list.count >= MESSAGES_KEPT)
        drop_oldest(messages);
    nb_vec_push(&messages->list, message_take);
}

int64_t messages_add(struct messages *messages, struct message message_take, int64_t now_ms)
{
    bool unread = unread_ms(messages, now_ms) > 0;

    put(messages, message_take);
    if (message_take.news && unread && !shows_news(messages)) {
        messages->waiting = messages->list.count;
    } else {
        if (!message_take.news && unread && shows_news(messages))
            messages->waiting = messages->shown;
        show(messages, messages->list.count, now_ms);
    }
    return next_turn_ms(messages, now_ms);
}

int64_t messages_turn(struct messages *messages, int64_t now_ms)
{
    if (messages->waiting > 0 && unread_ms(messages, now_ms) == 0)
        show(messages, messages->waiting, now_ms);
    return next_turn_ms(messages, now_ms);
}

int64_t messages_dismiss(struct messages *messages, int64_t now_ms)
{
    if (shows_news(messages) && unread_ms(messages, now_ms) > 0)
        return next_turn_ms(messages, now_ms);
    show(messages, messages->waiting, now_ms);
    return 0;
}

const struct message *message_current(const struct messages *messages)
{
    return messages->shown > 0 ? &messages->list.data[messages->shown - 1] : NULL;
}

void messages_clear(struct messages *messages)
{
    for (size_t i = 0; i < messages->list.count; i++)
        free(messages->list.data[i].text);
    nb_vec_clear(&messages->list);
    messages->shown = messages->waiting = 0;
    nb_timer_remove(&messages->timer);
}

/* ---- in the console ---- */

static void on_turn(void *arg);

static void wait_for_turn(struct host *host, int64_t turn_ms)
{
    struct messages *messages = &host->messages;

    if (turn_ms > 0 && !messages->timer)
        messages->timer = nb_loop_add_timer(host->loop, on_turn, host);
    if (turn_ms > 0)
        nb_timer_start(messages->timer, turn_ms);
    else if (messages->timer)
        nb_timer_stop(messages->timer);
    host_dirty(host);
}

static void on_turn(void *arg)
{
    struct host *host = arg;

    wait_for_turn(host, messages_turn(&host->messages, nb_monotonic_ms()));
}

static void add(struct host *host, enum role role, char *text_take, bool news)
{
    struct message message = {.text = text_take, .role = role, .at = nb_now(), .news = news};

    wait_for_turn(host, messages_add(&host->messages, message, nb_monotonic_ms()));
}

void message_show(struct host *host, enum role role, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(host, role, nb_vasprintf(format, args), false);
    va_end(args);
}

void message_error(struct host *host, const struct nb_error *err)
{
    if (err->hint[0])
        message_show(host, ROLE_ERROR, "%s: %s", err->message, err->hint);
    else
        message_show(host, ROLE_ERROR, "%s", err->message);
}

void message_news(struct host *host, enum role role, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(host, role, nb_vasprintf(format, args), true);
    va_end(args);
}

void message_dismiss(struct host *host)
{
    if (host->messages.shown > 0)
        wait_for_turn(host, messages_dismiss(&host->messages, nb_monotonic_ms()));
}
