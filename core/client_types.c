/*
 * client_types.c - the public interface: notification types.
 */
#include "client_internal.h"

#include <string.h>

#include "config/documents.h"
#include "types/types.h"

int nb_client_types(struct nb_client *client, nb_client_type *seen, void *arg, struct nb_error *err)
{
    int rc = client_ready(client, err);

    return rc < 0 ? rc : nb_types_list(client->connection, seen, arg, err);
}

static struct nb_config types_of(struct nb_client *client)
{
    return (struct nb_config){.kind = nb_config_kind_find("types"), .connection = client->connection};
}

int nb_client_types_import(struct nb_client *client, const char *const *documents, size_t count,
                           nb_client_type_result *result, void *arg, struct nb_error *err)
{
    struct nb_config_import *import = NULL;
    struct nb_config config = types_of(client);
    int rc = client_ready(client, err);

    if (rc < 0)
        return rc;
    import = nb_config_import_new(&config, result, arg);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = nb_config_import_one(import, i, documents[i], strlen(documents[i]), err);
    if (rc == 0)
        rc = nb_config_import_flush(import, err);
    nb_config_import_free(&import);
    return rc;
}

int nb_client_type_delete(struct nb_client *client, const char *type, struct nb_error *err)
{
    struct nb_config config = types_of(client);
    int rc = client_ready(client, err);

    return rc < 0 ? rc : nb_config_delete(&config, type, err);
}
