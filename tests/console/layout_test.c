/* The geometry of the screen from 40x10 to 300x100, and how columns share a row. */
#include "tests/lib/unit.h"
#include "tui/draw/layout.h"

static struct layout compute(int columns, int rows, bool open)
{
    struct layout_wish wish = {.columns = columns, .rows = rows, .detail_open = open, .hints = true, .bottom_rows = 1};
    struct layout layout;

    layout_compute(&layout, &wish);
    return layout;
}

static void asks_for_room_below_the_least_size(void **state)
{
    (void)state;
    assert_int_equal(compute(39, 24, false).shape, LAYOUT_TOO_SMALL);
    assert_int_equal(compute(80, 9, false).shape, LAYOUT_TOO_SMALL);
    assert_int_equal(compute(40, 10, false).shape, LAYOUT_LIST);
}

static void stands_where_there_is_room(void **state)
{
    (void)state;
    assert_int_equal(compute(99, 40, false).shape, LAYOUT_LIST);
    assert_int_equal(compute(100, 29, false).shape, LAYOUT_LIST);
    assert_int_equal(compute(100, 30, false).shape, LAYOUT_STACKED);
    assert_int_equal(compute(141, 30, false).shape, LAYOUT_STACKED);
    assert_int_equal(compute(142, 20, false).shape, LAYOUT_SIDE);
    assert_int_equal(compute(80, 40, true).shape, LAYOUT_DETAIL);
    assert_int_equal(compute(80, 20, true).shape, LAYOUT_DETAIL);
}

static void a_list_beside_a_pane_keeps_its_columns(void **state)
{
    struct layout_wish wish = {.columns = 150, .rows = 30, .list_columns = 108};
    struct layout layout;

    (void)state;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_SIDE);
    assert_int_equal(layout.list.width, 108);
    wish.columns = 149;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_STACKED);
}

static void a_pane_below_takes_what_the_list_does_not_need(void **state)
{
    struct layout_wish wish = {.columns = 110, .rows = 43, .bottom_rows = 1, .list_rows = 1000};
    struct layout layout;

    (void)state;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.detail.height, 16); /* two fifths of the body's 40 rows */
    wish.list_rows = 15;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.list.height, 15);
    assert_int_equal(layout.detail.height, 24);
    wish.list_rows = 0;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.detail.height, 30); /* three quarters */
}

static void a_list_is_as_wide_as_its_flexible_column_wants(void **state)
{
    static const struct column_size sizes[] = {{6, 6, 0}, {14, 20, 5}, {18, 0, 0}, {7, 12, 2}};
    int widths[4];
    int width = layout_list_columns(sizes, 4, 50);

    (void)state;
    layout_columns(sizes, 4, width, widths);
    assert_int_equal(widths[2], 50);
    assert_true(widths[1] > 0 && widths[3] > 0);
    layout_columns(sizes, 4, width - 1, widths);
    assert_true(widths[2] < 50);
}

static void the_pane_can_be_switched(void **state)
{
    struct layout_wish wish = {.columns = 150, .rows = 40, .pane_off = true};
    struct layout layout;

    (void)state;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_LIST);
    wish.detail_open = true;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_SIDE);
    wish = (struct layout_wish){.columns = 100, .rows = 40, .pane_on = true};
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_STACKED);
    wish.place = DETAIL_OFF;
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_LIST);
    wish = (struct layout_wish){.columns = 200, .rows = 50, .whole_body = true, .detail_open = true};
    layout_compute(&layout, &wish);
    assert_int_equal(layout.shape, LAYOUT_LIST);
}

static bool inside(struct rect rect, int columns, int rows)
{
    return rect.x >= 0 && rect.y >= 0 && rect.width >= 0 && rect.height >= 0 && rect.x + rect.width <= columns &&
           rect.y + rect.height <= rows;
}

static void every_part_is_on_the_screen_at_every_size(void **state)
{
    (void)state;
    for (int columns = 40; columns <= 300; columns++) {
        for (int rows = 10; rows <= 100; rows++) {
            for (int open = 0; open <= 1; open++) {
                struct layout l = compute(columns, rows, open);
                const struct rect parts[] = {l.header,  l.filter, l.body,  l.list,
                                             l.divider, l.detail, l.hints, l.bottom};

                for (size_t i = 0; i < NB_ARRAY_SIZE(parts); i++)
                    assert_true(inside(parts[i], columns, rows));
                assert_int_equal(l.header.height + l.filter.height + l.body.height + l.hints.height + l.bottom.height,
                                 rows);
                assert_true(l.body.height >= 6);
                if (l.shape == LAYOUT_SIDE)
                    assert_true(l.list.width >= 80 && l.detail.width >= 40);
                if (l.shape == LAYOUT_STACKED)
                    assert_int_equal(l.list.height + 1 + l.detail.height, l.body.height);
            }
        }
    }
}

static const struct column_size columns[] = {
    {1, 1, 0}, {4, 4, 1}, {8, 20, 4}, {10, 0, 0}, {6, 14, 3},
};

static int total(const int *widths)
{
    int sum = -1;

    for (size_t i = 0; i < NB_ARRAY_SIZE(columns); i++)
        sum += widths[i] > 0 ? widths[i] + 1 : 0;
    return sum;
}

static void columns_drop_by_priority_and_fill_the_row(void **state)
{
    int widths[NB_ARRAY_SIZE(columns)];

    (void)state;
    for (int width = 17; width <= 300; width++) {
        layout_columns(columns, NB_ARRAY_SIZE(columns), width, widths);
        assert_int_equal(total(widths), width);
        assert_true(widths[0] == 1 && widths[3] >= 10);
    }
    layout_columns(columns, NB_ARRAY_SIZE(columns), 30, widths);
    assert_int_equal(widths[2], 0);
    assert_true(widths[4] > 0);
    layout_columns(columns, NB_ARRAY_SIZE(columns), 20, widths);
    assert_int_equal(widths[4], 0);
    assert_int_equal(widths[1], 4);
    layout_columns(columns, NB_ARRAY_SIZE(columns), 120, widths);
    assert_int_equal(widths[2], 20);
    assert_int_equal(widths[4], 14);
    layout_columns(columns, NB_ARRAY_SIZE(columns), 8, widths);
    assert_int_equal(widths[3], 6);
}

UNIT_MAIN(cmocka_unit_test(asks_for_room_below_the_least_size), cmocka_unit_test(stands_where_there_is_room),
          cmocka_unit_test(a_list_beside_a_pane_keeps_its_columns),
          cmocka_unit_test(a_pane_below_takes_what_the_list_does_not_need),
          cmocka_unit_test(a_list_is_as_wide_as_its_flexible_column_wants), cmocka_unit_test(the_pane_can_be_switched),
          cmocka_unit_test(every_part_is_on_the_screen_at_every_size),
          cmocka_unit_test(columns_drop_by_priority_and_fill_the_row))
