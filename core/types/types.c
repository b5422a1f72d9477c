/*
 * types.c - lists types.
 */
#include "types/types.h"

int nb_types_list(struct nb_connection *connection, nb_client_type *seen, void *arg, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(connection, NB_SQL_TYPES_LIST, NULL, &result, err);

    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++) {
        struct nb_type_info type = {.type = nb_result_text(result, i, 0),
                                    .module = nb_result_text(result, i, 1),
                                    .description = nb_result_text(result, i, 2),
                                    .urgency = nb_result_text(result, i, 3),
                                    .channels = nb_result_text(result, i, 4),
                                    .restricted_to = nb_result_text(result, i, 5),
                                    .document = nb_result_text(result, i, 6)};
        seen(arg, &type);
    }
    nb_result_free(&result);
    return rc;
}
