/*
 * command.h - the command table: what a command is called, takes and does; and one call of it,
 * parsed.
 *
 * Each group (`inbox`, `events`, `local` …) is one file that defines a `struct command_group`;
 * cli/frame/groups.c lists them. The table is the only source of the parser, the help, the manual page
 * and the shell completion, so they cannot disagree. Parsing (command.c) is apart from executing
 * (`run`): a call that reaches `run` has only options that the command knows, and as many arguments
 * as its usage line says.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/error.h"
#include "cli/frame/output.h"

struct session;
struct command_call;

struct command_option {
    const char *name;     /* long name without the dashes; there are no short options but -h */
    const char *argument; /* what the usage line shows: "N", "TEXT"; NULL: a switch without a value */
    const char *help;     /* one line */
    bool repeats;         /* may be given more than once */
    const char *values;   /* what it may be, parted by blanks, for completion; NULL: anything */
};

struct command {
    const char *name; /* NULL: the group's name alone is the command ("notify") */
    /* "ID..." "[FILTER]" "ID... USER" "EVENT_ID TEXT": from it come usage line and bounds. A word
     * in brackets is optional, one that ends in ... repeats, and FILTER takes any number of words
     * (they are joined by blanks). */
    const char *arguments;
    const char *synopsis;                 /* the usage line where it says more than `arguments`: "--user UUID --type
                             T …"; NULL: the same */
    const char *summary;                  /* one line, no full stop */
    const char *description;              /* more for its --help and the manual; NULL: none. Paragraphs are
                                parted by a newline */
    const struct command_option *options; /* ended by a NULL name; may be NULL */
    bool is_default;                      /* what the group's name does without a command's name */
    int (*run)(struct command_call *call, struct nb_error *err);
};

struct command_group {
    const char *name;
    const char *summary;
    const char *description;        /* NULL: none */
    const struct command *commands; /* ended by a NULL run */
};

extern const struct command_group *const command_groups[];    /* groups.c; ended by NULL */
extern const struct command_option command_global_options[];  /* ended by a NULL name */
extern const struct command_option command_console_options[]; /* without a command */

/* ---- one call ---- */

enum command_verb {
    COMMAND_RUN,
    COMMAND_HELP,
    COMMAND_VERSION,
    COMMAND_CHECK_CONFIG,
    COMMAND_SAMPLE_CONFIG,
    COMMAND_CONSOLE
};

struct command_call {
    enum command_verb verb;
    const struct command_group *group; /* NULL: none was named */
    const struct command *command;     /* NULL: none was named (help of a group or of the program) */
    const char **arguments;            /* NULL-terminated, borrowed from argv */
    size_t argument_count;
    struct output *output;
    struct session *session; /* connects when first asked to (session.h) */
    struct command_value *values;
    size_t value_count;
};

/* Parses argv (argv[0] is skipped). NB_EUSAGE with a hint at the help to read. Clear it in either
 * case. */
NB_MUSTCHECK int command_call_parse(struct command_call *call, int argc, char **argv, struct nb_error *err);
void command_call_clear(struct command_call *call);

/* The option's value, borrowed from argv; NULL when it was not given. Global options too. */
const char *command_text(const struct command_call *call, const char *option);
bool command_has(const struct command_call *call, const char *option);
/* Every value of an option that repeats; the caller frees the array, which is NULL-terminated. */
const char **command_texts(const struct command_call *call, const char *option, size_t *count);
/* A whole number between minimum and maximum; `otherwise` when the option was not given. */
NB_MUSTCHECK int command_number(long *out, const struct command_call *call, const char *option, long minimum,
                                long maximum, long otherwise, struct nb_error *err);
/* --tenant, or NIGHTBELL_TENANT; NULL: not given. */
const char *command_tenant(const struct command_call *call);
/* The arguments from `first` on, joined by blanks (a filter, a description). The caller frees it. */
char *command_join(const struct command_call *call, size_t first);

const struct command_group *command_find_group(const char *name);
const struct command *command_find(const struct command_group *group, const char *name);
/* At least and at most how many arguments fit `arguments`; *maximum is SIZE_MAX where one repeats. */
void command_argument_bounds(const char *arguments, size_t *minimum, size_t *maximum);

/* ---- help (help.c) ---- */

void command_print_help(struct output *output, const struct command_group *group, const struct command *command);
/* "nightbell inbox show ID"; the caller frees it. */
char *command_usage(const struct command_group *group, const struct command *command);

#endif
