/*
 * rules.c - `nightbell rules`: who hears of what applications publish (administrators).
 */
#include "cli/commands/config.h"
#include "cli/commands/rules_test.h"
#include "cli/frame/groups.h"

static const struct config_column columns[] = {
    {{.title = "RULE", .minimum = 12}, "rule_id", .is_key = true},
    {{.title = "EVENT TYPE", .minimum = 10, .maximum = 40}, "event_type"},
    {{.title = "TO", .minimum = 6, .drop = 3}, "recipient_type"},
    {{.title = "WHO", .minimum = 8, .drop = 2, .flexible = true}, "recipient_value"},
    {{.title = "CHANNELS", .minimum = 8, .maximum = 30, .drop = 4}, "channel"},
    {{.title = "ACTIVE", .minimum = 6, .drop = 1}, "is_active", .alarm = "false"},
};

const struct config_view config_view_rules = {"rules", columns, NB_ARRAY_SIZE(columns), NULL};

static const struct command commands[] = {
    CONFIG_COMMANDS(
        "RULE", "rules", "a rule", "Columns: rule, event type, to, who, channels, active.",
        "rule_id, event_type, recipient_type, notification_type, and where wanted recipient_value, module, "
        "channel, condition_expr, template_code, urgency, fallback_channels, is_active",
        "\nevent_type is a name, or a prefix with * behind it. recipient_type is role, user (names, addresses "
        "or UUIDs, separated by commas), group, tenant, dynamic_field (a JSON path into the context, such as "
        "$.po.created_by) or oncall. condition_expr is a JSON path that is true or not: $.amount > 100000.",
        "take a rule away"),
    {"test", "", .synopsis = "--event TYPE [--context JSON] [--module M] [--user USER]",
     .summary = "tell who would hear of an app event, how, and who would not and why",
     .description = rules_test_description, .options = rules_test_options, .run = rules_test},
    {NULL},
};

const struct command_group rules_group = {
    .name = "rules",
    .summary = "who hears of what is published, and how (administrators)",
    .commands = commands,
};
