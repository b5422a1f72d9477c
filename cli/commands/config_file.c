/*
 * config_file.c - the documents of a file that `nightbell KIND import` reads: NDJSON, a JSON list, YAML, or CSV for the
 * kinds that are flat.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "apply/folder.h"
#include "apply/yaml.h"
#include "base/strbuf.h"
#include "cli/commands/config.h"
#include "config/csv.h"

enum format { LINES, CSV, YAML };

struct config_file {
    const struct nb_config_kind *kind;
    const char *path;
    FILE *stream;
    enum format format;
    int64_t bytes, total;
    size_t line; /* that was read last, or the item of a list */
    struct nb_strbuf text;
    struct nb_csv *csv;
    json_t *root, *lines; /* of YAML */
    const json_t *items;
};

static bool has_suffix(const char *path, const char *suffix)
{
    size_t length = strlen(path), of = strlen(suffix);

    return length > of && strcmp(path + length - of, suffix) == 0;
}

static int choose_format(struct config_file *file, const char *named, struct nb_error *err)
{
    file->format = LINES;
    if (named ? strcmp(named, "csv") == 0 : has_suffix(file->path, ".csv"))
        file->format = CSV;
    else if (named ? strcmp(named, "yaml") == 0 : has_suffix(file->path, ".yaml") || has_suffix(file->path, ".yml"))
        file->format = YAML;
    if (file->format != CSV || file->kind->csv_list)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s are not read from CSV", file->kind->name);
    return nb_error_hint(err, "give one JSON object a line, as export writes it");
}

static int open_stream(struct config_file *file, struct nb_error *err)
{
    struct stat status;

    file->total = -1;
    file->stream = strcmp(file->path, "-") == 0 ? stdin : fopen(file->path, "re");
    if (!file->stream) {
        int errnum = errno;

        nb_error_errno(err, errnum, "open %s", file->path);
        if (errnum == ENOENT)
            err->code = NB_ENOTFOUND;
        return nb_error_hint(err, "name a file, or - for standard input");
    }
    if (fstat(fileno(file->stream), &status) == 0 && S_ISREG(status.st_mode))
        file->total = status.st_size;
    return NB_OK;
}

int config_file_open(struct config_file **out, const struct nb_config_kind *kind, const char *path, const char *format,
                     struct nb_error *err)
{
    struct config_file *file = nb_calloc(1, sizeof(*file));
    int rc;

    *out = file;
    file->kind = kind;
    file->path = path;
    nb_strbuf_init(&file->text, kind->document_max + 2);
    rc = choose_format(file, format, err);
    if (rc == NB_OK)
        rc = open_stream(file, err);
    if (rc != NB_OK)
        config_file_free(out);
    return rc;
}

static void forget_contents(struct config_file *file)
{
    nb_csv_free(&file->csv);
    json_decref(file->root);
    json_decref(file->lines);
    file->root = file->lines = NULL;
    file->items = NULL;
    file->line = 0;
    file->bytes = 0;
}

void config_file_free(struct config_file **file)
{
    if (!*file)
        return;
    forget_contents(*file);
    if ((*file)->stream && (*file)->stream != stdin)
        fclose((*file)->stream);
    nb_strbuf_clear(&(*file)->text);
    nb_free(file);
}

bool config_file_rewinds(const struct config_file *file)
{
    return file->stream != stdin && file->total >= 0;
}

void config_file_rewind(struct config_file *file)
{
    rewind(file->stream);
    forget_contents(file);
}

int64_t config_file_bytes(const struct config_file *file)
{
    return file->bytes;
}

int64_t config_file_total(const struct config_file *file)
{
    return file->format == LINES ? file->total : -1;
}

/* ---- one object a line ---- */

/* Reads to the end of the line, keeping at most the limit and one byte: enough to refuse a longer one. */
static bool read_line(struct config_file *file)
{
    int c;

    nb_strbuf_reset(&file->text);
    while ((c = getc_unlocked(file->stream)) != EOF) {
        file->bytes++;
        if (c == '\n') {
            file->line++;
            return true;
        }
        if (file->text.length <= file->kind->document_max)
            nb_strbuf_append_char(&file->text, (char)c);
    }
    file->line++;
    return file->text.length > 0;
}

static bool next_line(struct config_file *file)
{
    while (read_line(file))
        if (strspn(file->text.data, " \t\r") < file->text.length)
            return true;
    return false;
}

/* A line begins with an object: a list stands for a JSON file as a whole. */
static bool begins_with_list(struct config_file *file)
{
    int c = getc_unlocked(file->stream);

    if (c != EOF)
        ungetc(c, file->stream);
    return c == '[';
}

/* ---- YAML, and a JSON list ---- */

static int read_all(struct config_file *file, struct nb_error *err)
{
    struct nb_strbuf text;
    char part[65536];
    size_t got;
    int rc;

    nb_strbuf_init(&text, NB_YAML_FILE_MAX + 1);
    while ((got = fread(part, 1, sizeof(part), file->stream)) > 0)
        nb_strbuf_append_n(&text, part, got);
    if (ferror(file->stream))
        rc = nb_error_errno(err, errno, "reading %s", file->path);
    else if (text.overflowed || text.length > NB_YAML_FILE_MAX)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes: give one JSON object a line",
                          file->path, NB_YAML_FILE_MAX);
    else
        rc = nb_yaml_parse(&file->root, &file->lines, text.data, text.length, file->path, err);
    nb_strbuf_clear(&text);
    if (rc != NB_OK)
        return rc;
    file->items = json_is_array(file->root) ? file->root : json_object_get(file->root, file->kind->name);
    if (!json_is_array(file->items))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected a list of %s", file->path,
                            file->kind->name);
    return NB_OK;
}

static int next_item(struct config_file *file, size_t *line, struct nb_error *err)
{
    char pointer[128];
    int rc = file->items ? NB_OK : read_all(file, err);

    if (rc != NB_OK)
        return rc;
    if (file->line >= json_array_size(file->items))
        return 0;
    snprintf(pointer, sizeof(pointer), "%s%s/%zu", file->items == file->root ? "" : "/",
             file->items == file->root ? "" : file->kind->name, file->line);
    *line = nb_yaml_line(file->lines, pointer);
    nb_strbuf_reset(&file->text);
    nb_apply_append_json(&file->text, json_array_get(file->items, file->line++));
    file->bytes += (int64_t)file->text.length;
    return 1;
}

/* ---- all of them ---- */

static int next_record(struct config_file *file, size_t *line, struct nb_error *refused, struct nb_error *err)
{
    int rc;

    if (!file->csv)
        file->csv = nb_csv_new(file->stream, file->kind->csv_list, file->kind->document_max);
    rc = nb_csv_next(file->csv, line, &file->text, refused, err);
    file->bytes += (int64_t)file->text.length;
    return rc;
}

int config_file_next(struct config_file *file, struct config_file_item *item, struct nb_error *err)
{
    int rc;

    *item = (struct config_file_item){0};
    if (file->format == LINES && file->bytes == 0 && begins_with_list(file))
        file->format = YAML;
    switch (file->format) {
    case CSV:
        rc = next_record(file, &item->line, &item->refused, err);
        break;
    case YAML:
        rc = next_item(file, &item->line, err);
        break;
    default:
        rc = next_line(file);
        item->line = file->line;
    }
    if (rc >= 0 && ferror(file->stream))
        rc = nb_error_errno(err, errno, "reading %s", file->path);
    item->text = file->text.data;
    item->length = file->text.length;
    return rc;
}
