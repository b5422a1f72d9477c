/*
 * command.h - the table of commands: what a command is called, takes and does; and one parsed call of it.
 *
 * Each group (`inbox`, `events`, `local` …) is a file that defines a `struct command_group`; cli/frame/groups.c lists
 * them. Parser, help, manual page and shell completion all read this one table, so they cannot disagree. Parsing
 * (command.c) is separate from executing (`run`): a call that reaches `run` has only options that the command knows,
 * and as many arguments as its usage line says.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/error.h"
#include "cli/frame/output.h"

struct session;
struct command_call;

struct command_option {
    const char *name;     /* long name without the dashes; -h is the only short option */
    const char *argument; /* as in the usage line: "N", "TEXT"; NULL: the option takes no value */
    const char *help;     /* one line */
    bool repeats;         /* may be given more than once */
    const char *values;   /* possible values separated by blanks, for completion; NULL: any value */
};

struct command {
    const char *name; /* NULL: the command is called by the group's name alone ("notify") */
    /* "ID..." "[FILTER]" "ID... USER" "EVENT_ID TEXT": gives the usage line and the number of arguments. A word in
     * brackets is optional, one that ends in ... repeats, and FILTER takes any number of words (joined by blanks). */
    const char *arguments;
    const char *synopsis;                 /* the usage line; NULL: the one that follows from `arguments` */
    const char *summary;                  /* one line, no full stop */
    const char *description;              /* more for --help and the manual, a paragraph a line; NULL: none */
    const struct command_option *options; /* ends with a NULL name; may be NULL */
    bool is_default;                      /* the group's name without a command's name runs it */
    int (*run)(struct command_call *call, struct nb_error *err);
};

struct command_group {
    const char *name;
    const char *summary;
    const char *description;        /* NULL: none */
    const struct command *commands; /* ends with a NULL run */
};

extern const struct command_group *const command_groups[];    /* groups.c; ends with NULL */
extern const struct command_option command_global_options[];  /* ends with a NULL name */
extern const struct command_option command_console_options[]; /* options allowed without a command */

/* ---- one call ---- */

enum command_verb {
    COMMAND_RUN,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_CHECK_CONFIG,
    COMMAND_SAMPLE_CONFIG,
    COMMAND_CONSOLE
};

struct command_value {
    const struct command_option *option;
    const char *text; /* "" for an option without a value */
};

struct command_call {
    enum command_verb verb;
    const struct command_group *group; /* NULL: none was given */
    const struct command *command;     /* NULL: none was given (help of a group or of the program) */
    const char **arguments;            /* NULL-terminated, borrowed from argv */
    size_t argument_count;
    struct output *output;
    struct session *session; /* connects at the first use (session.h) */
    struct command_value *values;
    size_t value_count;
};

/* Parses argv, skipping argv[0]. NB_EUSAGE with a hint that names the help to read. Clear the call in either case. */
NB_MUSTCHECK int command_call_parse(struct command_call *call, int argc, char **argv, struct nb_error *err);
void command_call_clear(struct command_call *call);

/* ---- what a command asks of its call (call.c) ---- */

/* The option's value, borrowed from argv; NULL when it was not given. Finds global options as well. */
const char *command_text(const struct command_call *call, const char *option);
bool command_has(const struct command_call *call, const char *option);
/* All values of an option that repeats, NULL-terminated; the caller frees the array, the texts are borrowed from
 * argv. */
const char **command_texts(const struct command_call *call, const char *option, size_t *count);
/* The option's whole number between minimum and maximum; `otherwise` when it was not given. */
NB_MUSTCHECK int command_number(long *out, const struct command_call *call, const char *option, long minimum,
                                long maximum, long otherwise, struct nb_error *err);
/* --tenant, or NIGHTBELL_TENANT; NULL: not given. */
const char *command_tenant(const struct command_call *call);
/* The arguments from `first` on, joined by blanks (a filter, a description). The caller frees the text. */
char *command_join(const struct command_call *call, size_t first);

/* Adds which help to read; returns err->code. */
int command_hint_help(struct nb_error *err, const struct command_call *call);

/* ---- which commands there are (command.c) ---- */

const struct command_group *command_find_group(const char *name);
const struct command *command_find(const struct command_group *group, const char *name);
/* How many arguments `arguments` allows; *maximum is SIZE_MAX where one repeats. */
void command_argument_bounds(const char *arguments, size_t *minimum, size_t *maximum);

/* ---- help (help.c) ---- */

void command_print_help(struct output *output, const struct command_group *group, const struct command *command);
/* "nightbell inbox show ID". The caller frees the text. */
char *command_usage(const struct command_group *group, const struct command *command);

#endif
