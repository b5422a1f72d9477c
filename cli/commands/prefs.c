/*
 * prefs.c - `nightbell prefs`: what a person wants to hear, when and by which channel.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/listing.h"
#include "preferences/preferences.h"

#define LINE_MAX_BYTES 8192

struct asking {
    struct command_call *call;
    struct nb_preferences *preferences;
    bool done;
    struct nb_error err;
};

static void on_preferences(void *arg, const struct nb_preferences *preferences, const struct nb_error *err)
{
    struct asking *asking = arg;

    asking->done = true;
    if (err)
        asking->err = *err;
    else
        asking->preferences = nb_preferences_copy(preferences);
}

/* ---- showing: each line is what `prefs set` takes ---- */

static void print_settings(struct output *output, const struct nb_preferences *preferences)
{
    static const struct {
        const char *key;
        void (*write)(struct nb_strbuf *out, const struct nb_preferences *preferences);
    } lines[] = {{"quiet", nb_preference_quiet_text},
                 {"quiet-days", nb_preference_days_text},
                 {"digest", nb_preference_digest_text}};
    char until[NB_TIME_TEXT_SIZE];
    struct nb_strbuf value;

    nb_strbuf_init(&value, LINE_MAX_BYTES);
    for (size_t i = 0; i < NB_ARRAY_SIZE(lines); i++) {
        nb_strbuf_reset(&value);
        lines[i].write(&value, preferences);
        output_line(output, "%s=%s", lines[i].key, value.data);
    }
    nb_strbuf_clear(&value);
    output_line(output, "dnd=%s",
                preferences->dnd_until == NB_TIME_NONE ? "off" : nb_time_format_local(preferences->dnd_until, until));
    output_line(output, "zone=%s", preferences->time_zone_is_own ? preferences->time_zone : "default");
    output_line(output, "locale=%s", preferences->locale_is_own ? preferences->locale : "default");
}

static void print_words(struct output *output, const struct nb_preferences *preferences)
{
    for (size_t i = 0; i < preferences->word_count; i++) {
        const struct nb_preference_word *word = &preferences->words[i];
        const char *value = word->enabled ? "on" : "off";

        if (strcmp(word->type, "*") != 0)
            output_line(output, "%s.%s=%s", word->type, word->channel, value);
        else if (strcmp(word->module, "*") != 0)
            output_line(output, "module:%s.%s=%s", word->module, word->channel, value);
        else
            output_line(output, "%s=%s", word->channel, value);
    }
    for (size_t i = 0; i < preferences->threshold_count; i++) {
        const struct nb_preference_threshold *threshold = &preferences->thresholds[i];
        bool of_module = strcmp(threshold->module, "*") != 0, of_type = strcmp(threshold->event_type, "*") != 0;

        if (!threshold->is_active) /* prefs set would switch it on */
            continue;
        output_line(output, "threshold%s%s=%s",
                    of_type     ? ":"
                    : of_module ? ":module:"
                                : "",
                    of_type     ? threshold->event_type
                    : of_module ? threshold->module
                                : "",
                    threshold->condition);
    }
}

static void print_types(struct output *output, const struct nb_preferences *preferences)
{
    size_t count = 1 + preferences->channel_count;
    struct listing_column *columns = nb_calloc(count, sizeof(*columns));
    struct listing *listing;

    columns[0] = (struct listing_column){.title = "TYPE", .minimum = 12, .maximum = 40};
    for (size_t i = 0; i < preferences->channel_count; i++)
        columns[1 + i] = (struct listing_column){.title = preferences->channels[i].name, .minimum = 7};
    listing = listing_new(output, columns, count);
    for (size_t i = 0; i < preferences->type_count; i++) {
        listing_cell(listing, preferences->types[i].type, LISTING_PLAIN);
        for (size_t channel = 0; channel < preferences->channel_count; channel++) {
            const struct nb_preference_switch *one = &preferences->types[i].channels[channel];

            listing_cell(listing,
                         one->locked    ? "always"
                         : one->enabled ? "on"
                                        : "off",
                         one->enabled ? LISTING_PLAIN : LISTING_NOTICE);
        }
        listing_end_row(listing);
    }
    listing_print(listing);
    listing_free(&listing);
    free(columns);
}

