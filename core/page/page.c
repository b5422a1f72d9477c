/*
 * page.c - pages by keyset, pages by key, and counts.
 */
#include "page/page_internal.h"

#include <stdlib.h>

struct page_call {
    enum nb_subject subject;
    enum nb_direction direction;
    size_t limit; /* 0: keep all rows, which come in any order */
    const struct nb_connection *connection;
    nb_page_done *done;
    void *arg;
};

struct count_call {
    nb_count_done *done;
    void *arg;
};

void nb_page_free(struct nb_page **page)
{
    if (!*page)
        return;
    nb_arena_free(&(*page)->arena);
    free((*page)->snapshot);
    free((*page)->look);
    nb_free(page);
}

/* The next larger or smaller place: with it an inclusive bound becomes an exclusive one, the only kind that the queries
 * know. The largest and the smallest stay as they are. */
static struct nb_place next_place(const struct nb_place *place, int step)
{
    struct nb_place next = *place;

    for (int i = (int)sizeof(next.key.bytes) - 1; i >= 0; i--) {
        next.key.bytes[i] = (uint8_t)(next.key.bytes[i] + step);
        if (next.key.bytes[i] != (step > 0 ? 0x00 : 0xff))
            return next;
    }
    return *place;
}

static int newest_first(const void *a, const void *b)
{
    const struct nb_row *const *x = a, *const *y = b;

    return nb_key_compare(&(*y)->key, &(*x)->key);
}

static void reverse(struct nb_page *page)
{
    for (size_t i = 0; i < page->count / 2; i++) {
        struct nb_row *row = page->rows[i];

        page->rows[i] = page->rows[page->count - 1 - i];
        page->rows[page->count - 1 - i] = row;
    }
}

/* When nothing matches, the query returns a row of NULLs, so that the snapshot is there in any case. */
struct nb_page *page_decode(const struct nb_result *result, enum nb_subject of, enum nb_direction direction,
                            size_t limit, unsigned generation)
{
    const struct nb_subject_info *subject = nb_subject_info(of);
    struct nb_page *page = nb_calloc(1, sizeof(*page));
    size_t rows = nb_result_rows(result);

    page->arena = nb_arena_new();
    page->rows = nb_arena_alloc(page->arena, (rows + 1) * sizeof(page->rows[0]));
    if (rows > 0) {
        page->snapshot = nb_strdup(nb_result_text(result, 0, (int)subject->column_count + 1));
        /* without a time: after a lost session the page is read again */
        page->look = page_look_format(generation, NB_TIME_NONE, page->snapshot);
    }
    for (size_t i = 0; i < rows && !nb_result_is_null(result, i, 0); i++) {
        if (limit && i == limit) {
            page->more = true;
            break;
        }
        page->rows[page->count++] = subject->decode(result, i, page->arena);
    }
    if (limit == 0)
        qsort(page->rows, page->count, sizeof(page->rows[0]), newest_first);
    else if (direction == NB_NEWER)
        reverse(page);
    return page;
}

/* An unknown identity sees no rows; that must not look like an empty inbox, the last page or a count of 0. */
static bool is_refused(const struct nb_result *result, int column, struct nb_error *err)
{
    if (nb_result_rows(result) == 0 || nb_result_is_null(result, 0, column))
        return false;
    nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the database does not know who you are: %s",
                 nb_result_text(result, 0, column));
    nb_error_hint(err, "give a token with --token-file or NIGHTBELL_TOKEN_FILE");
    return true;
}

static void page_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct page_call *call = arg;
    struct nb_error refusal;

    if (!err && is_refused(result, (int)nb_subject_info(call->subject)->column_count, &refusal))
        err = &refusal;
    call->done(call->arg,
               err ? NULL
                   : page_decode(result, call->subject, call->direction, call->limit,
                                 nb_connection_generation(call->connection)),
               err);
}

static struct page_call *page_call_new(const struct nb_connection *connection, enum nb_subject subject,
                                       enum nb_direction direction, size_t limit, nb_page_done *done, void *arg)
{
    struct page_call *call = nb_calloc(1, sizeof(*call));

    call->subject = subject;
    call->direction = direction;
    call->limit = limit;
    call->connection = connection;
    call->done = done;
    call->arg = arg;
    return call;
}

struct nb_params *page_params(const struct nb_page_request *request, struct nb_ranks *ranks)
{
    struct nb_params *params = nb_params_new();
    bool older = request->direction == NB_OLDER;
    struct nb_place from = older ? nb_place_first : nb_place_last;

    if (request->from)
        from = request->inclusive ? next_place(request->from, older ? 1 : -1) : *request->from;
    page_bind_key(params, request->subject, &from.key);
    /* one row more than asked for shows whether there are more */
    nb_params_int(params, (int64_t)request->limit + 1);
    nb_params_bool(params, request->full);
    *ranks = (struct nb_ranks){.order = request->by_key ? nb_subject_info(request->subject)->orders
                                                        : nb_filter_order(request->filter, request->subject),
                               .bounds = nb_params_count(params)};
    page_bind_rank(params, ranks->order, from.rank);
    return params;
}

