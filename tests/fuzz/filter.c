/* filter.c - fuzzes the filter language: what parses has one canonical text with the same meaning; values stay
 * values. */
#include "filter/filter.h"
#include "tests/fuzz/fuzz.h"

static void check_canonical(struct nb_filter *filter, enum nb_subject subject)
{
    struct nb_filter *again = NULL;
    struct nb_error err;

    PROMISE(nb_filter_parse(&again, subject, nb_filter_text(filter), &err) == 0);
    PROMISE(nb_filter_equal(filter, again));
    PROMISE(strcmp(nb_filter_text(filter), nb_filter_text(again)) == 0);
    nb_filter_free(&again);
}

static void check_compose(struct nb_filter *filter, enum nb_subject subject)
{
    struct nb_params *params = nb_params_new();
    struct nb_strbuf sql;
    struct nb_error err;

    nb_strbuf_init(&sql, 1 << 20);
    PROMISE(nb_filter_compose(&sql, params, subject, filter, NULL, nb_subject_info(subject)->count, &err) == 0);
    PROMISE(!strstr(sql.data, "zqzq")); /* the corpus and its mutations contain this word as a value */
    nb_strbuf_clear(&sql);
    nb_params_free(&params);
}

static void check(const char *text, enum nb_subject subject)
{
    struct nb_filter *filter = NULL;
    struct nb_error err = {0};
    char *toggled = NULL;
    const char *const *words;

    if (nb_filter_parse(&filter, subject, text, &err) != 0) {
        PROMISE(!filter);
        PROMISE(err.code == NB_EINVALID && err.message[0]);
        PROMISE(err.column <= strlen(text) + 1);
        return;
    }
    check_canonical(filter, subject);
    check_compose(filter, subject);
    nb_filter_words(filter, &words);
    if (nb_filter_toggle(&toggled, subject, text, "is:unread", &err) == 0)
        free(toggled);
    nb_filter_free(&filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = nb_strndup((const char *)data, size);

    check(text, NB_SUBJECT_INBOX);
    check(text, NB_SUBJECT_EVENTS);
    free(text);
    return 0;
}
