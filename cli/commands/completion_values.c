/*
 * completion_values.c - completions from the table of commands, the filter language and the database: ids, people,
 * types.
 */
#include "cli/commands/completion_values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"
#include "channels/sender.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "config/documents.h"
#include "events/heartbeats.h"
#include "events/windows.h"
#include "filter/filter.h"
#include "page/ids.h"
#include "page/values.h"
#include "people/people.h"
#include "preferences/preferences.h"
#include "types/types.h"

#define ROWS_OFFERED 30

struct answers {
    struct command_call *call;
    const struct complete_place *place;
    const char *before; /* put before each answer: "type:" */
    bool done;
};

static void answer(const struct answers *answers, const char *text, const char *about)
{
    const struct complete_place *place = answers->place;
    char *word = nb_asprintf("%s%s", answers->before, text);
    /* a word with a blank is left out: a blank ends the word on a shell's line, a tab begins the description */
    bool fits = strncasecmp(word, place->current, strlen(place->current)) == 0 && word[strcspn(word, " \t\n")] == '\0';

    if (fits && about && *about)
        output_raw_line(answers->call->output, "%.*s%s\t%s", (int)place->prefix, place->current - place->prefix, word,
                        about);
    else if (fits)
        output_raw_line(answers->call->output, "%.*s%s", (int)place->prefix, place->current - place->prefix, word);
    free(word);
}

/* bash puts an answer on the command line as it is: a person called $(reboot) must not get there. */
static bool is_plain_word(const char *text)
{
    return text[strcspn(text, " \t\n\"'`$&|;<>()\\*?[]{}~#!^")] == '\0';
}

/* Answers with texts of the database, without what a shell or, by control characters, a terminal might obey. */
static void answer_untrusted(const struct answers *answers, const char *text, const char *about)
{
    struct nb_strbuf word, description;

    nb_strbuf_init(&word, 4096);
    nb_strbuf_init(&description, 4096);
    nb_text_sanitize(&word, text, SIZE_MAX, NB_TEXT_LINE, false);
    nb_text_sanitize(&description, about ? about : "", SIZE_MAX, NB_TEXT_LINE, false);
    if (strcmp(word.data, text) == 0 && is_plain_word(text))
        answer(answers, word.data, description.data);
    nb_strbuf_clear(&word);
    nb_strbuf_clear(&description);
}

static void answer_list(const struct answers *answers, const char *list, const char *separators)
{
    for (const char *at = list; *at;) {
        size_t length = strcspn(at, separators);
        char *word = nb_strndup(at, length);

        answer(answers, word, NULL);
        free(word);
        at += length;
        at += strspn(at, separators);
    }
}

/* ---- what the database knows ---- */

static struct nb_connection *connection_for(const struct answers *answers, enum session_login login)
{
    struct session_options options = {.login = login};
    struct nb_connection *connection = NULL;
    struct nb_error err;

    return session_connect(&connection, answers->call, &options, &err) == NB_OK ? connection : NULL;
}

static struct nb_connection *connection_of(const struct answers *answers)
{
    return connection_for(answers, SESSION_CLIENT);
}

static void on_type(void *arg, const struct nb_type_info *type)
{
    answer_untrusted(arg, type->type, type->description);
}

static void answer_types(const struct answers *answers)
{
    struct nb_connection *connection = connection_of(answers);

    if (connection)
        (void)!nb_types_list(connection, on_type, (void *)answers, NULL);
}

static void on_switch_type(void *arg, const struct nb_type_info *type)
{
    char *scope = nb_asprintf("%s.", type->type);

    answer_untrusted(arg, scope, type->description);
    free(scope);
}

static void on_preference(void *arg, const char *text, const char *about)
{
    answer(arg, text, about);
}

/* The names of channels, as an array for nb_preference_suggest(). */
struct channels {
    NB_VEC(char *) names;
    bool done;
};

