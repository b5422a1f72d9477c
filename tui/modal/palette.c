/*
 * palette.c - collects all actions that make sense in a scope, with their keys.
 */
#include "config.h"

#include "tui/modal/palette.h"

static bool fits_scope(enum action action, const struct key_scope *scope)
{
    for (size_t i = 0; i < scope->count; i++)
        if (scope->contexts[i] != CONTEXT_GLOBAL && scope->contexts[i] != CONTEXT_LIST &&
            action_fits(action, scope->contexts[i]))
            return true;
    return false;
}

struct picker *palette_new(const struct keymap *keymap, const struct key_scope *scope)
{
    struct picker *picker = picker_new("action");
    struct nb_strbuf keys;

    nb_strbuf_init(&keys, 300);
    for (int i = 0; i < ACTION_COUNT; i++) {
        const struct action_info *info = action_info((enum action)i);

        if ((info->flags & ACTION_FLAG_PLAIN) || i == ACTION_PALETTE || !fits_scope((enum action)i, scope))
            continue;
        nb_strbuf_reset(&keys);
        keymap_keys_of(keymap, scope, (enum action)i, &keys);
        picker_add(picker, &(struct picker_item){info->name, info->help, keys.data, i});
    }
    nb_strbuf_clear(&keys);
    return picker;
}
