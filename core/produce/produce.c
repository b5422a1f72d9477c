/*
 * produce.c - sends one notification, announcement, event or broadcast.
 */
#include "produce/produce.h"

#include <stdio.h>
#include <stdlib.h>

#include "db/chain.h"
#include "produce/check.h"

static int bind_uuid(struct nb_params *params, const char *name, const char *text, struct nb_error *err)
{
    struct nb_uuid uuid;

    if (!text) {
        nb_params_uuid(params, NULL);
        return 0;
    }
    if (nb_uuid_parse(&uuid, text, NULL) < 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected a UUID of 36 characters", name);
    nb_params_uuid(params, &uuid);
    return 0;
}

static int check_json(const char *name, const char *text, size_t max, struct nb_error *err)
{
    json_auto_t *value = NULL;

    if (!text)
        return 0;
    if (strlen(text) > max)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", name, max);
    return produce_check_json(&value, name, text, strlen(text), err);
}

/* Runs the statement, then rings the bells for it in a second transaction of the same chain. answer is the statement's
 * only value: an id or a count. */
static int ask(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
               char answer[NB_ID_TEXT_SIZE], struct nb_error *err)
{
    struct nb_chain *chain = nb_chain_new();
    struct nb_result *result = NULL;
    struct nb_error lost;
    size_t step = nb_chain_add(chain, query, params_take);
    int rc;

    nb_chain_sync(chain);
    nb_chain_add(chain, NB_SQL_RING, NULL);
    nb_chain_sync(chain);
    nb_chain_send(chain, connection);
    rc = nb_chain_wait(chain, &lost);
    if (nb_chain_was_unprepared(chain, step)) { /* an unprepared step was not executed */
        nb_chain_send(chain, connection);
        rc = nb_chain_wait(chain, &lost);
    }
    if (!nb_chain_is_done(chain)) {
        if (err)
            *err = lost;
    } else {
        rc = nb_chain_result(chain, step, &result, err);
    }
    if (rc == 0)
        snprintf(answer, NB_ID_TEXT_SIZE, "%s", nb_result_rows(result) ? nb_result_text(result, 0, 0) : "");
    nb_result_free(&result);
    nb_chain_free(&chain);
    return rc;
}

static int check_notify(const struct nb_notify_input *input, struct nb_error *err)
{
    int rc;

    if ((rc = produce_check_text("type", input->type, NB_TYPE_MAX, true, err)) < 0 ||
        (rc = produce_check_title(input->title, err)) < 0 ||
        (rc = produce_check_text("message", input->message, NB_MESSAGE_MAX, true, err)) < 0 ||
        (rc = produce_check_text("link", input->link, NB_LINK_MAX, false, err)) < 0 ||
        (rc = produce_check_text("dedup_key", input->dedup_key, NB_DEDUP_KEY_MAX, false, err)) < 0 ||
        (rc = produce_check_text("urgency", input->urgency, NB_WORD_MAX, false, err)) < 0)
        return rc;
    return check_json("data", input->data, NB_DATA_MAX, err);
}

int nb_produce_notify(struct nb_connection *connection, const struct nb_notify_input *input, char id[NB_ID_TEXT_SIZE],
                      struct nb_error *err)
{
    struct nb_params *params = NULL;
    int rc;

    if ((rc = check_notify(input, err)) < 0)
        return rc;
    params = nb_params_new();
    if ((rc = bind_uuid(params, "tenant", input->tenant, err)) < 0 ||
        (rc = bind_uuid(params, "user", input->user, err)) < 0)
        goto out;
    nb_params_text(params, input->type);
    nb_params_text(params, input->title);
    nb_params_text(params, input->message);
    nb_params_text(params, input->data);
    nb_params_text(params, input->link);
    if ((rc = bind_uuid(params, "actor", input->actor, err)) < 0)
        goto out;
    if (input->channels)
        nb_params_text_array(params, input->channels, input->channel_count);
    else
        nb_params_null(params);
    nb_params_text(params, input->urgency);
    nb_params_time(params, input->expires_at ? input->expires_at : NB_TIME_NONE);
    nb_params_text(params, input->dedup_key);
    rc = ask(connection, NB_SQL_NOTIFY, params, id, err);
    params = NULL;
out:
    nb_params_free(&params);
    return rc;
}

int nb_produce_broadcast(struct nb_connection *connection, const char *recipient_type, const char *recipient_value,
                         const struct nb_notify_input *input, int64_t *made, struct nb_error *err)
{
    struct nb_params *params = NULL;
    char answer[NB_ID_TEXT_SIZE];
    int rc;

    if (input->user || input->channels || input->dedup_key)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                            "a broadcast takes no user, no channels and no dedup key of its own");
    if ((rc = check_notify(input, err)) < 0)
        return rc;
    params = nb_params_new();
    if ((rc = bind_uuid(params, "tenant", input->tenant, err)) < 0)
        goto out;
    nb_params_text(params, recipient_type);
    nb_params_text(params, recipient_value);
    nb_params_text(params, input->type);
    nb_params_text(params, input->title);
    nb_params_text(params, input->message);
    nb_params_text(params, input->data);
    nb_params_text(params, input->link);
    if ((rc = bind_uuid(params, "actor", input->actor, err)) < 0)
        goto out;
    nb_params_text(params, input->urgency);
    nb_params_time(params, input->expires_at ? input->expires_at : NB_TIME_NONE);
    rc = ask(connection, NB_SQL_BROADCAST, params, answer, err);
    params = NULL;
    if (rc == 0)
        *made = strtoll(answer, NULL, 10);
out:
    nb_params_free(&params);
    return rc;
}

