/*
 * client.c - the public interface: opening, producing, acting. It only translates; the folders do the work.
 */
#include "client_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"
#include "events/events.h"
#include "identity/identity.h"
#include "inbox/inbox.h"
#include "produce/produce.h"

#define DEAD_CONNECTION_TURNS 3
#define ANSWER_TIMEOUT_MS     60000

/* ---- opening ---- */

static const char *from_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

static int choose_token(struct nb_client *client, const struct nb_client_options *options, struct nb_error *err)
{
    const char *file = options->token_file ? options->token_file : from_environment("NIGHTBELL_TOKEN_FILE");

    if (!options->token && file) {
        client->token_file = nb_strdup(file);
        return nb_token_read_file(&client->token, file, err);
    }
    client->token = nb_strdup(options->token ? options->token : from_environment("NIGHTBELL_TOKEN"));
    return 0;
}

int client_connect(struct nb_connection **out, const struct nb_client *client, struct nb_loop *loop, bool reconnect,
                   struct nb_error *err)
{
    const struct nb_connection_options options = {
        .dsn = client->dsn,
        .token = client->token,
        .application_name = client->application_name,
        .connect_timeout_ms = client->timeout,
        .answer_timeout_ms = client->timeout > 0 ? client->timeout : ANSWER_TIMEOUT_MS,
        .reconnect = reconnect,
    };

    return nb_connection_new(out, loop, &options, err);
}

int nb_client_open(struct nb_client **out, const struct nb_client_options *options, struct nb_error *err)
{
    static const struct nb_client_options defaults;
    struct nb_client *client = nb_calloc(1, sizeof(*client));
    struct nb_uuid tenant;
    int rc;

    *out = NULL;
    if (!options)
        options = &defaults;
    client->dsn = nb_strdup(options->dsn ? options->dsn : from_environment("NIGHTBELL_DSN"));
    client->application_name = nb_strdup(options->application_name ? options->application_name : "libnightbell");
    client->tenant = nb_strdup(options->tenant);
    client->timeout = options->timeout;
    if (options->tenant && nb_uuid_parse(&tenant, options->tenant, NULL) < 0) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "tenant: expected a UUID of 36 characters");
        goto out;
    }
    if ((rc = choose_token(client, options, err)) < 0 || (rc = nb_loop_new(&client->loop, err)) < 0 ||
        (rc = client_connect(&client->connection, client, client->loop, false, err)) < 0 ||
        (rc = nb_connection_wait_ready(client->connection, err)) < 0)
        goto out;
    *out = client;
    client = NULL;
out:
    nb_client_close(&client);
    return rc;
}

void nb_client_close(struct nb_client **client)
{
    if (!client || !*client)
        return;
    if ((*client)->connection)
        nb_connection_free(&(*client)->connection);
    if ((*client)->loop)
        nb_loop_free(&(*client)->loop);
    free((*client)->dsn);
    free((*client)->token);
    free((*client)->token_file);
    free((*client)->application_name);
    free((*client)->tenant);
    nb_free(client);
}

int client_ready(struct nb_client *client, struct nb_error *err)
{
    int rc;

    /* A connection that died between two calls shows it within a few turns: the server's message, then the end of the
     * stream. */
    for (int turn = 0; turn < DEAD_CONNECTION_TURNS; turn++) {
        if ((rc = nb_loop_turn(client->loop, 0, err)) < 0)
            return rc;
    }
    if (nb_connection_state(client->connection) == NB_CONNECTION_READY)
        return 0;
    nb_connection_retry_now(client->connection);
    return nb_connection_wait_ready(client->connection, err);
}

/* ---- producing ---- */

int nb_client_notify(struct nb_client *client, const struct nb_notify_input *input, char id[NB_ID_TEXT_SIZE],
                     struct nb_error *err)
{
    struct nb_notify_input complete = *input;
    int rc = client_ready(client, err);

    if (!complete.tenant)
        complete.tenant = client->tenant;
    return rc < 0 ? rc : nb_produce_notify(client->connection, &complete, id, err);
}

int nb_client_broadcast(struct nb_client *client, const char *recipient_type, const char *recipient_value,
                        const struct nb_notify_input *input, int64_t *made, struct nb_error *err)
{
    struct nb_notify_input complete = *input;
    int64_t count = 0;
    int rc = client_ready(client, err);

    if (!complete.tenant)
        complete.tenant = client->tenant;
    if (rc == 0)
        rc = nb_produce_broadcast(client->connection, recipient_type, recipient_value, &complete, &count, err);
    if (rc == 0 && made)
        *made = count;
    return rc;
}