static void print(struct output *output, const struct nb_preferences *preferences, bool types)
{
    if (output_is_json(output)) {
        output_json_take(output, json_incref((json_t *)preferences->document));
        return;
    }
    print_settings(output, preferences);
    print_words(output, preferences);
    if (types)
        print_types(output, preferences);
}

/* ---- the commands ---- */

/* changes NULL: only to read. Fills asking->preferences. */
static int ask(struct asking *asking, const json_t *changes, struct nb_error *err)
{
    struct command_call *call = asking->call;
    const struct nb_preferences_of of = {.tenant = command_tenant(call), .person = command_text(call, "user")};
    const struct session_options options = {.login = of.person ? SESSION_MANAGER : SESSION_CLIENT};
    struct nb_connection *connection = NULL;
    int rc = of.person ? session_connect(&connection, call, &options, err)
                       : session_connect_known(&connection, NULL, call, &options, err);

    if (rc != NB_OK)
        return rc;
    if (changes)
        nb_preferences_set(connection, &of, changes, NB_PREFERENCES_ANY_VERSION, on_preferences, asking);
    else
        nb_preferences_fetch(connection, &of, on_preferences, asking);
    rc = fetch_wait(&asking->done, connection, err);
    if (rc == NB_OK && asking->err.code != NB_OK) {
        rc = asking->err.code;
        *err = asking->err;
    }
    return of.person ? session_explain_denied(rc, err) : rc;
}

static int run_show(struct command_call *call, struct nb_error *err)
{
    struct asking asking = {.call = call};
    int rc = ask(&asking, NULL, err);

    if (rc == NB_OK)
        print(call->output, asking.preferences, true);
    nb_preferences_free(&asking.preferences);
    return rc;
}

static int run_set(struct command_call *call, struct nb_error *err)
{
    struct asking asking = {.call = call};
    json_t *changes = json_object();
    int rc = NB_OK;

    for (size_t i = 0; rc == NB_OK && i < call->argument_count; i++)
        rc = nb_preference_change_text(changes, call->arguments[i], nb_now(), err);
    if (rc == NB_OK)
        rc = ask(&asking, changes, err);
    if (rc == NB_OK)
        print(call->output, asking.preferences, false);
    nb_preferences_free(&asking.preferences);
    json_decref(changes);
    return rc;
}

static const struct command_option prefs_options[] = {
    {"user", "USER", "whose; for administrators: a name, an e-mail address or a UUID"},
    {NULL},
};

static const char set_description[] =
    "All of it happens or nothing. A channel is in_app, email, push, sms, webhook or one of the installation's own; "
    "its value is on, off or default "
    "(take your word back).\n"
    "CHANNEL=off is about everything, module:NAME.CHANNEL=off about the types of a module, TYPE.CHANNEL=off about one "
    "type; the most specific one decides. Some types cannot be switched off in the inbox.\n"
    "quiet=22:00-07:00 and quiet-days=sat,sun hold back what is not critical, on your clock, and so does dnd=WHEN, "
    "with the times that events snooze takes (2h, tonight, monday 9:00); off ends each.\n"
    "digest=hourly or digest=daily@08:00 collects what is not critical; digest=off sends each by itself.\n"
    "zone=Europe/Riga and locale=lv are your clock and language; default: what the application says.\n"
    "threshold:EVENT_TYPE=CONDITION is your own condition on top of the rules, such as "
    "'threshold:po_approved=$.amount > 1000'; off takes it back.";

static const struct command prefs_commands[] = {
    {.name = "show",
     .arguments = "",
     .synopsis = "[--user USER]",
     .summary = "what you want to hear, when and by which channel",
     .description = "First what you have said, as prefs set takes it; then each type with what becomes of it by each "
                    "channel: on, off, or always where it cannot be switched off.",
     .options = prefs_options,
     .is_default = true,
     .run = run_show},
    {.name = "set",
     .arguments = "KEY=VALUE...",
     .synopsis = "KEY=VALUE... [--user USER]",
     .summary = "change it: email=off, BOOKING_CREATED.sms=off, quiet=22:00-07:00, digest=daily",
     .description = set_description,
     .options = prefs_options,
     .run = run_set},
    {NULL},
};

const struct command_group prefs_group = {
    .name = "prefs",
    .summary = "what you want to hear, when and by which channel",
    .commands = prefs_commands,
};
