/* csv.c - fuzzes the reader of CSV: each record is a JSON object or refused, and a document written as CSV is read as itself. */
#include "config/csv.h"
#include <jansson.h>
#include "tests/fuzz/fuzz.h"

#define LONGEST 300

static void append_cell(struct nb_strbuf *out, const char *text)
{
    nb_strbuf_append(out, "\"");
    for (; *text; text++) {
        if (*text == '"')
            nb_strbuf_append(out, "\"");
        nb_strbuf_append_char(out, *text);
    }
    nb_strbuf_append(out, "\"");
}

/* The names, then the values, all quoted. */
static void write_csv(struct nb_strbuf *out, json_t *document)
{
    const char *name, *between = "";
    json_t *value;

    json_object_foreach(document, name, value)
    {
        nb_strbuf_append(out, between);
        append_cell(out, name);
        between = ",";
    }
    between = "\r\n";
    json_object_foreach(document, name, value)
    {
        nb_strbuf_append(out, between);
        append_cell(out, json_string_value(value));
        between = ",";
    }
}

static void read_again(const struct nb_strbuf *document)
{
    json_t *object = json_loads(document->data, JSON_REJECT_DUPLICATES, NULL);
    struct nb_strbuf text, again;
    struct nb_error refused = {0}, err;
    size_t line;

    PROMISE(json_is_object(object));
    nb_strbuf_init(&text, 100000);
    nb_strbuf_init(&again, 100000);
    write_csv(&text, object);
    if (json_object_size(object) > 0) {
        FILE *file = fmemopen(text.data, text.length, "r");
        struct nb_csv *csv = nb_csv_new(file, NULL, 10 * LONGEST);

        PROMISE(nb_csv_next(csv, &line, &again, &refused, &err) == 1 && refused.code == 0);
        PROMISE(strcmp(again.data, document->data) == 0);
        PROMISE(nb_csv_next(csv, &line, &again, &refused, &err) == 0);
        nb_csv_free(&csv);
        fclose(file);
    }
    nb_strbuf_clear(&again);
    nb_strbuf_clear(&text);
    json_decref(object);
}

static void read_all(const uint8_t *data, size_t size, const char *list)
{
    FILE *file = fmemopen((void *)(uintptr_t)data, size, "r");
    struct nb_csv *csv = nb_csv_new(file, list, LONGEST);
    struct nb_strbuf document;
    struct nb_error err = {0};
    size_t line, before = 1;
    int rc;

    nb_strbuf_init(&document, 100000);
    for (;;) {
        struct nb_error refused = {0};

        rc = nb_csv_next(csv, &line, &document, &refused, &err);
        if (rc != 1)
            break;
        PROMISE(line > before);
        before = line;
        if (refused.code)
            PROMISE(refused.message[0]);
        else if (!list)
            read_again(&document);
    }
    if (rc < 0)
        PROMISE(rc == NB_EINVALID && strncmp(err.message, "line ", 5) == 0);
    nb_strbuf_clear(&document);
    nb_csv_free(&csv);
    fclose(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    read_all(data, size, NULL);
    read_all(data, size, "roles");
    return 0;
}
