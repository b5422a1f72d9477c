/*
 * keymap.c - reads keymaps: lines into bindings. Every problem is reported with file and line.
 */
#include "config.h"

#include <string.h>

#include "base/ini.h"
#include "tui/files/files.h"
#include "tui/keys/keymap_internal.h"

#define INHERIT_DEPTH_MAX 4
#define BINDINGS_MAX      2000
#define USER_KEYS         "user"

struct keymap_reader {
    struct keymap *keymap;
    struct problems *problems;
    int depth;
};

static bool sequence_equal(const struct binding *a, const struct binding *b)
{
    if (a->context != b->context || a->length != b->length)
        return false;
    for (size_t i = 0; i < a->length; i++)
        if (!key_equal(a->keys[i], b->keys[i]))
            return false;
    return true;
}

static void binding_clear(struct binding *binding)
{
    command_clear(&binding->command);
    free((char *)binding->hint);
    free((char *)binding->file);
    *binding = (struct binding){0};
}

static void keymap_put(struct keymap_reader *reader, struct binding *binding)
{
    struct keymap *keymap = reader->keymap;

    for (size_t i = 0; i < keymap->bindings.count; i++) {
        struct binding *former = &keymap->bindings.data[i];

        if (!sequence_equal(former, binding))
            continue;
        if (strcmp(former->file, binding->file) == 0) {
            struct nb_strbuf keys;

            nb_strbuf_init(&keys, 200);
            binding_format(&keys, binding);
            problems_add(reader->problems, binding->file, binding->line,
                         "%s is bound twice in [%s]: line %u does not count", keys.data, context_name(binding->context),
                         former->line);
            nb_strbuf_clear(&keys);
        }
        binding_clear(former);
        nb_vec_remove(&keymap->bindings, i);
        break;
    }
    if (keymap->bindings.count < BINDINGS_MAX)
        nb_vec_push(&keymap->bindings, *binding);
    else
        binding_clear(binding);
}

/* Reads keys up to a comma or the end; moves *text past the comma. */
static int parse_sequence(struct binding *binding, const char **text, struct nb_error *err)
{
    int rc;

    binding->length = 0;
    for (;;) {
        while (**text == ' ' || **text == '\t')
            (*text)++;
        if (**text == '\0' || (**text == ',' && binding->length > 0))
            break;
        if (binding->length == KEYMAP_MAX_SEQUENCE)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "more than %d keys in a row", KEYMAP_MAX_SEQUENCE);
        if ((rc = key_parse(&binding->keys[binding->length], text, err)) < 0)
            return rc;
        binding->length++;
        if (**text != '\0' && **text != ' ' && **text != '\t' && **text != ',')
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "write blanks between keys: g g");
    }
    if (binding->length == 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "a key is missing");
    for (size_t i = 0; binding->length > 1 && i < binding->length; i++)
        if (binding->keys[i].code == NAMED_ESCAPE && binding->keys[i].modifiers == 0)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "impossible sequence: Esc cancels what is pending");
    if (**text == ',')
        (*text)++;
    return 0;
}

/* Reads what the line binds its keys to. */
static int parse_target(struct binding *binding, const struct nb_ini_line *line, struct nb_error *err)
{
    int rc;

    binding->unbound = strcmp(line->value, "none") == 0;
    if (binding->unbound)
        return 0;
    if (line->value[0] != ':')
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "expected :command or none, not %s",
                            line->value[0] ? line->value : "nothing");
    if ((rc = command_parse(&binding->command, line->value, err)) < 0)
        return rc;
    if (!action_fits(binding->command.action, binding->context))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s makes no sense in [%s]",
                            action_info(binding->command.action)->name, context_name(binding->context));
    return 0;
}

static int keymap_read(struct keymap_reader *reader, const char *name, struct nb_error *err);

static void keymap_inherit(struct keymap_reader *reader, const struct nb_ini_line *line)
{
    struct nb_error err;

    if (reader->depth >= INHERIT_DEPTH_MAX) {
        problems_add(reader->problems, line->file, line->number, "inherits goes round in a circle");
        return;
    }
    reader->depth++;
    if (keymap_read(reader, line->value, &err) < 0)
        problems_add(reader->problems, line->file, line->number, "%s", err.message);
    reader->depth--;
}

static void complain(struct keymap_reader *reader, const struct nb_ini_line *line, const struct nb_error *err)
{
    problems_add(reader->problems, line->file, line->number, "%s%s%s", err->message, err->hint[0] ? ": " : "",
                 err->hint);
}

