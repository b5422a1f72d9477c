/*
 * command.c - parses argv into a call: options anywhere, `--name=value` and `--name value`; `--` ends them.
 *
 * Options have long names only (and -h). Abbreviations are not allowed, because a script that uses one would break when
 * an option is added. So a word with a single dash is an argument, and a filter's negated term (-type:SYSTEM_EVENT)
 * needs no quotes.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "cli/frame/command.h"

struct parse {
    struct command_call *call;
    NB_VEC(struct command_value) values;
    NB_VEC(const char *) words;
    const char *unsure; /* the word after a group's name, where a command's name may stand */
};

const struct command_group *command_find_group(const char *name)
{
    for (size_t i = 0; command_groups[i]; i++)
        if (strcmp(command_groups[i]->name, name) == 0)
            return command_groups[i];
    return NULL;
}

const struct command *command_find(const struct command_group *group, const char *name)
{
    for (const struct command *command = group->commands; command->run; command++)
        if (command->name && strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

static const struct command *default_command(const struct command_group *group)
{
    for (const struct command *command = group->commands; command->run; command++)
        if (!command->name || command->is_default)
            return command;
    return NULL;
}

void command_argument_bounds(const char *arguments, size_t *minimum, size_t *maximum)
{
    *minimum = *maximum = 0;
    bool unbounded = false;
    for (const char *word = arguments ? arguments : ""; *word;) {
        size_t length = strcspn(word, " ");
        bool optional = word[0] == '[';
        if (!optional)
            (*minimum)++;
        const char *dots = strstr(word, "...");
        if (strncmp(word + optional, "FILTER", strlen("FILTER")) == 0 || (dots && dots < word + length))
            unbounded = true;
        (*maximum)++;
        word += length;
        word += strspn(word, " ");
    }
    if (unbounded)
        *maximum = SIZE_MAX;
}

static const struct command_option *find_in(const struct command_option *options, const char *name, size_t length)
{
    for (; options && options->name; options++)
        if (strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

/* Options may stand before the command's name, so looks among those of all commands of the group. */
static const struct command_option *find_option(const struct command_call *call, const char *name, size_t length)
{
    const struct command_option *option = find_in(command_global_options, name, length);
    if (!option && !call->group)
        option = find_in(command_console_options, name, length);
    if (option || !call->group)
        return option;
    if (call->command && (option = find_in(call->command->options, name, length)))
        return option;
    for (const struct command *command = call->group->commands; command->run && !option; command++)
        option = find_in(command->options, name, length);
    return option;
}

static int parse_option(struct parse *parse, char **argv, int argc, int *index, struct nb_error *err)
{
    struct command_call *call = parse->call;
    const char *name = argv[*index] + 2;
    size_t length = strcspn(name, "=");
    const struct command_option *option = find_option(call, name, length);
    if (!option) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                     call->group ? "unknown option --%.*s" : "unknown option --%.*s here", (int)length, name);
        if (!call->group)
            return nb_error_hint(err, "a command's options stand behind its name; see nightbell --help");
        return command_hint_help(err, call);
    }
    struct command_value value = {option, ""};
    if (!option->argument) {
        if (name[length] == '=') {
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "option --%s takes no value", option->name);
            return command_hint_help(err, call);
        }
    } else if (name[length] == '=') {
        value.text = name + length + 1;
    } else if (*index + 1 < argc) {
        value.text = argv[++*index];
    } else {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "option --%s needs a value: %s", option->name, option->argument);
        return command_hint_help(err, call);
    }
    if (!option->repeats)
        for (size_t i = 0; i < parse->values.count; i++)
            if (strcmp(parse->values.data[i].option->name, option->name) == 0 && option->argument) {
                nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "option --%s is given twice", option->name);
                return command_hint_help(err, call);
            }
    nb_vec_push(&parse->values, value);
    return NB_OK;
}

/* The best guess at a mistyped name: one with the same first letter, or one that contains the word. */
static const char *similar_name(const struct command_group *group, const char *word)
{
    for (size_t length = strlen(word); length > 0; length--) {
        if (group) {
            for (const struct command *command = group->commands; command->run; command++)
                if (command->name && strncmp(command->name, word, length) == 0)
                    return command->name;
        } else {
            for (size_t i = 0; command_groups[i]; i++)
                if (strncmp(command_groups[i]->name, word, length) == 0)
                    return command_groups[i]->name;
        }
    }
    return NULL;
}

static int take_word(struct parse *parse, const char *word, struct nb_error *err)
{
    struct command_call *call = parse->call;
    if (!call->group && call->verb == COMMAND_CONSOLE && strcmp(word, "help") == 0) {
        call->verb = COMMAND_HELP;
        return NB_OK;
    }
    if (!call->group) {
        call->group = command_find_group(word);
        if (call->group) {
            if (call->verb == COMMAND_CONSOLE)
                call->verb = COMMAND_RUN;
            return NB_OK;
        }
        const char *similar = similar_name(NULL, word);
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "unknown command \"%s\"", word);
        return similar ? nb_error_hint(err, "did you mean nightbell %s? nightbell --help lists the commands", similar)
                       : nb_error_hint(err, "nightbell --help lists the commands");
    }
    if (!call->command && parse->words.count == 0) {
        call->command = command_find(call->group, word);
        if (call->command)
            return NB_OK;
        const struct command *otherwise = default_command(call->group);
        if (otherwise && otherwise->name)
            parse->unsure = word;
        call->command = otherwise;
    }
    nb_vec_push(&parse->words, word);
    return NB_OK;
}

