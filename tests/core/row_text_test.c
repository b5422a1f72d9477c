/* A row as JSON and CSV, without a database, and what none of its bytes may cause. */
#include "tests/lib/unit.h"

#include "base/clock.h"
#include "base/json.h"
#include "model/event.h"
#include "model/notification.h"
#include "page/row_text.h"

#define NOW INT64_C(1790000000000000)

static struct nb_event event;
static struct nb_strbuf text;

static int setup(void **state)
{
    (void)state;
    event = (struct nb_event){
        .row = {nb_key_from_int(INT64_MAX)},
        .severity = NB_SEVERITY_HIGH,
        .occurrences = 3,
        .version = 1,
        .created_at = 0,
        .last_seen_at = NB_TIME_NONE,
        .resolved_at = NB_TIME_NONE,
        .acknowledged_at = NB_TIME_NONE,
        .snoozed_until = NOW + 1,
        .event_type = "disk",
        .description = "full",
    };
    nb_strbuf_init(&text, NB_ROW_TEXT_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_strbuf_clear(&text);
    return 0;
}

static void an_object_has_every_member_of_the_table(void **state)
{
    json_auto_t *object = NULL;

    (void)state;
    for (enum nb_subject subject = 0; subject < NB_SUBJECT_COUNT; subject++) {
        const struct nb_subject_info *info = nb_subject_info(subject);
        struct nb_row *row = nb_calloc(1, info->row_size);
        size_t count = 1;

        nb_strbuf_reset(&text);
        nb_row_json(&text, subject, row, NOW, "\"before\":1", true);
        assert_int_equal(nb_json_parse(&object, text.data, text.length, NULL), 0);
        for (const struct nb_member *member = info->members; member->name; member++, count++)
            assert_non_null(json_object_get(object, member->name));
        assert_non_null(json_object_get(object, info->document.name));
        assert_int_equal(json_object_size(object), count + 1);
        assert_int_equal(strncmp(text.data, "{\"before\":1,\"id\":", 17), 0);
        json_decref(object);
        object = NULL;
        nb_strbuf_reset(&text);
        nb_row_json(&text, subject, row, NOW, NULL, false);
        assert_null(strstr(text.data, info->document.name));
        nb_free(&row);
    }
}

static void numbers_keep_their_digits(void **state)
{
    (void)state;
    event.details = "{\n    \"big\": 123456789012345678901234567890.10,\n    \"text\": \"a b\\\" c\"\n}";
    nb_row_json(&text, NB_SUBJECT_EVENTS, &event.row, NOW, NULL, true);
    assert_non_null(strstr(text.data, "{\"id\":9223372036854775807,\"created_at\":\"1970-01-01T00:00:00"));
    assert_non_null(
        strstr(text.data, "\"details\":{\"big\":123456789012345678901234567890.10,\"text\":\"a b\\\" c\"}}"));
}

static void an_event_is_snoozed_until_its_time(void **state)
{
    (void)state;
    nb_row_json(&text, NB_SUBJECT_EVENTS, &event.row, NOW, NULL, false);
    assert_non_null(strstr(text.data, "\"state\":\"snoozed\""));
    nb_strbuf_reset(&text);
    nb_row_json(&text, NB_SUBJECT_EVENTS, &event.row, NOW + 1, NULL, false);
    assert_non_null(strstr(text.data, "\"state\":\"open\""));
}

static void nothing_hidden_is_raw_in_json(void **state)
{
    (void)state;
    event.description = "\x1b[31m\x7f\xc2\x9b \xe2\x80\xae \xf3\xa0\x80\x81 \"\\ \n é 日";
    nb_row_json(&text, NB_SUBJECT_EVENTS, &event.row, NOW, NULL, false);
    assert_non_null(
        strstr(text.data, "\"description\":\"\\u001b[31m\\u007f\\u009b \\u202e \\udb40\\udc01 \\\"\\\\ \\n é 日\""));
}

static void what_is_not_utf8_is_valid_json_all_the_same(void **state)
{
    json_auto_t *object = NULL;

    (void)state;
    event.description = "caf\xe9";
    nb_row_json(&text, NB_SUBJECT_EVENTS, &event.row, NOW, NULL, false);
    assert_int_equal(nb_json_parse(&object, text.data, text.length, NULL), 0);
}

/* The cell under a heading, as written. */
static void assert_cell(const char *description, bool safe, const char *expected)
{
    char *wanted = nb_asprintf(",%s,,", expected);

    event.description = description;
    nb_strbuf_reset(&text);
    nb_row_csv(&text, NB_SUBJECT_EVENTS, &event.row, NOW, safe);
    if (!strstr(text.data, wanted))
        fail_msg("no %s in %s", wanted, text.data);
    free(wanted);
}

static void cells_are_as_rfc_4180_says(void **state)
{
    static const struct {
        const char *text, *plain, *safe;
    } cells[] = {
        {"plain", "plain", "plain"},
        {"with, comma", "\"with, comma\"", "\"with, comma\""},
        {"with \"quotes\"", "\"with \"\"quotes\"\"\"", "\"with \"\"quotes\"\"\""},
        {"two\nlines", "\"two\nlines\"", "\"two\nlines\""},
        {"=1+1", "=1+1", "'=1+1"},
        {"+1", "+1", "'+1"},
        {"-1", "-1", "'-1"},
        {"@SUM(1,2)", "\"@SUM(1,2)\"", "\"'@SUM(1,2)\""},
        {"\ttab", "\ttab", "'\ttab"},
        {"\rcr", "\"\rcr\"", "\"'\rcr\""},
        {"1-1", "1-1", "1-1"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cells); i++) {
        assert_cell(cells[i].text, false, cells[i].plain);
        assert_cell(cells[i].text, true, cells[i].safe);
    }
}

static void a_heading_has_a_name_for_each_cell(void **state)
{
    size_t commas = 0;

    (void)state;
    nb_row_csv_heading(&text, NB_SUBJECT_EVENTS);
    assert_int_equal(strncmp(text.data, "id,created_at,event_type,", 25), 0);
    assert_string_equal(text.data + text.length - 10, ",details\r\n");
    for (const char *c = text.data; *c; c++)
        commas += *c == ',';
    event.details = "{}";
    nb_strbuf_reset(&text);
    nb_row_csv(&text, NB_SUBJECT_EVENTS, &event.row, NOW, true);
    for (const char *c = text.data; *c; c++)
        commas -= *c == ',';
    assert_int_equal(commas, 0);
    assert_string_equal(text.data + text.length - 5, ",{}\r\n");
}

static void subjects_are_found_by_name(void **state)
{
    enum nb_subject subject;
    struct nb_error err = {0};

    (void)state;
    for (enum nb_subject i = 0; i < NB_SUBJECT_COUNT; i++) {
        assert_int_equal(nb_subject_parse(&subject, nb_subject_info(i)->name, NULL), 0);
        assert_int_equal(subject, i);
    }
    assert_int_equal(nb_subject_parse(&subject, "inboxes", &err), NB_EUSAGE);
    assert_non_null(strstr(err.hint, "inbox, events or deliveries"));
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(an_object_has_every_member_of_the_table, setup, teardown),
          cmocka_unit_test_setup_teardown(numbers_keep_their_digits, setup, teardown),
          cmocka_unit_test_setup_teardown(an_event_is_snoozed_until_its_time, setup, teardown),
          cmocka_unit_test_setup_teardown(nothing_hidden_is_raw_in_json, setup, teardown),
          cmocka_unit_test_setup_teardown(what_is_not_utf8_is_valid_json_all_the_same, setup, teardown),
          cmocka_unit_test_setup_teardown(cells_are_as_rfc_4180_says, setup, teardown),
          cmocka_unit_test_setup_teardown(a_heading_has_a_name_for_each_cell, setup, teardown),
          cmocka_unit_test(subjects_are_found_by_name))
