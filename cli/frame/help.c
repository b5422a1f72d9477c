/*
 * help.c - prints the help of the program, of a group and of a command from the table of commands.
 */
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "cli/frame/command.h"

#define HELP_TEXT_LIMIT (256 * 1024)
#define HELP_COLUMN     30 /* column where the explanation begins */
#define HELP_WIDTH      100

char *command_usage(const struct command_group *group, const struct command *command)
{
    struct nb_strbuf text;
    nb_strbuf_init(&text, HELP_TEXT_LIMIT);
    nb_strbuf_appendf(&text, "nightbell %s", group->name);
    if (command->name)
        nb_strbuf_appendf(&text, command->is_default ? " [%s]" : " %s", command->name);
    const char *rest = command->synopsis ? command->synopsis : command->arguments;
    if (rest && rest[0])
        nb_strbuf_appendf(&text, " %s", rest);
    return nb_strbuf_take(&text);
}

/* Appends text wrapped between `indent` and the page's width; the first line begins where the output stands. */
static void append_wrapped(struct nb_strbuf *out, const char *text, int indent)
{
    while (*text) {
        size_t paragraph = strcspn(text, "\n");
        char *line = nb_strndup(text, paragraph);
        for (const char *rest = line; *rest;) {
            size_t next = 0;
            size_t length = nb_text_wrap(rest, HELP_WIDTH - indent, &next);
            nb_strbuf_append_n(out, rest, length);
            nb_strbuf_append_char(out, '\n');
            rest += next;
            if (*rest)
                nb_strbuf_append_repeat(out, ' ', (size_t)indent);
        }
        free(line);
        text += paragraph;
        if (*text == '\n') {
            text++;
            nb_strbuf_append_repeat(out, ' ', (size_t)indent);
        }
    }
}

static void append_entry(struct nb_strbuf *out, const char *what, const char *explanation)
{
    size_t before = out->length;
    nb_strbuf_appendf(out, "  %s", what);
    size_t width = out->length - before;
    if (width + 2 > HELP_COLUMN) {
        nb_strbuf_append_char(out, '\n');
        width = 0;
    }
    nb_strbuf_append_repeat(out, ' ', HELP_COLUMN - width);
    append_wrapped(out, explanation, HELP_COLUMN);
}

static void append_options(struct nb_strbuf *out, const char *heading, const struct command_option *options)
{
    if (!options || !options->name)
        return;
    nb_strbuf_appendf(out, "\n%s\n", heading);
    for (; options->name; options++) {
        char *what = options->argument ? nb_asprintf("--%s %s", options->name, options->argument)
                                       : nb_asprintf("--%s", options->name);
        append_entry(out, what, options->help);
        free(what);
    }
}

/* The usage line without the program's name, then its summary. */
static void append_command_entry(struct nb_strbuf *out, const struct command_group *group,
                                 const struct command *command)
{
    char *usage = command_usage(group, command);
    append_entry(out, usage + strlen("nightbell "), command->summary);
    free(usage);
}

static void append_program(struct nb_strbuf *out)
{
    nb_strbuf_append(out, "nightbell - a terminal inbox and operators' console on PostgreSQL\n\n"
                          "usage: nightbell                  open the console\n"
                          "       nightbell COMMAND …        do one thing and exit\n"
                          "       nightbell help COMMAND     tell about one\n");
    for (size_t i = 0; command_groups[i]; i++) {
        const struct command_group *group = command_groups[i];
        nb_strbuf_appendf(out, "\n%s\n", group->summary);
        for (const struct command *command = group->commands; command->run; command++)
            append_command_entry(out, group, command);
    }
    append_options(out, "options of the console", command_console_options);
    append_options(out, "options of every command", command_global_options);
    nb_strbuf_append(out, "\nexit codes: 0 done · 1 failed · 2 usage · 3 not found · 4 not allowed · "
                          "5 database unreachable\n"
                          "man nightbell tells it all.\n");
}

static void append_group(struct nb_strbuf *out, const struct command_group *group)
{
    nb_strbuf_appendf(out, "usage: nightbell %s …: %s\n\n", group->name, group->summary);
    for (const struct command *command = group->commands; command->run; command++)
        append_command_entry(out, group, command);
    if (group->description) {
        nb_strbuf_append_char(out, '\n');
        append_wrapped(out, group->description, 0);
    }
    nb_strbuf_appendf(out, "\nnightbell help %s COMMAND tells more about one.\n", group->name);
}

static void append_command(struct nb_strbuf *out, const struct command_group *group, const struct command *command)
{
    char *usage = command_usage(group, command);
    nb_strbuf_appendf(out, "usage: %s\n\n", usage);
    append_wrapped(out, command->summary, 0);
    if (command->description) {
        nb_strbuf_append_char(out, '\n');
        append_wrapped(out, command->description, 0);
    }
    if (!command->name && group->description) {
        nb_strbuf_append_char(out, '\n');
        append_wrapped(out, group->description, 0);
    }
    append_options(out, "options", command->options);
    append_options(out, "options of every command", command_global_options);
    free(usage);
}

void command_print_help(struct output *output, const struct command_group *group, const struct command *command)
{
    struct nb_strbuf text;
    nb_strbuf_init(&text, HELP_TEXT_LIMIT);
    if (group && !command && !group->commands->name)
        command = group->commands; /* the group is the command */
    if (!group)
        append_program(&text);
    else if (!command)
        append_group(&text, group);
    else
        append_command(&text, group, command);
    output_raw(output, text.data, text.length);
    nb_strbuf_clear(&text);
}