static void on_channels(void *arg, const struct nb_value *values, size_t count, const struct nb_error *err)
{
    struct channels *channels = arg;

    channels->done = true;
    for (size_t i = 0; !err && i < count; i++)
        nb_vec_push(&channels->names, nb_strdup(values[i].text));
}

/* Those that the database knows, with what was typed at their beginning. */
static void find_channels(struct channels *channels, struct nb_connection *connection, const char *typed)
{
    nb_values_find(connection, NB_SUBJECT_INBOX, nb_filter_word(NB_SUBJECT_INBOX, "channel"), typed, NB_PRIORITY_PAGE,
                   on_channels, channels);
    (void)!fetch_wait(&channels->done, connection, NULL);
}

static void channels_clear(struct channels *channels)
{
    for (size_t i = 0; i < channels->names.count; i++)
        free(channels->names.data[i]);
    nb_vec_clear(&channels->names);
}

/* Those that are sent by: the inbox is none of them. */
static void answer_channels(const struct answers *answers)
{
    struct nb_connection *connection = connection_of(answers);
    bool with_inbox = answers->place->kind == COMPLETE_VALUE;
    struct channels channels = {0};

    if (connection)
        find_channels(&channels, connection, answers->place->current);
    for (size_t i = 0; i < channels.names.count; i++)
        if (with_inbox || strcmp(channels.names.data[i], "in_app") != 0)
            answer_untrusted(answers, channels.names.data[i], NULL);
    channels_clear(&channels);
}

/* Those that this host can send by. */
static void answer_configured_channels(const struct answers *answers)
{
    struct nb_channels *channels = NULL;
    struct nb_error ignored;

    if (nb_channels_read(&channels, command_text(answers->call, "channels"), NULL, NULL, &ignored) < 0)
        return;
    for (size_t i = 0; i < channels->list.count; i++)
        answer_untrusted(answers, channels->list.data[i].name, channels->list.data[i].ops->summary);
    nb_channels_free(&channels);
}

/* A key with its value; the types stand before their channel. */
static void answer_preferences(const struct answers *answers)
{
    const char *current = answers->place->current;
    struct nb_connection *connection = strchr(current, '=') ? NULL : connection_of(answers);
    struct channels channels = {0};

    if (connection)
        find_channels(&channels, connection, nb_preference_channel_typed(current));
    nb_vec_push(&channels.names, NULL);
    nb_preference_suggest(current, connection ? (const char *const *)channels.names.data : NULL, on_preference,
                          (void *)answers);
    if (connection && !strpbrk(current, ".:"))
        (void)!nb_types_list(connection, on_switch_type, (void *)answers, NULL);
    channels_clear(&channels);
}

static void on_document(void *arg, const char *key, const char *document)
{
    json_t *parsed = json_loads(document, 0, NULL);

    answer_untrusted(arg, key, json_string_value(json_object_get(parsed, "description")));
    json_decref(parsed);
}

/* The keys of a tenant's configuration: templates, rules … */
static void answer_keys(const struct answers *answers, const struct nb_config_kind *kind)
{
    struct nb_config config = {
        .kind = kind, .connection = connection_for(answers, SESSION_MANAGER), .tenant = command_tenant(answers->call)};

    if (config.connection)
        (void)!nb_config_list(&config, NULL, on_document, (void *)answers, NULL);
}

static void on_rule(void *arg, const char *key, const char *document)
{
    json_t *parsed = json_loads(document, 0, NULL);
    const char *event = json_string_value(json_object_get(parsed, "event_type"));

    if (event)
        answer_untrusted(arg, event, key);
    json_decref(parsed);
}

/* App events are known by the rules that wait for them. */
static void answer_app_events(const struct answers *answers)
{
    struct nb_config config = {.kind = nb_config_kind_find("rules"),
                               .connection = connection_for(answers, SESSION_MANAGER),
                               .tenant = command_tenant(answers->call)};

    if (config.connection)
        (void)!nb_config_list(&config, NULL, on_rule, (void *)answers, NULL);
}

