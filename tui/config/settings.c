/*
 * settings.c - reads the configuration and the state file, keeps saved views, writes the state.
 */
#include "config.h"

#include "tui/config/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/ini.h"
#include "filter/filter.h"
#include "tui/files/files.h"
#include "tui/keys/keymap.h"
#include "tui/draw/theme.h"

#define VIEWS_MAX 200

struct settings_reader {
    struct settings *settings;
    struct problems *problems;
};

void settings_init(struct settings *settings)
{
    *settings = (struct settings){.last_view = CONTEXT_COUNT};
    for (int i = 0; i < OPTION_COUNT; i++)
        settings->values[i] = nb_strdup(option_info((enum option)i)->fallback);
}

static void view_clear(struct saved_view *view)
{
    nb_free(&view->name);
    nb_free(&view->filter);
}

void settings_clear(struct settings *settings)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        nb_free(&settings->values[i]);
    nb_free(&settings->last_view_of);
    for (size_t i = 0; i < settings->views.count; i++)
        view_clear(&settings->views.data[i]);
    nb_vec_clear(&settings->views);
}

/* The options with the first filter of each list. */
static const struct {
    enum context list;
    enum option option;
} filters[] = {
#define SCREEN_LIST(identifier, name, title, subject, filter) {CONTEXT_##identifier, OPTION_##identifier##_FILTER},
#include "tui/keys/screen.def"
};

const char *settings_filter(const struct settings *settings, enum context list)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(filters); i++)
        if (filters[i].list == list)
            return settings->values[filters[i].option];
    return "";
}

static int check_filter(enum context view, const char *text, struct nb_error *err)
{
    struct nb_filter *filter = NULL;
    int rc = nb_filter_parse(&filter, context_subject(view), text, err);

    nb_filter_free(&filter);
    return rc;
}

const struct saved_view *settings_view(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->views.count; i++)
        if (strcmp(settings->views.data[i].name, name) == 0)
            return &settings->views.data[i];
    return NULL;
}

static void put_view(struct settings *settings, const char *name, enum context view, const char *filter)
{
    struct saved_view *known = (struct saved_view *)settings_view(settings, name);
    struct saved_view added = {nb_strdup(name), view, nb_strdup(filter)};

    if (known) {
        view_clear(known);
        *known = added;
    } else {
        nb_vec_push(&settings->views, added);
    }
}

/* "inbox: FILTER or events: FILTER" */
static char *forms_of_views(void)
{
    struct nb_strbuf forms;

    nb_strbuf_init(&forms, SIZE_MAX / 2);
    for (size_t i = 0; i < NB_ARRAY_SIZE(filters); i++)
        nb_strbuf_appendf(&forms, "%s%s: FILTER", i ? " or " : "", context_name(filters[i].list));
    return nb_strbuf_take(&forms);
}

/* "events: severity>=high is:open" */
static void read_view(struct settings_reader *reader, const struct nb_ini_line *line)
{
    size_t length = strcspn(line->value, ":");
    char *name = nb_strndup(line->value, length);
    const char *filter = line->value + length;
    enum context view = context_find(name);
    struct nb_error err;

    nb_free(&name);
    if (*filter != ':' || context_shape(view) != SCREEN_IS_LIST) {
        char *forms = forms_of_views();

        problems_add(reader->problems, line->file, line->number, "expected %s = %s", line->key, forms);
        nb_free(&forms);
        return;
    }
    filter += 1 + strspn(filter + 1, " \t");
    if (check_filter(view, filter, &err) < 0)
        problems_add(reader->problems, line->file, line->number, "%s", err.message);
    if (reader->settings->views.count < VIEWS_MAX)
        put_view(reader->settings, line->key, view, filter);
}

static void read_option(struct settings_reader *reader, const struct nb_ini_line *line)
{
    enum option option = option_find(line->key);
    struct nb_error err;

    if (option == OPTION_COUNT) {
        problems_add(reader->problems, line->file, line->number, "there is no option %s", line->key);
        return;
    }
    if (settings_set(reader->settings, option, line->value, &err) < 0) {
        problems_add(reader->problems, line->file, line->number, "%s: %s", err.message, err.hint);
        return;
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(filters); i++)
        if (filters[i].option == option && check_filter(filters[i].list, line->value, &err) < 0) {
            const char *fallback = option_info(option)->fallback;

            problems_add(reader->problems, line->file, line->number, "%s: %s; the default holds: %s",
                         option_info(option)->name, err.message, *fallback ? fallback : "all");
            (void)!settings_set(reader->settings, option, fallback, &err);
        }
}

static int config_line(void *arg, const struct nb_ini_line *line, struct nb_error *unused)
{
    struct settings_reader *reader = arg;

    (void)unused;
    if (strcmp(line->section, "views") == 0)
        read_view(reader, line);
    else if (line->section[0] == '\0')
        read_option(reader, line);
    else
        problems_add(reader->problems, line->file, line->number, "there is no section [%s]", line->section);
    return 0;
}

