/*
 * handle_program.c - views, palette, settings, and the program itself.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/words.h"
#include "tui/console/console_state.h"
#include "tui/files/files.h"
#include "tui/handlers/complete.h"
#include "tui/handlers/handlers.h"
#include "tui/modal/palette.h"

#define ID_DIGITS 18

/* ---- views ---- */

static void go_to(struct console *console, struct screen *screen)
{
    if (screen_may_be_seen(screen))
        console_show(console, screen);
    else
        message_show(&console->host, ROLE_WARNING, "%s", screen_operators_only(screen));
}

void handle_view(struct console *console, const struct command *command)
{
    struct screen *screen = screens_named(console, command->argv[0]);
    struct nb_strbuf names;

    if (!screen) {
        nb_strbuf_init(&names, 4096);
        screens_names(&names);
        message_show(&console->host, ROLE_ERROR, "there is no view %s: there are %s", command->argv[0], names.data);
        nb_strbuf_clear(&names);
    } else {
        go_to(console, screen);
    }
}

/* A number is an event's; only ids of notifications have letters, or are longer than a number can be. */
void handle_goto(struct console *console, const struct command *command)
{
    const char *id = command->argv[0];
    bool is_number = id[strspn(id, "0123456789")] == '\0' && strlen(id) <= ID_DIGITS;
    struct screen *screen = screens_find(console, is_number ? CONTEXT_EVENTS : CONTEXT_INBOX);
    char *filter = nb_asprintf("id:%s", id);
    struct nb_error err;

    go_to(console, screen);
    if (screen != console->current) {
        nb_free(&filter);
        return;
    }
    if (view_set_filter(console_view(console), filter, &err) < 0)
        message_error(&console->host, &err);
    else
        console_run_text(console, "open"); /* once its row is there */
    nb_free(&filter);
}

void handle_prefs(struct console *console, const struct command *command)
{
    (void)command;
    go_to(console, screens_find(console, CONTEXT_PREFS));
}

void handle_windows(struct console *console, const struct command *command)
{
    (void)command;
    go_to(console, screens_find(console, CONTEXT_WINDOWS));
}

void handle_heartbeats(struct console *console, const struct command *command)
{
    (void)command;
    go_to(console, screens_find(console, CONTEXT_HEARTBEATS));
}

void handle_next_view(struct console *console, const struct command *command)
{
    (void)command;
    screens_step(console, 1);
}

void handle_previous_view(struct console *console, const struct command *command)
{
    (void)command;
    screens_step(console, -1);
}

void handle_help(struct console *console, const struct command *command)
{
    struct screen *help = screens_find(console, CONTEXT_HELP);

    console_show(console, help);
    help->kind->ops->search(help, command->argc > 0 ? command->argv[0] : "");
}

/* ---- commands ---- */

static void on_action_chosen(void *arg, const char *text, int64_t id)
{
    struct console *console = arg;
    const struct action_info *info = action_info((enum action)id);

    (void)text;
    /* what needs an argument gets a prompt with its name in it */
    if (info->arguments[0] != '\0' && info->arguments[0] != '[') {
        struct nb_error err;
        struct command command;
        char *line = nb_asprintf("command %s ", info->name);

        if (command_parse(&command, line, &err) == 0) {
            console_run_command(console, &command);
            command_clear(&command);
        }
        free(line);
        return;
    }
    console_run_text(console, info->name);
}

void handle_palette(struct console *console, const struct command *command)
{
    struct modal_calls calls = {.accepted = on_action_chosen, .arg = console};

    (void)command;
    modal_picker(&console->modal, palette_new(console->host.keymap, &console->host.scope), &calls);
}

static void on_command(void *arg, const char *text, int64_t id)
{
    (void)id;
    if (text[0] != '\0')
        console_run_text(arg, text);
}

static int check_command(void *arg, const char *text, struct nb_error *err)
{
    struct command command;
    int rc;

    (void)arg;
    if (text[0] == '\0')
        return 0;
    if ((rc = command_parse(&command, text, err)) == 0)
        command_clear(&command);
    return rc;
}

void handle_command(struct console *console, const struct command *command)
{
    struct modal_calls calls = {
        .accepted = on_command, .check = check_command, .complete = complete_command, .arg = console};
    char *text = command->argc > 0 ? nb_asprintf("%s ", command->argv[0]) : nb_strdup("");

    complete_prepare(console);
    modal_prompt(&console->modal, ":", text, HISTORY_COMMAND, &calls);
    free(text);
}

/* What is wrong now, past messages with the newest on top, and what is wrong with the files that were read. */
void handle_messages(struct console *console, const struct command *command)
{
    const struct messages *messages = &console->host.messages;
    const struct problems *problems = &console->host.problems;
    struct reader *reader = reader_new("messages");
    char buffer[LINK_TROUBLE_SIZE], when[NB_TIME_TEXT_SIZE];
    const char *trouble = link_trouble(&console->host, buffer, sizeof(buffer));

    (void)command;
    if (trouble)
        reader_add(reader, "now", trouble);
    for (size_t i = messages->list.count; i-- > 0;)
        reader_add(reader, nb_time_format_short(messages->list.data[i].at, nb_now(), when),
                   messages->list.data[i].text);
    for (size_t i = 0; i < problems->list.count; i++)
        reader_add(reader, "files", problems->list.data[i].text);
    if (!trouble && messages->list.count == 0 && problems->list.count == 0)
        reader_add(reader, NULL, "no messages yet");
    modal_reader(&console->modal, reader);
}

