/*
 * message.h - the message line, and earlier messages.
 *
 * An answer to the person's own keys comes before news (a bell, the connection): news waits until the answer has been there
 * to be read, and news that an answer replaced too soon comes back after it.
 */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include "base/error.h"
#include "base/vec.h"
#include "tui/draw/cell.h"

#define MESSAGES_KEPT   100
#define MESSAGE_READ_MS 3000 /* a message that was there for so long has been read */

struct message {
    char *text;
    enum role role;
    int64_t at; /* the time of day, for people */
    bool news;
};

struct nb_timer;

struct messages {
    NB_VEC(struct message) list; /* oldest first */
    size_t shown, waiting;       /* places in the list, from 1 on; 0: none */
    int64_t shown_ms;            /* since when the shown one is */
    struct nb_timer *timer;      /* until the waiting one's turn */
};

/* The rules alone, at a time that the caller says. Each returns after how many milliseconds messages_turn() is due; 0: never. */
int64_t messages_add(struct messages *messages, struct message message_take, int64_t now_ms);
int64_t messages_turn(struct messages *messages, int64_t now_ms);
/* A key was pressed: what has been read goes. */
int64_t messages_dismiss(struct messages *messages, int64_t now_ms);
const struct message *message_current(const struct messages *messages); /* NULL: none is shown */
void messages_clear(struct messages *messages);

struct host;

/* Answers to what the person did. */
void message_show(struct host *host, enum role role, const char *format, ...) NB_PRINTF(3, 4);
void message_error(struct host *host, const struct nb_error *err);
/* What happens by itself. */
void message_news(struct host *host, enum role role, const char *format, ...) NB_PRINTF(3, 4);
void message_dismiss(struct host *host);

#endif
