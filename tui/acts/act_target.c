/*
 * act_target.c - captures what an act concerns: the marked rows, or those that a count means, or the one under the cursor.
 */
#include "tui/acts/act_target.h"

#include <stdlib.h>

#include "base/number.h"
#include "tui/host/host.h"

#define NAMED_MOST 3 /* rows in a question */
#define NAMES_MAX  4096

struct acts_target {
    struct act_run *run; /* its act comes later */
};

static void capture_marks(struct act_run *run)
{
    struct view *view = run->view;
    struct marks *marks = &view->rows.marks;

    for (size_t i = 0; i < marks->keys.keys.count; i++)
        nb_vec_push(&run->keys, marks->keys.keys.data[i]);
    for (size_t i = 0; i < marks->ranges.count; i++)
        nb_vec_push(&run->ranges, marks->ranges.data[i]);
    key_set_add_many(&run->except, marks->except.keys.data, marks->except.keys.count);
    run->walks = run->ranges.count > 0;
    if (run->walks)
        run->filter = nb_filter_copy(view->rows.filter);
    run->total = run->walks ? 0 : (int64_t)run->keys.count;
}

/* The rows from the cursor on. Those that are not loaded yet, and are there, are fetched later. */
static void capture_rows(struct act_run *run, int count)
{
    const struct list_window *window = &run->view->rows.window;
    const struct nb_order *order = nb_filter_order(run->view->rows.filter, run->view->rows.kind->subject);
    size_t most = count > 1 ? (size_t)count : 1;

    for (size_t i = window->cursor; i < list_window_count(window) && run->keys.count < most; i++) {
        const struct nb_row *row = list_window_item(window, i)->row;

        nb_vec_push(&run->keys, row->key);
        run->walked_to = nb_place_of(order, row);
    }
    if (run->keys.count > 0 && run->keys.count < most && !window->rows.oldest) {
        run->wanted = most;
        run->filter = nb_filter_copy(run->view->rows.filter);
    }
    run->one = run->keys.count == 1 && run->wanted == 0;
    run->total = run->wanted > 0 ? (int64_t)run->wanted : (int64_t)run->keys.count;
}

/* Why a count makes no sense; NULL: it does, or there is none. */
static const char *count_refusal(struct view *view, int count)
{
    if (count > 1 && view->screen.detail_open)
        return "a count means rows of the list: close the detail first";
    if (count > 1 && marks_any(&view->rows.marks))
        return "a count and marks do not go together: take away one of them";
    return NULL;
}

void act_run_name(struct act_run *run)
{
    const struct list_window *window = &run->view->rows.window;
    const struct host *host = run->base->host;
    struct nb_strbuf label;

    if (run->keys.count != 1 || run->walks || run->wanted > 0)
        return;
    nb_strbuf_init(&label, 4096);
    for (size_t i = 0; i < list_window_count(window) && label.length == 0; i++) {
        const struct nb_row *row = list_window_item(window, i)->row;

        if (nb_key_compare(&row->key, &run->keys.data[0]) == 0)
            run->view->rows.kind->label(&label, row, host->ascii);
    }
    if (label.length > 0)
        run->about = nb_strdup(label.data);
    nb_strbuf_clear(&label);
}

char *act_run_names(const struct act_run *run)
{
    const struct nb_subject_info *info = run->view->rows.info;
    const struct list_window *window = &run->view->rows.window;
    struct key_set keys = {0};
    struct nb_strbuf names;
    int64_t named = 0;
    char number[NB_NUMBER_TEXT_SIZE], *text;

    nb_strbuf_init(&names, NAMES_MAX);
    key_set_add_many(&keys, run->keys.data, run->keys.count);
    for (size_t i = 0; i < list_window_count(window) && named < NAMED_MOST; i++) {
        const struct nb_row *row = list_window_item(window, i)->row;
        struct nb_place place = rows_place(&run->view->rows, row);

        if (!key_set_has(&keys, &row->key) && !(run->walks && act_run_walks_over(run, &place)))
            continue;
        nb_strbuf_append(&names, named++ > 0 ? ", " : "");
        run->view->rows.kind->label(&names, row, run->base->host->ascii);
    }
    key_set_clear(&keys);
    if (run->total == 1 && named == 1)
        return nb_strbuf_take(&names);
    if (named > 0 && named < run->total)
        nb_strbuf_append(&names, run->base->host->ascii ? " ..." : " …");
    text = nb_asprintf("%s %s%s%s", nb_number_format(run->total, number), run->total == 1 ? info->noun : info->nouns,
                       named > 0 ? ": " : "", names.data);
    nb_strbuf_clear(&names);
    return text;
}

struct acts_target *acts_capture(const struct act_base *base, struct view *view, int count)
{
    struct act none = {0};
    struct act_run *run = act_run_new(base, view, &none, RUN_DO);
    const char *refusal = count_refusal(view, count);
    struct acts_target *target;

    rows_end_range(&view->rows);
    if (!refusal && marks_any(&view->rows.marks))
        capture_marks(run);
    else if (!refusal)
        capture_rows(run, count);
    if (run->keys.count == 0 && !run->walks) {
        if (refusal)
            message_show(base->host, ROLE_WARNING, "%s", refusal);
        else
            message_show(base->host, ROLE_WARNING, "there is no %s here", view->rows.info->noun);
        act_run_free(&run);
        return NULL;
    }
    act_run_name(run);
    target = nb_calloc(1, sizeof(*target));
    target->run = run;
    return target;
}

char *acts_target_name(const struct acts_target *target)
{
    const struct act_run *run = target->run;
    const char *nouns = run->view->rows.info->nouns;
    char number[NB_NUMBER_TEXT_SIZE];

    if (run->about)
        return nb_strdup(run->about);
    if (run->walks) /* ranges are counted before the question that follows */
        return nb_asprintf("all marked %s", nouns);
    return nb_asprintf("%s %s", nb_number_format(run->total, number),
                       run->total == 1 ? run->view->rows.info->noun : nouns);
}

struct view *acts_target_view(const struct acts_target *target)
{
    return target->run->view;
}

bool acts_target_is(const struct acts_target *target, const struct nb_key *key)
{
    return target->run->one && nb_key_compare(&target->run->keys.data[0], key) == 0;
}

struct act_run *acts_target_take(struct acts_target **target_take)
{
    struct act_run *run = (*target_take)->run;

    nb_free(target_take);
    return run;
}

void acts_target_free(struct acts_target **target)
{
    if (!*target)
        return;
    act_run_free(&(*target)->run);
    nb_free(target);
}
