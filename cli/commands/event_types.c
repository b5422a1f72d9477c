/*
 * event_types.c - `nightbell episodes`: what is set for system events by their type (administrators).
 */
#include "cli/commands/config.h"
#include "cli/frame/groups.h"

static const struct config_column columns[] = {
    {{.title = "EVENT TYPE", .minimum = 12}, "event_type", .is_key = true},
    {{.title = "ACK ENDS", .minimum = 8, .drop = 2}, "ack_expires"},
    {{.title = "RESOLVES", .minimum = 8, .drop = 3}, "auto_resolve_after"},
    {{.title = "REOPENS", .minimum = 7, .drop = 4}, "reopen_within"},
    {{.title = "STALE", .minimum = 5, .drop = 5}, "stale_after"},
    {{.title = "DESCRIPTION", .minimum = 10, .drop = 1, .flexible = true}, "description"},
};

const struct config_view config_view_event_types = {"episodes", columns, NB_ARRAY_SIZE(columns)};

static const struct command commands[] = {
    CONFIG_COMMANDS("PATTERN", "event types", "what is set for an event type",
                    "Columns: the type or the beginning of types, when an acknowledgement ends, a quiet event is "
                    "resolved, a resolved one is reopened when it comes again, and one is stale; description.",
                    "event_type, description, ack_expires, auto_resolve_after, reopen_within, stale_after, "
                    "flap_changes, flap_within",
                    "\nevent_type is a type or the beginning of types with * behind it; for an event the longest that "
                    "matches decides alone. Spans are written like PT4H or P1D. ack_expires: an acknowledgement ends, "
                    "after a reminder. auto_resolve_after: an event that is not raised again is resolved. "
                    "reopen_within: one that is raised again so soon after it was resolved is reopened. stale_after: "
                    "one that is not raised again is shown as stale. flap_changes within flap_within: it is shown as "
                    "flapping.",
                    "take what is set for an event type away"),
    {NULL},
};

const struct command_group event_types_group = {
    .name = "episodes",
    .summary = "what is set for system events by their type (administrators)",
    .commands = commands,
};
