/*
 * handle_row.c - what is done with a row elsewhere: the clipboard, a file.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "tui/console/console_state.h"
#include "tui/view/detail.h"
#include "tui/acts/export.h"
#include "tui/handlers/handlers.h"
#include "page/row_text.h"

/* ---- clipboard ---- */

static char *copy_id(const struct view *view, const struct nb_row *row)
{
    char id[NB_KEY_TEXT_SIZE];

    return nb_strdup(nb_key_format(&row->key, view->rows.kind->subject, id));
}

static char *copy_link(const struct view *view, const struct nb_row *row)
{
    const struct nb_subject_info *info = nb_subject_info(view->rows.kind->subject);

    return info->link ? nb_strdup(info->link(row)) : NULL;
}

static char *copy_title(const struct view *view, const struct nb_row *row)
{
    return nb_strdup(nb_subject_info(view->rows.kind->subject)->title(row));
}

static char *copy_json(const struct view *view, const struct nb_row *row)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, NB_ROW_TEXT_MAX);
    nb_row_json(&text, view->rows.kind->subject, row, nb_now(), NULL, true);
    return nb_strbuf_take(&text);
}

static const struct {
    const char *name, *label;
    char *(*make)(const struct view *view, const struct nb_row *row);
} copies[] = {
    {"id", "id", copy_id},
    {"link", "link", copy_link},
    {"title", "title or description", copy_title},
    {"json", "everything, as JSON", copy_json},
};

/* A copy that a program takes. */
struct copying {
    struct console *console;
    char *what, *why;
};

static void copying_free(void *arg)
{
    struct copying *copying = arg;

    free(copying->what);
    free(copying->why);
    free(copying);
}

static void on_copied(void *arg, const struct nb_error *err)
{
    const struct copying *copying = arg;
    struct host *host = &copying->console->host;

    if (err)
        message_show(host, ROLE_ERROR, "%s%s not copied: %s", copying->why, copying->what, err->message);
    else
        message_show(host, ROLE_OK, "%s%s given to %s", copying->why, copying->what,
                     settings_text(&host->settings, OPTION_COPY_COMMAND));
}

void copy_text(struct console *console, const char *text, const char *what, const char *why)
{
    const char *program = settings_text(&console->host.settings, OPTION_COPY_COMMAND);
    struct outside_calls calls = {.done = on_copied, .release = copying_free};
    struct copying *copying;
    struct nb_error err;

    if (program[0] == '\0' || console->host.restricted) {
        if (term_copy(console->term, text, strlen(text), &err) < 0)
            message_show(&console->host, ROLE_ERROR, "%s%s not copied: %s", why, what, err.message);
        else
            message_show(&console->host, ROLE_OK, "%s%s sent to the terminal", why, what);
        return;
    }
    copying = nb_calloc(1, sizeof(*copying));
    *copying = (struct copying){.console = console, .what = nb_strdup(what), .why = nb_strdup(why)};
    calls.arg = copying;
    outside_start(&console->host, program, NULL, text, &calls);
}

static void copy(struct console *console, size_t which)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view ? detail_row(&view->detail) : NULL;
    char *text = row ? copies[which].make(view, row) : NULL;

    if (!text)
        message_show(&console->host, ROLE_WARNING, "there is no %s to copy", copies[which].name);
    else
        copy_text(console, text, copies[which].name, "");
    free(text);
}

static void on_copy_chosen(void *arg, const char *text, int64_t id)
{
    (void)text;
    copy(arg, (size_t)id);
}

void handle_copy(struct console *console, const struct command *command)
{
    struct modal_calls calls = {.accepted = on_copy_chosen, .arg = console};
    struct picker *picker;

    for (size_t i = 0; command->argc > 0 && i < NB_ARRAY_SIZE(copies); i++) {
        if (strcmp(copies[i].name, command->argv[0]) == 0) {
            copy(console, i);
            return;
        }
    }
    if (command->argc > 0) {
        message_show(&console->host, ROLE_ERROR, "copy: expected id, link, title or json");
        return;
    }
    picker = picker_new("copy");
    for (size_t i = 0; i < NB_ARRAY_SIZE(copies); i++) {
        struct picker_item item = {.label = copies[i].name, .note = copies[i].label, .id = (int64_t)i};

        picker_add(picker, &item);
    }
    modal_picker(&console->modal, picker, &calls);
}

/* ---- export ---- */

struct export_wish {
    struct console *console;
    bool csv;
};

static void on_export_path(void *arg, const char *text, int64_t id)
{
    const struct export_wish *wish = arg;
    struct view *view = console_view(wish->console);

    (void)id;
    if (view && text[0] != '\0')
        export_begin(&wish->console->exporter, view, text, wish->csv);
}

void handle_export(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    struct export_wish *wish;
    struct modal_calls calls = {.accepted = on_export_path, .release = free};
    char *name;

    if (!view)
        return;
    if (command->argc > 0) {
        export_begin(&console->exporter, view, command->argv[0], command->option);
        return;
    }
    wish = nb_calloc(1, sizeof(*wish));
    wish->console = console;
    wish->csv = command->option;
    calls.arg = wish;
    name = nb_asprintf("%s.%s", view->rows.info->name, command->option ? "csv" : "ndjson");
    modal_prompt(&console->modal, "export to file: ", name, HISTORY_OTHER, &calls);
    free(name);
}
