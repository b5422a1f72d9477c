/*
 * types.c - `nightbell types`: the notification types, which everybody reads and administrators write.
 */
#include "types/types.h"

#include <string.h>

#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/rows/listing.h"
#include "cli/frame/session.h"
#include "cli/commands/types.h"

static const struct listing_column columns[] = {
    {.title = "TYPE", .minimum = 16},
    {.title = "MODULE", .minimum = 6, .maximum = 20, .drop = 3},
    {.title = "URGENCY", .minimum = 7},
    {.title = "CHANNELS", .minimum = 8, .drop = 4},
    {.title = "ONLY FOR", .minimum = 8, .drop = 2},
    {.title = "DESCRIPTION", .minimum = 10, .drop = 1, .flexible = true},
};

struct list {
    struct output *output;
    struct listing *listing; /* NULL: print JSON */
};

static void list_type(void *arg, const struct nb_type_info *type)
{
    const struct list *list = arg;
    const char *only_for = type->restricted_to;

    if (!list->listing) {
        output_json_text_line(list->output, type->document);
        return;
    }
    listing_cell(list->listing, type->type, LISTING_STRONG);
    listing_cell(list->listing, type->module, LISTING_PLAIN);
    listing_cell(list->listing, type->urgency, strcmp(type->urgency, "critical") == 0 ? LISTING_ALARM : LISTING_PLAIN);
    listing_cell(list->listing, type->channels, LISTING_PLAIN);
    listing_cell(list->listing, only_for && !*only_for ? "nobody" : only_for, LISTING_PLAIN);
    listing_cell(list->listing, type->description, LISTING_PLAIN);
    listing_end_row(list->listing);
}

static int print_types(struct command_call *call, bool as_documents, struct nb_error *err)
{
    struct list list = {.output = call->output};
    struct nb_connection *connection = NULL;
    int rc = session_connect(&connection, call, NULL, err);

    if (rc != NB_OK)
        return rc;
    if (!as_documents)
        list.listing = listing_new(call->output, columns, NB_ARRAY_SIZE(columns));
    rc = nb_types_list(connection, list_type, &list, err);
    if (list.listing && rc == NB_OK)
        listing_print(list.listing);
    listing_free(&list.listing);
    return rc;
}

static int run_list(struct command_call *call, struct nb_error *err)
{
    return print_types(call, output_is_json(call->output), err);
}

static int run_export(struct command_call *call, struct nb_error *err)
{
    return print_types(call, true, err);
}

static int run_delete(struct command_call *call, struct nb_error *err)
{
    static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};
    const char *type = call->arguments[0];
    struct nb_connection *connection = NULL;
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) == NB_OK &&
        (rc = session_explain_denied(nb_type_delete(connection, type, err), err)) == NB_OK) {
        if (output_is_json(call->output))
            output_json_take(call->output, json_pack("{s:s, s:b}", "type", type, "deleted", 1));
        else
            output_note(call->output, "%s is deleted", type);
    }
    return rc;
}

static const struct command commands[] = {
    {"list", "", .summary = "list the types",
     .description = "Columns: type, module, urgency, channels, only for (the roles that may create "
                    "it; empty: every producer), description. With --json one object a line, as "
                    "export writes it.",
     .is_default = true, .run = run_list},
    {"export", "", .summary = "write the types to standard output, one JSON object a line",
     .description = "What import reads: type, module, description, urgency, data_schema, "
                    "default_channels, unsubscribable, restricted_to, ttl.",
     .run = run_export},
    {"import", "FILE", .summary = "add and change types from such lines (- for standard input)",
     .description = "A type that is there already becomes what its line says; what a line leaves out has its "
                    "default. Prints a line for each: its number, the type, and added, changed or same. What "
                    "is wrong with a line is told with its number, and keeps no other out.\n"
                    "data_schema is JSON Schema (2020-12) of a notification's data: type, required, "
                    "properties, additionalProperties, enum, const, minimum, maximum, exclusiveMinimum, "
                    "exclusiveMaximum, multipleOf, minLength, maxLength, pattern, items, minItems, maxItems, "
                    "uniqueItems, format (uuid, date-time, date, uri, email), allOf, anyOf, oneOf, not. An "
                    "unknown keyword is refused.",
     .run = types_import},
    {"delete", "TYPE", .summary = "take a type away; refused while notifications are of it", .run = run_delete},
    {NULL},
};

const struct command_group types_group = {
    .name = "types",
    .summary = "the notification types, and what their data must be (administrators write them)",
    .commands = commands,
};
