/*
 * theme.c - reads themes and computes the look of each role.
 */
#include "config.h"

#include "tui/draw/theme.h"

#include <string.h>

#include "base/ini.h"
#include "tui/files/files.h"

#define INHERIT_DEPTH_MAX 4

/* One line of a theme. prefix is its key without the state and without "*". exact: it is the whole name of a role;
 * otherwise it matches all roles that begin with it. */
struct rule {
    char *prefix;
    bool exact;
    uint8_t state; /* one state; 0: the role itself */
    struct style style;
};

struct theme {
    char *name;
    bool light;
    NB_VEC(struct rule) rules;
    struct style styles[ROLE_COUNT][STATE_LIMIT];
    bool defined[ROLE_COUNT];
};

struct theme_reader {
    struct theme *theme;
    struct problems *problems;
    int depth;
};

static const struct {
    const char *suffix;
    uint8_t state;
} states[] = {{".dim", STATE_DIM}, {".marked", STATE_MARKED}, {".selected", STATE_SELECTED}};

static const struct {
    const char *name;
    uint8_t attribute;
} attributes[] = {
    {"bold", STYLE_BOLD},           {"dim", STYLE_DIM},         {"italic", STYLE_ITALIC},
    {"underline", STYLE_UNDERLINE}, {"reverse", STYLE_REVERSE},
};

static uint8_t attribute_find(const char *word)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(attributes); i++)
        if (strcmp(word, attributes[i].name) == 0)
            return attributes[i].attribute;
    return 0;
}

/* Reads "fg [on bg] [attributes]". Words may come in any order, but `on` belongs to the colour after it. */
static int style_parse(struct style *out, const char *value, struct nb_error *err)
{
    char *copy = nb_strdup(value);
    char *rest = copy;
    char *word;
    bool on = false;
    int rc = 0;

    *out = (struct style){0};
    while (rc == 0 && (word = strsep(&rest, " \t")) != NULL) {
        struct color *where = on ? &out->background : &out->foreground;

        if (*word == '\0')
            continue;
        if (!on && strcmp(word, "on") == 0) {
            on = true;
            continue;
        }
        if (!on && attribute_find(word)) {
            out->attributes |= attribute_find(word);
            continue;
        }
        if (where->kind != COLOR_KIND_UNSET)
            rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "two colors: %s (write `fg on bg`)", word);
        else
            rc = color_parse(where, word, err);
        on = false;
    }
    if (rc == 0 && on)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "a color is missing behind `on`");
    nb_free(&copy);
    return rc;
}

/* Splits a key into prefix, exactness and state. */
static int rule_parse_key(struct rule *rule, const char *key, struct nb_error *err)
{
    size_t length = strlen(key);

    for (size_t i = 0; i < NB_ARRAY_SIZE(states); i++) {
        size_t suffix = strlen(states[i].suffix);

        if (length > suffix && strcmp(key + length - suffix, states[i].suffix) == 0) {
            rule->state = states[i].state;
            length -= suffix;
        }
    }
    rule->exact = key[length - 1] != '*';
    rule->prefix = nb_strndup(key, rule->exact ? length : length - 1);
    if (rule->exact && role_find(rule->prefix) != ROLE_COUNT)
        return 0;
    for (int i = 0; !rule->exact && i < ROLE_COUNT; i++)
        if (strncmp(role_name((enum role)i), rule->prefix, strlen(rule->prefix)) == 0)
            return 0;
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "there is no role %s", key);
    nb_free(&rule->prefix);
    return NB_EINVALID;
}

static int theme_read(struct theme_reader *reader, const char *name, struct nb_error *err);

static int theme_inherit(struct theme_reader *reader, const struct nb_ini_line *line)
{
    struct nb_error err;

    if (reader->depth >= INHERIT_DEPTH_MAX) {
        problems_add(reader->problems, line->file, line->number, "inherits goes round in a circle");
        return 0;
    }
    reader->depth++;
    if (theme_read(reader, line->value, &err) < 0)
        problems_add(reader->problems, line->file, line->number, "%s", err.message);
    reader->depth--;
    return 0;
}

static int theme_line(void *arg, const struct nb_ini_line *line, struct nb_error *unused)
{
    struct theme_reader *reader = arg;
    struct rule rule = {0};
    struct nb_error err;

    (void)unused;
    if (strcmp(line->key, "inherits") == 0)
        return theme_inherit(reader, line);
    if (strcmp(line->key, "background") == 0) {
        reader->theme->light = strcmp(line->value, "light") == 0;
        if (!reader->theme->light && strcmp(line->value, "dark") != 0)
            problems_add(reader->problems, line->file, line->number, "background is light or dark, not %s",
                         line->value);
        return 0;
    }
    if (line->section[0] != '\0' || line->key[0] == '\0')
        problems_add(reader->problems, line->file, line->number, "expected role = color, without sections");
    else if (rule_parse_key(&rule, line->key, &err) < 0)
        problems_add(reader->problems, line->file, line->number, "%s", err.message);
    else if (style_parse(&rule.style, line->value, &err) < 0)
        problems_add(reader->problems, line->file, line->number, "%s%s%s", err.message, err.hint[0] ? ": " : "",
                     err.hint);
    else {
        nb_vec_push(&reader->theme->rules, rule);
        return 0;
    }
    nb_free(&rule.prefix);
    return 0;
}

