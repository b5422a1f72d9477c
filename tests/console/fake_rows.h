/*
 * fake_rows.h - for the tests of the list's model: a table of ids that changes, and answers late, or never, or with an
 * error.
 */
#ifndef TESTS_CONSOLE_FAKE_ROWS_H
#define TESTS_CONSOLE_FAKE_ROWS_H

#include "tests/lib/unit.h"

#include <inttypes.h>

#include "tui/list/list_window.h"

struct fake_row {
    struct nb_row row;
    int64_t id;
    int64_t rank;
    int64_t version;
};

static inline int64_t fake_rank(const struct nb_row *row)
{
    return ((const struct fake_row *)row)->rank;
}

/* An order in which rows move: the fake of a test that sorts by it. */
static const struct nb_order fake_order = {.name = "seen", .title = "last seen", .rank = fake_rank};

/* A table of ids, newest first on demand; `matches` says whether the filter shows a row. */
struct fake {
    struct list_window window;
    bool exists[20001];
    bool matches[20001];
    int64_t rank[20001];    /* counts where the window sorts by it */
    int64_t changed[20001]; /* at which step of the clock; 0: never, or without a trace */
    int64_t clock;
    int64_t last;
    unsigned ticket; /* of the fetch that waits for its answer; 0: none */
    struct list_fetch fetch;
    struct nb_key keys[1000];
    size_t key_count;
    bool by_keys;
    int64_t since; /* of the look whose changes are asked for; -1: none */
    int fetches, cancels, looks, merges;
};

static inline struct nb_row *copy_row(const struct nb_row *row, struct nb_arena *arena)
{
    struct fake_row *copy = nb_arena_alloc(arena, sizeof(*copy));

    *copy = *(const struct fake_row *)row;
    return &copy->row;
}

static inline void on_fetch(void *arg, unsigned ticket, const struct list_fetch *fetch)
{
    struct fake *fake = arg;

    fake->ticket = ticket;
    fake->fetch = *fetch;
    fake->by_keys = false;
    fake->since = -1;
    fake->fetches++;
}

static inline void on_fetch_keys(void *arg, unsigned ticket, const struct nb_key *keys, size_t count)
{
    struct fake *fake = arg;

    fake->ticket = ticket;
    memcpy(fake->keys, keys, count * sizeof(*keys));
    fake->key_count = count;
    fake->by_keys = true;
    fake->since = -1;
    fake->fetches++;
}

static inline void on_fetch_changes(void *arg, unsigned ticket, const char *look)
{
    struct fake *fake = arg;

    fake->ticket = ticket;
    fake->since = strtoll(look, NULL, 10);
}

static inline void on_cancel(void *arg)
{
    ((struct fake *)arg)->cancels++;
}

static inline void on_changed(void *arg)
{
    (void)arg;
}

static inline struct nb_row *make_row(const struct fake *fake, struct nb_arena *arena, int64_t id)
{
    struct fake_row *row = nb_arena_alloc(arena, sizeof(*row));

    row->row.key = nb_key_from_int(id);
    row->id = id;
    row->rank = fake->rank[id];
    row->version = fake->changed[id];
    return &row->row;
}

static inline struct nb_place place_of(const struct fake *fake, int64_t id)
{
    return (struct nb_place){fake->window.rows.order ? fake->rank[id] : 0, nb_key_from_int(id)};
}

static inline int places_falling(const void *a, const void *b)
{
    return nb_place_compare(b, a);
}

/* The places of all rows that the filter shows, in the order of the list. The caller frees them. */
static inline struct nb_place *shown_places(const struct fake *fake, size_t *count)
{
    struct nb_place *places = nb_calloc((size_t)fake->last + 1, sizeof(*places));

    *count = 0;
    for (int64_t id = fake->last; id >= 1; id--)
        if (fake->exists[id] && fake->matches[id])
            places[(*count)++] = place_of(fake, id);
    if (fake->window.rows.order)
        qsort(places, *count, sizeof(*places), places_falling);
    return places;
}