static void on_windows(void *arg, struct nb_arena *arena_take, struct nb_window *windows, size_t count,
                       const struct nb_error *err)
{
    struct answers *answers = arg;

    answers->done = true;
    for (size_t i = 0; !err && i < count; i++)
        answer_untrusted(answers, windows[i].name, windows[i].reason);
    nb_arena_free(&arena_take);
}

static void on_heartbeats(void *arg, struct nb_arena *arena_take, struct nb_heartbeat *heartbeats, size_t count,
                          const struct nb_error *err)
{
    struct answers *answers = arg;

    answers->done = true;
    for (size_t i = 0; !err && i < count; i++)
        if (i == 0 || strcmp(heartbeats[i].name, heartbeats[i - 1].name) != 0)
            answer_untrusted(answers, heartbeats[i].name, heartbeats[i].description);
    nb_arena_free(&arena_take);
}

/* Operators, who are no administrators, may read these. */
static void answer_operated(struct answers *answers, bool windows)
{
    struct nb_connection *connection = connection_for(answers, SESSION_MANAGER);
    const char *tenant = command_tenant(answers->call);

    if (!connection)
        return;
    if (windows)
        nb_windows_list(connection, tenant, ROWS_OFFERED, on_windows, answers);
    else
        nb_heartbeats_list(connection, tenant, ROWS_OFFERED, on_heartbeats, answers);
    (void)!fetch_wait(&answers->done, connection, NULL);
}

static void on_people(void *arg, const struct nb_person *people, size_t count, const struct nb_error *err)
{
    struct answers *answers = arg;

    answers->done = true;
    for (size_t i = 0; !err && i < count; i++)
        answer_untrusted(answers, people[i].name, people[i].email);
}

static void answer_people(struct answers *answers, const char *text)
{
    struct nb_connection *connection = connection_of(answers);

    if (!connection)
        return;
    nb_people_find(connection, text, on_people, answers);
    (void)!fetch_wait(&answers->done, connection, NULL);
}

static void answer_ids(const struct answers *answers, enum nb_subject subject)
{
    struct nb_page_request request = {.subject = subject, .direction = NB_OLDER, .limit = ROWS_OFFERED};
    struct nb_connection *connection = connection_of(answers);
    struct nb_page *page = NULL;

    if (!connection || fetch_page(&page, answers->call, connection, &request, &(struct nb_error){0}) != NB_OK)
        return;
    for (size_t i = 0; i < page->count; i++) {
        char id[NB_KEY_TEXT_SIZE];

        nb_key_format_short(&page->rows[i]->key, subject, id);
        if (strncasecmp(id, answers->place->current, strlen(answers->place->current)) != 0)
            nb_key_format(&page->rows[i]->key, subject, id); /* the beginning of the whole id was typed */
        answer_untrusted(answers, id, nb_subject_info(subject)->title(page->rows[i]));
    }
    nb_page_free(&page);
}

/* ---- the filter language ---- */

static void on_suggestion(void *arg, const char *text)
{
    answer(arg, text, NULL);
}

static void on_values(void *arg, const struct nb_value *values, size_t count, const struct nb_error *err)
{
    struct answers *answers = arg;

    answers->done = true;
    for (size_t i = 0; !err && i < count; i++)
        answer_untrusted(answers, values[i].text, NULL);
}

static void answer_values(struct answers *answers, enum nb_subject subject, const struct nb_word *word,
                          const char *typed)
{
    struct nb_connection *connection = connection_of(answers);
    char *start = nb_filter_value_text(typed);

    if (connection) {
        nb_values_find(connection, subject, word, start, NB_PRIORITY_PAGE, on_values, answers);
        (void)!fetch_wait(&answers->done, connection, NULL);
    }
    free(start);
}

