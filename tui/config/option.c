/*
 * option.c - the option table, generated from option.def, and the values that options accept.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "tui/config/settings.h"

#define BOOL    OPTION_TYPE_BOOL
#define NUMBER  OPTION_TYPE_NUMBER
#define CHOICE  OPTION_TYPE_CHOICE
#define TEXT    OPTION_TYPE_TEXT
#define LIST    OPTION_TYPE_LIST
#define PROGRAM OPTION_TYPE_PROGRAM

/* "last inbox events …" */
static const char screen_choices[] = "last"
#define SCREEN(identifier, name, title) " " #name
#define SCREEN_ASIDE(identifier, name, title)
#define SCREEN_COVER(identifier, name, title)
#include "tui/keys/screen.def"
    ;
#define SCREEN_CHOICES screen_choices

static const struct option_info options[OPTION_COUNT] = {
#define OPTION(identifier, name, type, fallback, choices, help) {name, type, fallback, choices, help},
#include "tui/config/option.def"
#undef OPTION
};

const struct option_info *option_info(enum option option)
{
    return &options[option];
}

enum option option_find(const char *name)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if (strcmp(options[i].name, name) == 0)
            return (enum option)i;
    return OPTION_COUNT;
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = words; *at; at += strspn(at, " ")) {
        size_t part = strcspn(at, " ");

        if (part == length && memcmp(at, word, length) == 0)
            return true;
        at += part;
    }
    return false;
}

/* The stored word for "yes" and its like; NULL for anything else. */
static const char *bool_word(const char *value)
{
    if (has_word("on yes true 1", value))
        return "on";
    return has_word("off no false 0", value) ? "off" : NULL;
}

static bool number_fits(const char *choices, const char *value)
{
    char *end = NULL;
    long least = strtol(choices, &end, 10), most = strtol(end, NULL, 10), number = strtol(value, &end, 10);

    return *value && *end == '\0' && number >= least && number <= most;
}

/* The value as it is stored, or NULL where the option does not accept it. */
static const char *accepted(const struct option_info *info, const char *value)
{
    switch (info->type) {
    case OPTION_TYPE_BOOL:
        return bool_word(value);
    case OPTION_TYPE_NUMBER:
        return number_fits(info->choices, value) ? value : NULL;
    case OPTION_TYPE_CHOICE:
        return *value && has_word(info->choices, value) ? value : NULL;
    case OPTION_TYPE_TEXT:
    case OPTION_TYPE_LIST:
    case OPTION_TYPE_PROGRAM:
        break;
    }
    return value;
}

int settings_set(struct settings *settings, enum option option, const char *value, struct nb_error *err)
{
    const struct option_info *info = &options[option];
    const char *word = accepted(info, value);
    char *copy;

    if (!word) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s: %s will not do", info->name, *value ? value : "nothing");
        if (info->type == OPTION_TYPE_BOOL)
            return nb_error_hint(err, "use on or off");
        if (info->type == OPTION_TYPE_NUMBER)
            return nb_error_hint(err, "use a number from %.*s to %s", (int)strcspn(info->choices, " "), info->choices,
                                 strchr(info->choices, ' ') + 1);
        return nb_error_hint(err, "use one of: %s", info->choices);
    }
    copy = nb_strdup(word); /* word may be the value that is about to be freed */
    nb_free(&settings->values[option]);
    settings->values[option] = copy;
    return 0;
}

bool settings_bool(const struct settings *settings, enum option option)
{
    return strcmp(settings->values[option], "on") == 0;
}

int settings_number(const struct settings *settings, enum option option)
{
    return (int)strtol(settings->values[option], NULL, 10);
}

const char *settings_text(const struct settings *settings, enum option option)
{
    return settings->values[option];
}

bool settings_is(const struct settings *settings, enum option option, const char *choice)
{
    return strcmp(settings->values[option], choice) == 0;
}

bool settings_lists(const struct settings *settings, enum option option, const char *word)
{
    return *word && has_word(settings->values[option], word);
}

/* ---- for people ---- */

char *option_takes(enum option option)
{
    const struct option_info *info = &options[option];
    size_t first = strcspn(info->choices, " ");

    if (info->type == OPTION_TYPE_BOOL)
        return nb_strdup("on or off");
    if (info->type == OPTION_TYPE_NUMBER)
        return nb_asprintf("%.*s to %s", (int)first, info->choices, info->choices + first + 1);
    if (info->type == OPTION_TYPE_CHOICE)
        return nb_asprintf("one of %s", info->choices);
    if (info->type == OPTION_TYPE_LIST)
        return nb_strdup("words parted by blanks");
    return nb_strdup(info->type == OPTION_TYPE_PROGRAM ? "a program and its arguments" : "");
}

void settings_sample(struct nb_strbuf *out)
{
    nb_strbuf_append(out, "# Every option with its default. Take the # away in front of what you change; this file is\n"
                          "# $XDG_CONFIG_HOME/nightbell/config, and nightbell --check-config reads it.\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        char *takes = option_takes((enum option)i);

        nb_strbuf_appendf(out, "\n# %s\n", options[i].help);
        if (*takes)
            nb_strbuf_appendf(out, "# (%s)\n", takes);
        nb_strbuf_appendf(out, "#%s = %s\n", options[i].name, options[i].fallback);
        nb_free(&takes);
    }
    nb_strbuf_append(out, "\n# Views that :saved-view and the menu of views show.\n#[views]\n"
                          "#what burns = events: severity>=high is:open\n");
}
