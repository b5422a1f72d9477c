/*
 * users.c - `nightbell users`, `groups`, `devices` and `addresses`: the directory, which applications keep in step with
 * their own (administrators).
 */
#include "cli/commands/config.h"
#include "cli/frame/groups.h"

/* ---- users ---- */

static const struct config_column user_columns[] = {
    {{.title = "NAME", .minimum = 12, .flexible = true}, "name", .is_key = true},
    {{.title = "E-MAIL", .minimum = 12, .maximum = 40, .drop = 2}, "email"},
    {{.title = "PHONE", .minimum = 8, .drop = 4}, "phone"},
    {{.title = "LOCALE", .minimum = 6, .drop = 5}, "locale"},
    {{.title = "TIME ZONE", .minimum = 9, .drop = 3}, "time_zone"},
    {{.title = "ROLES", .minimum = 5}, "roles"},
    {{.title = "ID", .minimum = 36, .drop = 1}, "id"},
};

const struct config_view config_view_users = {"users", user_columns, NB_ARRAY_SIZE(user_columns)};

static const struct command user_commands[] = {
    CONFIG_COMMANDS("USER", "users", "a user", "Columns: name, e-mail, phone, locale, time zone, roles, id.",
                    "id (a UUID), name, and where wanted email, phone (E.164: +37120000000), locale, time_zone, roles "
                    "(user, operator, producer, admin; user where they are left out)",
                    "\nAlso from CSV, whose first line names the members and whose roles are separated by blanks.\n"
                    "Somebody who was deleted is brought back by an import. An administrator of one tenant changes "
                    "nobody who acts in every tenant.",
                    "archive a user; the rows stay for the retention time, and an import brings them back"),
    {NULL},
};

const struct command_group users_group = {
    .name = "users",
    .summary = "the people of a tenant (administrators)",
    .commands = user_commands,
};

/* ---- groups ---- */

static const struct config_column group_columns[] = {
    {{.title = "GROUP", .minimum = 12}, "group", .is_key = true},
    {{.title = "MEMBERS", .minimum = 12, .flexible = true}, "members", .when_empty = "nobody"},
};

const struct config_view config_view_groups = {"groups", group_columns, NB_ARRAY_SIZE(group_columns)};

static const struct command group_commands[] = {
    CONFIG_COMMANDS("GROUP", "groups", "a group", "Columns: group, members.",
                    "group (its name), members (a list of names, e-mail addresses or UUIDs)", "",
                    "take a group away; its members stay"),
    {NULL},
};

const struct command_group groups_group = {
    .name = "groups",
    .summary = "groups of people, whom rules may name (administrators)",
    .commands = group_commands,
};

/* ---- devices ---- */

static const struct config_column device_columns[] = {
    {{.title = "ID", .minimum = 36}, "id", .is_key = true},
    {{.title = "USER", .minimum = 12, .flexible = true}, "user"},
    {{.title = "PLATFORM", .minimum = 8}, "platform"},
    {{.title = "DISABLED", .minimum = 8, .drop = 1}, "disabled", .alarm = "yes"},
};

const struct config_view config_view_devices = {"devices", device_columns, NB_ARRAY_SIZE(device_columns)};

static const struct command device_commands[] = {
    CONFIG_COMMANDS("DEVICE", "devices", "a device", "Columns: id, user, platform, disabled.",
                    "id (a UUID), user (a name, an e-mail address or a UUID), platform (ios, android or web), token "
                    "(what the platform gave), and where wanted disabled",
                    "", "take a device away"),
    {NULL},
};

const struct command_group devices_group = {
    .name = "devices",
    .summary = "the devices to which push notifications go (administrators)",
    .commands = device_commands,
};

/* ---- addresses ---- */

static const struct config_column address_columns[] = {
    {{.title = "ADDRESS", .minimum = 20, .flexible = true}, "address", .is_key = true},
    {{.title = "REASON", .minimum = 10, .maximum = 60, .drop = 1}, "reason"},
};

const struct config_view config_view_addresses = {"addresses", address_columns, NB_ARRAY_SIZE(address_columns)};

static const struct command address_commands[] = {
    CONFIG_COMMANDS("ADDRESS", "addresses", "an address", "Columns: address, reason.",
                    "address (an e-mail address, a phone number or a URL), and where wanted reason", "",
                    "have an address sent to again"),
    {NULL},
};

const struct command_group addresses_group = {
    .name = "addresses",
    .summary = "addresses to which nothing is sent any more, such as those that bounced (administrators)",
    .commands = address_commands,
};
