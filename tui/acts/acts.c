/*
 * acts.c - the queue of acts, and how each is brought to the database.
 */
#include "tui/acts/acts.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/acts/act_count.h"
#include "tui/acts/act_kind.h"
#include "base/number.h"

#define ASK_FROM 100 /* rows */

static void enqueue(struct acts *acts, struct act_run *run)
{
    if (acts->last)
        acts->last->next = run;
    else
        acts->first = run;
    acts->last = run;
    if (acts->first == run)
        act_run_start(run);
    host_dirty(acts->host);
}

static void on_done(void *arg, struct act_run *run)
{
    struct acts *acts = arg;

    acts->first = run->next;
    if (!acts->first)
        acts->last = NULL;
    act_run_free(&run);
    if (acts->first)
        act_run_start(acts->first);
    host_dirty(acts->host);
}

void acts_init(struct acts *acts, struct host *host, struct modal *modal)
{
    acts->host = host;
    acts->modal = modal;
    acts->base = (struct act_base){.host = host, .undo = &acts->undo, .done = on_done, .arg = acts};
}

bool acts_busy(const struct acts *acts)
{
    return acts->first != NULL;
}

bool acts_is_asking(const struct acts *acts)
{
    return acts->asking > 0;
}

bool acts_is_undoing(const struct acts *acts)
{
    for (const struct act_run *run = acts->first; run; run = run->next)
        if (run->mode != RUN_DO)
            return true;
    return false;
}

bool acts_progress(const struct acts *acts, const char **verb, int64_t *done, int64_t *total)
{
    const struct act_run *run = acts->first;

    if (!run || (run->total <= ACT_CHUNK && !run->walks && !run->bulk))
        return false;
    *verb = run->mode == RUN_UNDO ? "undo" : act_kind_info(run->act.kind)->verb;
    *done = run->done;
    *total = run->total;
    return true;
}

/* ---- begun ---- */

/* The rows of the window that the act concerns: they are drawn changed at once, and stay where they are. */
static void lay_over(struct act_run *run)
{
    struct view *view = run->view;
    const struct nb_identity *me = &run->base->host->identity;
    struct row_patch patch = act_patch(&run->act, &me->user_id, me->user_name);
    struct overlay *overlay = overlays_add(&view->rows.overlays, &patch);

    run->overlay = overlay->id;
    key_set_add_many(&overlay->keys, run->keys.data, run->keys.count);
    for (size_t i = 0; run->walks && i < list_window_count(&view->rows.window); i++) {
        struct nb_place place = rows_place(&view->rows, list_window_item(&view->rows.window, i)->row);

        if (act_run_walks_over(run, &place))
            key_set_add(&overlay->keys, &place.key);
    }
    if (run->act.kind == ACT_DELETE) {
        run->hides = true;
        key_set_add_many(&run->hidden, overlay->keys.keys.data, overlay->keys.keys.count);
        list_window_hide(&view->rows.window, run->hidden.keys.data, run->hidden.keys.count, true);
    } else {
        list_window_stick(&view->rows.window, overlay->keys.keys.data, overlay->keys.keys.count);
    }
    view_follow_cursor(view);
}

static void go(struct acts *acts, struct act_run *run)
{
    lay_over(run);
    marks_clear(&run->view->rows.marks);
    enqueue(acts, run);
}

/* Held while its rows are counted and while the question stands. */
struct asked {
    struct acts *acts;
    struct act_run *run;
    struct act_count *count; /* under way; NULL: not any more */
};

static void on_yes(void *arg, const char *text, int64_t id)
{
    struct asked *asked = arg;

    (void)text;
    (void)id;
    go(asked->acts, asked->run);
    asked->run = NULL;
}

static void on_release(void *arg)
{
    struct asked *asked = arg;

    act_count_free(&asked->count);
    act_run_free(&asked->run);
    free(asked);
}

static void ask(struct asked *asked)
{
    struct act_run *run = asked->run;
    struct modal_calls calls = {.accepted = on_yes, .release = on_release, .arg = asked};
    char *names = act_run_names(run);

    modal_question(asked->acts->modal, nb_asprintf("%s %s?", act_kind_info(run->act.kind)->verb, names), &calls);
    free(names);
}

static void on_counted(void *arg, const struct nb_error *err)
{
    struct asked *asked = arg;
    struct acts *acts = asked->acts;
    bool none = asked->run->total <= 0;

    acts->asked = NULL;
    acts->asking--;
    host_dirty(acts->host);
    if (!err && !none && !asked->run->walks && asked->run->total < ASK_FROM &&
        !act_kind_info(asked->run->act.kind)->asks) {
        on_yes(asked, "", 0);
        on_release(asked);
        return;
    }
    if (!err && !none) {
        ask(asked);
        return;
    }
    if (err)
        message_error(acts->host, err);
    else
        message_show(acts->host, ROLE_WARNING, "there is no marked %s any more", asked->run->view->rows.info->noun);
    on_release(asked);
}

/* Ranges are counted, and the rows of a count fetched, first: the question names an exact number. */
static void ask_then_go(struct acts *acts, struct act_run *run)
{
    struct asked *asked = nb_calloc(1, sizeof(*asked));

    *asked = (struct asked){.acts = acts, .run = run};
    if (!run->walks && run->wanted == 0) {
        ask(asked);
        return;
    }
    acts->asking++;
    acts->asked = asked;
    message_show(acts->host, ROLE_MESSAGE, "counting …");
    asked->count = act_count_new(run, on_counted, asked);
}

