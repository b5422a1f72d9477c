/*
 * import.c - imports JSON documents of a kind, in batches. The database checks each document; what is not valid text is
 * refused here.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "config/documents_internal.h"

#define BATCH_LINES 100
#define BATCH_BYTES ((size_t)1024 * 1024)

struct entry {
    size_t number;
    char *text;              /* NULL: refused here */
    struct nb_error refused; /* its code is set where the text was refused */
};

struct nb_config_import {
    struct nb_config config;
    nb_config_result *result;
    void *arg;
    size_t bytes;
    NB_VEC(struct entry) entries;
};

struct nb_config_import *nb_config_import_new(const struct nb_config *config, nb_config_result *result, void *arg)
{
    struct nb_config_import *import = nb_calloc(1, sizeof(*import));

    import->config = *config;
    import->result = result;
    import->arg = arg;
    return import;
}

static void forget_entries(struct nb_config_import *import)
{
    for (size_t i = 0; i < import->entries.count; i++)
        free(import->entries.data[i].text);
    import->entries.count = 0;
    import->bytes = 0;
}

void nb_config_import_free(struct nb_config_import **import)
{
    if (!*import)
        return;
    forget_entries(*import);
    nb_vec_clear(&(*import)->entries);
    nb_free(import);
}

static int check_document(const char *document, size_t length, size_t longest, struct nb_error *err)
{
    if (length > longest)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is longer than %zu bytes", longest);
    if (memchr(document, '\0', length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line contains a NUL byte");
    if (!nb_utf8_valid(document, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is not valid UTF-8");
    return 0;
}

static int push_entry(struct nb_config_import *import, struct entry entry, struct nb_error *err)
{
    const size_t batch = import->config.kind->batch;

    nb_vec_push(&import->entries, entry);
    if (import->entries.count < (batch ? batch : BATCH_LINES) && import->bytes < BATCH_BYTES)
        return 0;
    return nb_config_import_flush(import, err);
}

int nb_config_import_refused(struct nb_config_import *import, size_t number, const struct nb_error *why,
                             struct nb_error *err)
{
    return push_entry(import, (struct entry){.number = number, .refused = *why}, err);
}

int nb_config_import_one(struct nb_config_import *import, size_t number, const char *document, size_t length,
                         struct nb_error *err)
{
    const struct nb_config_kind *kind = import->config.kind;
    struct entry entry = {.number = number};

    if (check_document(document, length, kind->document_max, &entry.refused) == 0 &&
        (!import->config.check || import->config.check(document, length, &entry.refused) == 0)) {
        entry.text = nb_strndup(document, length);
        import->bytes += length;
    }
    return push_entry(import, entry, err);
}

static struct nb_params *batch_params(const struct nb_config_import *import, size_t *count)
{
    struct nb_params *params = nb_config_params(&import->config);
    const char **texts = nb_calloc(import->entries.count + 1, sizeof(*texts));

    *count = 0;
    for (size_t i = 0; i < import->entries.count; i++)
        if (import->entries.data[i].text)
            texts[(*count)++] = import->entries.data[i].text;
    nb_params_text_array(params, texts, *count);
    free(texts);
    return params;
}

/* Reports the outcome in row `row` for the entry. */
static void tell(const struct nb_config_import *import, const struct entry *entry, const struct nb_result *result,
                 size_t row)
{
    struct nb_error refused = entry->refused;

    if (entry->text && nb_result_is_null(result, row, 3)) {
        import->result(import->arg, entry->number, nb_result_text(result, row, 1), nb_result_text(result, row, 2),
                       NULL);
        return;
    }
    if (entry->text)
        nb_error_set_sqlstate(&refused, nb_result_text(result, row, 3), nb_result_text(result, row, 4),
                              nb_result_text(result, row, 5));
    import->result(import->arg, entry->number, NULL, NULL, &refused);
}

int nb_config_import_flush(struct nb_config_import *import, struct nb_error *err)
{
    struct nb_result *result = NULL;
    size_t count, row = 0;
    struct nb_params *params = batch_params(import, &count);
    int rc = nb_query_wait(import->config.connection, import->config.kind->import, params, &result, err);

    if (rc == 0 && nb_result_rows(result) != count)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "the database answered %zu of %zu lines",
                          nb_result_rows(result), count);
    for (size_t i = 0; rc == 0 && i < import->entries.count; i++) {
        const struct entry *entry = &import->entries.data[i];

        tell(import, entry, result, row);
        row += entry->text != NULL;
    }
    if (rc == 0)
        forget_entries(import);
    nb_result_free(&result);
    return rc;
}
