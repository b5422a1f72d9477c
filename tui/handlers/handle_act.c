/*
 * handle_act.c - the acts that change rows, with the questions that some of them ask first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/events.h"
#include "people/people.h"
#include "tui/acts/act_kind.h"
#include "tui/console/console_state.h"
#include "tui/handlers/handlers.h"

#define PEOPLE_MOST 50 /* in one answer (events/events.h) */

/* The view that is shown, when its rows are what such an act is done with. The open detail is a list of one. */
static struct view *act_view(struct console *console, enum act_kind kind)
{
    struct view *view = console_view(console);

    return view && view->rows.kind->subject == act_kind_info(kind)->subject ? view : NULL;
}

static void begin(struct console *console, const struct act *act)
{
    struct view *view = act_view(console, act->kind);

    if (view)
        acts_begin(&console->acts, view, act);
}

static void begin_plain(struct console *console, enum act_kind kind)
{
    const struct act act = {.kind = kind, .time = nb_now()};

    begin(console, &act);
}

void handle_read(struct console *console, const struct command *command)
{
    (void)command;
    begin_plain(console, ACT_READ);
}

void handle_unread(struct console *console, const struct command *command)
{
    (void)command;
    begin_plain(console, ACT_UNREAD);
}

void handle_archive(struct console *console, const struct command *command)
{
    (void)command;
    begin_plain(console, ACT_ARCHIVE);
}

void handle_delete(struct console *console, const struct command *command)
{
    (void)command;
    console_open_detail(console, false);
    begin_plain(console, ACT_DELETE);
}

void handle_read_all(struct console *console, const struct command *command)
{
    struct view *view = act_view(console, ACT_READ);

    (void)command;
    if (view)
        acts_read_all(&console->acts, view);
}

void handle_acknowledge(struct console *console, const struct command *command)
{
    (void)command;
    begin_plain(console, ACT_ACKNOWLEDGE);
}

void handle_reopen(struct console *console, const struct command *command)
{
    (void)command;
    begin_plain(console, ACT_REOPEN);
}

/* ---- acts with a text: what they concern is captured when their key is pressed, before the text is typed ---- */

struct pending {
    struct console *console;
    struct acts_target *target;
    struct act act;
    struct nb_request *request;
};

static void pending_free(void *arg)
{
    struct pending *pending = arg;

    if (pending->request)
        nb_request_abandon(&pending->request);
    acts_target_free(&pending->target);
    free(pending);
}

static struct pending *capture(struct console *console, enum act_kind kind)
{
    struct view *view = act_view(console, kind);
    struct pending *pending;
    struct acts_target *target;

    if (!view || !host_may_write(&console->host) || !(target = acts_capture(&console->acts, view)))
        return NULL;
    pending = nb_calloc(1, sizeof(*pending));
    pending->console = console;
    pending->target = target;
    pending->act = (struct act){.kind = kind, .time = nb_now()};
    return pending;
}

static void go(struct pending *pending)
{
    acts_begin_target(&pending->console->acts, &pending->target, &pending->act);
}

static char *question(const struct pending *pending, const char *verb, const char *what)
{
    int64_t count = acts_target_count(pending->target);
    const char *nouns = acts_target_nouns(pending->target);

    if (count == 0) /* ranges are counted before the question that follows */
        return nb_asprintf("%s all marked %s%s: ", verb, nouns, what);
    return count == 1 ? nb_asprintf("%s%s: ", verb, what)
                      : nb_asprintf("%s %lld %s%s: ", verb, (long long)count, nouns, what);
}

static void on_note(void *arg, const char *text, int64_t id)
{
    struct pending *pending = arg;

    (void)id;
    pending->act.note = text[0] ? (char *)text : NULL;
    if (pending->act.note || pending->act.kind != ACT_NOTE)
        go(pending);
}

