/*
 * handle_link.c - the link of a row, and the actions that it offers. What is said is what happened: a link was opened when a
 * program took it, an action was taken when its link was opened.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "tui/console/console_state.h"
#include "tui/handlers/handlers.h"

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

static void refuse_link(struct console *console, const char *link)
{
    message_show(&console->host, ROLE_ERROR,
                 "not opened: links of this kind are not allowed (see the option link-schemes): %s", link);
}

/* What is opened, and what is noted when it was: which action of which notification has been taken. */
struct opening {
    struct console *console;
    const struct view_kind *kind;
    struct nb_key key;
    char *link, *action, *label; /* action and label: NULL for the notification's own link */
};

static void opening_free(void *arg)
{
    struct opening *opening = arg;

    free(opening->link);
    free(opening->action);
    free(opening->label);
    free(opening);
}

static void on_taken(void *arg, bool taken, const struct nb_error *err)
{
    struct opening *opening = arg;
    struct host *host = &opening->console->host;

    if (err)
        message_error(host, err);
    else
        message_show(host, ROLE_OK, taken ? "took: %s" : "taken already: %s", opening->label);
    opening_free(opening);
}

static void note_taken(const struct opening *opening)
{
    struct opening *noted = nb_calloc(1, sizeof(*noted));

    *noted = (struct opening){.console = opening->console, .label = nb_strdup(opening->label)};
    (void)opening->kind->take_action(opening->console->host.connection, &opening->key, opening->action, on_taken,
                                     noted);
}

/* Nothing took the link: it goes where the person can take it from. */
static void copy_instead(const struct opening *opening, const char *why)
{
    char *what = nb_asprintf("link %s", opening->link);
    char *reason = nb_asprintf("%s: ", why);

    copy_text(opening->console, opening->link, what, reason);
    free(what);
    free(reason);
}

static void on_opened(void *arg, const struct nb_error *err)
{
    const struct opening *opening = arg;
    struct host *host = &opening->console->host;

    if (err)
        copy_instead(opening, err->message);
    else if (opening->action)
        note_taken(opening);
    else
        message_show(host, ROLE_OK, "%s took %s", settings_text(&host->settings, OPTION_LINK_OPENER), opening->link);
}

static void open_link(struct opening *opening_take)
{
    struct host *host = &opening_take->console->host;
    struct outside_calls calls = {.done = on_opened, .release = opening_free, .arg = opening_take};

    if (!scheme_allowed(opening_take->console, opening_take->link)) {
        refuse_link(opening_take->console, opening_take->link);
        opening_free(opening_take);
    } else if (host->restricted) {
        copy_instead(opening_take, "not in this restricted console");
        opening_free(opening_take);
    } else {
        outside_start(host, settings_text(&host->settings, OPTION_LINK_OPENER), opening_take->link, NULL, &calls);
    }
}

void handle_open_link(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view ? rows_current(&view->rows) : NULL;
    const char *link = row && view->rows.info->link ? view->rows.info->link(row) : NULL;
    struct opening *opening;

    (void)command;
    if (!row)
        return;
    if (link) {
        opening = nb_calloc(1, sizeof(*opening));
        *opening = (struct opening){.console = console, .link = nb_strdup(link)};
        open_link(opening);
    } else
        message_show(&console->host, ROLE_WARNING, "this %s has no link", view->rows.info->noun);
}

/* ---- the actions that a notification offers: which one was taken is noted when its link was opened ---- */

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

static const char *member(const json_t *action, const char *name)
{
    return json_string_value(json_object_get(action, name));
}

static void on_action_chosen(void *arg, const char *text, int64_t id)
{
    const struct offer *offer = arg;
    struct console *console = offer->console;
    const json_t *action = json_array_get(offer->actions, (size_t)id);
    struct opening *opening;

    (void)text;
    if (!member(action, "id") || !host_may_write(&console->host))
        return;
    opening = nb_calloc(1, sizeof(*opening));
    *opening = (struct opening){
        .console = console,
        .kind = offer->kind,
        .key = offer->key,
        .link = nb_strdup(member(action, "link")),
        .action = nb_strdup(member(action, "id")),
        .label = nb_strdup(member(action, "label")),
    };
    if (opening->link) {
        open_link(opening);
        return;
    }
    note_taken(opening);
    opening_free(opening);
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
