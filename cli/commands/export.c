/*
 * export.c - `nightbell export`: everything that matches, page by page, in constant memory; as NDJSON or CSV (RFC
 * 4180).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/frame/groups.h"
#include "cli/rows/rows.h"
#include "cli/frame/session.h"
#include "page/row_text.h"

#define EXPORT_PAGE 500

struct exporting {
    struct command_call *call;
    enum nb_subject subject;
    bool csv;
    bool safe; /* CSV: a cell is never a formula */
    bool heading_printed;
    int64_t done, total; /* total < 0: unknown */
    struct nb_strbuf record;
};

/* A file gets the exact text, a terminal the sanitised one. */
static void print_record(struct exporting *exporting)
{
    struct output *output = exporting->call->output;
    struct nb_strbuf *record = &exporting->record;
    if (output_is_terminal(output)) {
        nb_strbuf_truncate(record, record->length - strlen("\r\n"));
        output_block(output, record->data);
    } else {
        output_raw(output, record->data, record->length);
    }
    nb_strbuf_reset(record);
}

static void print_csv(struct exporting *exporting, const struct nb_row *row)
{
    if (!exporting->heading_printed) {
        nb_row_csv_heading(&exporting->record, exporting->subject);
        print_record(exporting);
        exporting->heading_printed = true;
    }
    nb_row_csv(&exporting->record, exporting->subject, row, nb_now(), exporting->safe);
    print_record(exporting);
}

static void print_page(struct exporting *exporting, const struct nb_page *page)
{
    for (size_t i = 0; i < page->count && !output_closed(exporting->call->output); i++) {
        if (exporting->csv)
            print_csv(exporting, page->rows[i]);
        else
            rows_print_json(exporting->call->output, exporting->subject, page->rows[i], NULL);
    }
    exporting->done += (int64_t)page->count;
    if (!output_is_terminal(exporting->call->output)) /* the rows themselves show the progress there */
        output_progress(exporting->call->output, "exporting", exporting->done, exporting->total);
}

static int print_all(struct exporting *exporting, struct nb_connection *connection, const struct nb_filter *filter,
                     struct nb_error *err)
{
    struct nb_place last;
    struct nb_page *page = NULL;
    bool more = true;
    int rc = NB_OK;
    while (rc == NB_OK && more && !output_closed(exporting->call->output)) {
        struct nb_page_request request = {
            .subject = exporting->subject,
            .filter = filter,
            .by_key = true,
            .direction = NB_OLDER,
            .from = exporting->done > 0 ? &last : NULL,
            .limit = EXPORT_PAGE,
            .full = true,
        };
        rc = fetch_page(&page, exporting->call, connection, &request, err);
        if (rc == NB_OK) {
            print_page(exporting, page);
            more = page->more && page->count > 0;
            if (page->count > 0)
                last = nb_place_of(NULL, page->rows[page->count - 1]);
        }
        nb_page_free(&page);
    }
    output_progress_end(exporting->call->output);
    return rc;
}

static int parse_format(bool *csv, const struct command_call *call, struct nb_error *err)
{
    const char *format = command_text(call, "format");
    *csv = format && strcmp(format, "csv") == 0;
    if (!format || *csv || strcmp(format, "ndjson") == 0)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--format %s: there is no such format", format);
    return nb_error_hint(err, "expected ndjson or csv");
}

static int run_export(struct command_call *call, struct nb_error *err)
{
    struct exporting exporting = {.call = call, .total = -1};
    struct nb_filter *filter = NULL;
    struct nb_connection *connection = NULL;
    nb_strbuf_init(&exporting.record, NB_ROW_TEXT_MAX);
    exporting.safe = command_has(call, "csv-safe");
    int rc = parse_format(&exporting.csv, call, err);
    if (rc == NB_OK)
        rc = nb_subject_parse(&exporting.subject, call->arguments[0], err);
    if (rc == NB_OK)
        rc = fetch_filter(&filter, call, exporting.subject, 1, err);
    if (rc == NB_OK)
        rc = session_begin_for(&connection, call, exporting.subject, err);
    if (rc == NB_OK && output_shows_progress(call->output) && !output_is_terminal(call->output))
        rc = fetch_count(&exporting.total, call, connection, exporting.subject, filter, err);
    if (rc == NB_OK)
        rc = print_all(&exporting, connection, filter, err);
    nb_filter_free(&filter);
    nb_strbuf_clear(&exporting.record);
    return rc;
}

static const struct command_option export_options[] = {
    {"format", "ndjson|csv", "one JSON object a line (default), or CSV with a heading", .values = "ndjson csv"},
    {"csv-safe", NULL, "CSV for spreadsheets: an apostrophe before cells that begin with = + - @, a tab or a CR"},
    {NULL},
};

static const struct command export_commands[] = {
    {.arguments = "inbox|events|deliveries [FILTER]",
     .synopsis = "inbox|events|deliveries [FILTER] [--format ndjson|csv] [--csv-safe]",
     .summary = "write everything that matches to standard output, newest first",
     .options = export_options,
     .description = "Every field, data and details included, in constant memory however many rows there are. "
                    "CSV is as "
                    "RFC 4180 says: a heading, CRLF, fields with commas, quotes or line ends in quotes.",
     .run = run_export},
    {NULL},
};

const struct command_group export_group = {
    .name = "export", .summary = "take it with you", .commands = export_commands};
