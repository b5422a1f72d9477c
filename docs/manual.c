/*
 * manual.c - the build's generator: fills in what the manual page says from the tables of the program.
 *
 *   manual TEMPLATE JOURNAL   prints the template as mdoc, with the lines @COMMANDS@ @OPTIONS@ @CONSOLE@ @SETTINGS@
 *                             @KEYS@ and @JOURNAL@ replaced
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/frame/command.h"
#include "docs/manual.h"

static const char *journal_path;

static void put_options(const struct command_option *options)
{
    printf(".Bl -tag -width Ds -compact\n");
    for (; options->name; options++) {
        printf(".It Fl -%s", options->name);
        if (options->argument) {
            printf(" Ar ");
            manual_put_quoted(options->argument);
        }
        putchar('\n');
        manual_put_text(options->help);
    }
    printf(".El\n");
}

static void put_command(const struct command_group *group, const struct command *command)
{
    char *usage = command_usage(group, command);
    printf(".It Ic ");
    manual_put_quoted(usage + strlen("nightbell "));
    putchar('\n');
    manual_put_text(command->summary);
    const char *more = command->description ? command->description : !command->name ? group->description : NULL;
    if (more) {
        printf(".Pp\n");
        manual_put_text(more);
    }
    if (command->options && command->options->name) {
        printf(".Pp\n");
        put_options(command->options);
    }
    free(usage);
}

/* A text that several commands of a group share is printed once, at the first of them. */
static void put_group(const struct command_group *group)
{
    printf(".Ss %c%s\n",
           group->summary[0] >= 'a' && group->summary[0] <= 'z' ? group->summary[0] - 'a' + 'A' : group->summary[0],
           group->summary + 1);
    if (group->description && group->commands->name) {
        manual_put_text(group->description);
    }
    printf(".Bl -tag -width Ds\n");
    const char *said = NULL;
    for (const struct command *command = group->commands; command->run; command++) {
        struct command shown = *command;
        if (said && shown.description == said)
            shown.description = NULL;
        if (command->description)
            said = command->description;
        put_command(group, &shown);
    }
    printf(".El\n");
}

static void put_commands(void)
{
    for (size_t i = 0; command_groups[i]; i++)
        put_group(command_groups[i]);
}

static void put_global_options(void)
{
    put_options(command_global_options);
}

static void put_console_options(void)
{
    put_options(command_console_options);
}

/* The recipe that turns the journal into events, from the file that its test runs. */
static void put_journal(void)
{
    char *line = NULL;
    size_t capacity = 0;
    FILE *file = fopen(journal_path, "re");
    if (!file) {
        fprintf(stderr, "manual: %s: %s\n", journal_path, strerror(errno));
        exit(1);
    }
    for (ssize_t length; (length = getline(&line, &capacity, file)) >= 0;) {
        if (manual_starts_request(line))
            fputs("\\&", stdout);
        manual_put(line, (size_t)length);
    }
    free(line);
    fclose(file);
}

static const struct {
    const char *marker;
    void (*put)(void);
} sections[] = {
    {"@COMMANDS@", put_commands},        {"@OPTIONS@", put_global_options}, {"@CONSOLE@", put_console_options},
    {"@SETTINGS@", manual_put_settings}, {"@KEYS@", manual_put_keys},       {"@JOURNAL@", put_journal},
};

static void put_line(const char *line)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(sections); i++)
        if (strncmp(line, sections[i].marker, strlen(sections[i].marker)) == 0) {
            sections[i].put();
            return;
        }
    fputs(line, stdout);
}

static int fill_in(const char *path)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    if (!file) {
        fprintf(stderr, "manual: %s: %s\n", path, strerror(errno));
        return 1;
    }
    while (getline(&line, &capacity, file) >= 0)
        put_line(line);
    free(line);
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: manual TEMPLATE JOURNAL\n");
        return 2;
    }
    journal_path = argv[2];
    if (fill_in(argv[1]) != 0)
        return 1;
    return fflush(stdout) == 0 ? 0 : 1;
}
