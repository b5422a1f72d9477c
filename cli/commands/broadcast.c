/*
 * broadcast.c - `nightbell broadcast`: one statement writes a row for each of many recipients.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/commands/produce.h"
#include "cli/frame/session.h"
#include "cli/rows/person.h"

static int recipients_error(const char *text, struct nb_error *err)
{
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--to %s: not a kind of recipients", text);
    return nb_error_hint(err, "expected tenant, role:NAME, group:NAME or user:USER,USER,…");
}

/* Splits "role:operator" at its colon. The caller frees *type; *value points into text. */
static int parse_recipients(char **type, const char **value, const char *text, struct nb_error *err)
{
    static const char *const kinds[] = {"role", "group", "user"};
    size_t length = strcspn(text, ":");
    if (strcmp(text, "tenant") == 0) {
        *type = nb_strdup(text);
        *value = NULL;
        return NB_OK;
    }
    if (text[length] != ':' || text[length + 1] == '\0')
        return recipients_error(text, err);
    for (size_t i = 0; i < NB_ARRAY_SIZE(kinds); i++)
        if (strlen(kinds[i]) == length && strncmp(kinds[i], text, length) == 0) {
            *type = nb_strdup(kinds[i]);
            *value = text + length + 1;
            return NB_OK;
        }
    return recipients_error(text, err);
}

/* The UUIDs of the people whom a list names, commas between them. */
static int resolve_people(char **out, struct nb_connection *connection, const char *tenant, const char *list,
                          struct nb_error *err)
{
    char id[NB_UUID_TEXT_SIZE];
    const char *resolved;
    struct nb_strbuf ids;
    int rc = NB_OK;
    nb_strbuf_init(&ids, NB_UUID_TEXT_SIZE * (strlen(list) + 2));
    while (*(list += strspn(list, " ,")) && rc == NB_OK) {
        size_t length = strcspn(list, ",");
        char *name = nb_strndup(list, length);
        list += length;
        rc = person_resolve(&resolved, id, connection, tenant, name, err);
        if (rc == NB_OK)
            nb_strbuf_appendf(&ids, "%s%s", ids.length > 0 ? "," : "", resolved);
        free(name);
    }
    *out = nb_strbuf_take(&ids);
    return rc;
}

static int run_broadcast(struct command_call *call, struct nb_error *err)
{
    static const char *const required[] = {"to", "type", "title", "message", NULL};
    static const struct session_options session = {.login = SESSION_PRODUCER, .takes_long = true};
    struct nb_connection *connection = NULL;
    struct nb_notify_input input = {
        .tenant = command_tenant(call),
        .type = command_text(call, "type"),
        .title = command_text(call, "title"),
        .message = command_text(call, "message"),
        .data = command_text(call, "data"),
        .link = command_text(call, "link"),
        .urgency = command_text(call, "urgency"),
        .expires_at = NB_TIME_NONE,
    };
    const char *expires = command_text(call, "expires"), *value = NULL;
    char *type = NULL, *people = NULL, actor[NB_UUID_TEXT_SIZE];
    int64_t made = 0;
    int rc = produce_require(call, required, err);
    if (rc == NB_OK)
        rc = parse_recipients(&type, &value, command_text(call, "to"), err);
    if (rc == NB_OK)
        rc = produce_check_values(call, "data", err);
    if (rc == NB_OK && expires)
        rc = nb_time_parse_future(&input.expires_at, expires, nb_now(), err);
    if (rc == NB_OK)
        rc = session_connect(&connection, call, &session, err);
    if (rc == NB_OK)
        rc = person_resolve(&input.actor, actor, connection, input.tenant, command_text(call, "actor"), err);
    if (rc == NB_OK && strcmp(type, "user") == 0) {
        rc = resolve_people(&people, connection, input.tenant, value, err);
        value = people;
    }
    if (rc == NB_OK)
        rc = nb_produce_broadcast(connection, type, value, &input, &made, err);
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:I}", "count", (json_int_t)made));
    else if (rc == NB_OK)
        output_line(call->output, "%" PRId64, made);
    free(type);
    free(people);
    return rc;
}

static const struct command_option broadcast_options[] = {
    {"to", "RECIPIENTS", "tenant (everybody), role:NAME, group:NAME (or its UUID), user:USER,USER,…"},
    {"type", "T", "the notification's type, such as BROADCAST_MESSAGE"},
    {"title", "S", "one line, up to " NB_DIGITS(NB_TITLE_MAX) " characters"},
    {"message", "S", "the text, up to " NB_DIGITS(NB_MESSAGE_KIB) " KiB"},
    {"data", "JSON", "an object that fits the type's data schema, up to " NB_DIGITS(NB_DATA_KIB) " KiB"},
    {"link", "URL", "where to go from it"},
    {"actor", "USER", "whose act it tells of: a name, an e-mail address or a UUID"},
    {"urgency", "U", "low, normal, high or critical (default: the type's)", .values = "low normal high critical"},
    {"expires", "WHEN", "a span (4h, 2d), \"tomorrow\" or a time, after which it is hidden"},
    {NULL},
};

static const char broadcast_description[] =
    "Everybody gets a notification of their own, all of them or none. The same broadcast again "
    "within "
    "the dedup window makes nothing and prints 0. Where all read the same and nobody is counted, "
    "\"nightbell announce\" needs one row for all.";

static const struct command broadcast_commands[] = {
    {.arguments = "",
     .synopsis = "--to RECIPIENTS --type T --title S --message S …",
     .summary = "notify each of many; prints how many",
     .options = broadcast_options,
     .run = run_broadcast},
    {NULL},
};

const struct command_group broadcast_group = {.name = "broadcast",
                                              .summary = "tell each of many",
                                              .description = broadcast_description,
                                              .commands = broadcast_commands};
