/*
 * act_run.c - brings one act to the database, chunk by chunk, and keeps what its undo needs.
 */
#include "tui/acts/act_run.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/acts/act_kind.h"
#include "tui/console/console_state.h"

static void step(struct act_run *run);

struct act_run *act_run_new(struct view *view, const struct act *act, enum run_mode mode)
{
    struct act_run *run = nb_calloc(1, sizeof(*run));

    run->view = view;
    run->console = view ? view->console : NULL;
    run->mode = mode;
    act_copy(&run->act, act);
    return run;
}

void act_run_free(struct act_run **run)
{
    struct act_run *old = *run;

    if (!old)
        return;
    act_clear(&old->act);
    undo_entry_free(&old->entry);
    undo_entry_free(&old->again);
    nb_vec_clear(&old->keys);
    nb_vec_clear(&old->ranges);
    key_set_clear(&old->except);
    key_set_clear(&old->hidden);
    nb_filter_free(&old->filter);
    free(old->snapshot);
    free(old->reason);
    nb_free(run);
}

bool act_run_walks_over(const struct act_run *run, const struct nb_key *key)
{
    for (size_t i = 0; i < run->ranges.count; i++)
        if (nb_key_compare(key, &run->ranges.data[i].newest) <= 0 &&
            nb_key_compare(key, &run->ranges.data[i].oldest) >= 0)
            return !key_set_has(&run->except, key);
    return false;
}

/* ---- the end ---- */

static void take_back(struct act_run *run)
{
    overlays_remove(&run->view->overlays, run->overlay);
    if (run->hides)
        list_window_hide(&run->view->window, run->hidden.keys.data, run->hidden.keys.count, false);
}

static void tell_undone(struct act_run *run)
{
    if (run->done > 0)
        message_show(&run->console->host, run->refused ? ROLE_WARNING : ROLE_OK, "undid: %s%s%s", run->entry->done,
                     run->reason ? " · not all: " : "", run->reason ? run->reason : "");
    else
        message_show(&run->console->host, ROLE_ERROR, "not undone: %s",
                     run->reason ? run->reason : "it is as it was already");
}

static void tell_done(struct act_run *run)
{
    struct console *console = run->console;
    struct nb_strbuf key;
    char *past = act_past(&run->act, run->done);

    nb_strbuf_init(&key, 64);
    host_keys_of(&console->host, ACTION_UNDO, &key);
    if (run->done > 0 && run->refused > 0)
        message_show(&console->host, ROLE_WARNING, "%s · %lld not: %s", past, (long long)run->refused, run->reason);
    else if (run->refused > 0)
        message_show(&console->host, ROLE_ERROR, "not %s: %s", act_kind_info(run->act.kind)->past, run->reason);
    else if (run->done == 0)
        message_show(&console->host, ROLE_MESSAGE, "nothing to %s: it is so already",
                     act_kind_info(run->act.kind)->verb);
    else
        message_show(&console->host, ROLE_OK, "%s%s%s%s", past, key.length ? " · " : "", key.data,
                     key.length ? " undo" : "");
    nb_strbuf_clear(&key);
    free(past);
}

/* Nothing came of an undo or redo: it can be tried again. */
static void give_entry_back(struct act_run *run)
{
    if (run->mode == RUN_UNDO && run->entry) {
        undo_redid(&run->console->undo, run->entry);
        run->entry = NULL;
    } else if (run->again) {
        undo_undid(&run->console->undo, run->again);
        run->again = NULL;
    }
}

static void remember(struct act_run *run)
{
    struct undo *undo = &run->console->undo;
    struct undo_entry *entry = run->entry;

    if (run->done == 0 && run->refused == 0) {
        give_entry_back(run);
    } else if (run->mode == RUN_UNDO) {
        undo_undid(undo, entry);
        run->entry = NULL;
    } else if (run->done > 0 && entry) {
        free(entry->done);
        entry->done = act_past(&run->act, run->done);
        entry->count = run->done;
        if (run->mode == RUN_REDO)
            undo_redid(undo, entry);
        else
            undo_did(undo, entry);
        run->entry = NULL;
    }
}

