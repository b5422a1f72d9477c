/* UUIDs: their form and their order, whatever the clock does. */
#include "tests/lib/unit.h"

#include "base/clock.h"
#include "base/uuid.h"

static void new_ones_are_version_7_of_now(void **state)
{
    struct nb_uuid uuid = nb_uuid_v7();
    int64_t millis = 0;

    (void)state;
    for (int i = 0; i < 6; i++)
        millis = millis << 8 | uuid.bytes[i];
    assert_in_range(nb_now() / 1000 - millis, 0, 1000);
    assert_int_equal(uuid.bytes[6] >> 4, 7);
    assert_int_equal(uuid.bytes[8] >> 6, 2);
    assert_false(nb_uuid_is_nil(&uuid));
}

static void each_is_greater_than_the_one_before(void **state)
{
    struct nb_uuid previous = nb_uuid_v7();

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct nb_uuid next = nb_uuid_v7();
        assert_true(memcmp(previous.bytes, next.bytes, 16) < 0);
        previous = next;
    }
}

static void text_goes_both_ways(void **state)
{
    struct nb_uuid uuid;
    char text[NB_UUID_TEXT_SIZE];

    (void)state;
    assert_int_equal(nb_uuid_parse(&uuid, "01234567-89AB-7def-8123-456789ABCDEF", NULL), 0);
    assert_string_equal(nb_uuid_format(&uuid, text), "01234567-89ab-7def-8123-456789abcdef");
    assert_int_equal(uuid.bytes[0], 0x01);
    assert_int_equal(uuid.bytes[15], 0xEF);
    assert_int_equal(nb_uuid_parse(&uuid, "00000000-0000-0000-0000-000000000000", NULL), 0);
    assert_true(nb_uuid_is_nil(&uuid));
}

static void other_forms_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "-",
        "01234567",
        "0123456789ab7def8123456789abcdef",
        "{01234567-89ab-7def-8123-456789abcdef}",
        "01234567-89ab-7def-8123-456789abcdeg",
        "01234567-89ab-7def-8123-456789abcde",
        " 01234567-89ab-7def-8123-456789abcde",
        "01234567-89ab-7def-8123-456789abcdef0",
        "01234567-89ab-7def-81234-56789abcdef",
        "01234567-89ab-7def-8123-456789abcd\n1",
    };
    struct nb_uuid uuid = {{9}};
    struct nb_error err;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        assert_int_equal(nb_uuid_parse(&uuid, bad[i], &err), NB_EINVALID);
        assert_int_equal(uuid.bytes[0], 9); /* untouched */
    }
    assert_non_null(strstr(err.message, "hexadecimal"));
}

UNIT_MAIN(cmocka_unit_test(new_ones_are_version_7_of_now), cmocka_unit_test(each_is_greater_than_the_one_before),
          cmocka_unit_test(text_goes_both_ways), cmocka_unit_test(other_forms_are_refused))