/* The most exact rule for a role in a state, the later one among equals; NULL when there is none. */
static const struct rule *rule_best(const struct theme *theme, const char *role, uint8_t state)
{
    const struct rule *best = NULL;

    for (size_t i = 0; i < theme->rules.count; i++) {
        const struct rule *rule = &theme->rules.data[i];
        size_t length = strlen(rule->prefix);

        if (rule->state != state ||
            (rule->exact ? strcmp(role, rule->prefix) : strncmp(role, rule->prefix, length)) != 0)
            continue;
        if (!best || rule->exact || (!best->exact && length >= strlen(best->prefix)))
            best = rule;
    }
    return best;
}

static void style_overlay(struct style *style, const struct style *over)
{
    if (over->foreground.kind != COLOR_KIND_UNSET)
        style->foreground = over->foreground;
    if (over->background.kind != COLOR_KIND_UNSET)
        style->background = over->background;
    style->attributes |= over->attributes;
}

static bool color_is(struct color color, struct color other)
{
    return color.kind == other.kind && color.red == other.red && color.green == other.green && color.blue == other.blue;
}

/* Keeps a badge readable: a wildcard rule that sets only one of its two colours does not apply to it. */
static bool fits_badge(const struct rule *rule)
{
    return rule->exact ||
           (rule->style.foreground.kind != COLOR_KIND_UNSET && rule->style.background.kind != COLOR_KIND_UNSET);
}

static struct style style_with_states(const struct theme *theme, const char *role, struct style style, bool badge,
                                      unsigned set)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(states); i++) {
        const struct rule *rule = set & states[i].state ? rule_best(theme, role, states[i].state) : NULL;

        if (rule && badge && !fits_badge(rule))
            style.attributes |= rule->style.attributes;
        else if (rule)
            style_overlay(&style, &rule->style);
    }
    return style;
}

/* Computes every look once, so that drawing is a table look-up. */
static void theme_resolve(struct theme *theme)
{
    static const struct style plain = {{.kind = COLOR_KIND_DEFAULT}, {.kind = COLOR_KIND_DEFAULT}, 0};
    struct style text = plain;

    for (int role = 0; role < ROLE_COUNT; role++) {
        const char *name = role_name((enum role)role);
        const struct rule *base = rule_best(theme, name, 0);
        struct style style = plain;

        theme->defined[role] = base && base->prefix[0] != '\0';
        if (base)
            style_overlay(&style, &base->style);
        if (role == ROLE_TEXT)
            text = style;
        for (unsigned set = 0; set < STATE_LIMIT; set++)
            theme->styles[role][set] =
                style_with_states(theme, name, style, !color_is(style.background, text.background), set);
    }
}

static int theme_read(struct theme_reader *reader, const char *name, struct nb_error *err)
{
    return files_read(FILES_THEME, name, theme_line, reader->problems, reader, err);
}

static struct theme *theme_new(const char *name)
{
    struct theme *theme = nb_calloc(1, sizeof(*theme));

    theme->name = nb_strdup(name);
    return theme;
}

int theme_load(struct theme **out, const char *name, struct problems *problems, struct nb_error *err)
{
    struct theme_reader reader = {theme_new(name), problems, 0};
    int rc = theme_read(&reader, name, err);

    if (rc < 0) {
        theme_free(&reader.theme);
        return rc;
    }
    theme_resolve(reader.theme);
    *out = reader.theme;
    return 0;
}

static void theme_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    struct theme_reader *reader = arg;

    problems_complaint(reader->problems, file, line, message);
}

int theme_load_text(struct theme **out, const char *file, const char *text, struct problems *problems,
                    struct nb_error *err)
{
    struct theme_reader reader = {theme_new(file), problems, 0};
    int rc = nb_ini_read_text(file, text, strlen(text), theme_line, theme_complaint, &reader, err);

    if (rc < 0) {
        theme_free(&reader.theme);
        return rc;
    }
    theme_resolve(reader.theme);
    *out = reader.theme;
    return 0;
}

void theme_free(struct theme **theme)
{
    if (!*theme)
        return;
    for (size_t i = 0; i < (*theme)->rules.count; i++)
        nb_free(&(*theme)->rules.data[i].prefix);
    nb_vec_clear(&(*theme)->rules);
    nb_free(&(*theme)->name);
    nb_free(theme);
}

const char *theme_name(const struct theme *theme)
{
    return theme->name;
}

struct style theme_style(const struct theme *theme, struct look look)
{
    unsigned role = look.role < ROLE_COUNT ? look.role : ROLE_TEXT;

    return theme->styles[role][look.states & (STATE_LIMIT - 1)];
}

bool theme_defines(const struct theme *theme, enum role role)
{
    return theme->defined[role];
}

bool theme_is_light(const struct theme *theme)
{
    return theme->light;
}
