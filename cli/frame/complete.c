/*
 * complete.c - finds what the word at the cursor is, on a command line that is being typed.
 */
#include "cli/frame/complete.h"

#include <string.h>

static const struct command *own_command(const struct command_group *group)
{
    for (const struct command *command = group->commands; command->run; command++)
        if (!command->name || command->is_default)
            return command;
    return NULL;
}

static bool has_named_commands(const struct command_group *group)
{
    return group->commands->run && group->commands->name;
}

static const struct command_option *find(const struct command_option *options, const char *name, size_t length)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const struct command_option *find_option(const struct complete_place *place, const char *word)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    const struct command_option *option = find(command_global_options, name, length);

    if (!option && !place->group)
        option = find(command_console_options, name, length);
    if (!option && place->command)
        option = find(place->command->options, name, length);
    for (const struct command *command = place->group ? place->group->commands : NULL;
         command && command->run && !option; command++)
        option = find(command->options, name, length);
    return option;
}

/* Takes a word that is no option: a group's name, a command's name, or an argument. */
static void take_word(struct complete_place *place, const char *word, size_t *arguments)
{
    if (!place->group) {
        place->group = command_find_group(word);
        if (!place->group && strcmp(word, "help") != 0)
            place->kind = COMPLETE_NOTHING;
        return;
    }
    if (!place->command) {
        place->command = command_find(place->group, word);
        if (place->command)
            return;
        place->command = own_command(place->group);
    }
    if ((*arguments)++ == 0)
        place->first_argument = word;
}

/* Names the command's argument number `index`. The last argument repeats where it ends in "..." or is a filter. */
static void name_argument(struct complete_place *place, size_t index)
{
    const char *at = place->command && place->command->arguments ? place->command->arguments : "";

    for (size_t i = 0; *at; i++) {
        size_t length = strcspn(at, " ");
        const char *name = at + (*at == '[');
        size_t name_length = strcspn(name, " ].");
        bool repeats = memchr(at, '.', length) != NULL || strncmp(name, "FILTER", strlen("FILTER")) == 0;

        if (i == index || (repeats && at[length] == '\0')) {
            if (name_length < sizeof(place->argument)) {
                memcpy(place->argument, name, name_length);
                place->argument[name_length] = '\0';
            }
            return;
        }
        at += length;
        at += strspn(at, " ");
    }
}

void complete_look(struct complete_place *out, const char *const *words, size_t count)
{
    struct complete_place place = {
        .kind = COMPLETE_GROUP, .current = count > 0 ? words[count - 1] : "", .options = true};
    size_t arguments = 0;

    for (size_t i = 0; i + 1 < count && place.kind != COMPLETE_NOTHING; i++) {
        const struct command_option *option = NULL;

        if (!place.options || strncmp(words[i], "--", 2) != 0) {
            take_word(&place, words[i], &arguments);
        } else if (words[i][2] == '\0') {
            place.options = false;
        } else if ((option = find_option(&place, words[i])) && option->argument && !strchr(words[i], '=')) {
            if (i + 2 == count) {
                place.kind = COMPLETE_VALUE;
                place.option = option;
            }
            i++;
        }
    }
    if (place.kind == COMPLETE_GROUP && place.options && strncmp(place.current, "--", 2) == 0 &&
        strchr(place.current, '=')) {
        place.option = find_option(&place, place.current);
        place.kind = place.option && place.option->argument ? COMPLETE_VALUE : COMPLETE_NOTHING;
        place.prefix = strcspn(place.current, "=") + 1;
        place.current += place.prefix;
    }
    if (place.kind == COMPLETE_GROUP && place.group) {
        place.kind = place.command || !has_named_commands(place.group) ? COMPLETE_ARGUMENT : COMPLETE_COMMAND;
        if (!place.command)
            place.command = own_command(place.group);
        name_argument(&place, arguments);
    }
    *out = place;
}
