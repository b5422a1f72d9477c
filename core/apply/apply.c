/*
 * apply.c - makes the configuration what a folder says, in one transaction.
 */
#include "apply/apply.h"

#include <stdlib.h>
#include <string.h>

#include "db/server_query.h"

struct applying {
    struct nb_connection *connection;
    const struct nb_apply_folder *folder;
    const struct nb_apply_options *options;
    struct nb_apply_counts *counts;
    bool is_refused;
};

/* ---- the documents of a kind, in the folder ---- */

/* Those of a kind stand together. */
static const struct nb_apply_document *first_of(const struct nb_apply_folder *folder, const struct nb_config_kind *kind,
                                                size_t *count)
{
    const struct nb_apply_document *first = NULL;

    *count = 0;
    for (size_t i = 0; i < folder->documents.count; i++)
        if (folder->documents.data[i].kind == kind) {
            first = first ? first : &folder->documents.data[i];
            ++*count;
        }
    return first;
}

static struct nb_config config_of(const struct applying *applying, const struct nb_config_kind *kind)
{
    struct nb_config config = {.kind = kind, .connection = applying->connection, .tenant = applying->options->tenant};

    if (applying->options->check_of)
        config.check = applying->options->check_of(kind);
    return config;
}

/* ---- which were brought by an earlier apply ---- */

static struct nb_params *kind_params(const struct applying *applying, const struct nb_config_kind *kind)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, kind->is_of_a_tenant ? applying->options->tenant : NULL);
    nb_params_bool(params, kind->is_of_a_tenant);
    nb_params_text(params, kind->name);
    nb_params_text(params, applying->folder->owner ? applying->folder->owner : "");
    return params;
}

static int note_applied(const struct applying *applying, const struct nb_config_kind *kind, struct nb_error *err)
{
    struct nb_params *params = kind_params(applying, kind);
    size_t count;
    const struct nb_apply_document *documents = first_of(applying->folder, kind, &count);
    const char **keys = nb_calloc(count + 1, sizeof(*keys));

    for (size_t i = 0; i < count; i++)
        keys[i] = documents[i].key;
    nb_params_text_array(params, keys, count);
    nb_params_bool(params, applying->options->prune);
    free(keys);
    return nb_server_query_wait(applying->connection, NB_SERVER_SQL_APPLIED_NOTE, params, NULL, err);
}

static int prune(const struct applying *applying, const struct nb_config_kind *kind, struct nb_error *err)
{
    struct nb_config config = config_of(applying, kind);
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(applying->connection, NB_SERVER_SQL_APPLIED_KEYS, kind_params(applying, kind),
                                  &result, err);

    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++) {
        const char *key = nb_result_text(result, i, 0);

        if (nb_apply_file_of(applying->folder, kind, key))
            continue;
        rc = nb_config_delete(&config, key, err);
        if (rc == NB_ENOTFOUND) /* somebody else deleted it */
            rc = 0;
    }
    nb_result_free(&result);
    return rc;
}

/* ---- importing ---- */

static void on_result(void *arg, size_t number, const char *key, const char *change, const struct nb_error *err)
{
    struct applying *applying = arg;
    struct nb_error refused;

    (void)key;
    (void)change;
    if (!err)
        return;
    applying->is_refused = true;
    nb_apply_refuse(&applying->folder->documents.data[number], err->message, err->hint, &refused);
    refused.code = err->code;
    applying->options->complaint(applying->options->arg, &refused);
}

static int import(struct applying *applying, const struct nb_config_kind *kind, struct nb_error *err)
{
    struct nb_config config = config_of(applying, kind);
    struct nb_config_import *import = nb_config_import_new(&config, on_result, applying);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < applying->folder->documents.count; i++) {
        const struct nb_apply_document *document = &applying->folder->documents.data[i];

        if (document->kind == kind)
            rc = nb_config_import_one(import, i, document->text, strlen(document->text), err);
    }
    if (rc == 0)
        rc = nb_config_import_flush(import, err);
    nb_config_import_free(&import);
    return rc;
}

/* ---- what has changed ---- */

static void keep_document(void *arg, const char *key, const char *document)
{
    json_object_set_new(arg, key, json_string(document));
}

static int read_documents(json_t *out, const struct applying *applying, const struct nb_config_kind *kind,
                          struct nb_error *err)
{
    struct nb_config config = config_of(applying, kind);