static inline void add_row(const struct fake *fake, struct nb_page *page, int64_t id, bool front)
{
    struct nb_row *row = make_row(fake, page->arena, id);

    if (front) {
        memmove(page->rows + 1, page->rows, page->count * sizeof(*page->rows));
        page->rows[0] = row;
    } else {
        page->rows[page->count] = row;
    }
    page->count++;
}

static inline struct nb_page *make_page(struct fake *fake)
{
    struct nb_page *page = nb_calloc(1, sizeof(*page));
    char look[32];

    page->arena = nb_arena_new();
    page->rows = nb_arena_alloc(page->arena, 1001 * sizeof(*page->rows));
    fake->looks++;
    snprintf(look, sizeof(look), "%d:%d:", fake->looks, fake->looks);
    page->snapshot = nb_strdup(look);
    page->look = nb_asprintf("%" PRId64, fake->clock);
    return page;
}

static inline struct nb_page *select_page(struct fake *fake)
{
    const struct list_fetch *fetch = &fake->fetch;
    bool older = fetch->direction == NB_OLDER;
    struct nb_page *page = make_page(fake);
    size_t count;
    struct nb_place *places = shown_places(fake, &count);

    for (size_t i = 0; i < count && !page->more; i++) {
        const struct nb_place *place = &places[older ? i : count - 1 - i];
        int order = fetch->has_from ? nb_place_compare(place, &fetch->from) * (older ? -1 : 1) : 1;

        if (order < 0 || (order == 0 && !fetch->inclusive))
            continue;
        page->more = page->count == fetch->limit;
        if (!page->more)
            add_row(fake, page, nb_key_to_int(&place->key), !older);
    }
    free(places);
    return page;
}

static inline struct nb_page *select_keys(struct fake *fake)
{
    struct nb_page *page = make_page(fake);

    for (size_t i = 0; i < fake->key_count; i++)
        if (fake->exists[nb_key_to_int(&fake->keys[i])])
            add_row(fake, page, nb_key_to_int(&fake->keys[i]), false);
    return page;
}

/* The changes since a look, at most CHANGES_MOST rows. */
#define CHANGES_MOST 40
static inline struct nb_changes *select_changes(struct fake *fake)
{
    struct nb_changes *changes = nb_calloc(1, sizeof(*changes));

    changes->arena = nb_arena_new();
    changes->items = nb_arena_alloc(changes->arena, CHANGES_MOST * sizeof(*changes->items));
    changes->known = true;
    changes->look = nb_asprintf("%" PRId64, fake->clock);
    fake->looks++;
    changes->snapshot = nb_asprintf("%d:%d:", fake->looks, fake->looks);
    for (int64_t id = 1; id <= fake->last; id++) {
        if (fake->changed[id] <= fake->since)
            continue;
        if (changes->count == CHANGES_MOST) {
            changes->more = true;
            break;
        }
        changes->items[changes->count++] = (struct nb_change){
            .row = make_row(fake, changes->arena, id),
            .matches = fake->exists[id] && fake->matches[id],
            .gone = !fake->exists[id],
        };
    }
    return changes;
}

/* Answers the waiting fetch; false when there is none. */
static inline bool answer(struct fake *fake)
{
    unsigned ticket = fake->ticket;

    if (ticket == 0)
        return false;
    fake->ticket = 0;
    if (fake->since >= 0) {
        fake->merges++;
        list_window_merge(&fake->window, ticket, select_changes(fake), NULL);
    } else {
        list_window_answer(&fake->window, ticket, fake->by_keys ? select_keys(fake) : select_page(fake), NULL);
    }
    return true;
}

static inline void settle(struct fake *fake)
{
    int turns = 0;

    while (answer(fake))
        assert_true(++turns < 300);
}

static inline void refuse(struct fake *fake)
{
    struct nb_error err;
    unsigned ticket = fake->ticket;

    nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "gone");
    fake->ticket = 0;
    if (fake->since >= 0)
        list_window_merge(&fake->window, ticket, NULL, &err);
    else
        list_window_answer(&fake->window, ticket, NULL, &err);
}

