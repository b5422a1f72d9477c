/*
 * groups.c - the list of command groups, in the order of the help, and the options that every command takes.
 */
#include "cli/frame/command.h"
#include "cli/frame/groups.h"

const struct command_group *const command_groups[] = {
    &inbox_group,
    &events_group,
    &notify_group,
    &announce_group,
    &broadcast_group,
    &raise_group,
    &settle_group,
    &publish_group,
    &watch_group,
    &token_group,
    &key_group,
    &types_group,
    &templates_group,
    &users_group,
    &groups_group,
    &devices_group,
    &endpoints_group,
    &addresses_group,
    &rules_group,
    &event_types_group,
    &windows_group,
    &heartbeat_group,
    &heartbeats_group,
    &db_group,
    &local_group,
    &hub_group,
    &worker_group,
    &gateway_group,
    &channels_group,
    &demo_group,
    &completion_group,
    &whoami_group,
    &export_group,
    &apply_group,
    &export_config_group,
    &why_group,
    &prefs_group,
    &deliveries_group,
    &receipts_group,
    &stats_group,
    NULL,
};

const struct command_option command_global_options[] = {
    {"dsn", "DSN",
     "the database: a libpq connection string or URI, without a password (default: NIGHTBELL_DSN, "
     "the PG* "
     "environment, the local cluster)"},
    {"token-file", "FILE",
     "the file that holds your token (default: NIGHTBELL_TOKEN_FILE, NIGHTBELL_TOKEN, or no token: "
     "identity by PostgreSQL role)"},
    {"tenant", "TENANT",
     "the tenant to work in, for those who have more than one: a UUID when producing, else its "
     "name or UUID "
     "(default: NIGHTBELL_TENANT)"},
    {"timeout", "SECONDS",
     "how long the database may give no answer (default: 10 to connect, then 60; without end where "
     "much is to be done: db, demo)"},
    {"json", NULL, "print JSON: one object a line; errors too"},
    {"no-color", NULL, "no colour, as with the environment variable NO_COLOR"},
    {"quiet", NULL, "print results and errors only: no remarks, no progress"},
    {"verbose", NULL, "log to stderr what happens behind the scenes"},
    {"help", NULL, "tell what a command does and takes, and exit"},
    {"version", NULL, "print the program's version and exit"},
    {NULL},
};

const struct command_option command_console_options[] = {
    {"view", "VIEW", "the view to begin with, this time: inbox, events, deliveries or last",
     .values = "inbox events deliveries last"},
    {"check-config", NULL, "check the console's configuration, keymap and theme, report every bad line, and exit"},
    {"sample-config", NULL, "print a configuration file for the console with every option in it, and exit"},
    {"restricted", NULL,
     "let nobody out of the console: no programs, no files but the shipped keymaps and themes; "
     "NIGHTBELL_RESTRICTED=yes "
     "does the same"},
    {NULL},
};
