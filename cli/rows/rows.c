/*
 * rows.c - rows of any subject, for people and as JSON, by the table of each subject's kind.
 */
#include "cli/rows/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/rows/rows_kind.h"
#include "page/row_text.h"

static const struct rows_kind *const kinds[NB_SUBJECT_COUNT] = {
    [NB_SUBJECT_INBOX] = &rows_inbox,
    [NB_SUBJECT_EVENTS] = &rows_events,
    [NB_SUBJECT_DELIVERIES] = &rows_deliveries,
};

struct listing *rows_listing_new(struct output *output, enum nb_subject subject)
{
    return listing_new(output, kinds[subject]->columns, kinds[subject]->column_count);
}

void rows_list(struct listing *listing, struct output *output, enum nb_subject subject, const struct nb_order *order,
               const struct nb_row *row, int64_t now)
{
    kinds[subject]->list(listing, output, order, row, now);
}

void rows_append_weight(struct nb_strbuf *line, const struct output *output, enum nb_subject subject,
                        const struct nb_row *row)
{
    kinds[subject]->weight(line, output, row);
}

const char *rows_empty(enum nb_subject subject)
{
    return kinds[subject]->empty;
}

void rows_unknown(struct nb_error *err, enum nb_subject subject, const char *id)
{
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_NONE, "%s: %s", id, kinds[subject]->unknown);
    nb_error_hint(err, "%s", kinds[subject]->find_out);
}

/* ---- one row in full ---- */

static void show_history(struct output *output, const struct nb_event_action *history, size_t count)
{
    char when[NB_TIME_TEXT_SIZE];
    output_line(output, "%s", "");
    output_line(output, "history");
    for (size_t i = 0; i < count; i++) {
        char *note = nb_time_sentence(history[i].note, history[i].note_time, nb_time_format_local);
        output_line(output, "  %s  %s %s%s%s", nb_time_format_local(history[i].at, when),
                    history[i].actor_name ? history[i].actor_name : "the system", history[i].action, note ? ": " : "",
                    note ? note : "");
        free(note);
    }
}

void rows_show(struct output *output, enum nb_subject subject, const struct nb_row *row,
               const struct nb_event_action *history, size_t history_count)
{
    kinds[subject]->show(output, row);
    if (history_count > 0)
        show_history(output, history, history_count);
}

/* ---- JSON ---- */

/* The members of an object, without its braces; the caller frees it. */
static char *members_take(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT), *members;
    if (!text)
        nb_fatal("out of memory while writing JSON");
    members = nb_strndup(text + 1, strlen(text) - 2);
    json_decref(object);
    free(text);
    return members;
}

void rows_print_json(struct output *output, enum nb_subject subject, const struct nb_row *row, json_t *first_take)
{
    char *first = first_take ? members_take(first_take) : NULL;
    struct nb_strbuf line;
    nb_strbuf_init(&line, NB_ROW_TEXT_MAX);
    nb_row_json(&line, subject, row, nb_now(), first, true);
    output_json_text_line(output, line.data);
    nb_strbuf_clear(&line);
    free(first);
}