static void finish(struct act_run *run, const struct nb_error *err)
{
    struct console *console = run->console;

    if (run->view) {
        if (err)
            take_back(run);
        else
            overlays_settle(&run->view->overlays, run->overlay, run->view->window.rounds);
    }
    if (err)
        message_error(&console->host, err);
    else if (run->mode == RUN_UNDO)
        tell_undone(run);
    else if (!run->quiet || run->refused > 0)
        tell_done(run);
    if (run->view)
        remember(run);
    if (run->view)
        view_after_act(run->view);
    acts_finished(console, run);
}

/* ---- answers ---- */

static void refuse(struct act_run *run, const struct nb_key *key, const char *reason)
{
    struct overlay *overlay = overlays_find(&run->view->overlays, run->overlay);

    if (overlay)
        key_set_remove(&overlay->keys, key);
    if (!reason)
        return;
    run->refused++;
    if (!run->reason)
        run->reason = nb_strdup(reason);
}

static void on_inbox_set(void *arg, const struct nb_inbox_change *changes, size_t count, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->console->acts.request = NULL;
    if (err) {
        finish(run, err);
        return;
    }
    run->done += (int64_t)count;
    run->next_key += run->chunk;
    for (size_t i = 0; i < count && run->mode != RUN_UNDO; i++) {
        struct undo_item item = {.key = changes[i].key, .previous = changes[i].previous};

        nb_vec_push(&run->entry->items, item);
    }
    step(run);
}

static void on_event_act(void *arg, const struct nb_event_outcome *outcomes, size_t count, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->console->acts.request = NULL;
    if (err) {
        finish(run, err);
        return;
    }
    run->next_key += run->chunk;
    for (size_t i = 0; i < count; i++) {
        struct undo_item item = {.key = outcomes[i].key};

        if (!outcomes[i].changed) {
            refuse(run, &outcomes[i].key, outcomes[i].reason);
            continue;
        }
        run->done++;
        if (run->mode == RUN_UNDO || !outcomes[i].previous)
            continue;
        item.state = nb_strdup(outcomes[i].previous);
        nb_vec_push(&run->entry->items, item);
    }
    step(run);
}

static void on_bulk(void *arg, int64_t changed, bool finished, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->done = changed;
    host_dirty(&run->console->host);
    if (!finished && !err)
        return;
    run->console->acts.bulk = NULL;
    finish(run, err);
}

