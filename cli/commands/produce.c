/*
 * produce.c - `nightbell notify`, `announce` and `raise`: one item from options. For --file see produce_file.c.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/commands/produce.h"
#include "cli/frame/session.h"
#include "cli/rows/person.h"
#include "model/event.h"

static const struct session_options producer_session = {.login = SESSION_PRODUCER};

int produce_require(const struct command_call *call, const char *const *names, struct nb_error *err)
{
    for (; *names; names++)
        if (!command_has(call, *names)) {
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s needs --%s", call->group->name, *names);
            return nb_error_hint(err, "see nightbell %s --help; many at once go with --file", call->group->name);
        }
    return NB_OK;
}

/* With --file, the lines have all values, so no other option is allowed. */
static int check_file_alone(const struct command_call *call, struct nb_error *err)
{
    for (const struct command_option *option = call->command->options; option->name; option++)
        if (strcmp(option->name, "file") != 0 && command_has(call, option->name)) {
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--%s does not go with --file", option->name);
            return nb_error_hint(err, "with --file each line is an object that says everything");
        }
    if (call->argument_count > 0) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" does not go with --file", call->arguments[0]);
        return nb_error_hint(err, "with --file each line is an object that says everything");
    }
    return NB_OK;
}

static int check_uuid(const char *what, const char *text, struct nb_error *err)
{
    struct nb_uuid uuid;
    if (!text || nb_uuid_parse(&uuid, text, NULL) == NB_OK)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--%s %s: not a UUID", what, text);
    return nb_error_hint(err, "expected 36 characters such as 01890a5d-ac96-774b-bcce-b302099a8057");
}

static int check_json(const struct command_call *call, const char *option, struct nb_error *err)
{
    const char *text = command_text(call, option);
    json_auto_t *value = NULL;
    struct nb_error cause = {0};
    if (!text || nb_json_parse(&value, text, strlen(text), &cause) == NB_OK)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--%s: %s", option, cause.message);
    if (err)
        err->column = cause.column;
    return nb_error_hint(err, "expected JSON, such as '{\"job\": \"backup\"}'");
}

int produce_check_values(const struct command_call *call, const char *document, struct nb_error *err)
{
    int rc = check_uuid("tenant", command_tenant(call), err);
    return rc == NB_OK ? check_json(call, document, err) : rc;
}

int produce_time(const struct command_call *call, const char *option, int64_t *out, struct nb_error *err)
{
    const char *text = command_text(call, option);
    *out = NB_TIME_NONE;
    if (!text || nb_time_parse(out, text, NULL) == NB_OK)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--%s %s: not a time", option, text);
    return nb_error_hint(err, "expected a time such as 2026-11-30T14:30:00Z");
}

static void print_id(struct command_call *call, const char *id, bool number)
{
    if (output_is_json(call->output))
        output_json_take(call->output,
                         json_pack("{s:o}", "id", number ? json_integer(strtoll(id, NULL, 10)) : json_string(id)));
    else
        output_line(call->output, "%s", id);
}

int produce_from_file(struct command_call *call, enum nb_produce_kind kind, struct nb_error *err)
{
    struct nb_connection *connection;
    int rc = check_file_alone(call, err);
    if (rc == NB_OK)
        rc = check_uuid("tenant", command_tenant(call), err);
    if (rc == NB_OK)
        rc = session_connect(&connection, call, &producer_session, err);
    return rc == NB_OK ? produce_file(call, connection, kind, err) : rc;
}