static bool has_tab(enum context context)
{
    return context_shape(context) == SCREEN_IS_LIST || context_shape(context) == SCREEN_IS_PAGE;
}

static void set_last_view(struct settings *settings, enum context view, const char *person)
{
    char *copy = nb_strdup(person);

    nb_free(&settings->last_view_of);
    settings->last_view = view;
    settings->last_view_of = copy;
}

/* "events PERSON" */
static void read_last_view(struct settings *settings, const char *value)
{
    size_t length = strcspn(value, " ");
    char *name = nb_strndup(value, length);

    set_last_view(settings, context_find(name), value[length] ? value + length + 1 : NULL);
    nb_free(&name);
}

static int state_line(void *arg, const struct nb_ini_line *line, struct nb_error *unused)
{
    struct settings_reader *reader = arg;

    (void)unused;
    if (strcmp(line->section, "views") == 0 && !settings_view(reader->settings, line->key))
        read_view(reader, line);
    else if (line->section[0] == '\0' && strcmp(line->key, "last-view") == 0)
        read_last_view(reader->settings, line->value);
    if (!has_tab(reader->settings->last_view))
        reader->settings->last_view = CONTEXT_COUNT;
    return 0;
}

static void settings_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    struct settings_reader *reader = arg;

    problems_complaint(reader->problems, file, line, message);
}

static void read_file(struct settings_reader *reader, char *path, nb_ini_handler *handler)
{
    struct nb_error err;
    int rc = path ? nb_ini_read_file(path, handler, settings_complaint, reader, &err) : NB_ENOTFOUND;

    if (rc < 0 && rc != NB_ENOTFOUND)
        problems_add(reader->problems, NULL, 0, "%s", err.message);
    nb_free(&path);
}

/* The environment overrides the file. */
static void read_environment(struct settings_reader *reader)
{
    static const struct {
        const char *variable;
        enum option option;
    } variables[] = {{"NIGHTBELL_KEYMAP", OPTION_KEYMAP}, {"NIGHTBELL_THEME", OPTION_THEME}};

    for (size_t i = 0; i < NB_ARRAY_SIZE(variables); i++) {
        const char *value = getenv(variables[i].variable);
        struct nb_error err;

        if (value && *value && settings_set(reader->settings, variables[i].option, value, &err) < 0)
            problems_add(reader->problems, variables[i].variable, 0, "%s", err.message);
    }
}

void settings_load(struct settings *settings, struct problems *problems)
{
    struct settings_reader reader = {settings, problems};

    settings_init(settings);
    read_file(&reader, files_config_path("config"), config_line);
    settings->views_from_config = settings->views.count;
    read_file(&reader, files_state_path("state"), state_line);
    read_environment(&reader);
}

/* ---- state ---- */

static int write_state(const struct settings *settings, const char *path, struct nb_error *err)
{
    struct nb_strbuf text;
    int rc;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    nb_strbuf_append(&text, "# Written by nightbell; what you want to keep by hand belongs into the config file.\n");
    if (settings->last_view != CONTEXT_COUNT && settings->last_view_of)
        nb_strbuf_appendf(&text, "last-view = %s %s\n", context_name(settings->last_view), settings->last_view_of);
    nb_strbuf_append(&text, "[views]\n");
    for (size_t i = settings->views_from_config; i < settings->views.count; i++)
        nb_strbuf_appendf(&text, "%s = %s: %s\n", settings->views.data[i].name,
                          context_name(settings->views.data[i].view), settings->views.data[i].filter);
    rc = files_write(path, text.data, text.length, err);
    nb_strbuf_clear(&text);
    return rc;
}

static void remove_view(struct settings *settings, size_t at)
{
    view_clear(&settings->views.data[at]);
    nb_vec_remove(&settings->views, at);
}

/* A change of the state: saves a view (with a filter), deletes one (without), or sets the last view. */
struct change {
    const char *name; /* NULL: no view */
    enum context view;
    const char *filter;
    enum context last_view; /* CONTEXT_COUNT: unchanged */
    const char *person;     /* whose last_view it is */
};

static void apply_change(struct settings *settings, const struct change *change)
{
    const struct saved_view *known = change->name ? settings_view(settings, change->name) : NULL;

    if (change->name && change->filter)
        put_view(settings, change->name, change->view, change->filter);
    else if (known)
        remove_view(settings, (size_t)(known - settings->views.data));
    if (change->last_view != CONTEXT_COUNT)
        set_last_view(settings, change->last_view, change->person);
}

/* Other consoles of the same person write this file too, so it is locked and read again before it is changed. */
static int change_state(struct settings *settings, const struct change *change, struct nb_error *err)
{
    struct problems problems = {0};
    struct settings_reader reader = {settings, &problems};
    char *path = files_state_path("state");
    int lock = -1, rc;

    if (files_own_closed()) { /* kept for as long as the console runs */
        apply_change(settings, change);
        return 0;
    }
    if (!path)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "there is no home directory to keep views in");
    if ((rc = files_lock(&lock, path, err)) < 0)
        goto out;
    while (settings->views.count > settings->views_from_config)
        remove_view(settings, settings->views.count - 1);
    read_file(&reader, nb_strdup(path), state_line);
    apply_change(settings, change);
    rc = write_state(settings, path, err);
    files_unlock(lock);
