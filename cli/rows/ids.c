/*
 * ids.c - reads ids strictly, and sums up the outcome of each.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cli/frame/command.h"
#include "cli/rows/ids.h"
#include "cli/rows/rows.h"
#include "page/page.h"

struct reading {
    enum nb_subject subject;
    NB_VEC(struct nb_key) keys;
};

static int add_text(struct reading *reading, const char *text, struct nb_error *err)
{
    struct nb_key key;
    int rc = nb_key_parse(&key, reading->subject, text, err);
    if (rc == NB_OK)
        nb_vec_push(&reading->keys, key);
    return rc;
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
static void drop_repeated(struct reading *reading)
{
    size_t count = reading->keys.count, kept = 0;
    struct place *places = nb_calloc(count + 1, sizeof(*places));
    bool *repeated = nb_calloc(count + 1, sizeof(*repeated));
    for (size_t i = 0; i < count; i++)
        places[i] = (struct place){reading->keys.data[i], i};
    qsort(places, count, sizeof(*places), compare_places);
    for (size_t i = 1; i < count; i++)
        repeated[places[i].index] = nb_key_compare(&places[i].key, &places[i - 1].key) == 0;
    for (size_t i = 0; i < count; i++)
        if (!repeated[i])
            reading->keys.data[kept++] = reading->keys.data[i];
    reading->keys.count = kept;
    free(places);
    free(repeated);
}

int ids_read(struct ids *out, const struct command_call *call, enum nb_subject subject, size_t count,
             struct nb_error *err)
{
    struct reading reading = {.subject = subject};
    int rc = NB_OK;
    for (size_t i = 0; i < count && rc == NB_OK; i++)
        rc = strcmp(call->arguments[i], "-") == 0 ? add_stdin(&reading, err)
                                                  : add_text(&reading, call->arguments[i], err);
    if (rc == NB_OK)
        drop_repeated(&reading);
    out->keys = reading.keys.data;
    out->count = reading.keys.count;
    if (rc != NB_OK)
        ids_clear(out);
    return rc;
}

void ids_clear(struct ids *ids)
{
    nb_free(&ids->keys);
    ids->count = 0;
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