int nb_client_raise(struct nb_client *client, const struct nb_raise_input *input, char id[NB_ID_TEXT_SIZE],
                    struct nb_error *err)
{
    struct nb_raise_input complete = *input;
    int rc = client_ready(client, err);

    if (!complete.tenant)
        complete.tenant = client->tenant;
    return rc < 0 ? rc : nb_produce_raise(client->connection, &complete, id, err);
}

int nb_client_settle(struct nb_client *client, const struct nb_settle_input *input, char outcome[NB_ID_TEXT_SIZE],
                     struct nb_error *err)
{
    struct nb_settle_input complete = *input;
    int rc = client_ready(client, err);

    if (!complete.tenant)
        complete.tenant = client->tenant;
    return rc < 0 ? rc : nb_produce_settle(client->connection, &complete, outcome, err);
}

int nb_client_publish(struct nb_client *client, const struct nb_publish_input *input, char id[NB_ID_TEXT_SIZE],
                      struct nb_error *err)
{
    struct nb_publish_input complete = *input;
    int rc = client_ready(client, err);

    if (!complete.tenant)
        complete.tenant = client->tenant;
    return rc < 0 ? rc : nb_produce_publish(client->connection, &complete, id, err);
}

struct many {
    nb_client_result *result;
    void *arg;
    size_t offset; /* input index of the stream's first line */
};

static void many_answered(void *arg, size_t line, const char *id, const struct nb_error *err)
{
    const struct many *many = arg;

    if (many->result)
        many->result(many->arg, many->offset + line - 1, id, err);
}

static void set_text(json_t *object, const char *name, const char *value)
{
    if (value)
        json_object_set_new(object, name, json_string(value));
}

/* The line with data inserted as text, so that its numbers keep their digits. Data that is not JSON is inserted as a
 * string, which the server's checks refuse. */
static char *with_data(json_t *object, const char *data)
{
    json_auto_t *parsed = NULL;
    char *line, *longer;

    if (data && nb_json_parse(&parsed, data, strlen(data), NULL) < 0)
        set_text(object, "data", data);
    line = json_dumps(object, JSON_COMPACT);
    if (!parsed || !line)
        return line;
    longer = nb_asprintf("%.*s%s\"data\":%s}", (int)strlen(line) - 1, line, line[1] == '}' ? "" : ",", data);
    free(line);
    return longer;
}

/* One input as a line of the stream. Text that is not UTF-8 gives a missing or null member, which the server
 * refuses. */
static char *input_line(const struct nb_client *client, const struct nb_notify_input *input)
{
    json_auto_t *object = json_object();
    char time[NB_TIME_TEXT_SIZE];

    set_text(object, "tenant", input->tenant ? input->tenant : client->tenant);
    set_text(object, "user", input->user);
    set_text(object, "type", input->type);
    set_text(object, "title", input->title);
    set_text(object, "message", input->message);
    set_text(object, "link", input->link);
    set_text(object, "actor", input->actor);
    set_text(object, "urgency", input->urgency);
    set_text(object, "dedup_key", input->dedup_key);
    if (input->channels) {
        json_t *channels = json_array();

        for (size_t i = 0; i < input->channel_count; i++)
            json_array_append_new(channels, json_string(input->channels[i]));
        json_object_set_new(object, "channels", channels);
    }
    if (input->expires_at != 0 && input->expires_at != NB_TIME_NONE)
        set_text(object, "expires_at", nb_time_format_rfc3339(input->expires_at, time));
    return with_data(object, input->data);
}

/* Notifications to one person and announcements need different streams; a run of one kind is one stream. */
static int send_run(struct nb_client *client, const struct nb_notify_input *inputs, size_t count, struct many *many,
                    struct nb_error *err)
{
    struct nb_produce_stream *stream = NULL;
    enum nb_produce_kind kind = inputs[0].user ? NB_PRODUCE_NOTIFY : NB_PRODUCE_ANNOUNCE;
    int rc = nb_produce_stream_new(&stream, client->connection, kind, many_answered, many, err);

    for (size_t i = 0; i < count && rc == 0; i++) {
        char *line = input_line(client, &inputs[i]);

        rc = nb_produce_stream_line(stream, line ? line : "", line ? strlen(line) : 0, err);
        free(line);
    }
    if (rc == 0)
        rc = nb_produce_stream_flush(stream, err);
    nb_produce_stream_free(&stream);
    return rc;
}

