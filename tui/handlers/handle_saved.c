/*
 * handle_saved.c - saved views: a menu of them, in which they are applied and deleted; saving.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/console/console_state.h"
#include "tui/handlers/handlers.h"
#include "tui/modal/hints.h"

static void apply_view(struct console *console, const char *name)
{
    const struct saved_view *saved = settings_view(&console->host.settings, name);
    struct nb_error err;

    if (!saved) {
        message_show(&console->host, ROLE_ERROR, "there is no saved view %s", name);
        return;
    }
    console_show(console, screens_find(console, saved->view));
    if (console->current->kind->context == saved->view &&
        view_set_filter(console_view(console), saved->filter, &err) < 0)
        message_error(&console->host, &err);
}

static void on_view_chosen(void *arg, const char *text, int64_t id)
{
    (void)id;
    apply_view(arg, text);
}

/* ---- deleting, where they are chosen ---- */

/* The one that a question is about. */
struct named {
    struct console *console;
    char *name;
};

static struct named *named_new(struct console *console, const char *name)
{
    struct named *named = nb_calloc(1, sizeof(*named));

    *named = (struct named){.console = console, .name = nb_strdup(name)};
    return named;
}

static void named_free(void *arg)
{
    struct named *named = arg;

    free(named->name);
    free(named);
}

static bool delete_view(struct console *console, const char *name)
{
    struct nb_error err;

    if (settings_delete_view(&console->host.settings, name, &err) < 0) {
        message_error(&console->host, &err);
        return false;
    }
    message_show(&console->host, ROLE_OK, "deleted the saved view %s", name);
    return true;
}

static void open_menu(struct console *console);

static void on_delete(void *arg, const char *text, int64_t id)
{
    const struct named *named = arg;

    (void)text;
    (void)id;
    if (delete_view(named->console, named->name) && named->console->host.settings.views.count > 0)
        open_menu(named->console); /* without it, which says the same as the message */
}

static bool on_menu_key(void *arg, struct key key)
{
    struct console *console = arg;
    const struct picker_item *item = picker_chosen(console->modal.picker);
    struct modal_calls calls = {.accepted = on_delete, .release = named_free};

    if (!key_equal(key, (struct key){'d', MOD_CONTROL}))
        return false;
    if (!item)
        return true;
    calls.arg = named_new(console, item->label);
    modal_question(&console->modal, nb_asprintf("delete the saved view %s (%s)?", item->label, item->note), &calls);
    return true;
}

static void open_menu(struct console *console)
{
    static const struct hint_text hints[] = {{"<Enter>", "apply"}, {"<Up> <Down>", "move"}, {"a-z", "narrow down"},
                                             {"<C-d>", "delete"},  {"<Esc>", "close"},      {NULL}};
    struct modal_calls calls = {.accepted = on_view_chosen, .key = on_menu_key, .hints = hints, .arg = console};
    struct picker *picker = picker_new("saved views");

    for (size_t i = 0; i < console->host.settings.views.count; i++) {
        const struct saved_view *saved = &console->host.settings.views.data[i];
        char *note = nb_asprintf("%s: %s", context_name(saved->view), saved->filter);
        struct picker_item item = {.label = saved->name, .note = note, .id = (int64_t)i};

        picker_add(picker, &item);
        free(note);
    }
    picker_set_status(picker, "none yet: save the filter that is shown with :save-view NAME");
    modal_picker(&console->modal, picker, &calls);
}

void handle_view_menu(struct console *console, const struct command *command)
{
    (void)command;
    open_menu(console);
}

/* ---- the actions ---- */

void handle_saved_view(struct console *console, const struct command *command)
{
    apply_view(console, command->argv[0]);
}

static void save_view(struct console *console, const char *name)
{
    struct view *view = console_view(console);
    struct nb_error err;

    if (settings_save_view(&console->host.settings, name, view->screen.kind->context, view->rows.filter_text, &err) < 0)
        message_error(&console->host, &err);
    else
        message_show(&console->host, ROLE_OK, "saved as %s", name);
}

static void on_overwrite(void *arg, const char *text, int64_t id)
{
    const struct named *named = arg;

    (void)text;
    (void)id;
    save_view(named->console, named->name);
}

/* A name that there is already is asked about first. */
static void ask_and_save_view(struct console *console, const char *name)
{
    const struct saved_view *known = settings_view(&console->host.settings, name);
    struct modal_calls calls = {.accepted = on_overwrite, .release = named_free};

    if (!known || strcmp(known->filter, console_view(console)->rows.filter_text) == 0) {
        save_view(console, name);
        return;
    }
    calls.arg = named_new(console, name);
    modal_question(&console->modal,
                   nb_asprintf("replace the saved view %s (%s: %s)?", name, context_name(known->view), known->filter),
                   &calls);
}

static void on_view_name(void *arg, const char *text, int64_t id)
{
    (void)id;
    if (text[0] != '\0')
        ask_and_save_view(arg, text);
}

void handle_save_view(struct console *console, const struct command *command)
{
    struct modal_calls calls = {.accepted = on_view_name, .arg = console};

    if (command->argc > 0)
        ask_and_save_view(console, command->argv[0]);
    else
        modal_prompt(&console->modal, "save this filter as: ", "", HISTORY_OTHER, &calls);
}

void handle_delete_view(struct console *console, const struct command *command)
{
    delete_view(console, command->argv[0]);
}
