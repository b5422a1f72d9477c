/*
 * complete.c - completion in the prompts for commands and for filters: from the tables of actions and options, the files, the
 * saved views, and what the database has told of types and people.
 */
#include "tui/handlers/complete.h"

#include <stdlib.h>
#include <string.h>

#include "events/heartbeats.h"
#include "events/windows.h"
#include "tui/console/console_state.h"
#include "tui/files/files.h"
#include "tui/view/table.h"
#include "tui/views/prefs.h"

#define NO_DATABASE "the database is not there to look this up"

/* One Tab. */
struct completing {
    struct host *host;
    const struct console *console; /* NULL: a filter is completed */
    const struct view *view;       /* the list that is shown; NULL: the screen is none */
    struct prompt_candidates *candidates;
    const char *typed; /* the line up to the cursor */
    size_t start;      /* the byte where what is completed begins */
};

static void offer(struct completing *completing, const char *text)
{
    const char *word = completing->typed + completing->start;

    if (strncmp(text, word, strlen(word)) == 0)
        nb_vec_push(&completing->candidates->list, nb_strdup(text));
}

static void offer_words(struct completing *completing, const char *words)
{
    for (size_t length; *words; words += length + (words[length] == ' ')) {
        char *one;

        length = strcspn(words, " ");
        one = nb_strndup(words, length);
        offer(completing, one);
        nb_free(&one);
    }
}

static void offer_files(struct completing *completing, enum files_kind kind)
{
    struct file_names names = {0};

    files_list(kind, &names);
    for (size_t i = 0; i < names.list.count; i++)
        offer(completing, names.list.data[i]);
    file_names_clear(&names);
}

/* ---- filters ---- */

/* A term that is being typed. */
struct term {
    struct completing *completing;
    const char *text;
    size_t value; /* where its value begins */
};

static void add_term(void *arg, const char *text)
{
    struct prompt_candidates *candidates = arg;

    nb_vec_push(&candidates->list, nb_strdup(text));
}

static void add_value(void *arg, const char *value)
{
    const struct term *term = arg;

    nb_vec_push(&term->completing->candidates->list, nb_filter_with_value(term->text, term->value, value));
}

/* Tells the prompt whether values are still to come, or cannot be asked for. */
static void take_state(struct prompt_candidates *candidates, enum values_state state)
{
    candidates->awaited = state == VALUES_COMING;
    candidates->lack = state == VALUES_NONE ? NO_DATABASE : NULL;
}

static void offer_filter(struct completing *completing)
{
    const struct view *view = completing->view;
    struct term term = {.completing = completing};
    const struct nb_word *word;

    if (!view)
        return;
    completing->start +=
        nb_filter_term_start(completing->typed + completing->start, strlen(completing->typed + completing->start));
    term.text = completing->typed + completing->start;
    nb_filter_suggest(view->rows.kind->subject, term.text, add_term, completing->candidates);
    word = nb_filter_value_typed(view->rows.kind->subject, term.text, &term.value);
    if (word && word->listed) {
        char *start = nb_filter_value_text(term.text + term.value);

        take_state(completing->candidates,
                   values_find(completing->host, view->rows.kind->subject, word, start, add_value, &term));
        free(start);
    }
}

void complete_filter(void *arg, const char *text, size_t cursor, size_t *start, struct prompt_candidates *candidates)
{
    const struct view *view = arg;
    char *typed = nb_strndup(text, cursor);
    struct completing completing = {.host = view->host, .view = view, .candidates = candidates, .typed = typed};

    offer_filter(&completing);
    *start = completing.start;
    free(typed);
}

/* ---- the places of commands ---- */

static void offer_actions(struct completing *completing)
{
    for (int action = 0; action < ACTION_COUNT; action++)
        offer(completing, action_info((enum action)action)->name);
}

static void offer_options(struct completing *completing)
{
    for (int option = 0; option < OPTION_COUNT; option++)
        offer(completing, option_info((enum option)option)->name);
}

static void offer_themes(struct completing *completing)
{
    offer_files(completing, FILES_THEME);
}

static void offer_keymaps(struct completing *completing)
{
    offer_files(completing, FILES_KEYMAP);
}

static void offer_screens(struct completing *completing)
{
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        const struct screen *screen = completing->console->screens[i];

        if (screen && screen_may_be_seen(screen))
            offer(completing, context_name(screen->kind->context));
    }
}

static void offer_views(struct completing *completing)
{
    const struct settings *settings = &completing->host->settings;

    for (size_t i = 0; i < settings->views.count; i++)
        offer(completing, settings->views.data[i].name);
}

static void add_person(void *arg, const char *name)
{
    struct completing *completing = arg;
    char *word = command_quote(name);

    nb_vec_push(&completing->candidates->list, word);
}

static void offer_people(struct completing *completing)
{
    const enum nb_subject subject = NB_SUBJECT_EVENTS;
    const struct nb_word *word = nb_filter_word(subject, "assigned");
    char *name = command_unquote(completing->typed + completing->start);

    offer_words(completing, "me nobody");
    take_state(completing->candidates, values_find(completing->host, subject, word, name, add_person, completing));
    free(name);
}

static void offer_times(struct completing *completing)
{
    offer_words(completing, "15m 1h 4h tonight tomorrow monday none");
}

static void add_preference(void *arg, const char *text, const char *about)
{
    (void)about;
    offer(arg, text);
}

typedef NB_VEC(char *) names;

