/* The limits that C states are those that the database enforces, in constraints of tables and in its functions. */
#include "tests/lib/unit.h"

#include "base/base.h"
#include "base/limits.h"
#include "tests/lib/cluster.h"

/* sample(unit, size): a text of this size. fits(): whether the constraints on this one column take it. */
static const char helpers[] =
    "CREATE FUNCTION public.sample(unit text, size int) RETURNS text LANGUAGE sql AS $$"
    "    SELECT CASE unit WHEN 'characters' THEN repeat('ö', size) WHEN 'bytes' THEN repeat('x', size)"
    "                     WHEN 'upper' THEN repeat('X', size) WHEN 'json' THEN format('{\"a\": \"%s\"}', repeat('x', "
    "size - 9)) END $$;"
    "CREATE FUNCTION public.fits(relation regclass, attribute name, value text) RETURNS boolean LANGUAGE plpgsql AS $$"
    "DECLARE c record; fits boolean; "
    "BEGIN"
    "    FOR c IN SELECT pg_get_expr(k.conbin, k.conrelid) AS condition, format_type(a.atttypid, a.atttypmod) AS type"
    "             FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]"
    "             WHERE k.conrelid = relation AND k.contype = 'c' AND a.attname = attribute LOOP"
    "        EXECUTE format('SELECT %s FROM (SELECT $1::%s AS %I) AS r', c.condition, c.type, attribute) INTO fits "
    "USING value;"
    "        IF NOT fits THEN RETURN false; END IF;"
    "    END LOOP;"
    "    RETURN true;"
    "END $$";

static struct cluster *cluster;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    cluster_sql(cluster, helpers);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cluster_free(&cluster, 0);
    return 0;
}

/* accepts: a condition in SQL on the text `sample`. The limit is taken, and one more is not. */
static void assert_limit(const char *accepts, const char *unit, int limit)
{
    for (int size = limit; size <= limit + 1; size++) {
        char *sql = nb_asprintf("SELECT %s FROM public.sample('%s', %d) AS sample", accepts, unit, size);

        if (strcmp(cluster_sql(cluster, sql), size == limit ? "t" : "f") != 0)
            fail_msg("%s: %d %s are %s", accepts, size, unit, size == limit ? "refused" : "taken");
        free(sql);
    }
}

static void tables_have_the_same_limits(void **state)
{
    static const struct {
        const char *table, *column, *unit;
        int limit;
    } columns[] = {
        {"tenants", "name", "characters", NB_NAME_MAX},
        {"users", "name", "characters", NB_NAME_MAX},
        {"notifications", "title", "characters", NB_TITLE_MAX},
        {"notifications", "message", "bytes", NB_MESSAGE_MAX},
        {"notifications", "data", "json", NB_DATA_MAX},
        {"notifications", "link", "bytes", NB_LINK_MAX},
        {"notifications", "dedup_key", "bytes", NB_DEDUP_KEY_MAX},
        {"announcements", "title", "characters", NB_TITLE_MAX},
        {"announcements", "message", "bytes", NB_MESSAGE_MAX},
        {"announcements", "data", "json", NB_DATA_MAX},
        {"announcements", "link", "bytes", NB_LINK_MAX},
        {"announcements", "dedup_key", "bytes", NB_DEDUP_KEY_MAX},
        {"admin_system_events", "event_type", "characters", NB_EVENT_TYPE_MAX},
        {"admin_system_events", "description", "bytes", NB_DESCRIPTION_MAX},
        {"admin_system_events", "details", "json", NB_DETAILS_MAX},
        {"admin_system_events", "fingerprint", "bytes", NB_FINGERPRINT_MAX},
        {"admin_system_events", "source", "bytes", NB_SOURCE_MAX},
        {"admin_system_events", "resolution", "bytes", NB_NOTE_MAX},
        {"event_actions", "note", "bytes", NB_NOTE_MAX},
        {"outbox", "module", "characters", NB_MODULE_MAX},
        {"outbox", "idempotency_key", "bytes", NB_IDEMPOTENCY_KEY_MAX},
        {"template_texts", "subject", "bytes", NB_TEMPLATE_MAX},
        {"template_texts", "body_template", "bytes", NB_TEMPLATE_MAX},
        {"template_texts", "html_template", "bytes", NB_TEMPLATE_MAX},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(columns); i++) {
        char *accepts = nb_asprintf("public.fits('nightbell.%s', '%s', sample)", columns[i].table, columns[i].column);

        assert_limit(accepts, columns[i].unit, columns[i].limit);
        free(accepts);
    }
}

#define DRAFT(title, message, written, link, dedup_key)                                                                \
    "nightbell.draft_problem(" title ", " message ", NULL, " written ", " link                                         \
    ", NULL, NULL, NULL, NULL, now(), " dedup_key ") IS NULL"
#define EVENT(type, description, details, fingerprint, source)                                                         \
    "(nightbell.check_event(ROW(NULL, true, '{}', NULL), '" CLUSTER_ACME "', NULL, " type ", 'low', " description      \
    ", " details ", " fingerprint ", " source ", NULL)).problem IS NULL"

static void functions_have_the_same_limits(void **state)
{
    (void)state;
    assert_limit(DRAFT("sample", "'m'", "NULL", "NULL", "NULL"), "characters", NB_TITLE_MAX);
    assert_limit(DRAFT("'t'", "sample", "NULL", "NULL", "NULL"), "bytes", NB_MESSAGE_MAX);
    assert_limit(DRAFT("'t'", "'m'", "sample", "NULL", "NULL"), "json", NB_DATA_MAX);
    assert_limit(DRAFT("'t'", "'m'", "NULL", "sample", "NULL"), "bytes", NB_LINK_MAX);
    assert_limit(DRAFT("'t'", "'m'", "NULL", "NULL", "sample"), "bytes", NB_DEDUP_KEY_MAX);
    assert_limit("nightbell.type_document_problem(jsonb_build_object('type', sample, 'module', 'm', 'description', "
                 "'d')) IS NULL",
                 "upper", NB_TYPE_MAX);
    assert_limit(EVENT("sample", "'d'", "NULL", "NULL", "NULL"), "characters", NB_EVENT_TYPE_MAX);
    assert_limit(EVENT("'t'", "sample", "NULL", "NULL", "NULL"), "bytes", NB_DESCRIPTION_MAX);
    assert_limit(EVENT("'t'", "'d'", "sample::jsonb", "NULL", "NULL"), "json", NB_DETAILS_MAX);
    assert_limit(EVENT("'t'", "'d'", "NULL", "sample", "NULL"), "bytes", NB_FINGERPRINT_MAX);
    assert_limit(EVENT("'t'", "'d'", "NULL", "NULL", "sample"), "bytes", NB_SOURCE_MAX);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(tables_have_the_same_limits),
               cmocka_unit_test(functions_have_the_same_limits))
