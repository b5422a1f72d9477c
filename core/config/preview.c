/*
 * preview.c - what an import would do: it runs in a transaction that is rolled back, and the documents of before and
 * after are compared. So the preview cannot disagree with the import.
 */
#include <string.h>

#include <jansson.h>

#include "base/json.h"
#include "base/vec.h"
#include "config/documents_internal.h"

struct outcome {
    size_t number;
    char *key, *change;
    struct nb_error refused;
};

struct nb_config_preview {
    struct nb_config config;
    struct nb_config_import *import;
    json_t *before; /* documents by key, as text */
    NB_VEC(struct outcome) outcomes;
    bool in_transaction;
};

static void keep_document(void *arg, const char *key, const char *document)
{
    json_object_set_new(arg, key, json_string(document));
}

static int read_documents(json_t **out, const struct nb_config *config, struct nb_error *err)
{
    *out = json_object();
    return nb_config_list(config, NULL, keep_document, *out, err);
}

static void keep_outcome(void *arg, size_t number, const char *key, const char *change, const struct nb_error *err)
{
    struct nb_config_preview *preview = arg;
    struct outcome outcome = {.number = number, .key = nb_strdup(key), .change = nb_strdup(change)};

    if (err)
        outcome.refused = *err;
    nb_vec_push(&preview->outcomes, outcome);
}

int nb_config_preview_begin(struct nb_config_preview **out, const struct nb_config *config, struct nb_error *err)
{
    struct nb_config_preview *preview = nb_calloc(1, sizeof(*preview));
    int rc;

    preview->config = *config;
    preview->import = nb_config_import_new(config, keep_outcome, preview);
    if ((rc = nb_query_wait(config->connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err)) == 0) {
        preview->in_transaction = true;
        rc = read_documents(&preview->before, config, err);
    }
    if (rc < 0)
        nb_config_preview_free(&preview);
    *out = preview;
    return rc;
}

struct nb_config_import *nb_config_preview_import(struct nb_config_preview *preview)
{
    return preview->import;
}

int nb_config_preview_end(struct nb_config_preview *preview, nb_config_difference *seen, void *arg,
                          struct nb_error *err)
{
    json_t *after = NULL;
    int rc = read_documents(&after, &preview->config, err);

    if (rc == 0) {
        preview->in_transaction = false;
        rc = nb_query_wait(preview->config.connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, err);
    }
    for (size_t i = 0; rc == 0 && i < preview->outcomes.count; i++) {
        const struct outcome *outcome = &preview->outcomes.data[i];
        const char *key = outcome->key ? outcome->key : "";

        seen(arg, outcome->number, outcome->key, outcome->change,
             json_string_value(json_object_get(preview->before, key)), json_string_value(json_object_get(after, key)),
             outcome->change ? NULL : &outcome->refused);
    }
    json_decref(after);
    return rc;
}

void nb_config_preview_free(struct nb_config_preview **preview)
{
    struct nb_config_preview *it = *preview;

    if (!it)
        return;
    if (it->in_transaction)
        (void)!nb_query_wait(it->config.connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, NULL);
    for (size_t i = 0; i < it->outcomes.count; i++) {
        free(it->outcomes.data[i].key);
        free(it->outcomes.data[i].change);
    }
    nb_vec_clear(&it->outcomes);
    nb_config_import_free(&it->import);
    json_decref(it->before);
    nb_free(preview);
}

/* ---- comparing two documents ---- */

static void tell_member(nb_config_member *differs, void *arg, const char *member, const json_t *before,
                        const json_t *after)
{
    char *before_text = before ? json_dumps(before, JSON_COMPACT | JSON_ENCODE_ANY) : nb_strdup("null");
    char *after_text = after ? json_dumps(after, JSON_COMPACT | JSON_ENCODE_ANY) : nb_strdup("null");

    differs(arg, member, before_text, after_text);
    free(before_text);
    free(after_text);
}

void nb_config_compare(const char *before, const char *after, nb_config_member *differs, void *arg)
{
    json_t *old = NULL, *new = NULL, *value;
    const char *member;

    if (before && after && nb_json_parse(&old, before, strlen(before), NULL) == 0 &&
        nb_json_parse(&new, after, strlen(after), NULL) == 0) {
        json_object_foreach(old, member, value) if (!json_equal(value, json_object_get(new, member)))
            tell_member(differs, arg, member, value, json_object_get(new, member));
        json_object_foreach(new, member, value) if (!json_object_get(old, member))
            tell_member(differs, arg, member, NULL, value);
    }
    json_decref(old);
    json_decref(new);
}
