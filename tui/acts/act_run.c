/*
 * act_run.c - brings one act to the database, chunk by chunk, and keeps what its undo needs.
 */
#include "tui/acts/act_run.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/acts/act_kind.h"
#include "tui/acts/act_send.h"
#include "tui/host/link.h"

struct act_run *act_run_new(const struct act_base *base, struct view *view, const struct act *act, enum run_mode mode)
{
    struct act_run *run = nb_calloc(1, sizeof(*run));

    run->base = base;
    run->view = view;
    run->mode = mode;
    act_copy(&run->act, act);
    return run;
}

void act_run_free(struct act_run **run)
{
    struct act_run *old = *run;

    if (!old)
        return;
    if (old->request)
        nb_request_abandon(&old->request);
    nb_inbox_bulk_abandon(&old->bulk_request);
    act_clear(&old->act);
    undo_entry_free(&old->entry);
    undo_entry_free(&old->source);
    nb_vec_clear(&old->keys);
    nb_vec_clear(&old->ranges);
    key_set_clear(&old->except);
    key_set_clear(&old->hidden);
    nb_filter_free(&old->filter);
    free(old->snapshot);
    free(old->about);
    free(old->reason);
    nb_free(run);
}

bool act_run_walks_over(const struct act_run *run, const struct nb_place *place)
{
    for (size_t i = 0; i < run->ranges.count; i++)
        if (place_range_has(&run->ranges.data[i], place))
            return !key_set_has(&run->except, &place->key);
    return false;
}

/* ---- the end ---- */

static void take_back(struct act_run *run)
{
    overlays_remove(&run->view->rows.overlays, run->overlay);
    if (run->hides)
        list_window_hide(&run->view->rows.window, run->hidden.keys.data, run->hidden.keys.count, false);
}

static void tell_undone(struct act_run *run)
{
    char *past = act_past(&run->act, run->done, run->about);

    if (run->done > 0)
        message_show(run->base->host, run->refused ? ROLE_WARNING : ROLE_OK, "undid: %s%s%s", past,
                     run->reason ? " · not all: " : "", run->reason ? run->reason : "");
    else
        message_show(run->base->host, ROLE_ERROR, "%s%snot undone: %s", run->about ? run->about : "",
                     run->about ? " " : "", run->reason ? run->reason : "it is as it was already");
    free(past);
}

static void tell_done(struct act_run *run)
{
    struct host *host = run->base->host;
    struct nb_strbuf key;
    const char *about = run->about ? run->about : "", *blank = run->about ? " " : "";
    const struct act_kind_info *info = act_kind_info(run->act.kind);
    char *past = act_past(&run->act, run->done, run->about);

    nb_strbuf_init(&key, 64);
    if (run->entry && !undo_entry_is_empty(run->entry))
        host_keys_of(host, ACTION_UNDO, &key);
    if (run->done > 0 && run->refused > 0)
        message_show(host, ROLE_WARNING, "%s · %lld not: %s", past, (long long)run->refused, run->reason);
    else if (run->refused > 0)
        message_show(host, ROLE_ERROR, "%s%snot %s%s: %s", about, blank, info->past, info->suffix, run->reason);
    else if (run->done == 0)
        message_show(host, ROLE_MESSAGE, "%s%snothing to %s: it is so already", about, run->about ? ": " : "",
                     info->verb);
    else
        message_show(host, ROLE_OK, "%s%s%s%s", past, key.length ? " · " : "", key.data, key.length ? " undo" : "");
    nb_strbuf_clear(&key);
    free(past);
}

/* An undo or redo did not come to its end: what is left of it can be tried again. */
static void give_source_back(struct act_run *run)
{
    struct undo_entry *source = run->source;

    run->source = NULL;
    undo_entry_drop(source, run->next_key);
    if (undo_entry_is_empty(source))
        undo_entry_free(&source);
    else if (run->mode == RUN_UNDO)
        undo_redid(run->base->undo, source);
    else
        undo_undid(run->base->undo, source);
}

/* Every mode puts what it did on a stack, an undo on that of what can be redone. What was refused is on none: it stays
 * refused, and the acts before it must be reached. */
static void remember(struct act_run *run, const struct nb_error *err)
{
    struct undo *undo = run->base->undo;
    struct undo_entry *entry = run->entry;

    if (err && run->source)
        give_source_back(run);
    if (run->done > 0 && act_kind_info(run->act.kind)->subject == NB_SUBJECT_DELIVERIES)
        undo_did_finally(undo, act_past(&run->act, run->done, run->about));
    if (run->done == 0 || !entry || undo_entry_is_empty(entry))
        return;
    run->entry = NULL;
    entry->count = run->done;
    if (run->mode == RUN_UNDO)
        undo_undid(undo, entry);
    else if (run->mode == RUN_REDO)
        undo_redid(undo, entry);
    else
        undo_did(undo, entry);
}

static void finish(struct act_run *run, const struct nb_error *err)
{
    struct host *host = run->base->host;

    if (run->view) {
        if (err)
            take_back(run);
        else
            overlays_settle(&run->view->rows.overlays, run->overlay, run->view->rows.window.rounds);
    }
    if (err)
        message_error(host, err);
    else if (run->mode == RUN_UNDO)
        tell_undone(run);
    else if (!run->quiet || run->refused > 0)
        tell_done(run);
    if (run->view)
        remember(run, err);
    if (run->view && run->mode == RUN_DO)
        view_after_act(run->view);
    else if (run->view)
        view_after_undo(run->view);
    run->base->done(run->base->arg, run);
}

