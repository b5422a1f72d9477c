/*
 * csv.c - reads CSV records as JSON documents.
 */
#include "config/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/json_text.h"
#include "base/text.h"
#include "base/vec.h"

#define CELLS_MAX 256

struct nb_csv {
    FILE *file;
    char *list;
    size_t longest;
    size_t line; /* that is read next */
    NB_VEC(char *) names;
    NB_VEC(size_t) ends; /* of the record's cells, in text */
    struct nb_strbuf text;
};

struct nb_csv *nb_csv_new(FILE *file, const char *list, size_t longest)
{
    struct nb_csv *csv = nb_calloc(1, sizeof(*csv));

    csv->file = file;
    csv->list = list ? nb_strdup(list) : NULL;
    csv->longest = longest;
    csv->line = 1;
    nb_strbuf_init(&csv->text, longest);
    return csv;
}

void nb_csv_free(struct nb_csv **csv)
{
    if (!*csv)
        return;
    for (size_t i = 0; i < (*csv)->names.count; i++)
        free((*csv)->names.data[i]);
    nb_vec_clear(&(*csv)->names);
    nb_vec_clear(&(*csv)->ends);
    nb_strbuf_clear(&(*csv)->text);
    free((*csv)->list);
    nb_free(csv);
}

static int refuse(size_t line, const char *what, struct nb_error *err)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "line %zu: %s", line, what);
}

static int next_byte(struct nb_csv *csv)
{
    int c = getc_unlocked(csv->file);

    csv->line += c == '\n';
    return c;
}

/* Reads a cell in quotes, and gives what stands behind it. */
static int read_quoted(struct nb_csv *csv, size_t line, int *behind, struct nb_error *err)
{
    int c;

    while ((c = next_byte(csv)) != EOF) {
        if (c == '"' && (c = next_byte(csv)) != '"') {
            if (c == '\r')
                c = next_byte(csv);
            *behind = c;
            return c == ',' || c == '\n' || c == EOF ? 0 : refuse(line, "text behind a quoted cell", err);
        }
        nb_strbuf_append_char(&csv->text, (char)c);
    }
    return refuse(line, "a quoted cell does not end", err);
}

static int read_plain(struct nb_csv *csv, int c, size_t line, int *behind, struct nb_error *err)
{
    size_t start = csv->text.length;

    for (; c != ',' && c != '\n' && c != EOF; c = next_byte(csv)) {
        if (c == '"')
            return refuse(line, "a quote within a cell that is not quoted", err);
        nb_strbuf_append_char(&csv->text, (char)c);
    }
    if (c != ',' && csv->text.length > start && csv->text.data[csv->text.length - 1] == '\r')
        nb_strbuf_truncate(&csv->text, csv->text.length - 1);
    *behind = c;
    return 0;
}

/* 1: a record; 0: the file has ended. */
static int read_record(struct nb_csv *csv, size_t *line, struct nb_error *err)
{
    int c, behind, rc = 0;

    nb_strbuf_reset(&csv->text);
    csv->ends.count = 0;
    do {
        *line = csv->line;
        c = next_byte(csv);
        if (c == '\r' && (c = next_byte(csv)) != '\n')
            return refuse(*line, "a carriage return without a line feed", err);
    } while (c == '\n'); /* empty lines are no records */
    if (c == EOF)
        return 0;
    for (;; c = next_byte(csv)) {
        rc = c == '"' ? read_quoted(csv, *line, &behind, err) : read_plain(csv, c, *line, &behind, err);
        if (rc != 0)
            return rc;
        nb_vec_push(&csv->ends, csv->text.length);
        if (csv->ends.count > CELLS_MAX)
            return refuse(*line, "too many cells", err);
        if (behind != ',')
            break;
    }
    return 1;
}

static char *cell(const struct nb_csv *csv, size_t index)
{
    size_t start = index > 0 ? csv->ends.data[index - 1] : 0;

    return nb_strndup(csv->text.data + start, csv->ends.data[index] - start);
}

/* Skips a byte order mark, which stands before the first cell: the cell may be quoted. */
static int skip_mark(struct nb_csv *csv, struct nb_error *err)
{
    int c = getc_unlocked(csv->file);

    if (c == 0xef)
        return getc_unlocked(csv->file) == 0xbb && getc_unlocked(csv->file) == 0xbf
                   ? 0
                   : refuse(1, "expected the names of the members", err);
    if (c != EOF)
        ungetc(c, csv->file);
    return 0;
}

static int read_names(struct nb_csv *csv, struct nb_error *err)
{
    size_t line;
    int rc = skip_mark(csv, err);

    if (rc == 0)
        rc = read_record(csv, &line, err);
    if (rc < 0)
        return rc;
    if (rc == 0 || csv->text.overflowed || memchr(csv->text.data, '\0', csv->text.length) ||
        !nb_utf8_valid(csv->text.data, csv->text.length))
        return refuse(1, "expected the names of the members", err);
    for (size_t i = 0; i < csv->ends.count; i++) {
        char *name = cell(csv, i);

        nb_vec_push(&csv->names, name);
        for (size_t before = 0; before < i; before++)
            if (strcmp(csv->names.data[before], name) == 0)
                return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "line %zu: \"%.100s\" stands twice", line, name);
        if (!*name)
            return refuse(line, "a member has no name", err);
    }
    return 0;
}

static void append_list(struct nb_strbuf *out, const char *text)
{
    const char *between = "";

    nb_strbuf_append(out, "[");
    for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        char *item = nb_strndup(at, length);

        nb_strbuf_append(out, between);
        nb_json_append_string(out, item);
        free(item);
        between = ",";
        at += length;
    }
    nb_strbuf_append(out, "]");
}

static void write_document(const struct nb_csv *csv, struct nb_strbuf *out)
{
    const char *between = "";

    nb_strbuf_reset(out);
    nb_strbuf_append(out, "{");
    for (size_t i = 0; i < csv->names.count; i++) {
        char *text = cell(csv, i);

        if (*text) {
            nb_strbuf_append(out, between);
            nb_json_append_string(out, csv->names.data[i]);
            nb_strbuf_append(out, ":");
            if (csv->list && strcmp(csv->list, csv->names.data[i]) == 0)
                append_list(out, text);
            else
                nb_json_append_string(out, text);
            between = ",";
        }
        free(text);
    }
    nb_strbuf_append(out, "}");
}

int nb_csv_next(struct nb_csv *csv, size_t *line, struct nb_strbuf *document, struct nb_error *refused,
                struct nb_error *err)
{
    int rc = csv->names.count > 0 ? 0 : read_names(csv, err);

    if (rc == 0)
        rc = read_record(csv, line, err);
    if (rc != 1)
        return rc;
    nb_strbuf_reset(document);
    if (csv->text.overflowed)
        nb_error_set(refused, NB_EINVALID, NB_DOMAIN_INPUT, "the record is longer than %zu bytes", csv->longest);
    else if (csv->ends.count != csv->names.count)
        nb_error_set(refused, NB_EINVALID, NB_DOMAIN_INPUT, "%zu cells where the first line has %zu", csv->ends.count,
                     csv->names.count);
    else if (memchr(csv->text.data, '\0', csv->text.length) || !nb_utf8_valid(csv->text.data, csv->text.length))
        nb_error_set(refused, NB_EINVALID, NB_DOMAIN_INPUT, "not valid UTF-8, or a NUL byte");
    else
        write_document(csv, document);
    return 1;
}