out:
    problems_clear(&problems);
    nb_free(&path);
    return rc;
}

/* A name and a filter must fit on a line of an INI file. */
static int check_name(const char *name, const char *filter, struct nb_error *err)
{
    if (*name == '\0' || *name == '[' || *name == '#' || strlen(name) > 60 || strpbrk(name, "=\n\r\t"))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "a view's name has up to 60 bytes, no = and no [ or # in front");
    if (strstr(filter, " # ") || strpbrk(filter, "\n\r"))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a filter with a # that stands alone cannot be saved");
    return 0;
}

static bool is_from_config(const struct settings *settings, const char *name)
{
    const struct saved_view *view = settings_view(settings, name);

    return view && (size_t)(view - settings->views.data) < settings->views_from_config;
}

int settings_save_view(struct settings *settings, const char *name, enum context view, const char *filter,
                       struct nb_error *err)
{
    int rc = check_name(name, filter, err);

    if (rc < 0)
        return rc;
    if (is_from_config(settings, name))
        return nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_CONFIG, "%s stands in the config file: change it there", name);
    return change_state(
        settings, &(struct change){.name = name, .view = view, .filter = filter, .last_view = CONTEXT_COUNT}, err);
}

int settings_delete_view(struct settings *settings, const char *name, struct nb_error *err)
{
    const struct saved_view *view = settings_view(settings, name);

    if (!view)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no saved view %s", name);
    if (is_from_config(settings, name))
        return nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_CONFIG, "%s stands in the config file: delete it there", name);
    return change_state(settings, &(struct change){.name = name, .last_view = CONTEXT_COUNT}, err);
}

int settings_save_state(struct settings *settings, enum context last_view, const char *person, struct nb_error *err)
{
    if (settings_last_view(settings, person) == last_view)
        return 0;
    return change_state(settings, &(struct change){.last_view = last_view, .person = person}, err);
}

enum context settings_last_view(const struct settings *settings, const char *person)
{
    bool theirs = person && settings->last_view_of && strcmp(settings->last_view_of, person) == 0;

    return theirs ? settings->last_view : CONTEXT_COUNT;
}

/* ---- checking ---- */

static void check_keymaps(struct problems *problems)
{
    struct file_names names = {0};
    struct nb_error err;

    files_list(FILES_KEYMAP, &names);
    for (size_t i = 0; i < names.list.count; i++) {
        struct keymap *keymap = NULL;

        if (keymap_load(&keymap, names.list.data[i], problems, &err) < 0)
            problems_add(problems, NULL, 0, "%s", err.message);
        keymap_free(&keymap);
    }
    file_names_clear(&names);
}

static void check_themes(struct problems *problems)
{
    struct file_names names = {0};
    struct nb_error err;

    files_list(FILES_THEME, &names);
    for (size_t i = 0; i < names.list.count; i++) {
        struct theme *theme = NULL;

        if (theme_load(&theme, names.list.data[i], problems, &err) < 0)
            problems_add(problems, NULL, 0, "%s", err.message);
        theme_free(&theme);
    }
    file_names_clear(&names);
}

static void add_error(struct problems *problems, const char *option, const struct nb_error *err)
{
    problems_add(problems, option, 0, "%s%s%s", err->message, err->hint[0] ? ": " : "", err->hint);
}

/* Reports a configured keymap or theme that cannot be used. */
static void check_chosen(const struct settings *settings, struct problems *problems)
{
    const char *keymap_chosen = settings_text(settings, OPTION_KEYMAP),
               *theme_chosen = settings_text(settings, OPTION_THEME);
    struct problems counted = {0};
    struct keymap *keymap = NULL;
    struct theme *theme = NULL;
    struct nb_error err;

    if (keymap_load(&keymap, keymap_chosen, &counted, &err) < 0)
        add_error(problems, "keymap", &err);
    if (strcmp(theme_chosen, "auto") != 0 && theme_load(&theme, theme_chosen, &counted, &err) < 0)
        add_error(problems, "theme", &err);
    keymap_free(&keymap);
    theme_free(&theme);
    problems_clear(&counted);
}

/* Several keymaps read the same user.keys: reports each of its problems once. */
static bool told_before(const struct problems *problems, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(problems->list.data[i].text, problems->list.data[at].text) == 0)
            return true;
    return false;
}

size_t settings_check(struct nb_strbuf *out)
{
    struct problems problems = {0};
    struct settings settings;
    size_t count = 0;

    settings_load(&settings, &problems);
    check_keymaps(&problems);
    check_themes(&problems);
    check_chosen(&settings, &problems);
    for (size_t i = 0; i < problems.list.count; i++) {
        if (told_before(&problems, i))
            continue;
        nb_strbuf_appendf(out, "%s\n", problems.list.data[i].text);
        count++;
    }
    problems_clear(&problems);
    settings_clear(&settings);
    return count;
}