static void ask_note(struct pending *pending, const char *verb, const char *what)
{
    struct modal_calls calls = {.accepted = on_note, .release = pending_free, .arg = pending};
    char *label = question(pending, verb, what);

    modal_prompt(&pending->console->modal, label, "", HISTORY_NOTE, &calls);
    free(label);
}

void handle_resolve(struct console *console, const struct command *command)
{
    struct act act = {.kind = ACT_RESOLVE, .time = nb_now()};
    struct pending *pending;

    if (command->option && command->argc == 0) {
        if ((pending = capture(console, ACT_RESOLVE)))
            ask_note(pending, "resolve", ", note");
        return;
    }
    act.note = command->argc > 0 ? command->argv[0] : NULL;
    begin(console, &act);
}

void handle_note(struct console *console, const struct command *command)
{
    struct act act = {.kind = ACT_NOTE, .time = nb_now()};
    struct pending *pending;

    if (command->argc == 0) {
        if ((pending = capture(console, ACT_NOTE)))
            ask_note(pending, "note", "");
        return;
    }
    act.note = command->argv[0];
    begin(console, &act);
}

/* ---- snooze ---- */

static const struct {
    const char *text, *label;
} presets[] = {{"15m", "15 minutes"}, {"1h", "1 hour"}, {"4h", "4 hours"}, {"tomorrow", "tomorrow, 9:00"}};

static void snooze(struct pending *pending, const char *when)
{
    struct nb_error err;

    if (nb_time_parse_future(&pending->act.time, when, nb_now(), &err) < 0)
        message_error(&pending->console->host, &err);
    else
        go(pending);
}

static void on_snooze_typed(void *arg, const char *text, int64_t id)
{
    (void)id;
    snooze(arg, text);
}

static int check_snooze(void *arg, const char *text, struct nb_error *err)
{
    int64_t time;

    (void)arg;
    return nb_time_parse_future(&time, text, nb_now(), err);
}

static void on_snooze_chosen(void *arg, const char *text, int64_t id)
{
    struct pending **held = arg;
    struct pending *pending = *held;
    struct modal_calls calls = {
        .accepted = on_snooze_typed, .check = check_snooze, .release = pending_free, .arg = pending};
    char *label;

    (void)text;
    if (id < (int64_t)NB_ARRAY_SIZE(presets)) {
        snooze(pending, presets[id].text);
        return;
    }
    *held = NULL;
    label = question(pending, "snooze", " for or until (2h, 2026-11-30 08:00)");
    modal_prompt(&pending->console->modal, label, "", HISTORY_OTHER, &calls);
    free(label);
}

static void held_free(void *arg)
{
    struct pending **held = arg;

    if (*held)
        pending_free(*held);
    free(held);
}

static void pick_snooze(struct pending *pending)
{
    struct pending **held = nb_calloc(1, sizeof(*held));
    struct modal_calls calls = {.accepted = on_snooze_chosen, .release = held_free, .arg = held};
    struct picker *picker = picker_new("snooze for");
    struct picker_item other = {.label = "another time …", .id = NB_ARRAY_SIZE(presets)};

    *held = pending;
    for (size_t i = 0; i < NB_ARRAY_SIZE(presets); i++) {
        struct picker_item item = {.label = presets[i].label, .note = presets[i].text, .id = (int64_t)i};

        picker_add(picker, &item);
    }
    picker_add(picker, &other);
    modal_picker(&pending->console->modal, picker, &calls);
}

void handle_snooze(struct console *console, const struct command *command)
{
    struct pending *pending = capture(console, ACT_SNOOZE);

    if (!pending)
        return;
    if (command->argc == 0) {
        pick_snooze(pending);
        return;
    }
    snooze(pending, command->argv[0]);
    pending_free(pending);
}

/* ---- assign ---- */

static void assign_to(struct pending *pending, const struct nb_uuid *user, const char *name)
{
    pending->act.has_user = true;
    pending->act.user = *user;
    pending->act.user_name = (char *)name;
    go(pending);
}

