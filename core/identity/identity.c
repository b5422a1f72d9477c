/*
 * identity.c - asks the database who the session is. Access never depends on this answer: the database decides it.
 */
#include "identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

struct identity_call {
    nb_identity_done *done;
    void *arg;
};

static void decode(struct nb_identity *identity, const struct nb_result *result)
{
    memset(identity, 0, sizeof(*identity));
    identity->expires_at = NB_TIME_NONE;
    if (nb_result_rows(result) == 0)
        return;
    identity->known = nb_result_bool(result, 0, 0);
    identity->user_id = nb_result_uuid(result, 0, 1);
    nb_text_copy(identity->user_name, sizeof(identity->user_name), nb_result_text(result, 0, 2));
    identity->tenant_id = nb_result_uuid(result, 0, 3);
    nb_text_copy(identity->tenant_name, sizeof(identity->tenant_name), nb_result_text(result, 0, 4));
    identity->is_global = nb_result_bool(result, 0, 5);
    identity->roles = nb_roles_from_names(nb_result_text(result, 0, 6));
    identity->expires_at = nb_result_time(result, 0, 7);
    nb_text_copy(identity->reason, sizeof(identity->reason), nb_result_text(result, 0, 8));
}

static void identity_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct identity_call *call = arg;
    struct nb_identity identity;

    if (err) {
        call->done(call->arg, NULL, err);
        return;
    }
    decode(&identity, result);
    call->done(call->arg, &identity, NULL);
}

struct nb_request *nb_identity_fetch(struct nb_connection *connection, nb_identity_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .only_reads = true, .dispose = free};
    struct identity_call *call = nb_calloc(1, sizeof(*call));

    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_WHOAMI, NULL, &options, identity_answered, call);
}

int nb_identity_wait(struct nb_identity *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(connection, NB_SQL_WHOAMI, NULL, &result, err);

    if (rc == 0)
        decode(out, result);
    nb_result_free(&result);
    return rc;
}
