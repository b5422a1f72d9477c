/* sending.c - see sending.h. */
#include "tests/lib/sending.h"

#include "tests/lib/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define LIMIT_MS 60000

void sending_init(struct sending *sending)
{
    memset(sending, 0, sizeof(*sending));
    snprintf(sending->directory, sizeof(sending->directory), "/tmp/nbt.sending.XXXXXX");
    assert_non_null(mkdtemp(sending->directory));
    assert_int_equal(nb_loop_new(&sending->loop, NULL), 0);
}

void sending_clear(struct sending *sending)
{
    char *command = nb_asprintf("rm -rf '%s'", sending->directory);

    nb_senders_free(&sending->senders);
    nb_channels_free(&sending->channels);
    nb_loop_free(&sending->loop);
    assert_int_equal(system(command), 0);
    free(command);
}

const char *sending_file(struct sending *sending, const char *name, const char *text)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % NB_ARRAY_SIZE(paths)];
    FILE *file;

    snprintf(path, sizeof(paths[0]), "%s/%s", sending->directory, name);
    assert_non_null(file = fopen(path, "w"));
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0600), 0);
    return path;
}

int sending_start(struct sending *sending, const char *configuration, struct nb_error *err)
{
    const char *path = sending_file(sending, "channels.conf", configuration);
    int rc;

    nb_senders_free(&sending->senders);
    nb_channels_free(&sending->channels);
    if ((rc = nb_channels_read(&sending->channels, path, NULL, NULL, err)) == 0)
        rc = nb_senders_new(&sending->senders, sending->loop, sending->channels, err);
    return rc;
}

static void answered(void *arg, const struct nb_send_answer *answer)
{
    struct sent *sent = arg;

    sent->count++;
    sent->outcome = answer->outcome;
    sent->code = answer->code;
    snprintf(sent->error, sizeof(sent->error), "%s", answer->error ? answer->error : "");
    snprintf(sent->message_id, sizeof(sent->message_id), "%s", answer->message_id ? answer->message_id : "");
    sent->retry_after_ms = answer->retry_after_ms;
    sent->address_ended = answer->address_ended;
    sent->provider_fault = answer->provider_fault;
    assert_int_equal(answer->error == NULL, answer->outcome == NB_SEND_SENT);
}

struct nb_send *sending_begin(struct sending *sending, const struct nb_message *message, struct sent *got)
{
    struct nb_sender *sender = nb_senders_find(sending->senders, message->channel);
    struct nb_send *send = NULL;
    struct nb_error err = {0};

    assert_non_null(sender);
    memset(got, 0, sizeof(*got));
    if (nb_sender_send(&send, sender, message, answered, got, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(got->count, 0);
    return send;
}

void sending_turn_until(struct sending *sending, const int *count, int wanted)
{
    int64_t limit = nb_monotonic_ms() + LIMIT_MS;

    while (*count < wanted) {
        assert_true(nb_monotonic_ms() < limit);
        assert_int_equal(nb_loop_turn(sending->loop, 1000, NULL), 0);
    }
}

struct sent sending_send(struct sending *sending, const struct nb_message *message)
{
    struct sent got;

    sending_begin(sending, message, &got);
    sending_turn_until(sending, &got.count, 1);
    return got;
}