static inline void add(struct fake *fake, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        fake->last++;
        fake->exists[fake->last] = fake->matches[fake->last] = true;
        fake->changed[fake->last] = fake->clock + 1;
    }
    fake->clock++;
}

static inline void change(struct fake *fake, int64_t id, bool exists, bool matches)
{
    fake->exists[id] = exists;
    fake->matches[id] = matches;
    fake->changed[id] = ++fake->clock;
}

/* Raised again: it moves to the front, where the list is sorted by rank. */
static inline void raise_again(struct fake *fake, int64_t id)
{
    change(fake, id, fake->exists[id], fake->matches[id]);
    fake->rank[id] = fake->clock;
}

static inline int setup(void **state)
{
    struct fake *fake = nb_calloc(1, sizeof(*fake));
    struct list_source source = {.fetch = on_fetch,
                                 .fetch_keys = on_fetch_keys,
                                 .fetch_changes = on_fetch_changes,
                                 .cancel = on_cancel,
                                 .changed = on_changed,
                                 .copy = copy_row,
                                 .arg = fake};

    list_window_init(&fake->window, &source);
    *state = fake;
    return 0;
}

static inline int teardown(void **state)
{
    struct fake *fake = *state;

    list_window_clear(&fake->window);
    free(fake);
    return 0;
}

static inline struct fake *begin_with_order(void **state, int64_t rows, const struct nb_order *order)
{
    struct fake *fake = *state;

    fake->window.rows.order = order;

    add(fake, rows);
    list_window_set_height(&fake->window, 10);
    list_window_reread(&fake->window);
    settle(fake);
    return fake;
}

static inline struct fake *begin_with(void **state, int64_t rows)
{
    return begin_with_order(state, rows, NULL);
}

static inline int64_t at(const struct fake *fake, size_t index)
{
    return nb_key_to_int(&list_window_item(&fake->window, index)->row->key);
}

static inline int64_t cursor(const struct fake *fake)
{
    const struct nb_row *row = list_window_current(&fake->window);

    return row ? nb_key_to_int(&row->key) : 0;
}

static inline int64_t top(const struct fake *fake)
{
    struct nb_place place;

    return list_window_top_place(&fake->window, &place) ? nb_key_to_int(&place.key) : 0;
}

/* The rows shown are exactly the matching ones within the run, in order, without duplicates. */
static inline void check_run(const struct fake *fake)
{
    size_t count, next = 0;
    struct nb_place *places = shown_places(fake, &count), last = nb_place_first;

    for (size_t i = 0; i < list_window_count(&fake->window); i++) {
        struct nb_place place = list_rows_place(&fake->window.rows, list_window_item(&fake->window, i)->row);

        assert_true(nb_place_compare(&place, &last) < 0);
        while (next < count && nb_place_compare(&places[next], &place) > 0) {
            assert_true(nb_place_compare(&places[next], &last) >= 0 || i == 0);
            next++;
        }
        last = place;
        if (next < count && nb_place_compare(&places[next], &place) == 0)
            next++;
    }
    free(places);
}

/* With merged changes alone: shows the matching rows and those kept for the reader, each in its current state. */
static inline void check_rows(const struct fake *fake)
{
    size_t count;
    struct nb_place *places = shown_places(fake, &count), first;

    for (size_t i = 0; i < list_window_count(&fake->window); i++) {
        const struct list_item *item = list_window_item(&fake->window, i);
        const struct fake_row *row = (const struct fake_row *)item->row;

        assert_true(fake->exists[row->id]);
        assert_int_equal(row->version, fake->changed[row->id]);
        assert_int_equal(row->rank, fake->rank[row->id]);
        assert_int_equal(item->sticky, !fake->matches[row->id]);
    }
    check_run(fake);
    if (fake->window.rows.newest && list_window_count(&fake->window) > 0 && count > 0) {
        first = place_of(fake, at(fake, 0));
        assert_true(nb_place_compare(&places[0], &first) <= 0);
    }
    free(places);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
