/*
 * overlay.c - a short list of patches with the keys they concern.
 */
#include "tui/list/overlay.h"

#include <stdlib.h>

void row_patch_copy(struct row_patch *to, const struct row_patch *from)
{
    *to = *from;
    to->user_name = nb_strdup(from->user_name);
    to->text = nb_strdup(from->text);
}

void row_patch_clear(struct row_patch *patch)
{
    nb_free(&patch->user_name);
    nb_free(&patch->text);
}

static void clear_one(struct overlay *overlay)
{
    row_patch_clear(&overlay->patch);
    key_set_clear(&overlay->keys);
}

void overlays_clear(struct overlays *overlays)
{
    for (size_t i = 0; i < overlays->list.count; i++)
        clear_one(&overlays->list.data[i]);
    nb_vec_clear(&overlays->list);
}

struct overlay *overlays_add(struct overlays *overlays, const struct row_patch *patch)
{
    struct overlay overlay = {.id = ++overlays->last_id};

    row_patch_copy(&overlay.patch, patch);
    nb_vec_push(&overlays->list, overlay);
    return nb_vec_last(&overlays->list);
}

struct overlay *overlays_find(struct overlays *overlays, unsigned id)
{
    for (size_t i = 0; i < overlays->list.count; i++)
        if (overlays->list.data[i].id == id)
            return &overlays->list.data[i];
    return NULL;
}

static void remove_at(struct overlays *overlays, size_t index)
{
    clear_one(&overlays->list.data[index]);
    nb_vec_remove(&overlays->list, index);
}

void overlays_remove(struct overlays *overlays, unsigned id)
{
    struct overlay *overlay = overlays_find(overlays, id);

    if (overlay)
        remove_at(overlays, (size_t)(overlay - overlays->list.data));
}

void overlays_settle(struct overlays *overlays, unsigned id, unsigned rounds)
{
    struct overlay *overlay = overlays_find(overlays, id);

    if (!overlay)
        return;
    overlay->settled = true;
    overlay->settled_round = rounds;
}

void overlays_drop_settled(struct overlays *overlays, unsigned round)
{
    for (size_t i = overlays->list.count; i-- > 0;) {
        const struct overlay *overlay = &overlays->list.data[i];

        if (overlay->settled && round > overlay->settled_round)
            remove_at(overlays, i);
    }
}

bool overlays_apply(const struct overlays *overlays, const struct nb_key *key, overlay_apply *apply, void *arg)
{
    bool any = false;

    for (size_t i = 0; i < overlays->list.count; i++) {
        const struct overlay *overlay = &overlays->list.data[i];

        if (!overlay->all && !key_set_has(&overlay->keys, key))
            continue;
        apply(arg, &overlay->patch);
        any = true;
    }
    return any;
}
