/*
 * handle_snooze.c - snoozes until a time that is given, or asked for.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "tui/handlers/handlers.h"
#include "tui/handlers/pending.h"
#include "tui/handlers/pick_time.h"

#define AWAKE "awake now" /* what none does */

static void on_chosen(void *arg, int64_t time)
{
    struct pending *pending = arg;

    pending->act.time = time;
    pending_go(pending);
}

static void pick(struct pending *pending)
{
    static const struct time_short_cut short_cuts[] = {
        {"15m", "15 minutes"},    {"1h", "1 hour"},     {"4h", "4 hours"},          {"tonight", "tonight"},
        {"tomorrow", "tomorrow"}, {"monday", "monday"}, {"none", "end the snooze"}, {NULL, NULL},
    };
    char *title = pending_title(pending, "snooze");
    const struct time_question question = {.title = title,
                                           .verb = "snooze",
                                           .short_cuts = short_cuts,
                                           .none = AWAKE,
                                           .chosen = on_chosen,
                                           .release = pending_free,
                                           .arg = pending};

    pick_time(pending->console, &question);
    free(title);
}

void handle_snooze(struct console *console, const struct command *command)
{
    struct pending *pending = pending_capture(console, ACT_SNOOZE, command->count);
    struct nb_error err;
    int64_t time;

    if (!pending)
        return;
    if (command->argc == 0) {
        pick(pending);
        return;
    }
    if (pick_time_read(&time, command->argv[0], AWAKE, nb_now(), &err) < 0)
        message_error(&console->host, &err);
    else
        on_chosen(pending, time);
    pending_free(pending);
}
