/*
 * channels_test.c - `nightbell channels test`: one real message by the worker's own sender, and what the other side answered. Only the
 * channel that is meant is started, so that the secrets of the others may be missing.
 */
#include "cli/commands/channels.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "channels/channels.h"

struct trial {
    const struct command_call *call;
    struct nb_loop *loop;
    struct nb_channels *file;
    struct nb_channels alone; /* of the file: the one channel, borrowed */
    struct nb_senders *senders;
    struct nb_sender *sender;
    struct nb_message message;
    char *subject, *body, *endpoint;
    int64_t began_ms;
    bool done;
    enum nb_send_outcome outcome;
    struct nb_error *err;
};

/* ---- the channel and the message ---- */

static int open_channel(struct trial *trial, struct nb_error *err)
{
    const char *name = trial->call->arguments[0];
    const struct nb_channel *channel;
    int rc = nb_channels_read(&trial->file, command_text(trial->call, "channels"), NULL, NULL, err);

    if (rc < 0)
        return rc;
    if (!trial->file->file)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "there is no channels.conf");
    if ((channel = nb_channels_find(trial->file, name)) == NULL)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "%s: there is no section [channel.%s]",
                            trial->file->file, name);
    trial->alone.file = trial->file->file;
    trial->alone.network = trial->file->network;
    nb_vec_push(&trial->alone.list, *channel);
    if ((rc = nb_loop_new(&trial->loop, err)) == NB_OK &&
        (rc = nb_senders_new(&trial->senders, trial->loop, &trial->alone, err)) == NB_OK)
        trial->sender = nb_senders_find(trial->senders, name);
    return rc;
}

static int take_address(struct trial *trial, struct nb_error *err)
{
    const struct nb_channel *channel = nb_sender_channel(trial->sender);
    const char *to = command_text(trial->call, "to");
    bool needed = nb_channel_needs_address(channel);
    struct nb_error why = {0};

    trial->message.target.address = to;
    if (needed && !to)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "expected --to ADDRESS");
    if (!needed && to)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--to: all that goes by %s goes to one place",
                            channel->name);
    if (needed && nb_sender_check_address(trial->sender, to, &why) < 0)
        return nb_error_set(err, why.code, why.domain, "--to: %s",
                            strncmp(why.message, "address: ", 9) == 0 ? why.message + 9 : why.message);
    return NB_OK;
}

static int take_endpoint(struct trial *trial, struct nb_error *err)
{
    struct nb_target *target = &trial->message.target;
    const char *endpoint = command_text(trial->call, "endpoint");
    long version = 0;
    int rc = NB_OK;

    if (endpoint && (rc = nb_uuid_parse(&target->id, endpoint, err)) == NB_OK)
        rc = command_number(&version, trial->call, "secret-version", 1, 1000000, 1, err);
    target->secret_version = (int)version;
    return rc;
}

static void compose(struct trial *trial)
{
    const char *name = nb_sender_channel(trial->sender)->name;
    char host[256] = "";

    if (gethostname(host, sizeof(host) - 1) < 0)
        host[0] = '\0';
    trial->subject = nb_asprintf("A test of the channel %s", name);
    trial->body =
        nb_asprintf("Somebody sent this by \"nightbell channels test %s\" on %s. It is here, so the channel works.",
                    name, host[0] ? host : "a host without a name");
    trial->message.delivery = nb_uuid_v7();
    trial->message.attempt = 1;
    trial->message.channel = name;
    trial->message.type = "CHANNEL_TEST";
    trial->message.urgency = "normal";
    trial->message.locale = "en";
    trial->message.subject = trial->subject;
    trial->message.body = trial->body;
    trial->message.created_ms = nb_now() / 1000;
}

/* ---- the answer ---- */

