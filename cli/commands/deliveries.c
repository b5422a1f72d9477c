/*
 * deliveries.c - `nightbell deliveries`: what leaves by outside channels, for operators: list, count, show.
 */
#include "deliveries/deliveries.h"

#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "cli/rows/lists.h"
#include "cli/rows/story.h"

static int run_list(struct command_call *call, struct nb_error *err)
{
    return lists_list(call, NB_SUBJECT_DELIVERIES, err);
}

static int run_count(struct command_call *call, struct nb_error *err)
{
    return lists_count(call, NB_SUBJECT_DELIVERIES, err);
}

static int run_show(struct command_call *call, struct nb_error *err)
{
    return story_show(call, NB_SUBJECT_DELIVERIES, nb_delivery_story, err);
}

static const struct command deliveries_commands[] = {
    {.name = "list",
     .arguments = "[FILTER]",
     .synopsis = "[FILTER] [--limit N] [--before CURSOR]",
     .summary = "list deliveries, newest first",
     .description = lists_description,
     .options = lists_options,
     .is_default = true,
     .run = run_list},
    {.name = "show",
     .arguments = "ID",
     .summary = "show one delivery in full: its states, what it fell back from and to, the digest it went into",
     .description =
         "Its text and its address are shown to the person whom it is for. nightbell why ID tells what was decided "
         "about it.",
     .run = run_show},
    {.name = "count", .arguments = "[FILTER]", .summary = "print how many match (is:dead …)", .run = run_count},
    {NULL},
};

const struct command_group deliveries_group = {
    .name = "deliveries",
    .summary = "what leaves by e-mail, SMS, push and other channels, for operators",
    .commands = deliveries_commands,
};