    return nb_config_list(&config, NULL, keep_document, out, err);
}

static void tell_differences(const struct applying *applying, const struct nb_config_kind *kind, json_t *before,
                             json_t *after)
{
    const struct nb_apply_options *options = applying->options;
    const char *key;
    json_t *document;

    json_object_foreach(before, key, document)
    {
        const char *old = json_string_value(document);
        const char *new = json_string_value(json_object_get(after, key));

        if (new &&strcmp(old, new) == 0) {
            applying->counts->same++;
        } else if (new) {
            applying->counts->changed++;
            options->difference(options->arg, kind, key, "changed", old, new);
        } else {
            applying->counts->deleted++;
            options->difference(options->arg, kind, key, "deleted", old, NULL);
        }
    }
    json_object_foreach(after, key, document) if (!json_object_get(before, key))
    {
        applying->counts->added++;
        options->difference(options->arg, kind, key, "added", NULL, json_string_value(document));
    }
}

/* ---- the transaction ---- */

/* A kind concerns us where the folder has documents of it, or where some may have to go. */
static bool concerns(const struct applying *applying, const struct nb_config_kind *kind)
{
    size_t count;

    first_of(applying->folder, kind, &count);
    return count > 0 || applying->options->prune;
}

typedef int step(struct applying *applying, const struct nb_config_kind *kind, json_t *documents, struct nb_error *err);

static int read_kind(struct applying *applying, const struct nb_config_kind *kind, json_t *documents,
                     struct nb_error *err)
{
    json_t *of_kind = json_object();

    json_object_set_new(documents, kind->name, of_kind);
    return read_documents(of_kind, applying, kind, err);
}

static int import_kind(struct applying *applying, const struct nb_config_kind *kind, json_t *documents,
                       struct nb_error *err)
{
    (void)documents;
    return import(applying, kind, err);
}

static int prune_kind(struct applying *applying, const struct nb_config_kind *kind, json_t *documents,
                      struct nb_error *err)
{
    int rc = applying->options->prune ? prune(applying, kind, err) : 0;

    (void)documents;
    return rc == 0 ? note_applied(applying, kind, err) : rc;
}

/* Does a step for each kind; backwards for what is deleted, since others refer to what comes first. */
static int each_kind(struct applying *applying, step *do_step, bool backwards, json_t *documents, struct nb_error *err)
{
    size_t count;
    const struct nb_config_kind *kinds = nb_config_kinds(&count);
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct nb_config_kind *kind = &kinds[backwards ? count - 1 - i : i];

        if (concerns(applying, kind))
            rc = do_step(applying, kind, documents, err);
    }
    return rc;
}

static int apply_all(struct applying *applying, struct nb_error *err)
{
    json_t *before = json_object(), *after = json_object();
    const char *name;
    json_t *documents;
    int rc = each_kind(applying, read_kind, false, before, err);

    if (rc == 0)
        rc = each_kind(applying, import_kind, false, NULL, err);
    if (rc == 0 && applying->is_refused) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "documents were refused");
        rc = nb_error_hint(err, "nothing was changed; correct them first");
    }
    if (rc == 0)
        rc = each_kind(applying, prune_kind, true, NULL, err);
    if (rc == 0)
        rc = each_kind(applying, read_kind, false, after, err);
    if (rc == 0)
        json_object_foreach(before, name, documents)
            tell_differences(applying, nb_config_kind_find(name), documents, json_object_get(after, name));
    json_decref(before);
    json_decref(after);
    return rc;
}

int nb_apply_run(struct nb_apply_counts *counts, struct nb_connection *connection, const struct nb_apply_folder *folder,
                 const struct nb_apply_options *options, struct nb_error *err)
{
    struct applying applying = {.connection = connection, .folder = folder, .options = options, .counts = counts};
    int rc = nb_query_wait(connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err);

    memset(counts, 0, sizeof(*counts));
    if (rc != 0)
        return rc;
    rc = apply_all(&applying, err);
    if (rc == 0 && !options->dry_run)
        return nb_query_wait(connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, err);
    if (nb_query_wait(connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, NULL) != 0 && rc == 0)
        rc = nb_error_set(err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "the connection was lost");
    return rc;
}
