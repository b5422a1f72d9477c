/*
 * undo.c - two bounded stacks.
 */
#include "tui/acts/undo.h"

#include <stdlib.h>
#include <string.h>

void act_copy(struct act *to, const struct act *from)
{
    *to = *from;
    to->note = nb_strdup(from->note);
    to->user_name = nb_strdup(from->user_name);
}

void act_clear(struct act *act)
{
    nb_free(&act->note);
    nb_free(&act->user_name);
}

struct undo_entry *undo_entry_new(const struct act *act)
{
    struct undo_entry *entry = nb_calloc(1, sizeof(*entry));

    act_copy(&entry->act, act);
    return entry;
}

void undo_entry_free(struct undo_entry **entry)
{
    struct undo_entry *old = *entry;

    if (!old)
        return;
    for (size_t i = 0; i < old->items.count; i++)
        free(old->items.data[i].state);
    nb_vec_clear(&old->items);
    act_clear(&old->act);
    free(old->about);
    free(old->bulk_filter);
    free(old->bulk_snapshot);
    nb_free(entry);
}

bool undo_entry_is_empty(const struct undo_entry *entry)
{
    return entry->items.count == 0 && !entry->bulk_filter;
}

void undo_entry_drop(struct undo_entry *entry, size_t items)
{
    if (items > entry->items.count)
        items = entry->items.count;
    for (size_t i = 0; i < items; i++)
        free(entry->items.data[i].state);
    entry->items.count -= items;
    if (items > 0)
        memmove(entry->items.data, entry->items.data + items, entry->items.count * sizeof(*entry->items.data));
}

static void clear_undone(struct undo *undo)
{
    for (size_t i = 0; i < undo->undone.count; i++) {
        undo->items -= undo->undone.data[i]->items.count;
        undo_entry_free(&undo->undone.data[i]);
    }
    undo->undone.count = 0;
}

void undo_clear(struct undo *undo)
{
    clear_undone(undo);
    nb_free(&undo->final);
    for (size_t i = 0; i < undo->done.count; i++)
        undo_entry_free(&undo->done.data[i]);
    nb_vec_clear(&undo->done);
    nb_vec_clear(&undo->undone);
    undo->items = 0;
}

static void push_done(struct undo *undo, struct undo_entry *entry)
{
    nb_vec_push(&undo->done, entry);
    undo->items += entry->items.count;
    while (undo->done.count > UNDO_DEPTH || (undo->items > UNDO_MAX_ITEMS && undo->done.count > 1)) {
        undo->items -= undo->done.data[0]->items.count;
        undo_entry_free(&undo->done.data[0]);
        nb_vec_remove(&undo->done, 0);
    }
}

void undo_did(struct undo *undo, struct undo_entry *entry_take)
{
    clear_undone(undo);
    nb_free(&undo->final);
    push_done(undo, entry_take);
}

void undo_did_finally(struct undo *undo, char *past_take)
{
    clear_undone(undo);
    nb_free(&undo->final);
    undo->final = past_take;
}

char *undo_final(struct undo *undo)
{
    char *past = undo->final;

    undo->final = NULL;
    return past;
}

struct undo_entry *undo_next(struct undo *undo)
{
    struct undo_entry *entry;

    if (undo->done.count == 0)
        return NULL;
    entry = undo->done.data[--undo->done.count];
    undo->items -= entry->items.count;
    return entry;
}

struct undo_entry *undo_next_redo(struct undo *undo)
{
    struct undo_entry *entry;

    if (undo->undone.count == 0)
        return NULL;
    entry = undo->undone.data[--undo->undone.count];
    undo->items -= entry->items.count;
    return entry;
}

void undo_undid(struct undo *undo, struct undo_entry *entry_take)
{
    nb_vec_push(&undo->undone, entry_take);
    undo->items += entry_take->items.count;
}

void undo_redid(struct undo *undo, struct undo_entry *entry_take)
{
    push_done(undo, entry_take);
}