static void on_walk(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct act_run *run = arg;
    const struct key_range *range = &run->ranges.data[run->range];
    bool ended;

    run->console->acts.request = NULL;
    if (err) {
        finish(run, err);
        return;
    }
    ended = !page->more;
    run->keys.count = run->next_key = 0;
    for (size_t i = 0; i < page->count; i++) {
        const struct nb_key *key = &page->rows[i]->key;

        run->walked_to = *key;
        if (nb_key_compare(key, &range->oldest) < 0) {
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
    step(run);
}

/* ---- requests ---- */

static void send_inbox(struct act_run *run, const struct act_kind_info *info)
{
    int64_t *times = nb_malloc((run->chunk + 1) * sizeof(*times));
    size_t count = 1;

    times[0] = info->clears ? NB_TIME_NONE : run->act.time;
    if (run->mode == RUN_UNDO) {
        count = run->chunk;
        for (size_t i = 0; i < count; i++)
            times[i] = run->entry->items.data[run->next_key + i].previous;
    }
    run->console->acts.request =
        nb_inbox_set(run->console->host.connection, info->field, run->keys.data + run->next_key, run->chunk, times,
                     count, on_inbox_set, run);
    free(times);
}

static void send_event(struct act_run *run, const struct act_kind_info *info)
{
    const char **states = nb_malloc((run->chunk + 1) * sizeof(*states));
    struct nb_event_act_request request = {
        .act = run->mode == RUN_UNDO ? NB_EVENT_UNDO : info->event_act,
        .keys = run->keys.data + run->next_key,
        .count = run->chunk,
        .note = run->act.note,
        .user = run->act.has_user ? &run->act.user : NULL,
        .until = run->act.kind == ACT_SNOOZE ? run->act.time : NB_TIME_NONE,
    };

    if (run->mode == RUN_UNDO) {
        for (size_t i = 0; i < run->chunk; i++)
            states[i] = run->entry->items.data[run->next_key + i].state;
        request.states = states;
        request.note = NULL;
    }
    run->console->acts.request = nb_event_act(run->console->host.connection, &request, on_event_act, run);
    free(states);
}

static void send_walk(struct act_run *run)
{
    const struct key_range *range = &run->ranges.data[run->range];
    struct nb_page_request request = {
        .subject = run->view->kind->subject,
        .filter = run->filter,
        .direction = NB_OLDER,
        .from = run->range_begun ? &run->walked_to : &range->newest,
        .inclusive = !run->range_begun,
        .limit = ACT_CHUNK,
    };

    run->console->acts.request = nb_page_fetch(run->console->host.connection, &request, NB_PRIORITY_PAGE, on_walk, run);
}

static void send_bulk(struct act_run *run)
{
    struct nb_inbox_bulk_options options = {
        .field = act_kind_info(run->act.kind)->field,
        .filter = run->filter,
        .snapshot = run->snapshot,
        .stamp = run->act.time,
        .undo = run->mode == RUN_UNDO,
    };

    run->console->acts.bulk = nb_inbox_bulk(run->console->host.connection, &options, on_bulk, run);
}

static void step(struct act_run *run)
{
    const struct act_kind_info *info = act_kind_info(run->act.kind);
    size_t left = run->keys.count - run->next_key;

    host_dirty(&run->console->host);
    if (left > 0) {
        run->chunk = left < ACT_CHUNK ? left : ACT_CHUNK;
        if (info->subject == NB_SUBJECT_INBOX)
            send_inbox(run, info);
        else
            send_event(run, info);
    } else if (run->walks && run->range < run->ranges.count) {
        send_walk(run);
    } else {
        finish(run, NULL);
    }
}

/* ---- the beginning ---- */

/* What is undone is drawn at once, where that is possible without asking. */
static void lay_over_entry(struct act_run *run, const struct undo_entry *entry)
{
    struct console *console = run->console;
    bool undo = run->mode == RUN_UNDO;
    struct row_patch patch =
        undo ? act_undo_patch(&run->act)
             : act_patch(&run->act, &console->host.identity.user_id, console->host.identity.user_name);
    struct overlay *overlay = overlays_add(&run->view->overlays, &patch);

    run->overlay = overlay->id;
    key_set_add_many(&overlay->keys, run->keys.data, run->keys.count);
    if (entry->bulk_filter) {
        overlay->has_range = patch.kind == PATCH_READ && !undo;
        overlay->range = (struct key_range){.newest = marks_newest_key, .oldest = marks_oldest_key};
    }
    if (run->act.kind == ACT_DELETE)
        list_window_hide(&run->view->window, run->keys.data, run->keys.count, !undo);
    view_follow_cursor(run->view);
}

/* Takes its turn's entry from the stack. False: there is none. */
static bool take_entry(struct console *console, struct act_run *run)
{
    struct undo_entry *entry = run->mode == RUN_UNDO ? undo_next(&console->undo) : undo_next_redo(&console->undo);

    if (!entry)
        return false;
    run->view = console->views[entry->act.subject == NB_SUBJECT_INBOX ? VIEW_INBOX : VIEW_EVENTS];
    act_copy(&run->act, &entry->act);
    for (size_t i = 0; i < entry->items.count; i++)
        nb_vec_push(&run->keys, entry->items.data[i].key);
    run->total = entry->count;
    if (entry->bulk_filter) {
        run->bulk = true;
        (void)!nb_filter_parse(&run->filter, entry->act.subject, entry->bulk_filter, NULL);
        run->snapshot = nb_strdup(entry->bulk_snapshot);
    }
    lay_over_entry(run, entry);
    if (run->mode == RUN_UNDO)
        run->entry = entry;
    else
        run->again = entry;
    return true;
}

void act_run_start(struct console *console, struct act_run *run)
{
    run->console = console;
    if (run->mode != RUN_DO && !take_entry(console, run)) {
        message_show(&console->host, ROLE_MESSAGE, run->mode == RUN_UNDO ? "nothing to undo" : "nothing to do again");
        acts_finished(console, run);
        return;
    }
    if (!link_is_ready(&console->host)) {
        struct nb_error err;

        nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "not done: the database is not there");
        finish(run, &err);
        return;
    }
    if (run->mode != RUN_UNDO) {
        run->entry = undo_entry_new(&run->act);
        if (run->bulk) {
            run->entry->bulk_filter = nb_strdup(nb_filter_text(run->filter));
            run->entry->bulk_snapshot = nb_strdup(run->snapshot);
        }
    }
    if (run->bulk)
        send_bulk(run);
    else
        step(run);
}