static int notify(struct command_call *call, struct nb_error *err)
{
    char id[NB_ID_TEXT_SIZE], user[NB_UUID_TEXT_SIZE], actor[NB_UUID_TEXT_SIZE];
    struct nb_connection *connection = NULL;
    struct nb_notify_input input = {
        .tenant = command_tenant(call),
        .type = command_text(call, "type"),
        .title = command_text(call, "title"),
        .message = command_text(call, "message"),
        .data = command_text(call, "data"),
        .link = command_text(call, "link"),
        .urgency = command_text(call, "urgency"),
        .dedup_key = command_text(call, "dedup-key"),
        .expires_at = NB_TIME_NONE,
    };
    const char *expires = command_text(call, "expires");
    const char **channels = command_texts(call, "channel", &input.channel_count);
    input.channels = input.channel_count > 0 ? channels : NULL;
    int rc = produce_check_values(call, "data", err);
    if (rc == NB_OK && expires)
        rc = nb_time_parse_future(&input.expires_at, expires, nb_now(), err);
    if (rc == NB_OK)
        rc = session_connect(&connection, call, &producer_session, err);
    if (rc == NB_OK)
        rc = person_resolve(&input.user, user, connection, input.tenant, command_text(call, "user"), err);
    if (rc == NB_OK)
        rc = person_resolve(&input.actor, actor, connection, input.tenant, command_text(call, "actor"), err);
    if (rc == NB_OK)
        rc = nb_produce_notify(connection, &input, id, err);
    if (rc == NB_OK)
        print_id(call, id, false);
    free(channels);
    return rc;
}

static int run_notify(struct command_call *call, struct nb_error *err)
{
    static const char *const required[] = {"user", "type", "title", "message", NULL};
    if (command_has(call, "file"))
        return produce_from_file(call, NB_PRODUCE_NOTIFY, err);
    int rc = produce_require(call, required, err);
    return rc == NB_OK ? notify(call, err) : rc;
}

static int run_announce(struct command_call *call, struct nb_error *err)
{
    static const char *const required[] = {"type", "title", "message", NULL};
    if (command_has(call, "file"))
        return produce_from_file(call, NB_PRODUCE_ANNOUNCE, err);
    int rc = produce_require(call, required, err);
    return rc == NB_OK ? notify(call, err) : rc;
}

static int run_raise(struct command_call *call, struct nb_error *err)
{
    static const char *const required[] = {"type", "severity", NULL};
    char id[NB_ID_TEXT_SIZE], user[NB_UUID_TEXT_SIZE];
    struct nb_connection *connection = NULL;
    enum nb_severity severity;
    if (command_has(call, "file"))
        return produce_from_file(call, NB_PRODUCE_RAISE, err);
    int rc = produce_require(call, required, err);
    if (rc == NB_OK && call->argument_count == 0) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "raise needs a description");
        rc = nb_error_hint(err, "put what happened behind the options, in quotes");
    }
    char *description = command_join(call, 0);
    struct nb_raise_input input = {
        .event_type = command_text(call, "type"),
        .severity = command_text(call, "severity"),
        .description = description,
        .details = command_text(call, "details"),
        .tenant = command_tenant(call),
        .fingerprint = command_text(call, "fingerprint"),
        .source = command_text(call, "source"),
    };
    if (rc == NB_OK)
        rc = nb_severity_parse(&severity, input.severity, err);
    if (rc == NB_OK)
        rc = produce_check_values(call, "details", err);
    if (rc == NB_OK)
        rc = produce_time(call, "episode-at", &input.episode_at, err);
    if (rc == NB_OK)
        rc = session_connect(&connection, call, &producer_session, err);
    if (rc == NB_OK)
        rc = person_resolve(&input.user, user, connection, input.tenant, command_text(call, "user"), err);
    if (rc == NB_OK)
        rc = nb_produce_raise(connection, &input, id, err);
    if (rc == NB_OK)
        print_id(call, id, true);
    free(description);
    return rc;
}

static const struct command_option notify_options[] = {
    {"user", "USER", "whom to notify: a name, an e-mail address or a UUID"},
    {"type", "T", "the notification's type, such as BOOKING_CREATED"},
    {"title", "S", "one line, up to " NB_DIGITS(NB_TITLE_MAX) " characters"},
    {"message", "S", "the text, up to " NB_DIGITS(NB_MESSAGE_KIB) " KiB"},
    {"data", "JSON", "an object that fits the type's data schema, up to " NB_DIGITS(NB_DATA_KIB) " KiB"},
    {"link", "URL", "where to go from it"},
    {"actor", "USER", "whose act it tells of"},
    {"urgency", "U", "low, normal, high or critical (default: the type's)", .values = "low normal high critical"},
    {"channel", "C", "in_app, email, push, sms, webhook or a channel of your own (default: the type's)",
     .repeats = true},
    {"expires", "WHEN", "a span (4h, 2d), \"tomorrow\" or a time, after which it is hidden"},
    {"dedup-key", "K", "the same key within the dedup window gives the first id and stores nothing"},
    {"file", "FILE", PRODUCE_FILE_HELP},
    {NULL},
};

