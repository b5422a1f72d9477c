/*
 * handle_act.c - the acts that change rows, with the questions that some of them ask first.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/events.h"
#include "people/people.h"
#include "tui/console/console_state.h"
#include "tui/handlers/handlers.h"
#include "tui/handlers/pending.h"

#define PEOPLE_MOST 50 /* in one answer (events/events.h) */

/* False: nothing was begun, and a message says why. */
static bool begin(struct console *console, const struct command *command, const struct act *act)
{
    struct pending *pending = pending_capture(console, act->kind, command->count);

    if (!pending)
        return false;
    pending->act = *act;
    pending_go(pending);
    pending_free(pending);
    return true;
}

static bool begin_plain(struct console *console, const struct command *command, enum act_kind kind)
{
    const struct act act = {.kind = kind, .time = nb_now()};

    return begin(console, command, &act);
}

void handle_read(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_READ);
}

void handle_unread(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_UNREAD);
}

void handle_archive(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_ARCHIVE);
}

void handle_delete(struct console *console, const struct command *command)
{
    if (begin_plain(console, command, ACT_DELETE) && !settings_bool(&console->host.settings, OPTION_ADVANCE))
        console_open_detail(console, false);
}

void handle_read_all(struct console *console, const struct command *command)
{
    struct view *view = pending_view(console, ACT_READ);

    (void)command;
    if (view)
        acts_read_all(&console->acts, view);
}

void handle_acknowledge(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_ACKNOWLEDGE);
}

void handle_reopen(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_REOPEN);
}

/* Whether a filter's text has this term, as a word of its own. */
static bool has_term(const char *filter, const char *term)
{
    size_t length = strlen(term);

    for (const char *at = strstr(filter, term); at; at = strstr(at + 1, term))
        if ((at == filter || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* All that the filter shows, where that is dead letters and nothing else. */
static void retry_all(struct console *console, const struct command *command)
{
    const struct view *view = pending_view(console, ACT_RETRY);

    if (!view)
        return;
    if (!has_term(view->rows.filter_text, "is:dead") && !has_term(view->rows.filter_text, "status:failed")) {
        message_show(&console->host, ROLE_WARNING, "the list shows more than dead letters: filter is:dead first");
        return;
    }
    handle_mark_all(console, command);
    begin_plain(console, command, ACT_RETRY);
}

void handle_retry(struct console *console, const struct command *command)
{
    if (command->option)
        retry_all(console, command);
    else
        begin_plain(console, command, ACT_RETRY);
}

void handle_cancel(struct console *console, const struct command *command)
{
    begin_plain(console, command, ACT_CANCEL);
}

/* ---- acts with a note ---- */

static void on_note(void *arg, const char *text, int64_t id)
{
    struct pending *pending = arg;

    (void)id;
    pending->act.note = text[0] ? (char *)text : NULL;
    if (pending->act.note || pending->act.kind != ACT_NOTE)
        pending_go(pending);
}

static void ask_note(struct pending *pending, const char *verb, const char *what)
{
    struct modal_calls calls = {.accepted = on_note, .release = pending_free, .arg = pending};
    char *title = pending_title(pending, verb);
    char *label = nb_asprintf("%s%s: ", title, what);

    modal_prompt(&pending->console->modal, label, "", HISTORY_NOTE, &calls);
    free(label);
    free(title);
}

void handle_resolve(struct console *console, const struct command *command)
{
    struct act act = {.kind = ACT_RESOLVE, .time = nb_now()};
    struct pending *pending;

    if (command->option && command->argc == 0) {
        if ((pending = pending_capture(console, ACT_RESOLVE, command->count)))
            ask_note(pending, "resolve", ", note");
        return;
    }
    act.note = command->argc > 0 ? command->argv[0] : NULL;
    begin(console, command, &act);
}

void handle_note(struct console *console, const struct command *command)
{
    struct act act = {.kind = ACT_NOTE, .time = nb_now()};
    struct pending *pending;

    if (command->argc == 0) {
        if ((pending = pending_capture(console, ACT_NOTE, command->count)))
            ask_note(pending, "note on", "");
        return;
    }
    act.note = command->argv[0];
    begin(console, command, &act);
}

/* ---- assign ---- */

static void assign_to(struct pending *pending, const struct nb_uuid *user, const char *name)
{
    pending->act.has_user = true;
    pending->act.user = *user;
    pending->act.user_name = (char *)name;
    pending_go(pending);
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
    char *title = pending_title(pending, "assign"), *to = nb_asprintf("%s to", title);
    struct picker *picker = picker_new(to);

    free(to);
    free(title);
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
        pending->request = nb_person_find(pending->console->host.connection, name, NULL, on_named, pending);
        return;
    }
    assign_to(pending, &id, name);
    pending_free(pending);
}

void handle_assign(struct console *console, const struct command *command)
{
    struct pending *pending = pending_capture(console, ACT_ASSIGN, command->count);

    if (!pending)
        return;
    if (command->option) {
        pick_person(pending);
    } else if (command->argc > 0 && strcmp(command->argv[0], "nobody") == 0) {
        pending_go(pending);
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