struct nb_request *nb_page_fetch(struct nb_connection *connection, const struct nb_page_request *request,
                                 enum nb_priority priority, nb_page_done *done, void *arg)
{
    const struct nb_subject_info *subject = nb_subject_info(request->subject);
    const struct nb_request_options options = {.priority = priority, .only_reads = true, .dispose = free};
    struct nb_ranks ranks;
    struct nb_params *params = page_params(request, &ranks);

    return page_query(connection, request->subject, request->direction == NB_OLDER ? subject->older : subject->newer,
                      request->filter, &ranks, params, &options, page_answered,
                      page_call_new(connection, request->subject, request->direction, request->limit, done, arg));
}

struct nb_params *page_key_params(enum nb_subject subject, const struct nb_key *keys, size_t count)
{
    struct nb_params *params = nb_params_new();
    int64_t *numbers = nb_calloc(count + 1, sizeof(*numbers));
    struct nb_uuid *uuids = nb_calloc(count + 1, sizeof(*uuids));

    for (size_t i = 0; i < count; i++) {
        numbers[i] = nb_key_to_int(&keys[i]);
        uuids[i] = nb_key_to_uuid(&keys[i]);
    }
    if (nb_subject_info(subject)->integer_keys)
        nb_params_int_array(params, numbers, count);
    else
        nb_params_uuid_array(params, uuids, count);
    free(numbers);
    free(uuids);
    return params;
}

struct nb_request *nb_page_fetch_keys(struct nb_connection *connection, enum nb_subject subject,
                                      const struct nb_key *keys, size_t count, enum nb_priority priority,
                                      nb_page_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = priority, .only_reads = true, .dispose = free};

    return nb_query(connection, nb_subject_info(subject)->keys, page_key_params(subject, keys, count), &options,
                    page_answered, page_call_new(connection, subject, NB_OLDER, 0, done, arg));
}

static const struct nb_request_options count_options = {
    .priority = NB_PRIORITY_BACKGROUND, .only_reads = true, .dispose = free};

static void count_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct count_call *call = arg;
    struct nb_error refusal;

    if (!err && is_refused(result, 1, &refusal))
        err = &refusal;
    call->done(call->arg, err ? 0 : nb_result_int(result, 0, 0), err);
}

static struct count_call *count_call_new(nb_count_done *done, void *arg)
{
    struct count_call *call = nb_calloc(1, sizeof(*call));

    call->done = done;
    call->arg = arg;
    return call;
}

struct nb_request *nb_page_count(struct nb_connection *connection, enum nb_subject subject,
                                 const struct nb_filter *filter, nb_count_done *done, void *arg)
{
    return page_query(connection, subject, nb_subject_info(subject)->count, filter, NULL, nb_params_new(),
                      &count_options, count_answered, count_call_new(done, arg));
}

struct nb_request *nb_page_count_new(struct nb_connection *connection, enum nb_subject subject,
                                     const struct nb_filter *filter, const struct nb_place *above,
                                     const struct nb_place *first, const char *snapshot, nb_count_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();
    struct nb_ranks ranks = {.order = nb_filter_order(filter, subject)};

    above = above ? above : &nb_place_last;
    nb_params_text(params, snapshot);
    page_bind_key(params, subject, &above->key);
    ranks.bounds = nb_params_count(params);
    page_bind_rank(params, ranks.order, above->rank);
    ranks.above = nb_params_count(params);
    page_bind_rank(params, ranks.order, first->rank);
    if (ranks.order->rank)
        page_bind_key(params, subject, &first->key);
    return page_query(connection, subject, nb_subject_info(subject)->count_new, filter, &ranks, params, &count_options,
                      count_answered, count_call_new(done, arg));
}

struct nb_request *nb_page_count_range(struct nb_connection *connection, enum nb_subject subject,
                                       const struct nb_filter *filter, const struct nb_place *oldest,
                                       const struct nb_place *newest, enum nb_priority priority, nb_count_done *done,
                                       void *arg)
{
    const struct nb_request_options options = {.priority = priority, .only_reads = true, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct nb_ranks ranks = {.order = nb_filter_order(filter, subject)};

    page_bind_key(params, subject, &oldest->key);
    page_bind_key(params, subject, &newest->key);
    ranks.bounds = nb_params_count(params);
    page_bind_rank(params, ranks.order, oldest->rank);
    page_bind_rank(params, ranks.order, newest->rank);
    return page_query(connection, subject, nb_subject_info(subject)->count_range, filter, &ranks, params, &options,
                      count_answered, count_call_new(done, arg));
}
