/*
 * follow.c - runs one look at a time; bells during a look cause one more after it.
 */
#include "feed/follow.h"

#include <stdlib.h>

#include "events/events.h"

#define LIMIT_DEFAULT   500
#define ASK_AFTER_MS    500           /* a burst of bells costs one question for the next wake */
#define WAKE_AFTER_MS   2100          /* events_changes.sql reports an ended snooze two seconds later */
#define WAKE_LONGEST_MS (3600 * 1000) /* asked again from time to time, as clocks are set */

struct nb_follow {
    struct nb_connection *connection;
    struct nb_follow_options options; /* its filter points at the copy below */
    struct nb_filter *filter;
    struct nb_follow_calls calls;
    void *arg;
    char *look;  /* snapshot up to which everything has been reported; NULL: before the first look */
    char *until; /* while an answer comes in parts: the snapshot at which the last part ends */
    struct nb_key after;
    struct nb_request *asking;
    bool again; /* a bell rang while asking */
    struct nb_request *asking_wake;
    struct nb_timer *ask_wake; /* until it asks when the next snooze ends */
    struct nb_timer *wake;     /* until it ends */
    struct nb_timer *woken;    /* until that is reported */
};

/* ---- snoozes that end ---- */

static void on_wakes(void *arg, const struct nb_wakes *wakes, const struct nb_error *err)
{
    struct nb_follow *follow = arg;

    follow->asking_wake = NULL;
    if (err || !wakes->known) /* the next look asks again */
        return;
    if (wakes->wait_ms >= 0)
        nb_timer_start(follow->wake, wakes->wait_ms < WAKE_LONGEST_MS ? wakes->wait_ms : WAKE_LONGEST_MS);
    else
        nb_timer_stop(follow->wake);
}

static void ask_wake(void *arg)
{
    struct nb_follow *follow = arg;

    if (!follow->asking_wake)
        follow->asking_wake = nb_event_wakes(follow->connection, NB_TIME_NONE, on_wakes, follow);
}

static void on_wake(void *arg)
{
    struct nb_follow *follow = arg;

    nb_timer_start(follow->woken, WAKE_AFTER_MS);
    ask_wake(follow);
}

static void on_woken(void *arg)
{
    nb_follow_look(arg);
}

static void wait_for_wakes(struct nb_follow *follow)
{
    if (follow->options.wakes && nb_subject_info(follow->options.subject)->wakes && !nb_timer_active(follow->ask_wake))
        nb_timer_start(follow->ask_wake, ASK_AFTER_MS);
}

/* ---- looks ---- */

static void keep(char **kept, const char *text)
{
    free(*kept);
    *kept = nb_strdup(text);
}

/* `look` moves only after the last part; `after` keeps parts already reported from being asked for again. */
static void take_in(struct nb_follow *follow, const struct nb_changes *changes)
{
    if (changes->count > 0 && follow->calls.changed)
        follow->calls.changed(follow->arg, changes);
    if (changes->more) {
        keep(&follow->until, changes->look);
        follow->after = changes->items[changes->count - 1].row->key;
        follow->again = true;
        return;
    }
    keep(&follow->look, changes->look);
    nb_free(&follow->until);
    wait_for_wakes(follow);
    if (follow->calls.caught_up)
        follow->calls.caught_up(follow->arg);
}

static void answered(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct nb_follow *follow = arg;

    follow->asking = NULL;
    if (err) {
        if (err->code != NB_EUNREACHABLE && err->code != NB_ECANCELLED && follow->calls.failed)
            follow->calls.failed(follow->arg, err);
        return;
    }
    if (changes->known)
        take_in(follow, changes);
    else if (follow->calls.unknown)
        follow->calls.unknown(follow->arg);
    if (changes->known && follow->again)
        nb_follow_look(follow);
    nb_changes_free(&changes);
}

void nb_follow_look(struct nb_follow *follow)
{
    struct nb_changes_request request = {
        .subject = follow->options.subject,
        .filter = follow->filter,
        .look = follow->look,
        .until = follow->until,
        .after = follow->until ? &follow->after : NULL,
        .limit = follow->options.limit,
        .full = follow->options.full,
    };

    follow->again = follow->asking != NULL;
    if (!follow->again)
        follow->asking = nb_page_changes(follow->connection, &request, follow->options.priority, answered, follow);
}

void nb_follow_rang(struct nb_follow *follow, unsigned subjects)
{
    if (subjects & NB_SUBJECT_BIT(follow->options.subject))
        nb_follow_look(follow);
}

struct nb_follow *nb_follow_new(struct nb_connection *connection, const struct nb_follow_options *options,
                                const struct nb_follow_calls *calls, void *arg)
{
    struct nb_loop *loop = nb_connection_loop(connection);
    struct nb_follow *follow = nb_calloc(1, sizeof(*follow));

    follow->connection = connection;
    follow->options = *options;
    follow->options.filter = NULL;
    follow->options.limit = options->limit ? options->limit : LIMIT_DEFAULT;
    follow->filter = nb_filter_copy(options->filter);
    follow->calls = *calls;
    follow->arg = arg;
    follow->ask_wake = nb_loop_add_timer(loop, ask_wake, follow);
    follow->wake = nb_loop_add_timer(loop, on_wake, follow);
    follow->woken = nb_loop_add_timer(loop, on_woken, follow);
    return follow;
}

void nb_follow_free(struct nb_follow **follow)
{
    if (!*follow)
        return;
    if ((*follow)->asking)
        nb_request_abandon(&(*follow)->asking);
    if ((*follow)->asking_wake)
        nb_request_abandon(&(*follow)->asking_wake);
    nb_timer_remove(&(*follow)->ask_wake);
    nb_timer_remove(&(*follow)->wake);
    nb_timer_remove(&(*follow)->woken);
    nb_filter_free(&(*follow)->filter);
    free((*follow)->look);
    free((*follow)->until);
    nb_free(follow);
}
