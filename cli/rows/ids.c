/*
 * ids.c - reads ids strictly, finds what short ones mean, and sums up the outcome of each.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "cli/frame/command.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "cli/rows/rows.h"
#include "page/ids.h"

#define NAMED_MOST    3 /* candidates in a message */
#define NAMED_MAX     4096
#define TITLE_COLUMNS 24

struct reading {
    enum nb_subject subject;
    NB_VEC(struct nb_key) keys;
    NB_VEC(char *) endings; /* by index of the key; NULL: it is whole */
    bool has_short;
};

static int add_text(struct reading *reading, const char *text, struct nb_error *err)
{
    bool is_short = nb_key_is_short(reading->subject, text);
    struct nb_key key = {{0}};
    int rc = is_short ? NB_OK : nb_key_parse(&key, reading->subject, text, err);
    if (rc != NB_OK)
        return nb_subject_info(reading->subject)->has_short_ids
                   ? nb_error_hint(err, "or its last %d to %d digits, as the list on a terminal shows them",
                                   NB_SHORT_ID_MIN, NB_SHORT_ID_MAX)
                   : rc;
    nb_vec_push(&reading->keys, key);
    nb_vec_push(&reading->endings, is_short ? nb_strdup(text) : NULL);
    reading->has_short |= is_short;
    return NB_OK;
}

/* Adds the id of a line of `nightbell … list --json`. */
static int add_object(struct reading *reading, const char *line, size_t length, struct nb_error *err)
{
    json_auto_t *object = NULL;
    int rc = nb_json_parse(&object, line, length, err);
    if (rc != NB_OK)
        return rc;
    const json_t *id = json_object_get(object, "id");
    if (json_is_string(id))
        return add_text(reading, json_string_value(id), err);
    if (!json_is_integer(id))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the object has no member \"id\"");
    char text[32];
    snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(id));
    return add_text(reading, text, err);
}

static int add_line(struct reading *reading, char *line, struct nb_error *err)
{
    char *start = line + strspn(line, " \t\r");
    size_t length = strcspn(start, "\r\n");
    while (length > 0 && (start[length - 1] == ' ' || start[length - 1] == '\t'))
        length--;
    start[length] = '\0';
    if (length == 0)
        return NB_OK;
    return start[0] == '{' ? add_object(reading, start, length, err) : add_text(reading, start, err);
}

static int add_stdin(struct reading *reading, struct nb_error *err)
{
    char *line = NULL;
    size_t capacity = 0, number = 0;
    int rc = NB_OK;
    while (rc == NB_OK && getline(&line, &capacity, stdin) >= 0) {
        struct nb_error cause = {0};
        number++;
        rc = add_line(reading, line, &cause);
        if (rc != NB_OK) {
            nb_error_set(err, rc, NB_DOMAIN_INPUT, "line %zu of the ids: %s", number, cause.message);
            nb_error_hint(err, "nothing was done; expected one id a line, or the lines of list --json");
        }
    }
    if (rc == NB_OK && ferror(stdin))
        rc = nb_error_errno(err, EIO, "reading ids from standard input");
    free(line);
    return rc;
}

struct place {
    struct nb_key key;
    size_t index;
};

static int compare_places(const void *a, const void *b)
{
    const struct place *left = a, *right = b;
    int order = nb_key_compare(&left->key, &right->key);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

/* Removes repeated ids; the order stays. */
static void drop_repeated(struct ids *ids)
{
    size_t count = ids->count, kept = 0;
    struct place *places = nb_calloc(count + 1, sizeof(*places));
    bool *repeated = nb_calloc(count + 1, sizeof(*repeated));
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){ids->keys[i], i};
    qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 1; i < count; i++)
        repeated[places[i].index] = nb_key_compare(&places[i].key, &places[i - 1].key) == 0;
    for (size_t i = 0; i < count; i++)
        if (!repeated[i])
            ids->keys[kept++] = ids->keys[i];
    ids->count = kept;
    free(places);
    free(repeated);
}

static void forget_endings(struct ids *ids)
{
    for (size_t i = 0; ids->endings && i < ids->count; i++)
        nb_free(&ids->endings[i]);
    nb_free(&ids->endings);
}

int ids_read(struct ids *out, const struct command_call *call, enum nb_subject subject, size_t count,
             struct nb_error *err)
{
    struct reading reading = {.subject = subject};
    int rc = NB_OK;
    for (size_t i = 0; i < count && rc == NB_OK; i++)
        rc = strcmp(call->arguments[i], "-") == 0 ? add_stdin(&reading, err)
                                                  : add_text(&reading, call->arguments[i], err);
    *out = (struct ids){.keys = reading.keys.data, .count = reading.keys.count, .endings = reading.endings.data};
    if (rc != NB_OK)
        ids_clear(out);
    else if (!reading.has_short)
        forget_endings(out);
    if (rc == NB_OK && !out->endings)
        drop_repeated(out);
    return rc;
}

void ids_clear(struct ids *ids)
{
    forget_endings(ids);
    nb_free(&ids->keys);
    ids->count = 0;
}

/* ---- short ids ---- */

struct finding {
    bool done;
    NB_VEC(struct nb_key) keys;
    struct nb_error err;
};

static void on_keys(void *arg, const struct nb_key *keys, size_t count, const struct nb_error *err)
{
    struct finding *finding = arg;

    finding->done = true;
    for (size_t i = 0; i < count; i++)
        nb_vec_push(&finding->keys, keys[i]);
    if (err)
        finding->err = *err;
}

