/*
 * handle_row.c - what is done with a row elsewhere: its link, the actions it offers, the clipboard, a file.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/process.h"
#include "inbox/inbox.h"
#include "tui/console/console_state.h"
#include "tui/view/detail.h"
#include "tui/acts/export.h"
#include "tui/handlers/handlers.h"
#include "page/row_text.h"

/* ---- links ---- */

static bool scheme_allowed(const struct console *console, const char *link)
{
    size_t length = strcspn(link, ":");
    char *scheme = nb_strndup(link, length);
    bool allowed = link[length] == ':' && settings_lists(&console->host.settings, OPTION_LINK_SCHEMES, scheme);

    for (const char *c = link; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            allowed = false;
    free(scheme);
    return allowed;
}

/* Without a shell, and so that nobody has to wait for it. */
static int start_opener(const char *opener, const char *link, struct nb_error *err)
{
    char *path = NULL;
    const char *argv[] = {NULL, link, NULL};
    const struct nb_process_options options = {.argv = argv};
    pid_t pid;
    int rc;

    if ((rc = nb_process_find(&path, opener, err)) < 0)
        return rc;
    argv[0] = path;
    rc = nb_process_start_detached(&options, -1, &pid, err);
    free(path);
    return rc;
}

static void refuse_link(struct console *console, const char *link)
{
    message_show(&console->host, ROLE_ERROR,
                 "not opened: links of this kind are not allowed (see the option link-schemes): %s", link);
}

static void open_link(struct console *console, const char *link)
{
    const char *opener = settings_text(&console->host.settings, OPTION_LINK_OPENER);
    struct nb_error err;

    if (!scheme_allowed(console, link)) {
        refuse_link(console, link);
        return;
    }
    if (start_opener(opener, link, &err) < 0)
        message_error(&console->host, &err);
    else
        message_show(&console->host, ROLE_MESSAGE, "%s %s", opener, link);
}

void handle_open_link(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view ? rows_current(&view->rows) : NULL;
    const char *link = row && view->rows.info->link ? view->rows.info->link(row) : NULL;

    (void)command;
    if (!row)
        return;
    if (link)
        open_link(console, link);
    else
        message_show(&console->host, ROLE_WARNING, "this %s has no link", view->rows.info->noun);
}

/* ---- the actions that a notification offers: it is noted which one was taken, then its link opens ---- */

struct offer {
    struct console *console;
    const struct view_kind *kind;
    struct nb_key key;
    json_t *actions;
};

static void offer_free(void *arg)
{
    struct offer *offer = arg;

    json_decref(offer->actions);
    free(offer);
}

/* On its way to the database. */
struct taking {
    struct console *console;
    char *label;
    char *link; /* NULL: the action has none */
};

static void on_taken(void *arg, bool taken, const struct nb_error *err)
{
    struct taking *taking = arg;

    if (err)
        message_error(&taking->console->host, err);
    else if (taking->link)
        open_link(taking->console, taking->link);
    else
        message_show(&taking->console->host, ROLE_OK, taken ? "took: %s" : "taken already: %s", taking->label);
    free(taking->label);
    free(taking->link);
    free(taking);
}

static const char *member(const json_t *action, const char *name)
{
    return json_string_value(json_object_get(action, name));
}

static void on_action_chosen(void *arg, const char *text, int64_t id)
{
    const struct offer *offer = arg;
    struct console *console = offer->console;
    const json_t *action = json_array_get(offer->actions, (size_t)id);
    const char *link = member(action, "link");
    struct taking *taking;

    (void)text;
    if (!member(action, "id") || !host_may_write(&console->host))
        return;
    if (link && !scheme_allowed(console, link)) {
        refuse_link(console, link);
        return;
    }
    taking = nb_calloc(1, sizeof(*taking));
    *taking = (struct taking){.console = console, .label = nb_strdup(member(action, "label")), .link = nb_strdup(link)};
    (void)offer->kind->take_action(console->host.connection, &offer->key, member(action, "id"), on_taken, taking);
}

void handle_take_action(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view && view->rows.kind->actions ? rows_current(&view->rows) : NULL;
    const char *offered = row ? view->rows.kind->actions(row) : NULL;
    struct modal_calls calls = {.accepted = on_action_chosen, .release = offer_free};
    struct picker *picker;
    struct offer *offer;
    json_t *actions = NULL, *action;
    size_t index;

    if (!row || !host_may_write(&console->host))
        return;
    if (!offered || nb_json_parse(&actions, offered, strlen(offered), NULL) < 0 || json_array_size(actions) == 0) {
        message_show(&console->host, ROLE_WARNING, "this %s offers no actions", view->rows.info->noun);
        json_decref(actions);
        return;
    }
    offer = nb_calloc(1, sizeof(*offer));
    *offer = (struct offer){.console = console, .kind = view->rows.kind, .key = row->key, .actions = actions};
    picker = picker_new("actions");
    json_array_foreach(actions, index, action)
    {
        const char *label = json_string_value(json_object_get(action, "label"));
        struct picker_item item = {.label = label ? label : "?",
                                   .id = (int64_t)index,
                                   .note = json_string_value(json_object_get(action, "link"))};

        picker_add(picker, &item);
        if (command->argc > 0 && label && strcasecmp(label, command->argv[0]) == 0) {
            on_action_chosen(offer, label, (int64_t)index);
            picker_free(&picker);
            offer_free(offer);
            return;
        }
    }
    calls.arg = offer;
    modal_picker(&console->modal, picker, &calls);
}

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

static void copy(struct console *console, size_t which)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view ? detail_row(&view->detail) : NULL;
    char *text = row ? copies[which].make(view, row) : NULL;
    struct nb_error err;

    if (!text)
        message_show(&console->host, ROLE_WARNING, "there is no %s to copy", copies[which].name);
    else if (term_copy(console->term, text, strlen(text), &err) < 0)
        message_error(&console->host, &err);
    else
        message_show(&console->host, ROLE_OK, "copied the %s", copies[which].name);
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