static void answer_filter(struct answers *answers, enum nb_subject subject)
{
    const char *current = answers->place->current, *term = current + (*current == '-');
    const struct nb_word *word;
    size_t value;

    answers->before = term > current ? "-" : "";
    nb_filter_suggest(subject, term, on_suggestion, answers);
    word = nb_filter_value_typed(subject, term, &value);
    if (word && word->listed) {
        char *before = nb_strndup(current, (size_t)(term - current) + value);

        answers->before = before;
        answer_values(answers, subject, word, term + value);
        free(before);
    }
}

/* What events have behind this word of their filter: their types, their sources. */
static void answer_of_events(struct answers *answers, const char *word_name)
{
    char *term = nb_asprintf("%s:%s", word_name, answers->place->current);
    size_t value;
    const struct nb_word *word = nb_filter_value_typed(NB_SUBJECT_EVENTS, term, &value);

    if (word)
        answer_values(answers, NB_SUBJECT_EVENTS, word, term + value);
    free(term);
}

/* ---- by the name of the place ---- */

static bool is_one_of(const char *name, const char *list)
{
    size_t length = strlen(name);

    for (const char *at = strstr(list, name); length > 0 && at; at = strstr(at + 1, name))
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

static enum nb_subject subject_of(const struct complete_place *place)
{
    enum nb_subject subject = NB_SUBJECT_INBOX;

    if (nb_subject_parse(&subject, place->group->name, NULL) != NB_OK && place->first_argument)
        (void)!nb_subject_parse(&subject, place->first_argument, NULL);
    return subject;
}

static void answer_place(struct answers *answers, const char *name)
{
    const struct complete_place *place = answers->place;
    const struct nb_config_kind *kind;

    if (is_one_of(name, "FILE DIR PATH"))
        output_raw_line(answers->call->output, ":files");
    else if (is_one_of(name, "TYPE T"))
        answer_types(answers);
    else if (is_one_of(name, "USER UUID PERSON"))
        answer_people(answers, place->current);
    else if (is_one_of(name, "CHANNEL C") && strcmp(place->group->name, "channels") == 0)
        answer_configured_channels(answers);
    else if (is_one_of(name, "CHANNEL C"))
        answer_channels(answers);
    else if (strcmp(name, "KEY=VALUE") == 0)
        answer_preferences(answers);
    else if (strcmp(name, "ID") == 0)
        answer_ids(answers, subject_of(place));
    else if (strcmp(name, "FILTER") == 0)
        answer_filter(answers, subject_of(place));
    else if (strcmp(name, "WINDOW") == 0 || strcmp(name, "HEARTBEAT") == 0)
        answer_operated(answers, strcmp(name, "WINDOW") == 0);
    else if (strcmp(name, "EVENT_TYPE") == 0)
        answer_app_events(answers);
    else if (is_one_of(name, "EVENT PATTERN") && place->kind == COMPLETE_VALUE)
        answer_of_events(answers, place->option->name);
    else if (strcmp(name, "SOURCE") == 0)
        answer_of_events(answers, "source");
    else if (is_one_of(name, "DURATION SPAN"))
        answer_list(answers, "15m 1h 4h 12h 1d 7d", " ");
    else if (strcmp(name, "WHEN") == 0)
        answer_list(answers, "15m 1h 4h tonight tomorrow monday", " ");
    else if (strchr(name, '|'))
        answer_list(answers, name, "|");
    else if (place->kind == COMPLETE_ARGUMENT && (kind = nb_config_kind_find(place->group->name)))
        answer_keys(answers, kind);
}

void completion_values(struct command_call *call, const struct complete_place *place)
{
    struct answers answers = {.call = call, .place = place, .before = ""};

    if (place->kind == COMPLETE_VALUE && place->option->values)
        answer_list(&answers, place->option->values, " ");
    else
        answer_place(&answers, place->kind == COMPLETE_VALUE ? place->option->argument : place->argument);
}