void handle_refresh(struct console *console, const struct command *command)
{
    (void)command;
    console_refresh(console);
}

/* ---- settings ---- */

static void on_theme_chosen(void *arg, const char *text, int64_t id)
{
    struct console *console = arg;
    struct nb_error err;

    (void)id;
    if (console_load_theme(console, text, &err) < 0)
        message_error(&console->host, &err);
}

static void on_keymap_chosen(void *arg, const char *text, int64_t id)
{
    struct console *console = arg;
    size_t before = console->host.problems.list.count;
    struct nb_error err;

    (void)id;
    if (console_load_keymap(console, text, &err) < 0)
        message_error(&console->host, &err);
    else if (console->host.problems.list.count == before) /* else the message says what is wrong with the file */
        message_show(&console->host, ROLE_OK, "keymap %s", keymap_name(console->host.keymap));
}

static void pick_file(struct console *console, enum files_kind kind, const char *title, const struct modal_calls *calls)
{
    struct file_names names = {0};
    struct picker *picker = picker_new(title);

    files_list(kind, &names);
    for (size_t i = 0; i < names.list.count; i++) {
        struct picker_item item = {.label = names.list.data[i], .id = (int64_t)i};

        picker_add(picker, &item);
    }
    file_names_clear(&names);
    modal_picker(&console->modal, picker, calls);
}

void handle_theme(struct console *console, const struct command *command)
{
    struct modal_calls calls = {.accepted = on_theme_chosen, .arg = console};

    if (command->argc > 0)
        on_theme_chosen(console, command->argv[0], 0);
    else
        pick_file(console, FILES_THEME, "theme", &calls);
}

void handle_keymap(struct console *console, const struct command *command)
{
    struct modal_calls calls = {.accepted = on_keymap_chosen, .arg = console};

    if (command->argc > 0)
        on_keymap_chosen(console, command->argv[0], 0);
    else
        pick_file(console, FILES_KEYMAP, "keymap", &calls);
}

/* Quotes around all of it are those of the command; those around one of several words belong to the program. */
static char *program_value(const char *text)
{
    const char *at = text;
    char *word = nb_word_next(&at);

    if (word && (*text == '"' || *text == '\'') && *at == '\0')
        return word;
    nb_free(&word);
    return nb_strdup(text);
}

static int set_option(struct console *console, enum option option, const char *text, struct nb_error *err)
{
    bool is_program = option_info(option)->type == OPTION_TYPE_PROGRAM;
    char *value = is_program ? program_value(text) : nb_strdup(text);
    int rc = settings_set(&console->host.settings, option, value, err);

    nb_free(&value);
    return rc;
}

void handle_set(struct console *console, const struct command *command)
{
    enum option option = option_find(command->argv[0]);
    struct nb_error err;

    if (option == OPTION_COUNT) {
        message_show(&console->host, ROLE_ERROR, "there is no option %s", command->argv[0]);
        return;
    }
    if (command->argc < 2) {
        message_show(&console->host, ROLE_MESSAGE, "%s = %s", command->argv[0],
                     settings_text(&console->host.settings, option));
        return;
    }
    if (option_info(option)->type == OPTION_TYPE_PROGRAM && outside_refuses(&console->host))
        return;
    if (set_option(console, option, command->argv[1], &err) < 0) {
        message_error(&console->host, &err);
        return;
    }
    console_apply_option(console, option);
}

/* ---- the program ---- */

/* The next frame is written, as soon as it is painted. */
void handle_save_screen(struct console *console, const struct command *command)
{
    nb_free(&console->screen_file);
    console->screen_file = nb_strdup(command->argv[0]);
    console->host.urgent = true;
    host_dirty(&console->host);
}

/* Who it was, why it is not any more, and what to do. */
static void tell_refused(struct console *console)
{
    const struct nb_identity *identity = &console->host.identity;
    char trouble[LINK_TROUBLE_SIZE];

    message_show(&console->host, ROLE_WARNING, "%s%s%s", identity->user_name, identity->user_name[0] ? " is " : "",
                 link_trouble(&console->host, trouble, sizeof(trouble)));
}

void handle_whoami(struct console *console, const struct command *command)
{
    const struct nb_identity *identity = &console->host.identity;
    char until[NB_TIME_TEXT_SIZE];
    char *roles;

    (void)command;
    if (!console->host.identified) {
        message_show(&console->host, ROLE_MESSAGE, "the database has not said yet who you are");
        return;
    }
    if (link_is_refused(&console->host)) {
        tell_refused(console);
        return;
    }
    roles = nb_role_names(identity->roles);
    message_show(&console->host, ROLE_MESSAGE, "%s at %s (%s), %s%s", identity->user_name,
                 identity->is_global ? "every tenant" : identity->tenant_name, *roles ? roles : "no role",
                 identity->expires_at == NB_TIME_NONE ? "by the PostgreSQL login, without an end" : "until ",
                 identity->expires_at == NB_TIME_NONE ? ""
                                                      : nb_time_format_short(identity->expires_at, nb_now(), until));
    free(roles);
}

void handle_redraw(struct console *console, const struct command *command)
{
    (void)command;
    term_redraw(console->term);
    host_dirty(&console->host);
}

void handle_suspend(struct console *console, const struct command *command)
{
    (void)command;
    console_suspend(console);
}

void handle_quit(struct console *console, const struct command *command)
{
    (void)command;
    console_quit(console);
}
