/*
 * documents.c - lists the documents of a kind, and deletes one.
 */
#include "config/documents.h"

#include "base/error.h"
#include "config/documents_internal.h"

struct nb_params *nb_config_params(const struct nb_config *config)
{
    struct nb_params *params = nb_params_new();

    if (config->kind->is_of_a_tenant)
        nb_params_text(params, config->tenant);
    return params;
}

static int not_found(const struct nb_config *config, const char *key, struct nb_error *err)
{
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no %s \"%.100s\"", config->kind->one, key);
    return nb_error_hint(err, "nightbell %s list names them", config->kind->name);
}

int nb_config_list(const struct nb_config *config, const char *key, nb_config_seen *seen, void *arg,
                   struct nb_error *err)
{
    struct nb_params *params = nb_config_params(config);
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, key);
    rc = nb_query_wait(config->connection, config->kind->documents, params, &result, err);
    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++)
        seen(arg, nb_result_text(result, i, 0), nb_result_text(result, i, 1));
    if (rc == 0 && key && nb_result_rows(result) == 0)
        rc = not_found(config, key, err);
    nb_result_free(&result);
    return rc;
}

int nb_config_delete(const struct nb_config *config, const char *key, struct nb_error *err)
{
    struct nb_params *params = nb_config_params(config);
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, key);
    rc = nb_query_wait(config->connection, config->kind->removal, params, &result, err);
    if (rc == 0 && !nb_result_bool(result, 0, 0))
        rc = not_found(config, key, err);
    nb_result_free(&result);
    return rc;
}
