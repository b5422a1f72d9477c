/*
 * client_types.c - the public interface: notification types.
 */
#include "client_internal.h"

#include <string.h>

#include "types/types.h"

int nb_client_types(struct nb_client *client, nb_client_type *seen, void *arg, struct nb_error *err)
{
    int rc = client_ready(client, err);

    return rc < 0 ? rc : nb_types_list(client->connection, seen, arg, err);
}

int nb_client_types_import(struct nb_client *client, const char *const *documents, size_t count,
                           nb_client_type_result *result, void *arg, struct nb_error *err)
{
    struct nb_types_import *import = NULL;
    int rc = client_ready(client, err);

    if (rc < 0)
        return rc;
    import = nb_types_import_new(client->connection, result, arg);
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = nb_types_import_one(import, i, documents[i], strlen(documents[i]), err);
    if (rc == 0)
        rc = nb_types_import_flush(import, err);
    nb_types_import_free(&import);
    return rc;
}

int nb_client_type_delete(struct nb_client *client, const char *type, struct nb_error *err)
{
    int rc = client_ready(client, err);

    return rc < 0 ? rc : nb_type_delete(client->connection, type, err);
}
