/*
 * act_count.c - how many rows the marked ranges of an act are, before it asks: what the filter shows may have changed since
 * it was counted last, and nobody has counted a range.
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

struct act_count *act_count_new(struct act_run *run, act_counted *done, void *arg)
{
    struct act_count *count = nb_calloc(1, sizeof(*count));

    *count = (struct act_count){.run = run, .done = done, .arg = arg};
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
