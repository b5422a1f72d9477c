/*
 * act_send.c - one chunk to the database, and what its answer says of each row.
 */
#include "tui/acts/act_send.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/acts/act_kind.h"
#include "tui/acts/act_run.h"
#include "tui/host/host.h"

/* ---- notifications ---- */

static void on_inbox_set(void *arg, const struct nb_inbox_change *changes, size_t count, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->request = NULL;
    if (err) {
        run->answered(run, err);
        return;
    }
    run->done += (int64_t)count;
    run->next_key += run->chunk;
    for (size_t i = 0; i < count; i++) {
        struct undo_item item = {.key = changes[i].key, .previous = changes[i].previous};

        nb_vec_push(&run->entry->items, item);
    }
    run->answered(run, NULL);
}

static void send_inbox(struct act_run *run)
{
    const struct act_kind_info *info = act_kind_info(run->act.kind);
    int64_t *times = nb_malloc((run->chunk + 1) * sizeof(*times));
    size_t count = 1;

    times[0] = info->clears ? NB_TIME_NONE : run->act.time;
    if (run->source) {
        count = run->chunk;
        for (size_t i = 0; i < count; i++)
            times[i] = run->source->items.data[run->next_key + i].previous;
    }
    run->request = nb_inbox_set(run->base->host->connection, info->field, run->keys.data + run->next_key, run->chunk,
                                times, count, on_inbox_set, run);
    free(times);
}

static void on_bulk(void *arg, int64_t changed, bool finished, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->done = changed;
    host_dirty(run->base->host);
    if (!finished && !err)
        return;
    run->bulk_request = NULL;
    run->answered(run, err);
}

void act_send_inbox_bulk(struct act_run *run)
{
    struct nb_inbox_bulk_options options = {
        .field = act_kind_info(run->act.kind)->field,
        .filter = run->filter,
        .snapshot = run->snapshot,
        .stamp = run->act.time,
        .undo = run->mode == RUN_UNDO,
    };

    run->bulk_request = nb_inbox_bulk(run->base->host->connection, &options, on_bulk, run);
}

/* ---- events ---- */

/* The row stays as it is; reason NULL: nothing was to be done with it. */
static void refuse(struct act_run *run, const struct nb_key *key, const char *reason)
{
    struct overlay *overlay = overlays_find(&run->view->rows.overlays, run->overlay);

    if (overlay)
        key_set_remove(&overlay->keys, key);
    if (!reason)
        return;
    run->refused++;
    if (!run->reason)
        run->reason = nb_strdup(reason);
}

static void on_event_act(void *arg, const struct nb_event_outcome *outcomes, size_t count, const struct nb_error *err)
{
    struct act_run *run = arg;

    run->request = NULL;
    if (err) {
        run->answered(run, err);
        return;
    }
    run->next_key += run->chunk;
    for (size_t i = 0; i < count; i++) {
        struct undo_item item = {.key = outcomes[i].key};

        if (!outcomes[i].changed) {
            char *reason = nb_time_sentence(outcomes[i].reason, outcomes[i].reason_time, nb_time_format_brief);

            refuse(run, &outcomes[i].key, reason);
            free(reason);
            continue;
        }
        run->done++;
        if (!outcomes[i].previous)
            continue;
        item.state = nb_strdup(outcomes[i].previous);
        nb_vec_push(&run->entry->items, item);
    }
    run->answered(run, NULL);
}

static void send_events(struct act_run *run)
{
    const struct act_kind_info *info = act_kind_info(run->act.kind);
    const char **states = nb_malloc((run->chunk + 1) * sizeof(*states));
    struct nb_event_act_request request = {
        .act = run->source ? NB_EVENT_UNDO : info->event_act,
        .keys = run->keys.data + run->next_key,
        .count = run->chunk,
        .note = run->source ? NULL : run->act.note,
        .user = run->act.has_user ? &run->act.user : NULL,
        .until = run->act.kind == ACT_SNOOZE ? run->act.time : NB_TIME_NONE,
    };

    if (run->source) {
        for (size_t i = 0; i < run->chunk; i++)
            states[i] = run->source->items.data[run->next_key + i].state;
        request.states = states;
    }
    run->request = nb_event_act(run->base->host->connection, &request, on_event_act, run);
    free(states);
}

/* ---- deliveries ---- */

static void on_delivery_act(void *arg, const struct nb_delivery_outcome *outcomes, size_t count,
                            const struct nb_error *err)
{
    struct act_run *run = arg;

    run->request = NULL;
    if (err) {
        run->answered(run, err);
        return;
    }
    run->next_key += run->chunk;
    for (size_t i = 0; i < count; i++) {
        run->done += outcomes[i].done;
        if (!outcomes[i].done)
            refuse(run, &outcomes[i].key, outcomes[i].problem);
    }
    run->answered(run, NULL);
}

static void send_deliveries(struct act_run *run)
{
    run->request = nb_delivery_act(run->base->host->connection, act_kind_info(run->act.kind)->delivery_act,
                                   run->keys.data + run->next_key, run->chunk, on_delivery_act, run);
}

/* ---- by subject ---- */

void act_send_chunk(struct act_run *run)
{
    static void (*const senders[NB_SUBJECT_COUNT])(struct act_run * run) = {
        [NB_SUBJECT_INBOX] = send_inbox,
        [NB_SUBJECT_EVENTS] = send_events,
        [NB_SUBJECT_DELIVERIES] = send_deliveries,
    };

    senders[act_kind_info(run->act.kind)->subject](run);
}
