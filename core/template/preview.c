/*
 * preview.c - asks the database for what a preview is rendered with.
 */
#include <stdlib.h>
#include <string.h>

#include "db/server_query.h"
#include "template/mustache.h"
#include "template/template.h"

int nb_template_preview_open(struct nb_template_preview *out, struct nb_connection *connection, const char *tenant,
                             const char *context, const char *person, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    const char *content, *recipient;
    int rc;

    *out = (struct nb_template_preview){0};
    nb_params_text(params, tenant);
    nb_params_text(params, context);
    nb_params_text(params, person);
    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_TEMPLATE_PREVIEW, params, &result, err)) < 0)
        return rc;
    content = nb_result_text(result, 0, 1);
    recipient = nb_result_text(result, 0, 2);
    out->tenant = nb_strdup(nb_result_text(result, 0, 0));
    out->locale = nb_strdup(nb_result_text(result, 0, 3));
    rc = nb_mustache_context(&out->context, content, strlen(content), err);
    if (rc == 0 && recipient)
        rc = nb_mustache_context(&out->user, recipient, strlen(recipient), err);
    nb_result_free(&result);
    return rc;
}

void nb_template_preview_clear(struct nb_template_preview *preview)
{
    free(preview->tenant);
    free(preview->locale);
    json_decref(preview->context);
    json_decref(preview->user);
    *preview = (struct nb_template_preview){0};
}
