/*
 * pick_time.c - the picker of times.
 */
#include "tui/handlers/pick_time.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/modal/hints.h"

#define NONE       "none" /* the word, here and in the commands */
#define TYPED_ITEM (-1)   /* the id of the item for what is typed */

struct picking {
    struct console *console;
    struct time_question question;
    struct hint_text hints[5];
};

int pick_time_read(int64_t *time, const char *text, const char *none, int64_t now, struct nb_error *err)
{
    if (!none || strcmp(text, NONE) != 0)
        return nb_time_parse_future(time, text, now, err);
    *time = NB_TIME_NONE;
    return 0;
}

static int read_time(int64_t *time, const struct picking *picking, const char *text, int64_t now, struct nb_error *err)
{
    return pick_time_read(time, text, picking->question.none, now, err);
}

/* "until Mon 09:00, in 3d" */
static void add_time(const struct picking *picking, const char *label, int64_t time, int64_t now, int64_t id)
{
    char until[NB_TIME_TEXT_SIZE], span[NB_TIME_TEXT_SIZE];
    char *note = time == NB_TIME_NONE ? nb_strdup(picking->question.none)
                                      : nb_asprintf("until %s, in %s", nb_time_format_until(time, now, until),
                                                    nb_time_format_age(now, time, span));

    picker_add(picking->console->modal.picker, &(struct picker_item){.label = label, .note = note, .id = id});
    free(note);
}

/* A short cut that is past is left out: "tonight" from eight in the evening on. */
static void add_short_cuts(const struct picking *picking, int64_t now)
{
    const struct time_short_cut *short_cuts = picking->question.short_cuts;
    int64_t time;

    for (size_t i = 0; short_cuts[i].text; i++)
        if (read_time(&time, picking, short_cuts[i].text, now, NULL) == 0)
            add_time(picking, short_cuts[i].label, time, now, (int64_t)i);
}

/* Letters that are no time narrow down the short cuts; a number never does: 5 is not 15 minutes. */
static void on_typed(void *arg, const char *text)
{
    const struct picking *picking = arg;
    struct picker *picker = picking->console->modal.picker;
    struct nb_error err;
    int64_t now = nb_now(), time;

    picker_remove_all(picker);
    if (text[strspn(text, " ")] != '\0' && read_time(&time, picking, text, now, &err) == 0)
        add_time(picking, text, time, now, TYPED_ITEM);
    else if (strpbrk(text, "0123456789"))
        picker_set_status(picker, err.message);
    else
        add_short_cuts(picking, now);
}

static void on_chosen(void *arg, const char *text, int64_t id)
{
    const struct picking *picking = arg;
    const char *typed = id == TYPED_ITEM ? text : picking->question.short_cuts[id].text;
    struct nb_error err;
    int64_t time;

    if (read_time(&time, picking, typed, nb_now(), &err) < 0)
        message_error(&picking->console->host, &err);
    else
        picking->question.chosen(picking->question.arg, time);
}

static void picking_free(void *arg)
{
    struct picking *picking = arg;

    if (picking->question.release)
        picking->question.release(picking->question.arg);
    free(picking);
}

void pick_time(struct console *console, const struct time_question *question)
{
    struct picking *picking = nb_calloc(1, sizeof(*picking));
    struct picker *picker = picker_new(question->title);
    const struct modal_calls calls = {
        .changed = on_typed, .accepted = on_chosen, .release = picking_free, .hints = picking->hints, .arg = picking};

    *picking = (struct picking){
        .console = console,
        .question = *question,
        .hints = {{"<Enter>", question->verb},
                  {"<Up> <Down>", "move"},
                  {"0-9 a-z", "type a time"},
                  {"<Esc>", "close"},
                  {NULL, NULL}},
    };
    picker_set_placeholder(picker, "30m  2h  14:00  monday 9:00  2026-12-24 08:00");
    modal_picker(&console->modal, picker, &calls);
    on_typed(picking, "");
}