/* ---- on the way ---- */

static void on_walk(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct act_run *run = arg;
    const struct place_range *range = &run->ranges.data[run->range];
    const struct nb_order *order = nb_filter_order(run->filter, run->view->rows.kind->subject);
    bool ended;

    run->request = NULL;
    if (err) {
        run->answered(run, err);
        return;
    }
    ended = !page->more;
    run->keys.count = run->next_key = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct nb_key *key = &page->rows[i]->key;

        run->walked_to = nb_place_of(order, page->rows[i]);
        if (nb_place_compare(&run->walked_to, &range->oldest) < 0) {
            ended = true;
            break;
        }
        if (!key_set_has(&run->except, key))
            nb_vec_push(&run->keys, *key);
    }
    nb_page_free(&page);
    run->range_begun = true;
    if (ended) {
        run->range++;
        run->range_begun = false;
    }
    run->answered(run, NULL);
}

static void send_walk(struct act_run *run)
{
    const struct place_range *range = &run->ranges.data[run->range];
    struct nb_page_request request = {
        .subject = run->view->rows.kind->subject,
        .filter = run->filter,
        .direction = NB_OLDER,
        .from = run->range_begun ? &run->walked_to : &range->newest,
        .inclusive = !run->range_begun,
        .limit = ACT_CHUNK,
    };

    run->request = nb_page_fetch(run->base->host->connection, &request, NB_PRIORITY_PAGE, on_walk, run);
}

static void step(struct act_run *run)
{
    size_t left = run->keys.count - run->next_key;

    host_dirty(run->base->host);
    if (left > 0) {
        run->chunk = left < ACT_CHUNK ? left : ACT_CHUNK;
        act_send_chunk(run);
    } else if (run->walks && run->range < run->ranges.count) {
        send_walk(run);
    } else {
        finish(run, NULL);
    }
}

/* A chunk is done; of what the database does as a whole, everything. */
static void answered(struct act_run *run, const struct nb_error *err)
{
    if (err || run->bulk)
        finish(run, err);
    else
        step(run);
}

/* ---- the beginning ---- */

/* What is undone is drawn at once, where that is possible without asking. */
static void lay_over_entry(struct act_run *run, const struct undo_entry *entry)
{
    const struct nb_identity *me = &run->base->host->identity;
    bool undo = run->mode == RUN_UNDO;
    struct row_patch patch = undo ? act_undo_patch(&run->act) : act_patch(&run->act, &me->user_id, me->user_name);
    struct overlay *overlay = overlays_add(&run->view->rows.overlays, &patch);

    run->overlay = overlay->id;
    key_set_add_many(&overlay->keys, run->keys.data, run->keys.count);
    overlay->all = entry->bulk_filter && patch.kind == PATCH_READ && !undo;
    if (run->act.kind == ACT_DELETE)
        list_window_hide(&run->view->rows.window, run->keys.data, run->keys.count, !undo);
    view_follow_cursor(run->view);
}

/* Takes its turn's entry from the stack. False: there is none. */
static bool take_entry(struct act_run *run)
{
    struct undo *undo = run->base->undo;
    struct undo_entry *entry = run->mode == RUN_UNDO ? undo_next(undo) : undo_next_redo(undo);

    if (!entry)
        return false;
    run->view = entry->view;
    act_copy(&run->act, &entry->act);
    for (size_t i = 0; i < entry->items.count; i++)
        nb_vec_push(&run->keys, entry->items.data[i].key);
    run->total = entry->count;
    run->about = nb_strdup(entry->about);
    run->source = entry;
    if (entry->bulk_filter) {
        run->bulk = true;
        (void)!nb_filter_parse(&run->filter, run->view->rows.kind->subject, entry->bulk_filter, NULL);
        run->snapshot = nb_strdup(entry->bulk_snapshot);
    }
    lay_over_entry(run, entry);
    return true;
}

/* What was done last stays done: it is said, and not an older act taken back in its place. */
static bool tell_final(struct act_run *run)
{
    struct host *host = run->base->host;
    char *past = undo_final(run->base->undo);
    struct nb_strbuf key;

    if (!past)
        return false;
    nb_strbuf_init(&key, 64);
    host_keys_of(host, ACTION_CANCEL, &key);
    message_show(host, ROLE_WARNING, "%s: that is not undone%s%s%s", past, key.length ? " · " : "", key.data,
                 key.length ? " cancels what has not left yet" : "");
    nb_strbuf_clear(&key);
    free(past);
    return true;
}

void act_run_start(struct act_run *run)
{
    struct host *host = run->base->host;

    if (run->mode == RUN_UNDO && tell_final(run)) {
        run->base->done(run->base->arg, run);
        return;
    }
    if (run->mode != RUN_DO && !take_entry(run)) {
        message_show(host, ROLE_MESSAGE, run->mode == RUN_UNDO ? "nothing to undo" : "nothing to do again");
        run->base->done(run->base->arg, run);
        return;
    }
    if (!link_is_ready(host)) {
        struct nb_error err;

        nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "not done: the database is not there");
        finish(run, &err);
        return;
    }
    run->answered = answered;
    run->entry = undo_entry_new(&run->act);
    run->entry->view = run->view;
    run->entry->about = nb_strdup(run->about);
    if (run->bulk) {
        run->entry->bulk_filter = nb_strdup(nb_filter_text(run->filter));
        run->entry->bulk_snapshot = nb_strdup(run->snapshot);
    }
    if (run->bulk)
        act_send_inbox_bulk(run);
    else
        step(run);
}