static const struct command_option announce_options[] = {
    {"type", "T", "the notification's type, such as BROADCAST_MESSAGE"},
    {"title", "S", "one line, up to " NB_DIGITS(NB_TITLE_MAX) " characters"},
    {"message", "S", "the text, up to " NB_DIGITS(NB_MESSAGE_KIB) " KiB"},
    {"data", "JSON", "an object that fits the type's data schema, up to " NB_DIGITS(NB_DATA_KIB) " KiB"},
    {"link", "URL", "where to go from it"},
    {"actor", "USER", "whose act it tells of"},
    {"urgency", "U", "low, normal, high or critical (default: the type's)", .values = "low normal high critical"},
    {"expires", "WHEN", "a span (4h, 2d), \"tomorrow\" or a time, after which it is hidden"},
    {"dedup-key", "K", "the same key within the dedup window gives the first id and stores nothing"},
    {"file", "FILE", PRODUCE_FILE_HELP},
    {NULL},
};

static const struct command_option raise_options[] = {
    {"type", "EVENT", "the event's type, such as job_failure"},
    {"severity", "S", "low, medium, high or critical", .values = "low medium high critical"},
    {"details", "JSON", "whatever helps whoever looks into it, up to " NB_DIGITS(NB_DETAILS_KIB) " KiB"},
    {"fingerprint", "K", "an open event of this type with the same fingerprint is raised again instead of a new one"},
    {"source", "NAME", "what raised it: a host, a service"},
    {"episode-at", "TIME",
     "when it began there, such as 2026-11-30T14:30:00Z: its messages may then come late, twice or "
     "in another order; needs --source and --fingerprint"},
    {"user", "USER", "whom it is about: a name, an e-mail address or a UUID"},
    {"file", "FILE", PRODUCE_FILE_HELP},
    {NULL},
};

static const char notify_description[] = PRODUCE_FILE_DESCRIPTION(
    "user, type, title, message, and where wanted tenant, data, link, actor, channels (a list), "
    "urgency, dedup_key, expires_at (a time)");
static const char announce_description[] =
    PRODUCE_FILE_DESCRIPTION("type, title, message, and where wanted tenant, data, link, actor, urgency, "
                             "dedup_key, expires_at (a time)");
static const char raise_description[] =
    PRODUCE_FILE_DESCRIPTION("event_type, severity, description, and where wanted details, tenant, user, "
                             "fingerprint, source, episode_at (a time)");

static const struct command notify_commands[] = {
    {.arguments = "",
     .synopsis = "--user USER --type T --title S --message S … | --file FILE",
     .summary = "notify one person; prints the id",
     .options = notify_options,
     .run = run_notify},
    {NULL},
};

static const struct command announce_commands[] = {
    {.arguments = "",
     .synopsis = "--type T --title S --message S … | --file FILE",
     .summary = "tell everybody in the tenant, with one row; prints the id",
     .options = announce_options,
     .run = run_announce},
    {NULL},
};

static const struct command raise_commands[] = {
    {.arguments = "[DESCRIPTION...]",
     .synopsis = "--type T --severity S [--details JSON] … DESCRIPTION | --file FILE",
     .summary = "raise a system event; prints the id",
     .options = raise_options,
     .run = run_raise},
    {NULL},
};

const struct command_group notify_group = {
    .name = "notify", .summary = "tell one person", .description = notify_description, .commands = notify_commands};
const struct command_group announce_group = {.name = "announce",
                                             .summary = "tell everybody",
                                             .description = announce_description,
                                             .commands = announce_commands};
const struct command_group raise_group = {
    .name = "raise", .summary = "tell the operators", .description = raise_description, .commands = raise_commands};