/* Names a few of those that a short id may mean, with what they are about. */
static int refuse_ambiguous(const char *ending, const struct nb_key *keys, size_t count, struct command_call *call,
                            struct nb_connection *connection, enum nb_subject subject, struct nb_error *err)
{
    struct nb_page *page = NULL;
    struct nb_strbuf named;
    int rc = fetch_keys(&page, call, connection, subject, keys, count < NAMED_MOST ? count : NAMED_MOST, err);

    if (rc != NB_OK)
        return rc;
    nb_strbuf_init(&named, NAMED_MAX);
    for (size_t i = 0; i < page->count; i++) {
        char id[NB_KEY_TEXT_SIZE];

        nb_strbuf_appendf(&named, "%s%s ", i > 0 ? ", " : "", nb_key_format(&page->rows[i]->key, subject, id));
        nb_text_append_cut(&named, nb_subject_info(subject)->title(page->rows[i]), TITLE_COLUMNS, false, false);
    }
    nb_page_free(&page);
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" may mean several %s", ending,
                 nb_subject_info(subject)->nouns);
    nb_error_hint(err, "give more of its end, or the whole id: %s%s", named.data, count > NAMED_MOST ? " …" : "");
    nb_strbuf_clear(&named);
    return NB_EUSAGE;
}

static int choose(struct nb_key *out, const char *ending, const struct finding *finding, struct command_call *call,
                  struct nb_connection *connection, enum nb_subject subject, struct nb_error *err)
{
    NB_VEC(struct nb_key) meant = {0};
    int rc = NB_OK;

    for (size_t i = 0; i < finding->keys.count; i++)
        if (nb_key_ends(&finding->keys.data[i], subject, ending))
            nb_vec_push(&meant, finding->keys.data[i]);
    if (meant.count == 1)
        *out = meant.data[0];
    else if (meant.count > 1)
        rc = refuse_ambiguous(ending, meant.data, meant.count, call, connection, subject, err);
    else
        rows_unknown(err, subject, ending);
    rc = meant.count == 0 ? NB_ENOTFOUND : rc;
    nb_vec_clear(&meant);
    return rc;
}

int ids_find(struct ids *ids, struct command_call *call, struct nb_connection *connection, enum nb_subject subject,
             struct nb_error *err)
{
    struct finding finding = {0};
    NB_VEC(const char *) wanted = {0};
    int rc;

    for (size_t i = 0; ids->endings && i < ids->count; i++)
        if (ids->endings[i])
            nb_vec_push(&wanted, ids->endings[i]);
    if (wanted.count == 0)
        return NB_OK;
    if ((rc = session_settle(call, err)) != NB_OK) {
        nb_vec_clear(&wanted);
        return rc;
    }
    nb_keys_ending(connection, subject, wanted.data, wanted.count, on_keys, &finding);
    rc = fetch_wait(&finding.done, connection, err);
    if (rc == NB_OK && (rc = finding.err.code) != NB_OK)
        *err = finding.err;
    for (size_t i = 0; rc == NB_OK && i < ids->count; i++)
        if (ids->endings[i])
            rc = choose(&ids->keys[i], ids->endings[i], &finding, call, connection, subject, err);
    nb_vec_clear(&finding.keys);
    nb_vec_clear(&wanted);
    forget_endings(ids);
    drop_repeated(ids);
    return rc;
}

int ids_open(struct ids *out, struct nb_connection **connection, struct command_call *call, enum nb_subject subject,
             size_t count, struct nb_error *err)
{
    int rc = ids_read(out, call, subject, count, err);

    if (rc == NB_OK)
        rc = session_connect_for(connection, call, subject, err);
    return rc == NB_OK ? ids_find(out, call, *connection, subject, err) : rc;
}

int ids_find_one(struct nb_key *out, struct command_call *call, struct nb_connection *connection,
                 enum nb_subject subject, const char *text, struct nb_error *err)
{
    struct nb_key key = {{0}};
    struct ids ids = {.keys = &key, .count = 1};
    int rc;

    if (!nb_key_is_short(subject, text))
        return nb_key_parse(out, subject, text, err);
    ids.endings = nb_calloc(1, sizeof(*ids.endings));
    ids.endings[0] = nb_strdup(text);
    if ((rc = ids_find(&ids, call, connection, subject, err)) == NB_OK)
        *out = key;
    return rc;
}

void ids_fail(struct ids_outcome *outcome, struct command_call *call, const struct nb_error *err)
{
    output_error(call->output, err);
    outcome->code = outcome->failed == 0 || outcome->code == err->code ? err->code : NB_EFAILED;
    outcome->failed++;
}

void ids_fail_unknown(struct ids_outcome *outcome, struct command_call *call, enum nb_subject subject,
                      const struct nb_key *key)
{
    struct nb_error err = {0};
    char id[NB_KEY_TEXT_SIZE];
    rows_unknown(&err, subject, nb_key_format(key, subject, id));
    ids_fail(outcome, call, &err);
}

int ids_result(const struct ids_outcome *outcome, struct nb_error *err)
{
    if (outcome->failed == 0)
        return NB_OK;
    return nb_error_set(err, outcome->succeeded == 0 ? outcome->code : NB_EFAILED, NB_DOMAIN_NONE, "%s", "");
}