static int check_raise(const struct nb_raise_input *input, struct nb_error *err)
{
    int rc;

    if ((rc = produce_check_text("event_type", input->event_type, 4 * NB_EVENT_TYPE_MAX, true, err)) < 0 ||
        (rc = produce_check_text("severity", input->severity, NB_WORD_MAX, true, err)) < 0 ||
        (rc = produce_check_text("description", input->description, NB_DESCRIPTION_MAX, true, err)) < 0 ||
        (rc = produce_check_text("fingerprint", input->fingerprint, NB_FINGERPRINT_MAX, false, err)) < 0 ||
        (rc = produce_check_text("source", input->source, NB_SOURCE_MAX, false, err)) < 0)
        return rc;
    return check_json("details", input->details, NB_DETAILS_MAX, err);
}

int nb_produce_raise(struct nb_connection *connection, const struct nb_raise_input *input, char id[NB_ID_TEXT_SIZE],
                     struct nb_error *err)
{
    struct nb_params *params = NULL;
    int rc;

    if ((rc = check_raise(input, err)) < 0)
        return rc;
    params = nb_params_new();
    nb_params_text(params, input->event_type);
    nb_params_text(params, input->severity);
    nb_params_text(params, input->description);
    nb_params_text(params, input->details);
    if ((rc = bind_uuid(params, "tenant", input->tenant, err)) < 0 ||
        (rc = bind_uuid(params, "user", input->user, err)) < 0)
        goto out;
    nb_params_text(params, input->fingerprint);
    nb_params_text(params, input->source);
    nb_params_time(params, input->episode_at ? input->episode_at : NB_TIME_NONE);
    rc = ask(connection, NB_SQL_RAISE_EVENT, params, id, err);
    params = NULL;
out:
    nb_params_free(&params);
    return rc;
}

int nb_produce_settle(struct nb_connection *connection, const struct nb_settle_input *input,
                      char outcome[NB_ID_TEXT_SIZE], struct nb_error *err)
{
    struct nb_params *params = NULL;
    int rc;

    if ((rc = produce_check_text("source", input->source, NB_SOURCE_MAX, true, err)) < 0 ||
        (rc = produce_check_text("fingerprint", input->fingerprint, NB_FINGERPRINT_MAX, true, err)) < 0 ||
        (rc = produce_check_text("note", input->note, NB_NOTE_MAX, false, err)) < 0)
        return rc;
    params = nb_params_new();
    nb_params_text(params, input->source);
    nb_params_text(params, input->fingerprint);
    nb_params_time(params, input->episode_at ? input->episode_at : NB_TIME_NONE);
    nb_params_text(params, input->note);
    if ((rc = bind_uuid(params, "tenant", input->tenant, err)) < 0)
        goto out;
    rc = ask(connection, NB_SQL_SETTLE_EVENT, params, outcome, err);
    params = NULL;
out:
    nb_params_free(&params);
    return rc;
}

int nb_produce_publish(struct nb_connection *connection, const struct nb_publish_input *input, char id[NB_ID_TEXT_SIZE],
                       struct nb_error *err)
{
    struct nb_params *params = NULL;
    int rc;

    if ((rc = produce_check_text("event_type", input->event_type, 4 * NB_EVENT_TYPE_MAX, true, err)) < 0 ||
        (rc = produce_check_text("module", input->module, 4 * NB_MODULE_MAX, true, err)) < 0 ||
        (rc = produce_check_text("idempotency_key", input->idempotency_key, NB_IDEMPOTENCY_KEY_MAX, false, err)) < 0 ||
        (rc = check_json("context", input->context, NB_CONTEXT_MAX, err)) < 0)
        return rc;
    params = nb_params_new();
    if ((rc = bind_uuid(params, "tenant", input->tenant, err)) < 0)
        goto out;
    nb_params_text(params, input->event_type);
    nb_params_text(params, input->module);
    nb_params_text(params, input->context ? input->context : "{}");
    nb_params_text(params, input->idempotency_key);
    nb_params_time(params, input->occurred_at ? input->occurred_at : NB_TIME_NONE);
    rc = ask(connection, NB_SQL_PUBLISH, params, id, err);
    params = NULL;
out:
    nb_params_free(&params);
    return rc;
}