static void add_channel(void *arg, const char *name)
{
    names *channels = arg;

    nb_vec_push(channels, nb_strdup(name));
}

/* What stands before a channel: a type, or a module. */
static void offer_preference_scopes(struct completing *completing, const struct prefs *prefs)
{
    const char *module = "";

    for (size_t i = 0; prefs->known && i < prefs->known->type_count; i++) {
        const struct nb_preference_type *type = &prefs->known->types[i];
        char *scopes[] = {nb_asprintf("%s.", type->type), nb_asprintf("module:%s.", type->module)};

        offer(completing, scopes[0]);
        if (strcmp(type->module, module) != 0)
            offer(completing, scopes[1]);
        module = type->module;
        free(scopes[0]);
        free(scopes[1]);
    }
}

static void offer_preferences(struct completing *completing)
{
    const char *typed = completing->typed + completing->start;
    const struct prefs *prefs = prefs_of(screens_find(completing->console, CONTEXT_PREFS));
    const struct nb_word *word = nb_filter_word(NB_SUBJECT_INBOX, "channel");
    names channels = {0};

    if (!strchr(typed, '='))
        take_state(completing->candidates, values_find(completing->host, NB_SUBJECT_INBOX, word,
                                                       nb_preference_channel_typed(typed), add_channel, &channels));
    nb_vec_push(&channels, NULL);
    nb_preference_suggest(typed, (const char *const *)channels.data, add_preference, completing);
    for (size_t i = 0; i < channels.count; i++)
        free(channels.data[i]);
    nb_vec_clear(&channels);
    if (prefs && !strpbrk(typed, "=."))
        offer_preference_scopes(completing, prefs);
}

/* The rows of a table by their keys, each once: a heartbeat has a row for each instance. */
static void offer_rows(struct completing *completing, enum context context, char *(*name)(const void *row))
{
    const struct table *table = table_of(screens_find(completing->console, context));
    char *before = nb_strdup("");

    for (size_t i = 0; table && i < table->shown.count; i++) {
        char *text = name(table_row(table, i));

        if (text && strcmp(text, before) != 0)
            offer(completing, text);
        free(before);
        before = text ? text : nb_strdup("");
    }
    free(before);
}

static char *ended_by_name(const void *row)
{
    const struct nb_window *window = row;

    return nb_window_is_over(window) ? NULL : nb_strdup(window->name);
}

static char *heartbeat_name(const void *row)
{
    return nb_strdup(((const struct nb_heartbeat *)row)->name);
}

static void offer_windows(struct completing *completing)
{
    offer_rows(completing, CONTEXT_WINDOWS, ended_by_name);
}

static void offer_heartbeats(struct completing *completing)
{
    offer_rows(completing, CONTEXT_HEARTBEATS, heartbeat_name);
}

/* The option stands in the word before. */
static enum option option_before(const struct completing *completing)
{
    char *before = nb_strndup(completing->typed, completing->start);
    size_t length = strlen(before);
    enum option option;

    while (length > 0 && before[length - 1] == ' ')
        before[--length] = '\0';
    option = option_find(strrchr(before, ' ') ? strrchr(before, ' ') + 1 : before);
    nb_free(&before);
    return option;
}

static void offer_values(struct completing *completing)
{
    enum option option = option_before(completing);

    if (option == OPTION_COUNT)
        return;
    if (option == OPTION_THEME)
        offer(completing, "auto");
    if (option == OPTION_THEME || option == OPTION_KEYMAP)
        offer_files(completing, option == OPTION_THEME ? FILES_THEME : FILES_KEYMAP);
    else if (option_info(option)->type == OPTION_TYPE_BOOL)
        offer_words(completing, "on off");
    else if (option_info(option)->type == OPTION_TYPE_CHOICE)
        offer_words(completing, option_info(option)->choices);
    else
        offer(completing, settings_text(&completing->host->settings, option));
}

/* By the name of the place in action.def. */
static const struct {
    const char *slot;
    void (*add)(struct completing *completing);
} completers[] = {
    {"", offer_actions},       {"OPTION", offer_options},       {"VALUE", offer_values},
    {"THEME", offer_themes},   {"KEYMAP", offer_keymaps},       {"SCREEN", offer_screens},
    {"VIEW", offer_views},     {"USER", offer_people},          {"WHEN", offer_times},
    {"FILTER", offer_filter},  {"TERM", offer_filter},          {"KEY=VALUE", offer_preferences},
    {"WINDOW", offer_windows}, {"HEARTBEAT", offer_heartbeats},
};

void complete_command(void *arg, const char *text, size_t cursor, size_t *start, struct prompt_candidates *candidates)
{
    struct console *console = arg;
    char *typed = nb_strndup(text, cursor);
    struct completing completing = {.host = &console->host,
                                    .console = console,
                                    .view = console_view(console),
                                    .candidates = candidates,
                                    .typed = typed,
                                    .start = *start};
    const char *slot = command_argument_at(typed, &completing.start);
    const char *choices = slot ? command_choices(slot) : NULL;

    for (size_t i = 0; slot && i < NB_ARRAY_SIZE(completers); i++)
        if (strcmp(completers[i].slot, slot) == 0)
            completers[i].add(&completing);
    if (choices)
        offer_words(&completing, choices);
    if (slot && strncmp(slot, "--", 2) == 0)
        offer(&completing, slot);
    *start = completing.start;
    free(typed);
}

void complete_prepare(struct console *console)
{
    const struct view *view = console_view(console);

    if (view)
        values_refresh(&console->host, view->rows.kind->subject);
}
