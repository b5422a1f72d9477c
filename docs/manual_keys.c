/*
 * manual_keys.c - the keys of the default keymap, as mdoc. Apart from manual.c because the console
 * has commands of its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "docs/manual.h"
#include "tui/keymap.h"

static const struct {
    enum context context;
    const char *title;
} contexts[] = {
    {CONTEXT_GLOBAL, "Everywhere"},    {CONTEXT_LIST, "In lists"},
    {CONTEXT_INBOX, "In the inbox"},   {CONTEXT_EVENTS, "In the events"},
    {CONTEXT_DETAIL, "In the detail"}, {CONTEXT_HELP, "In the help"},
};

static void put_binding(void *arg, const struct binding *binding)
{
    struct nb_strbuf keys;
    bool *any = arg;
    nb_strbuf_init(&keys, 4096);
    binding_format(&keys, binding);
    if (!*any)
        printf(".Bl -tag -width \"shift-tab xx\" -compact\n");
    *any = true;
    printf(".It Li ");
    manual_put_quoted(keys.data);
    putchar('\n');
    manual_put_text(binding->hint);
    nb_strbuf_clear(&keys);
}

void manual_put_keys(void)
{
    struct keymap *keymap = NULL;
    struct nb_error err = {0};
    if (keymap_load(&keymap, "default", NULL, &err) != NB_OK) {
        fprintf(stderr, "manual: the default keymap: %s\n", err.message);
        exit(1);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(contexts); i++) {
        bool any = false;
        printf(".Pp\n%s:\n", contexts[i].title);
        keymap_visit_context(keymap, contexts[i].context, put_binding, &any);
        if (any)
            printf(".El\n");
    }
    keymap_free(&keymap);
}
