/*
 * overlay.h - acts that the database has not confirmed yet, applied to the rows when they are drawn.
 *
 * The rows themselves do not change, so removing an overlay is all that a rollback needs. After the database has
 * confirmed an act, its overlay stays until the answer to a later look has come; otherwise the row would flicker back
 * for a moment.
 */
#ifndef TUI_OVERLAY_H
#define TUI_OVERLAY_H

#include "base/uuid.h"
#include "tui/list/key_set.h"
#include "tui/list/marks.h"

enum patch_kind {
    PATCH_READ,
    PATCH_ARCHIVED,
    PATCH_DELETED,
    PATCH_ACKNOWLEDGED,
    PATCH_RESOLVED,
    PATCH_ASSIGNED,
    PATCH_SNOOZED,
    PATCH_QUEUED,
    PATCH_CANCELLED,
    PATCH_NOTHING, /* a note: the row does not change */
};

/* The effect of an act on a row. */
struct row_patch {
    enum patch_kind kind;
    int64_t time; /* the time to set; NB_TIME_NONE clears it */
    struct nb_uuid user;
    char *user_name; /* who did it, or who it was assigned to; NULL: nobody */
    char *text;      /* the note of a resolution; NULL: none */
};

struct overlay {
    unsigned id;
    struct row_patch patch;
    struct key_set keys;
    bool all; /* concerns every row */
    bool settled;
    unsigned settled_round; /* list_window.rounds when the database confirmed */
};

struct overlays {
    NB_VEC(struct overlay) list; /* in order of the key presses */
    unsigned last_id;
};

void overlays_clear(struct overlays *overlays);
/* Copies patch. The caller may add keys to the returned overlay, which is valid until the next call. */
struct overlay *overlays_add(struct overlays *overlays, const struct row_patch *patch);
struct overlay *overlays_find(struct overlays *overlays, unsigned id); /* NULL: removed */
void overlays_remove(struct overlays *overlays, unsigned id);
void overlays_settle(struct overlays *overlays, unsigned id, unsigned rounds);
/* Removes overlays that were confirmed before the round on screen was asked for. */
void overlays_drop_settled(struct overlays *overlays, unsigned round);

typedef void overlay_apply(void *arg, const struct row_patch *patch);
/* Calls apply for each patch of this row, oldest first; returns whether there was any. */
bool overlays_apply(const struct overlays *overlays, const struct nb_key *key, overlay_apply *apply, void *arg);

void row_patch_copy(struct row_patch *to, const struct row_patch *from);
void row_patch_clear(struct row_patch *patch);

#endif