int nb_client_notify_many(struct nb_client *client, const struct nb_notify_input *inputs, size_t count,
                          nb_client_result *result, void *arg, struct nb_error *err)
{
    struct many many = {result, arg, 0};
    int rc = client_ready(client, err);

    while (rc == 0 && many.offset < count) {
        size_t run = 1;

        while (many.offset + run < count && !inputs[many.offset + run].user == !inputs[many.offset].user)
            run++;
        rc = send_run(client, inputs + many.offset, run, &many, err);
        many.offset += run;
    }
    return rc;
}

/* ---- acting ---- */

/* The answer that a blocking call waits for. */
struct answer {
    bool done;
    size_t changed;
    nb_client_outcome *outcome;
    void *arg;
    int rc;
    struct nb_error *err;
};

static void answer_end(struct answer *answer, const struct nb_error *err)
{
    answer->done = true;
    answer->rc = err ? err->code : 0;
    if (err && answer->err)
        *answer->err = *err;
}

static int answer_wait(struct nb_client *client, struct nb_request *request, struct answer *answer)
{
    while (!answer->done) {
        int rc = nb_loop_turn(client->loop, -1, answer->err);

        if (rc == 0)
            continue;
        if (!answer->done) /* or its callback would write to a stack frame that has ended */
            nb_request_abandon(&request);
        return rc;
    }
    return answer->rc;
}

static void inbox_was_set(void *arg, const struct nb_inbox_change *changes, size_t count, const struct nb_error *err)
{
    struct answer *answer = arg;

    (void)changes;
    answer->changed = count;
    answer_end(answer, err);
}

static int parse_ids(struct nb_key **out, enum nb_subject subject, const char *const *ids, size_t count,
                     struct nb_error *err)
{
    struct nb_key *keys = nb_calloc(count + 1, sizeof(*keys));
    int rc = 0;

    for (size_t i = 0; i < count && rc == 0; i++)
        rc = nb_key_parse(&keys[i], subject, ids[i], err);
    if (rc < 0)
        nb_free(&keys);
    *out = keys;
    return rc;
}

int nb_client_inbox_set(struct nb_client *client, enum nb_inbox_field field, const char *const *ids, size_t count,
                        int64_t time, size_t *changed, struct nb_error *err)
{
    struct answer answer = {.err = err};
    struct nb_key *keys = NULL;
    struct nb_request *request;
    int rc;

    if ((rc = parse_ids(&keys, NB_SUBJECT_INBOX, ids, count, err)) < 0 || (rc = client_ready(client, err)) < 0)
        goto out;
    request = nb_inbox_set(client->connection, field, keys, count, &time, 1, inbox_was_set, &answer);
    if ((rc = answer_wait(client, request, &answer)) == 0 && changed)
        *changed = answer.changed;
out:
    free(keys);
    return rc;
}

static void events_were_acted_on(void *arg, const struct nb_event_outcome *outcomes, size_t count,
                                 const struct nb_error *err)
{
    struct answer *answer = arg;
    char id[NB_KEY_TEXT_SIZE];

    for (size_t i = 0; i < count && answer->outcome; i++) {
        char *reason = nb_time_sentence(outcomes[i].reason, outcomes[i].reason_time, nb_time_format_local);

        answer->outcome(answer->arg, nb_key_format(&outcomes[i].key, NB_SUBJECT_EVENTS, id), outcomes[i].changed,
                        reason);
        free(reason);
    }
    answer_end(answer, err);
}

int nb_client_event_act(struct nb_client *client, const struct nb_client_act *act, nb_client_outcome *outcome,
                        void *arg, struct nb_error *err)
{
    struct nb_event_act_request request = {
        .act = act->act, .count = act->count, .note = act->note, .until = act->until};
    struct answer answer = {.outcome = outcome, .arg = arg, .err = err};
    struct nb_key *keys = NULL;
    struct nb_uuid user;
    int rc;

    if (act->act == NB_EVENT_UNDO)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "an undo needs what the act replaced");
    if (act->user && (rc = nb_uuid_parse(&user, act->user, err)) < 0)
        return rc;
    if ((rc = parse_ids(&keys, NB_SUBJECT_EVENTS, act->ids, act->count, err)) < 0 ||
        (rc = client_ready(client, err)) < 0)
        goto out;
    request.keys = keys;
    request.user = act->user ? &user : NULL;
    rc = answer_wait(client, nb_event_act(client->connection, &request, events_were_acted_on, &answer), &answer);
out:
    free(keys);
    return rc;
}