/* The picker shows who has been found; their ids stay with it. */
struct people {
    struct pending *pending;
    NB_VEC(struct nb_uuid) ids;
    unsigned serial;
    bool many; /* more than one answer holds: what is typed is looked for in the database */
};

static void people_free(void *arg)
{
    struct people *people = arg;

    pending_free(people->pending);
    nb_vec_clear(&people->ids);
    free(people);
}

static void on_people(void *arg, const struct nb_person *persons, size_t count, const struct nb_error *err)
{
    struct people *people = arg;
    const struct modal *modal = &people->pending->console->modal;
    struct picker *picker = modal->picker;

    people->pending->request = NULL;
    if (!picker || modal->serial != people->serial)
        return;
    host_dirty(&people->pending->console->host);
    if (err) {
        picker_set_status(picker, err->message);
        return;
    }
    picker_remove_all(picker);
    people->ids.count = 0;
    people->many = people->many || count >= PEOPLE_MOST;
    picker_set_status(picker, "nobody is called like this");
    for (size_t i = 0; i < count; i++) {
        struct picker_item item = {.label = persons[i].name, .note = persons[i].email, .id = (int64_t)i};

        nb_vec_push(&people->ids, persons[i].id);
        picker_add(picker, &item);
    }
}

static void find_people(struct people *people, const char *text)
{
    if (people->pending->request)
        nb_request_abandon(&people->pending->request);
    people->pending->request = nb_people_find(people->pending->console->host.connection, text, on_people, people);
}

static void on_person_typed(void *arg, const char *text)
{
    struct people *people = arg;

    if (people->many)
        find_people(people, text);
}

static void on_person_chosen(void *arg, const char *text, int64_t id)
{
    struct people *people = arg;

    if ((size_t)id < people->ids.count)
        assign_to(people->pending, &people->ids.data[id], text);
}

static void pick_person(struct pending *pending)
{
    struct people *people = nb_calloc(1, sizeof(*people));
    struct modal_calls calls = {
        .changed = on_person_typed, .accepted = on_person_chosen, .release = people_free, .arg = people};
    struct picker *picker = picker_new("assign to");

    people->pending = pending;
    picker_set_status(picker, "looking for people …");
    modal_picker(&pending->console->modal, picker, &calls);
    people->serial = pending->console->modal.serial;
    find_people(people, "");
}

/* `:assign bob`: nobody else than the one who is called so. */
static void on_named(void *arg, const struct nb_person *person, const struct nb_error *err)
{
    struct pending *pending = arg;

    pending->request = NULL;
    if (err)
        message_error(&pending->console->host, err);
    else
        assign_to(pending, &person->id, person->name);
    pending_free(pending);
}

static void assign_by_name(struct pending *pending, const char *name)
{
    struct nb_uuid id;

    if (nb_uuid_parse(&id, name, NULL) < 0) {
        pending->request = nb_person_find(pending->console->host.connection, name, on_named, pending);
        return;
    }
    assign_to(pending, &id, name);
    pending_free(pending);
}

void handle_assign(struct console *console, const struct command *command)
{
    struct pending *pending = capture(console, ACT_ASSIGN);

    if (!pending)
        return;
    if (command->option) {
        pick_person(pending);
    } else if (command->argc > 0 && strcmp(command->argv[0], "nobody") == 0) {
        go(pending);
        pending_free(pending);
    } else if (command->argc > 0 && strcmp(command->argv[0], "me") != 0) {
        assign_by_name(pending, command->argv[0]);
    } else {
        assign_to(pending, &console->host.identity.user_id, console->host.identity.user_name);
        pending_free(pending);
    }
}

void handle_undo(struct console *console, const struct command *command)
{
    acts_undo(&console->acts, command_amount(command, 1));
}

void handle_redo(struct console *console, const struct command *command)
{
    acts_redo(&console->acts, command_amount(command, 1));
}
