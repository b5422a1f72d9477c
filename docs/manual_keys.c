/*
 * manual_keys.c - the keys of the default keymap, as mdoc. Separate from manual.c because the console has commands of
 * its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "docs/manual.h"
#include "tui/config/settings.h"
#include "tui/keys/keymap.h"

static const struct {
    enum context context;
    const char *title;
} contexts[] = {
    {CONTEXT_GLOBAL, "Everywhere"},    {CONTEXT_LIST, "In lists"},        {CONTEXT_INBOX, "In the inbox"},
    {CONTEXT_EVENTS, "In the events"}, {CONTEXT_DETAIL, "In the detail"}, {CONTEXT_HELP, "In the help"},
};

/* Keys with the same action share a line, as they do in the file. */
struct table {
    struct nb_strbuf keys;
    const char *hint; /* NULL: none yet */
    bool begun;
};

static void end_line(struct table *table)
{
    if (!table->hint)
        return;
    if (!table->begun)
        printf(".Bl -tag -width \"<PageDown>, <C-f>\" -compact\n");
    table->begun = true;
    printf(".It Li ");
    manual_put_quoted(table->keys.data);
    putchar('\n');
    manual_put_text(table->hint);
    table->hint = NULL;
    nb_strbuf_reset(&table->keys);
}

static void put_binding(void *arg, const struct binding *binding)
{
    struct table *table = arg;
    if (table->hint && strcmp(table->hint, binding->hint) != 0)
        end_line(table);
    if (table->hint)
        nb_strbuf_append(&table->keys, ", ");
    binding_format(&table->keys, binding);
    table->hint = binding->hint;
}

static void put_context(const struct keymap *keymap, enum context context, const char *title)
{
    struct table table = {0};
    nb_strbuf_init(&table.keys, 4096);
    printf(".Pp\n%s:\n", title);
    keymap_visit_context(keymap, context, put_binding, &table);
    end_line(&table);
    if (table.begun)
        printf(".El\n");
    nb_strbuf_clear(&table.keys);
}

void manual_put_settings(void)
{
    printf(".Bl -tag -width Ds -compact\n");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *info = option_info((enum option)i);
        char *takes = option_takes((enum option)i);
        char *text = nb_asprintf("%s%s%s%s%s%s.", info->help, *takes ? " (" : "", takes, *takes ? ")" : "",
                                 *info->fallback ? "; as shipped: " : "", info->fallback);

        printf(".It Li ");
        manual_put_quoted(info->name);
        putchar('\n');
        manual_put_text(text);
        free(text);
        free(takes);
    }
    printf(".El\n");
}

void manual_put_keys(void)
{
    struct keymap *keymap = NULL;
    struct nb_error err = {0};
    if (keymap_load(&keymap, "default", NULL, &err) != NB_OK) {
        fprintf(stderr, "manual: the default keymap: %s\n", err.message);
        exit(1);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(contexts); i++)
        put_context(keymap, contexts[i].context, contexts[i].title);
    keymap_free(&keymap);
}
