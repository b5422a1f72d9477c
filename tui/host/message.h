/*
 * message.h - the message line, and earlier messages.
 */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include "base/error.h"
#include "base/vec.h"
#include "tui/draw/cell.h"

#define MESSAGES_KEPT 200

struct message {
    char *text;
    enum role role;
    int64_t at;
};

struct messages {
    NB_VEC(struct message) list; /* oldest first */
    bool shown;                  /* the last one is on screen until the next key */
};

struct host;

void message_show(struct host *console, enum role role, const char *format, ...) NB_PRINTF(3, 4);
void message_error(struct host *console, const struct nb_error *err);
void message_dismiss(struct host *console);
const struct message *message_current(const struct messages *messages); /* NULL: none is shown */
void messages_clear(struct messages *messages);

#endif
