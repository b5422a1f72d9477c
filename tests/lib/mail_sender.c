/*
 * mail_sender.c - sends by the channel email of a channels.conf, without a database: mail_sender CHANNELS.CONF <MESSAGES
 *
 * Reads lines of JSON with the members of a message, begins all of them, and prints for each a line with its delivery, outcome
 * (sent, retry, failed) and what else was answered, in the order of the answers. The last line says how many were sent, in
 * how many milliseconds, and the longest that the loop was kept from turning.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/vec.h"
#include "channels/channels.h"
#include "tests/lib/mail_message.h"

struct job {
    json_t *line;
    struct mail_message message;
    struct nb_send *send;
};

static size_t open_jobs, sent;

static void answered(void *arg, const struct nb_send_answer *answer)
{
    static const char *const words[] = {"sent", "retry", "failed"};
    struct job *job = arg;
    json_t *out =
        json_pack("{sO ss si ss? ss? sb sb}", "delivery", json_object_get(job->line, "delivery"), "outcome",
                  words[answer->outcome], "code", answer->code, "error", answer->error, "message_id",
                  answer->message_id, "address_ended", answer->address_ended, "provider_fault", answer->provider_fault);

    json_dumpf(out, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(out);
    job->send = NULL;
    open_jobs--;
    sent += answer->outcome == NB_SEND_SENT;
}

static void read_jobs(struct job **jobs, size_t *count)
{
    NB_VEC(struct job) list = {0};
    char *line = NULL;
    size_t size = 0;

    while (getline(&line, &size, stdin) > 0)
        nb_vec_push(&list, (struct job){.line = json_loads(line, 0, NULL)});
    free(line);
    *jobs = list.data;
    *count = list.count;
}

static int run(const char *file, struct job *jobs, size_t count, struct nb_error *err)
{
    struct nb_channels *channels = NULL;
    struct nb_senders *senders = NULL;
    struct nb_loop *loop = NULL;
    struct nb_sender *sender = NULL;
    int64_t began, stalled = 0;
    int rc;

    if ((rc = nb_loop_new(&loop, err)) < 0 || (rc = nb_channels_read(&channels, file, NULL, NULL, err)) < 0 ||
        (rc = nb_senders_new(&senders, loop, channels, err)) < 0)
        goto out;
    sender = nb_senders_find(senders, "email");
    began = nb_monotonic_ms();
    for (size_t i = 0; rc == 0 && i < count; i++)
        if ((rc = mail_message_read(&jobs[i].message, jobs[i].line, err)) == 0 &&
            (rc = nb_sender_send(&jobs[i].send, sender, &jobs[i].message.message, answered, &jobs[i], err)) == 0)
            open_jobs++;
    while (rc == 0 && open_jobs > 0) {
        int64_t turned = nb_monotonic_ms();

        rc = nb_loop_turn(loop, 10, err);
        turned = nb_monotonic_ms() - turned;
        stalled = turned > stalled ? turned : stalled;
    }
    printf("{\"sent\":%zu,\"ms\":%lld,\"stalled_ms\":%lld}\n", sent, (long long)(nb_monotonic_ms() - began),
           (long long)stalled);
out:
    for (size_t i = 0; i < count; i++)
        nb_send_cancel(&jobs[i].send);
    nb_senders_free(&senders);
    nb_channels_free(&channels);
    nb_loop_free(&loop);
    return rc;
}

int main(int argc, char **argv)
{
    struct nb_error err = {0};
    struct job *jobs;
    size_t count;
    int rc;

    if (argc != 2)
        return 2;
    read_jobs(&jobs, &count);
    if ((rc = run(argv[1], jobs, count, &err)) < 0)
        fprintf(stderr, "%s\n", err.message);
    for (size_t i = 0; i < count; i++) {
        mail_message_clear(&jobs[i].message);
        json_decref(jobs[i].line);
    }
    free(jobs);
    return rc < 0 ? 1 : 0;
}
