/*
 * handle_snooze.c - asks until when, in a picker: a time that is typed is taken as typed, the items are short cuts. Each
 * shows the time at which it ends before it is chosen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/handlers/handlers.h"
#include "tui/handlers/pending.h"
#include "tui/modal/hints.h"

#define NEVER      "none" /* ends a snooze, here and in the command */
#define TYPED_ITEM (-1)   /* the id of the item for what is typed */

static const struct {
    const char *text, *label;
} short_cuts[] = {
    {"15m", "15 minutes"},    {"1h", "1 hour"},     {"4h", "4 hours"},         {"tonight", "tonight"},
    {"tomorrow", "tomorrow"}, {"monday", "monday"}, {NEVER, "end the snooze"},
};

static int read_time(int64_t *time, const char *text, int64_t now, struct nb_error *err)
{
    if (strcmp(text, NEVER) != 0)
        return nb_time_parse_future(time, text, now, err);
    *time = NB_TIME_NONE;
    return 0;
}

static void snooze(struct pending *pending, const char *when)
{
    struct nb_error err;

    if (read_time(&pending->act.time, when, nb_now(), &err) < 0)
        message_error(&pending->console->host, &err);
    else
        pending_go(pending);
}

/* ---- the picker ---- */

/* "until Mon 09:00, in 3d" */
static void add_time(struct picker *picker, const char *label, int64_t time, int64_t now, int64_t id)
{
    char until[NB_TIME_TEXT_SIZE], span[NB_TIME_TEXT_SIZE];
    char *note = time == NB_TIME_NONE ? nb_strdup("awake now")
                                      : nb_asprintf("until %s, in %s", nb_time_format_until(time, now, until),
                                                    nb_time_format_age(now, time, span));

    picker_add(picker, &(struct picker_item){.label = label, .note = note, .id = id});
    free(note);
}

/* Tonight is over after eight. */
static void add_short_cuts(struct picker *picker, int64_t now)
{
    int64_t time;

    for (size_t i = 0; i < NB_ARRAY_SIZE(short_cuts); i++)
        if (read_time(&time, short_cuts[i].text, now, NULL) == 0)
            add_time(picker, short_cuts[i].label, time, now, (int64_t)i);
}

/* Letters that are no time narrow down the short cuts; a number never does: 5 is not 15 minutes. */
static void fill(struct picker *picker, const char *text)
{
    struct nb_error err;
    int64_t now = nb_now(), time;

    picker_remove_all(picker);
    if (text[strspn(text, " ")] != '\0' && read_time(&time, text, now, &err) == 0)
        add_time(picker, text, time, now, TYPED_ITEM);
    else if (strpbrk(text, "0123456789"))
        picker_set_status(picker, err.message);
    else
        add_short_cuts(picker, now);
}

static void on_typed(void *arg, const char *text)
{
    struct pending *pending = arg;

    fill(pending->console->modal.picker, text);
}

static void on_chosen(void *arg, const char *text, int64_t id)
{
    snooze(arg, id == TYPED_ITEM ? text : short_cuts[id].text);
}

static void pick(struct pending *pending)
{
    static const struct hint_text hints[] = {
        {"<Enter>", "snooze"}, {"<Up> <Down>", "move"}, {"0-9 a-z", "type a time"}, {"<Esc>", "close"}, {NULL}};
    struct modal_calls calls = {
        .changed = on_typed, .accepted = on_chosen, .release = pending_free, .hints = hints, .arg = pending};
    char *title = pending_title(pending, "snooze");
    struct picker *picker = picker_new(title);

    free(title);
    picker_set_placeholder(picker, "30m  2h  14:00  monday 9:00  2026-12-24 08:00");
    fill(picker, "");
    modal_picker(&pending->console->modal, picker, &calls);
}

void handle_snooze(struct console *console, const struct command *command)
{
    struct pending *pending = pending_capture(console, ACT_SNOOZE, command->count);

    if (!pending)
        return;
    if (command->argc == 0) {
        pick(pending);
        return;
    }
    snooze(pending, command->argv[0]);
    pending_free(pending);
}