void acts_begin_target(struct acts *acts, struct acts_target **target_take, const struct act *act)
{
    struct act_run *run = acts_target_take(target_take);

    act_clear(&run->act);
    act_copy(&run->act, act);
    if (run->walks || run->wanted > 0 || run->total >= ASK_FROM || act_kind_info(run->act.kind)->asks)
        ask_then_go(acts, run);
    else
        go(acts, run);
}

void acts_begin_quietly(struct acts *acts, struct view *view, const struct act *act, const struct nb_key *key)
{
    struct act_run *run = act_run_new(&acts->base, view, act, RUN_DO);

    run->quiet = true;
    nb_vec_push(&run->keys, *key);
    run->total = 1;
    act_run_name(run);
    lay_over(run);
    enqueue(acts, run);
}

/* ---- read all ---- */

struct read_all {
    struct acts *acts;
    struct view *view;
    struct nb_filter *filter;
    char *snapshot;
    int64_t count;
    bool counted;
    bool settled; /* its question stands, or there is none to ask */
    struct nb_place newest;
    struct nb_request *look_request, *count_request;
};

static void read_all_free(void *arg)
{
    struct read_all *all = arg;

    if (!all->settled)
        all->acts->asking--;
    if (all->look_request)
        nb_request_abandon(&all->look_request);
    if (all->count_request)
        nb_request_abandon(&all->count_request);
    nb_filter_free(&all->filter);
    free(all->snapshot);
    free(all);
}

static void read_all_go(void *arg, const char *text, int64_t id)
{
    struct read_all *all = arg;
    struct act act = {.kind = ACT_READ, .time = nb_now()};
    struct act_run *run = act_run_new(&all->acts->base, all->view, &act, RUN_DO);
    struct place_range range = {.newest = all->newest, .oldest = nb_place_last};

    (void)text;
    (void)id;
    run->bulk = true;
    run->filter = all->filter;
    all->filter = NULL;
    run->snapshot = all->snapshot;
    all->snapshot = NULL;
    run->total = all->count;
    run->walks = true; /* so that the rows of the window are laid over */
    nb_vec_push(&run->ranges, range);
    lay_over(run);
    run->walks = false;
    enqueue(all->acts, run);
}

/* Both answers are here: the look that says what was there at the key press, and how many that are. */
static void read_all_ask(struct read_all *all)
{
    struct acts *acts = all->acts;
    struct modal_calls calls = {.accepted = read_all_go, .release = read_all_free, .arg = all};
    char number[NB_NUMBER_TEXT_SIZE];
    bool filtered = !nb_filter_is_empty(all->view->rows.filter);

    if (!all->snapshot || !all->counted)
        return;
    all->settled = true;
    acts->asking--;
    if (all->count == 0) {
        message_show(acts->host, ROLE_MESSAGE, "everything%s is read already",
                     filtered ? " that the filter shows" : "");
        read_all_free(all);
        return;
    }
    modal_question(acts->modal,
                   nb_asprintf("mark %s %s%s%s read?", nb_number_format(all->count, number),
                               all->count == 1 ? all->view->rows.info->noun : all->view->rows.info->nouns,
                               filtered ? " matching " : "", filtered ? all->view->rows.filter_text : ""),
                   &calls);
}

static void read_all_failed(struct read_all *all, const struct nb_error *err)
{
    message_error(all->acts->host, err);
    read_all_free(all);
}

static void on_look(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct read_all *all = arg;

    all->look_request = NULL;
    if (err) {
        read_all_failed(all, err);
        return;
    }
    all->snapshot = nb_strdup(changes->snapshot);
    nb_changes_free(&changes);
    read_all_ask(all);
}

static void on_unread_count(void *arg, int64_t count, const struct nb_error *err)
{
    struct read_all *all = arg;

    all->count_request = NULL;
    if (err) {
        read_all_failed(all, err);
        return;
    }
    all->count = count;
    all->counted = true;
    read_all_ask(all);
}

void acts_read_all(struct acts *acts, struct view *view)
{
    struct nb_changes_request request = {.subject = view->rows.kind->subject, .limit = 1};
    struct read_all *all;
    struct nb_error err;
    struct nb_filter *filter = NULL;

    if (!host_may_write(acts->host))
        return;
    if (rows_filter_and(&filter, &view->rows, "is:unread", &err) < 0) {
        message_error(acts->host, &err);
        return;
    }
    all = nb_calloc(1, sizeof(*all));
    all->acts = acts;
    all->view = view;
    all->filter = filter;
    acts->asking++;
    all->newest = nb_place_first;
    if (list_window_count(&view->rows.window) > 0)
        all->newest = rows_place(&view->rows, list_window_item(&view->rows.window, 0)->row);
    all->look_request = nb_page_changes(acts->host->connection, &request, NB_PRIORITY_ACT, on_look, all);
    all->count_request = nb_page_count(acts->host->connection, view->rows.kind->subject, filter, on_unread_count, all);
    message_show(acts->host, ROLE_MESSAGE, "counting …");
}

void acts_clear(struct acts *acts)
{
    while (acts->first) {
        struct act_run *run = acts->first;

        acts->first = run->next;
        act_run_free(&run);
    }
    acts->last = NULL;
    if (acts->asked)
        on_release(acts->asked);
    acts->asked = NULL;
    undo_clear(&acts->undo);
}

/* ---- undo and redo ---- */

static void enqueue_history(struct acts *acts, enum run_mode mode, int count)
{
    if (!host_may_write(acts->host))
        return;
    for (int i = 0; i < count; i++) {
        struct act none = {0};

        enqueue(acts, act_run_new(&acts->base, NULL, &none, mode));
    }
}

void acts_undo(struct acts *acts, int count)
{
    enqueue_history(acts, RUN_UNDO, count);
}

void acts_redo(struct acts *acts, int count)
{
    enqueue_history(acts, RUN_REDO, count);
}