/* `nightbell inbox is:unread` is a list, but `nightbell inbox lsit` is a typing mistake and not a search for "lsit". */
static bool looks_like_filter(const char *word)
{
    return strpbrk(word, ":<>=\"") != NULL || word[0] == '-';
}

static int check_command(struct parse *parse, struct nb_error *err)
{
    struct command_call *call = parse->call;
    if (parse->unsure && !looks_like_filter(parse->unsure)) {
        const char *similar = similar_name(call->group, parse->unsure);
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s has no command \"%s\"", call->group->name, parse->unsure);
        if (similar)
            return nb_error_hint(err, "did you mean nightbell %s %s? See nightbell %s --help", call->group->name,
                                 similar, call->group->name);
        return nb_error_hint(err, "see nightbell %s --help", call->group->name);
    }
    if (!call->command && call->verb != COMMAND_HELP) {
        if (parse->words.count > 0)
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s has no command \"%s\"", call->group->name,
                         parse->words.data[0]);
        else
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s needs to be told what to do", call->group->name);
        return command_hint_help(err, call);
    }
    return NB_OK;
}

static int check_options(const struct parse *parse, struct nb_error *err)
{
    const struct command_call *call = parse->call;
    for (size_t i = 0; i < parse->values.count; i++) {
        const char *name = parse->values.data[i].option->name;
        if (find_in(command_global_options, name, strlen(name)) || find_in(call->command->options, name, strlen(name)))
            continue; /* an option of the console is refused below: no command takes it */
        char *usage = command_usage(call->group, call->command);
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "option --%s does not go with %s", name, usage);
        free(usage);
        return command_hint_help(err, call);
    }
    return NB_OK;
}

static int check_arguments(const struct parse *parse, struct nb_error *err)
{
    const struct command_call *call = parse->call;
    size_t minimum, maximum;
    command_argument_bounds(call->command->arguments, &minimum, &maximum);
    if (parse->words.count >= minimum && parse->words.count <= maximum)
        return NB_OK;
    char *usage = command_usage(call->group, call->command);
    if (parse->words.count < minimum)
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "something is missing: %s", usage);
    else
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "one argument too many, \"%s\": %s", parse->words.data[maximum],
                     usage);
    free(usage);
    return command_hint_help(err, call);
}

/* Options that stand for a command (--help, --version, --check-config). */
static void apply_verbs(struct parse *parse)
{
    struct command_call *call = parse->call;
    for (size_t i = 0; i < parse->values.count; i++) {
        const char *name = parse->values.data[i].option->name;
        if (strcmp(name, "help") == 0)
            call->verb = COMMAND_HELP;
        else if (strcmp(name, "version") == 0 && call->verb != COMMAND_HELP)
            call->verb = COMMAND_VERSION;
        else if (strcmp(name, "check-config") == 0 && call->verb == COMMAND_CONSOLE)
            call->verb = COMMAND_CHECK_CONFIG;
        else if (strcmp(name, "sample-config") == 0 && call->verb == COMMAND_CONSOLE)
            call->verb = COMMAND_SAMPLE_CONFIG;
    }
}

static int parse_words(struct parse *parse, int argc, char **argv, struct nb_error *err)
{
    int rc = NB_OK;
    bool options_end = false;
    for (int i = 1; i < argc && rc == NB_OK; i++) {
        char *word = argv[i];
        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
        } else if (!options_end && strcmp(word, "-h") == 0) {
            struct command_value help = {find_in(command_global_options, "help", strlen("help")), ""};
            nb_vec_push(&parse->values, help);
        } else if (!options_end && strncmp(word, "--", 2) == 0) {
            rc = parse_option(parse, argv, argc, &i, err);
        } else {
            rc = take_word(parse, word, err);
        }
    }
    return rc;
}

int command_call_parse(struct command_call *call, int argc, char **argv, struct nb_error *err)
{
    struct parse parse = {.call = call};
    call->verb = COMMAND_CONSOLE;
    int rc = parse_words(&parse, argc, argv, err);
    apply_verbs(&parse);
    if (rc == NB_OK && call->group && !call->command && call->verb == COMMAND_RUN)
        call->command = default_command(call->group);
    if (rc == NB_OK && call->group && (call->verb == COMMAND_RUN || parse.words.count > 0))
        rc = check_command(&parse, err);
    if (rc == NB_OK && call->verb == COMMAND_RUN)
        rc = check_options(&parse, err);
    if (rc == NB_OK && call->verb == COMMAND_RUN)
        rc = check_arguments(&parse, err);
    call->values = parse.values.data;
    call->value_count = parse.values.count;
    call->argument_count = parse.words.count;
    nb_vec_push(&parse.words, NULL);
    call->arguments = parse.words.data;
    return rc;
}
