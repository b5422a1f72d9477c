/*
 * act_count.c - what an act concerns, before it asks: how many rows its marked ranges are (what the filter shows may have
 * changed since it was counted last, and nobody has counted a range), and which rows a count means that reaches beyond those
 * that are loaded.
 */
#include "tui/acts/act_count.h"

#include <stdlib.h>

struct act_count {
    struct act_run *run;
    size_t range;
    int64_t sum;
    struct nb_request *request;
    act_counted *done;
    void *arg;
};

static void count_next(struct act_count *count);

static void on_count(void *arg, int64_t number, const struct nb_error *err)
{
    struct act_count *count = arg;

    count->request = NULL;
    count->sum += number;
    count->range++;
    if (!err && count->range < count->run->ranges.count) {
        count_next(count);
        return;
    }
    count->run->total = count->sum + (int64_t)count->run->keys.count - (int64_t)count->run->except.keys.count;
    count->done(count->arg, err);
}

static void count_next(struct act_count *count)
{
    const struct act_run *run = count->run;
    const struct place_range *range = &run->ranges.data[count->range];

    count->request = nb_page_count_range(run->base->host->connection, run->view->rows.kind->subject, run->filter,
                                         &range->oldest, &range->newest, NB_PRIORITY_ACT, on_count, count);
}

static void fetch_next(struct act_count *count);

static void on_rows(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct act_count *count = arg;
    struct act_run *run = count->run;
    bool more;

    count->request = NULL;
    if (err) {
        count->done(count->arg, err);
        return;
    }
    more = page->more;
    for (size_t i = 0; i < page->count && run->keys.count < run->wanted; i++) {
        nb_vec_push(&run->keys, page->rows[i]->key);
        run->walked_to = nb_place_of(nb_filter_order(run->filter, run->view->rows.kind->subject), page->rows[i]);
    }
    nb_page_free(&page);
    if (more && run->keys.count < run->wanted) {
        fetch_next(count);
        return;
    }
    run->total = (int64_t)run->keys.count;
    count->done(count->arg, NULL);
}

static void fetch_next(struct act_count *count)
{
    const struct act_run *run = count->run;
    struct nb_page_request request = {
        .subject = run->view->rows.kind->subject,
        .filter = run->filter,
        .direction = NB_OLDER,
        .from = &run->walked_to,
        .limit = ACT_CHUNK,
    };

    count->request = nb_page_fetch(run->base->host->connection, &request, NB_PRIORITY_PAGE, on_rows, count);
}

struct act_count *act_count_new(struct act_run *run, act_counted *done, void *arg)
{
    struct act_count *count = nb_calloc(1, sizeof(*count));

    *count = (struct act_count){.run = run, .done = done, .arg = arg};
    if (run->wanted > 0)
        fetch_next(count);
    else
        count_next(count);
    return count;
}

void act_count_free(struct act_count **count)
{
    if (!*count)
        return;
    if ((*count)->request)
        nb_request_abandon(&(*count)->request);
    nb_free(count);
}