static int keymap_line(void *arg, const struct nb_ini_line *line, struct nb_error *unused)
{
    struct keymap_reader *reader = arg;
    struct binding parsed = {.context = context_find(line->section)};
    const char *rest = line->key;
    struct nb_error err;

    (void)unused;
    if (line->section[0] == '\0' && strcmp(line->key, "inherits") == 0) {
        keymap_inherit(reader, line);
        return 0;
    }
    if (parsed.context == CONTEXT_COUNT) {
        problems_add(reader->problems, line->file, line->number,
                     "%s%s%s: expected global, list, inbox, events, deliveries, detail or help",
                     line->section[0] ? "there is no context [" : "a binding before the first [context]", line->section,
                     line->section[0] ? "]" : "");
        return 0;
    }
    do {
        struct binding binding = parsed;
        const char *help;

        if (parse_sequence(&binding, &rest, &err) < 0 || parse_target(&binding, line, &err) < 0) {
            complain(reader, line, &err);
            command_clear(&binding.command);
            return 0;
        }
        help = binding.unbound ? "" : action_info(binding.command.action)->help;
        binding.noted = line->note[0] != '\0';
        binding.hint = nb_strdup(binding.noted ? line->note : help);
        binding.file = nb_strdup(line->file);
        binding.line = line->number;
        keymap_put(reader, &binding);
    } while (*rest);
    return 0;
}

static int keymap_read(struct keymap_reader *reader, const char *name, struct nb_error *err)
{
    struct nb_error ignored;
    int rc;

    if (!strchr(name, '/') && !files_are_shipped(FILES_KEYMAP, name) && files_are_own(FILES_KEYMAP, name) &&
        (rc = files_read(FILES_KEYMAP, "default", keymap_line, reader->problems, reader, &ignored)) < 0)
        return rc;
    return files_read(FILES_KEYMAP, name, keymap_line, reader->problems, reader, err);
}

/* Whether the keys of this binding lead to it on one screen; if not, *other is the binding that hides it there. */
static bool is_reached(const struct keymap *keymap, const struct binding *binding, enum context screen, bool detail,
                       const struct binding **other)
{
    struct key_scope scope = key_scope(screen, detail);
    const struct binding *found = keymap_find(keymap, &scope, binding->keys, binding->length);

    if (found && found != binding)
        *other = found;
    return found == binding;
}

/* Reports bindings that are hidden on every screen by those of more exact contexts. */
static void report_hidden(const struct keymap *keymap, struct problems *problems)
{
    for (size_t i = 0; i < keymap->bindings.count; i++) {
        const struct binding *binding = &keymap->bindings.data[i];
        const struct binding *other = NULL;
        bool reached = false;
        struct nb_strbuf keys;

        for (int screen = CONTEXT_FIRST_SCREEN; screen < CONTEXT_COUNT && !reached; screen++)
            reached = is_reached(keymap, binding, (enum context)screen, false, &other) ||
                      is_reached(keymap, binding, (enum context)screen, true, &other);
        if (reached || !other)
            continue;
        nb_strbuf_init(&keys, 200);
        binding_format(&keys, binding);
        problems_add(problems, binding->file, binding->line,
                     "%s in [%s] is never reached: %s:%u stands before it in [%s]", keys.data,
                     context_name(binding->context), other->file, other->line, context_name(other->context));
        nb_strbuf_clear(&keys);
    }
}

static struct keymap *keymap_new(const char *name)
{
    struct keymap *keymap = nb_calloc(1, sizeof(*keymap));

    keymap->name = nb_strdup(name);
    return keymap;
}

int keymap_load(struct keymap **out, const char *name, struct problems *problems, struct nb_error *err)
{
    struct keymap_reader reader = {keymap_new(name), problems, 0};
    struct nb_error none;
    int rc = keymap_read(&reader, name, err);

    if (rc < 0) {
        keymap_free(&reader.keymap);
        return rc;
    }
    if (strcmp(name, USER_KEYS) != 0 && files_are_own(FILES_KEYMAP, USER_KEYS) &&
        files_read(FILES_KEYMAP, USER_KEYS, keymap_line, problems, &reader, &none) < 0)
        problems_add(problems, NULL, 0, "%s", none.message);
    report_hidden(reader.keymap, problems);
    *out = reader.keymap;
    return 0;
}

static void keymap_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    struct keymap_reader *reader = arg;

    problems_complaint(reader->problems, file, line, message);
}

int keymap_load_text(struct keymap **out, const char *file, const char *text, struct problems *problems,
                     struct nb_error *err)
{
    struct keymap_reader reader = {keymap_new(file), problems, 0};
    int rc = nb_ini_read_text(file, text, strlen(text), keymap_line, keymap_complaint, &reader, err);

    if (rc < 0) {
        keymap_free(&reader.keymap);
        return rc;
    }
    report_hidden(reader.keymap, problems);
    *out = reader.keymap;
    return 0;
}

void keymap_free(struct keymap **keymap)
{
    if (!*keymap)
        return;
    for (size_t i = 0; i < (*keymap)->bindings.count; i++)
        binding_clear(&(*keymap)->bindings.data[i]);
    nb_vec_clear(&(*keymap)->bindings);
    nb_free(&(*keymap)->name);
    nb_free(keymap);
}

const char *keymap_name(const struct keymap *keymap)
{
    return keymap->name;
}
