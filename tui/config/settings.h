/*
 * settings.h - a person's options: $XDG_CONFIG_HOME/nightbell/config, read with the option table (option.def), then
 * overridden by the environment (NIGHTBELL_KEYMAP, NIGHTBELL_THEME). Not called config.h, which is Autoconf's.
 *
 *     theme = solarized-dark
 *     bell = off
 *     [views]
 *     what burns = events: severity>=high is:open
 *
 * A broken line is reported with its number; the others apply.
 */
#ifndef TUI_SETTINGS_H
#define TUI_SETTINGS_H

#include "tui/keys/action.h"
#include "tui/files/problem.h"

enum option {
#define OPTION(identifier, name, type, fallback, choices, help) OPTION_##identifier,
#include "tui/config/option.def"
#undef OPTION
    OPTION_COUNT
};

enum option_type {
    OPTION_TYPE_BOOL,
    OPTION_TYPE_NUMBER,
    OPTION_TYPE_CHOICE,
    OPTION_TYPE_TEXT,
    OPTION_TYPE_LIST,
    OPTION_TYPE_PROGRAM
};

struct option_info {
    const char *name;
    enum option_type type;
    const char *fallback;
    const char *choices;
    const char *help;
};

struct saved_view {
    char *name;
    enum context view; /* a list */
    char *filter;
};

struct settings {
    char *values[OPTION_COUNT]; /* never NULL, always valid */
    NB_VEC(struct saved_view)
    views;                    /* those of the config file first, then those of the state file; names are unique */
    size_t views_from_config; /* so many at the start come from the config file: the console cannot delete them */
    enum context last_view;   /* CONTEXT_COUNT: unknown */
    char *last_view_of;       /* whose it is (any text that tells persons apart); NULL: unknown */
};

/* Never fails: what cannot be read goes to problems, and its default applies. */
void settings_load(struct settings *settings, struct problems *problems);
void settings_init(struct settings *settings); /* sets the defaults only */
void settings_clear(struct settings *settings);

const struct option_info *option_info(enum option option);
enum option option_find(const char *name); /* OPTION_COUNT when there is none */
/* NB_EINVALID with the choices in the hint. */
NB_MUSTCHECK int settings_set(struct settings *settings, enum option option, const char *value, struct nb_error *err);
bool settings_bool(const struct settings *settings, enum option option);
int settings_number(const struct settings *settings, enum option option);
const char *settings_text(const struct settings *settings, enum option option);
bool settings_is(const struct settings *settings, enum option option, const char *choice);
/* Whether word is among the words of a LIST option. */
bool settings_lists(const struct settings *settings, enum option option, const char *word);

/* The filter that a list starts with. */
const char *settings_filter(const struct settings *settings, enum context list);

const struct saved_view *settings_view(const struct settings *settings, const char *name);
/* Saves a view, replacing one of the same name, and writes the state file. NB_ECONFLICT when the config file has the
 * name. */
NB_MUSTCHECK int settings_save_view(struct settings *settings, const char *name, enum context view, const char *filter,
                                    struct nb_error *err);
NB_MUSTCHECK int settings_delete_view(struct settings *settings, const char *name, struct nb_error *err);
/* Saves the view that `person` is in to the state file, for that person's next start. */
NB_MUSTCHECK int settings_save_state(struct settings *settings, enum context last_view, const char *person,
                                     struct nb_error *err);
/* The view that this person was in last; CONTEXT_COUNT: unknown, or another person's. */
enum context settings_last_view(const struct settings *settings, const char *person);

/* `nightbell --sample-config`: every option with what it does, what it takes and its default, commented out. */
void settings_sample(struct nb_strbuf *out);
/* What an option takes, for people: "on or off", "2 to 3600"; "" for free text. The caller frees it. */
char *option_takes(enum option option);
/* `nightbell --check-config`: appends a line for each problem in config, state, keymaps and themes, shipped and own;
 * returns the number of problems. */
size_t settings_check(struct nb_strbuf *out);

#endif
