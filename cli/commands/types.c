/*
 * types.c - `nightbell types`: the notification types, which everybody reads and administrators write.
 */
#include "cli/commands/config.h"
#include "cli/frame/groups.h"

static const struct config_column columns[] = {
    {{.title = "TYPE", .minimum = 16}, "type", .is_key = true},
    {{.title = "MODULE", .minimum = 6, .maximum = 20, .drop = 3}, "module"},
    {{.title = "URGENCY", .minimum = 7}, "urgency", .alarm = "critical"},
    {{.title = "CHANNELS", .minimum = 8, .drop = 4}, "default_channels"},
    {{.title = "ONLY FOR", .minimum = 8, .drop = 2}, "restricted_to", .when_empty = "nobody"},
    {{.title = "DESCRIPTION", .minimum = 10, .drop = 1, .flexible = true}, "description"},
};

const struct config_view config_view_types = {"types", columns, NB_ARRAY_SIZE(columns)};

static const struct command commands[] = {
    CONFIG_COMMANDS("TYPE", "types", "a type",
                    "Columns: type, module, urgency, channels, only for (the roles that may create it; empty: every "
                    "producer), description.",
                    "type, module, description, urgency, data_schema, default_channels, unsubscribable, restricted_to, "
                    "ttl",
                    "\ndata_schema is JSON Schema (2020-12) of a notification's data: type, required, "
                    "properties, additionalProperties, enum, const, minimum, maximum, exclusiveMinimum, "
                    "exclusiveMaximum, multipleOf, minLength, maxLength, pattern, items, minItems, maxItems, "
                    "uniqueItems, format (uuid, date-time, date, uri, email), allOf, anyOf, oneOf, not. An "
                    "unknown keyword is refused.",
                    "take a type away; refused while notifications are of it"),
    {NULL},
};

const struct command_group types_group = {
    .name = "types",
    .summary = "the notification types, and what their data must be (administrators write them)",
    .commands = commands,
};
