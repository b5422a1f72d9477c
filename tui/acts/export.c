/*
 * export.c - one page fetched, written, the next one.
 */
#include "tui/acts/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/number.h"
#include "page/row_text.h"
#include "tui/host/link.h"

#define PAGE 500

/* What is being written. */
struct export
{
    struct exporter *exporter;
    struct view *view;
    FILE *file;
    char *path;
    bool csv;
    struct nb_filter *filter;
    struct nb_request *request;
    struct nb_place last;
    int64_t written;
    struct nb_strbuf text; /* of one row */
};

static void fetch(struct export *export);

static void write_row(struct export *export, const struct nb_row *row)
{
    enum nb_subject subject = export->view->rows.kind->subject;
    struct nb_strbuf *text = &export->text;

    nb_strbuf_reset(text);
    if (export->csv) {
        if (export->written == 0)
            nb_row_csv_heading(text, subject);
        nb_row_csv(text, subject, row, nb_now(), true);
    } else {
        nb_row_json(text, subject, row, nb_now(), NULL, true);
        nb_strbuf_append_char(text, '\n');
    }
    fwrite(text->data, 1, text->length, export->file);
    export->written++;
}

void export_stop(struct exporter *exporter)
{
    struct export *export = exporter->running;

    if (!export)
        return;
    exporter->running = NULL;
    if (export->request)
        nb_request_abandon(&export->request);
    if (export->file)
        fclose(export->file);
    nb_filter_free(&export->filter);
    nb_strbuf_clear(&export->text);
    free(export->path);
    free(export);
}

static void finish(struct export *export)
{
    struct exporter *exporter = export->exporter;
    char number[NB_NUMBER_TEXT_SIZE];
    int failed = ferror(export->file);

    failed |= fclose(export->file);
    export->file = NULL;
    if (failed)
        message_show(exporter->host, ROLE_ERROR, "%s could not be written: %s", export->path, strerror(errno));
    else if (link_is_refused(exporter->host)) /* who is not known sees no further rows */
        message_show(exporter->host, ROLE_ERROR, "%s is incomplete: the token ended while it was written",
                     export->path);
    else
        message_show(exporter->host, ROLE_OK, "wrote %s %s to %s", nb_number_format(export->written, number),
                     export->view->rows.info->nouns, export->path);
    export_stop(exporter);
}

static void on_page(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct export *export = arg;
    bool more;

    export->request = NULL;
    if (err) {
        message_error(export->exporter->host, err);
        export_stop(export->exporter);
        return;
    }
    for (size_t i = 0; i < page->count; i++) {
        write_row(export, page->rows[i]);
        export->last = nb_place_of(NULL, page->rows[i]);
    }
    more = page->more && page->count > 0 && !ferror(export->file);
    nb_page_free(&page);
    if (more)
        fetch(export);
    else
        finish(export);
}

static void fetch(struct export *export)
{
    struct nb_page_request request = {
        .subject = export->view->rows.kind->subject,
        .filter = export->filter,
        .by_key = true,
        .direction = NB_OLDER,
        .from = export->written > 0 ? &export->last : NULL,
        .limit = PAGE,
        .full = true,
    };

    export->request =
        nb_page_fetch(export->exporter->host->connection, &request, NB_PRIORITY_BACKGROUND, on_page, export);
}

void export_begin(struct exporter *exporter, struct view *view, const char *path, bool csv)
{
    struct export *export;
    int fd;

    if (exporter->running) {
        message_show(exporter->host, ROLE_ERROR, "an export to %s is under way", exporter->running->path);
        return;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        message_show(exporter->host, ROLE_ERROR, "%s: %s", path, strerror(errno));
        return;
    }
    export = nb_calloc(1, sizeof(*export));
    export->exporter = exporter;
    export->view = view;
    export->file = fdopen(fd, "w");
    export->path = nb_strdup(path);
    nb_strbuf_init(&export->text, NB_ROW_TEXT_MAX);
    export->csv = csv;
    (void)!nb_filter_parse(&export->filter, view->rows.kind->subject, view->rows.filter_text, NULL);
    exporter->running = export;
    message_show(exporter->host, ROLE_MESSAGE, "exporting to %s …", path);
    fetch(export);
}
