/*
 * overlay.h - acts on their way to the database, laid over the rows that are drawn.
 *
 * The rows themselves are never touched: taking an overlay away is the whole rollback. An overlay stays after the database
 * has confirmed its act until a look that was begun after that has come, so that no row flickers back for a moment.
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
    PATCH_NOTHING, /* a note: nothing in the row changes */
};

/* What an act makes of a row. */
struct row_patch {
    enum patch_kind kind;
    int64_t time; /* the time to set; NB_TIME_NONE takes it away */
    struct nb_uuid user;
    char *user_name; /* who did it, or to whom it was assigned; NULL: nobody */
    char *text;      /* the note of a resolution; NULL: none */
};

struct overlay {
    unsigned id;
    struct row_patch patch;
    struct key_set keys;
    bool has_range;
    struct key_range range;
    bool settled;
    unsigned settled_round; /* list_window.rounds when the answer came */
};

struct overlays {
    NB_VEC(struct overlay) list; /* in order of the key presses */
    unsigned last_id;
};

void overlays_clear(struct overlays *overlays);
/* Copies patch; keys may be added to the returned overlay, which is valid until the next call. */
struct overlay *overlays_add(struct overlays *overlays, const struct row_patch *patch);
struct overlay *overlays_find(struct overlays *overlays, unsigned id); /* NULL when it is gone */
void overlays_remove(struct overlays *overlays, unsigned id);
void overlays_settle(struct overlays *overlays, unsigned id, unsigned rounds);
/* Takes away what was settled before the round that is on screen now was begun. */
void overlays_drop_settled(struct overlays *overlays, unsigned round);

typedef void overlay_apply(void *arg, const struct row_patch *patch);
/* Calls apply for each patch of this row, oldest first; returns whether there was one. */
bool overlays_apply(const struct overlays *overlays, const struct nb_key *key, overlay_apply *apply, void *arg);

void row_patch_copy(struct row_patch *to, const struct row_patch *from);
void row_patch_clear(struct row_patch *patch);

#endif