static void print_json(const struct trial *trial, const struct nb_send_answer *answer, int64_t took_ms)
{
    static const char *const outcomes[] = {
        [NB_SEND_SENT] = "sent", [NB_SEND_RETRY] = "retry", [NB_SEND_FAILED] = "failed"};
    const struct nb_channel *channel = nb_sender_channel(trial->sender);
    char id[NB_UUID_TEXT_SIZE];
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s?, s:s?, s:I}", "channel", channel->name, "kind",
                  channel->ops->kind, "endpoint", trial->endpoint, "delivery",
                  nb_uuid_format(&trial->message.delivery, id), "outcome", outcomes[answer->outcome], "code",
                  answer->code ? json_integer(answer->code) : json_null(), "message_id", answer->message_id, "error",
                  answer->outcome == NB_SEND_SENT ? NULL : answer->error, "latency_ms", (json_int_t)took_ms);

    json_object_set_new(object, "retry_after_ms",
                        answer->retry_after_ms < 0 ? json_null() : json_integer(answer->retry_after_ms));
    json_object_set_new(object, "address_ended", json_boolean(answer->address_ended));
    json_object_set_new(object, "provider_fault", json_boolean(answer->provider_fault));
    output_json_take(trial->call->output, object);
}

static void print_sent(const struct trial *trial, const struct nb_send_answer *answer, int64_t took_ms)
{
    char *code = answer->code ? nb_asprintf(", answer %d", answer->code) : nb_strdup("");

    output_line(trial->call->output, "sent by %s in %lld ms%s%s%s", trial->endpoint, (long long)took_ms, code,
                answer->message_id ? ", message " : "", answer->message_id ? answer->message_id : "");
    free(code);
}

/* Becomes the command's error, whose code is the exit status. */
static void fail(struct trial *trial, const struct nb_send_answer *answer)
{
    bool again = answer->outcome == NB_SEND_RETRY;

    nb_error_set(trial->err, again ? NB_EUNREACHABLE : NB_EFAILED, NB_DOMAIN_NONE, "not sent by %s: %s",
                 trial->endpoint, answer->error ? answer->error : "no answer");
    if (again && answer->retry_after_ms >= 0)
        nb_error_hint(trial->err, "a worker would try again, and not before %lld s are over, as it was asked",
                      (long long)(answer->retry_after_ms / 1000));
    else if (again)
        nb_error_hint(trial->err, "a worker would try again");
    else if (answer->address_ended)
        nb_error_hint(trial->err, "a worker would send nothing there any more");
    else
        nb_error_hint(trial->err, "a worker would not try again");
}

static void answered(void *arg, const struct nb_send_answer *answer)
{
    struct trial *trial = arg;
    int64_t took_ms = nb_monotonic_ms() - trial->began_ms;

    trial->done = true;
    trial->outcome = answer->outcome;
    if (output_is_json(trial->call->output))
        print_json(trial, answer, took_ms);
    else if (answer->outcome == NB_SEND_SENT)
        print_sent(trial, answer, took_ms);
    if (answer->outcome != NB_SEND_SENT)
        fail(trial, answer);
}

static int send_it(struct trial *trial, struct nb_error *err)
{
    struct nb_send *send = NULL;
    int rc;

    trial->err = err;
    trial->endpoint = nb_strdup(nb_sender_endpoint(trial->sender, &trial->message));
    trial->began_ms = nb_monotonic_ms();
    if ((rc = nb_sender_send(&send, trial->sender, &trial->message, answered, trial, err)) < 0)
        return rc;
    while (rc == NB_OK && !trial->done)
        rc = nb_loop_turn(trial->loop, -1, err);
    if (!trial->done)
        nb_send_cancel(&send);
    else if (trial->outcome != NB_SEND_SENT)
        rc = err->code;
    return rc;
}

int channels_test(struct command_call *call, struct nb_error *err)
{
    struct trial trial = {.call = call};
    int rc;

    if ((rc = open_channel(&trial, err)) == NB_OK && (rc = take_address(&trial, err)) == NB_OK &&
        (rc = take_endpoint(&trial, err)) == NB_OK) {
        compose(&trial);
        rc = send_it(&trial, err);
    }
    nb_senders_free(&trial.senders);
    nb_vec_clear(&trial.alone.list);
    nb_channels_free(&trial.file);
    nb_loop_free(&trial.loop);
    free(trial.subject);
    free(trial.body);
    free(trial.endpoint);
    return rc;
}
