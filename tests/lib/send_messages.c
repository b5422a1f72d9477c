/*
 * send_messages.c - sends messages through the senders of a channels.conf, for tests and measurements.
 *
 *   send_messages CHANNELS.CONF <MESSAGES     an object a line: channel, address, platform, endpoint, secret_version, former_version,
 *                                             delivery, type, urgency, subject, body, payload, link; prints a line an answer
 *   send_messages --secret KEY_FILE ENDPOINT VERSION    an endpoint's secret
 *   send_messages --public-key KEY_FILE                 the public key of v1a
 */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "channels/channels.h"
#include "channels/signing.h"

static void die(const struct nb_error *err)
{
    fprintf(stderr, "%s\n", err->message);
    exit(1);
}

static const char *text_of(const json_t *item, const char *name)
{
    return json_string_value(json_object_get(item, name));
}

static void take_uuid(struct nb_uuid *out, const json_t *item, const char *name)
{
    const char *text = text_of(item, name);
    struct nb_error err;

    if (text && nb_uuid_parse(out, text, &err) < 0)
        die(&err);
}

static void answered(void *arg, const struct nb_send_answer *answer)
{
    static const char *const outcomes[] = {"sent", "retry", "failed"};
    bool *done = arg;

    *done = true;
    printf("%s %d %s%s%s\n", outcomes[answer->outcome], answer->code, answer->message_id ? answer->message_id : "-",
           answer->address_ended ? " ended" : "", answer->error ? answer->error : "");
}

static void send_line(struct nb_loop *loop, struct nb_senders *senders, const char *line)
{
    json_t *item = json_loads(line, 0, NULL);
    struct nb_message message = {.channel = text_of(item, "channel"),
                                 .type = text_of(item, "type"),
                                 .urgency = text_of(item, "urgency"),
                                 .subject = text_of(item, "subject"),
                                 .body = text_of(item, "body"),
                                 .payload = text_of(item, "payload"),
                                 .link = text_of(item, "link"),
                                 .delivery = nb_uuid_v7(),
                                 .attempt = 1,
                                 .created_ms = nb_now() / 1000};
    struct nb_sender *sender = message.channel ? nb_senders_find(senders, message.channel) : NULL;
    struct nb_error err = {.message = "no such channel"};
    struct nb_send *send;
    bool done = false;

    message.target.address = text_of(item, "address");
    message.target.platform = text_of(item, "platform");
    message.target.secret_version = (int)json_integer_value(json_object_get(item, "secret_version"));
    message.target.former_version = (int)json_integer_value(json_object_get(item, "former_version"));
    take_uuid(&message.target.id, item, "endpoint");
    take_uuid(&message.delivery, item, "delivery");
    if (!sender || nb_sender_send(&send, sender, &message, answered, &done, &err) < 0)
        die(&err);
    while (!done)
        if (nb_loop_turn(loop, -1, &err) < 0)
            die(&err);
    json_decref(item);
}

static void send_all(const char *path)
{
    struct nb_channels *channels;
    struct nb_senders *senders;
    struct nb_loop *loop;
    struct nb_error err;
    char *line = NULL;
    size_t size = 0;

    if (nb_loop_new(&loop, &err) < 0 || nb_channels_read(&channels, path, NULL, NULL, &err) < 0 ||
        nb_senders_new(&senders, loop, channels, &err) < 0)
        die(&err);
    while (getline(&line, &size, stdin) > 0)
        send_line(loop, senders, line);
    free(line);
    nb_senders_free(&senders);
    nb_channels_free(&channels);
    nb_loop_free(&loop);
}

static void show_key(const char *path, const char *endpoint, const char *version)
{
    struct nb_strbuf key, out;
    struct nb_signing *signing;
    struct nb_uuid id;
    struct nb_error err;

    nb_strbuf_init(&key, 4096);
    nb_strbuf_init(&out, 4096);
    if (nb_file_read(&key, path, path, &err) < 0)
        die(&err);
    nb_strbuf_truncate(&key, strcspn(key.data, "\n"));
    if (nb_signing_new(&signing, key.data, key.length, &err) < 0 ||
        (endpoint && nb_uuid_parse(&id, endpoint, &err) < 0))
        die(&err);
    if (endpoint)
        nb_signing_secret(&out, signing, &id, (int)strtol(version, NULL, 10));
    else
        nb_signing_public_key(&out, signing);
    printf("%s\n", out.data);
    nb_signing_free(&signing);
    nb_strbuf_clear(&key);
    nb_strbuf_clear(&out);
}

int main(int argc, char *argv[])
{
    if (argc == 5 && strcmp(argv[1], "--secret") == 0)
        show_key(argv[2], argv[3], argv[4]);
    else if (argc == 3 && strcmp(argv[1], "--public-key") == 0)
        show_key(argv[2], NULL, NULL);
    else if (argc == 2)
        send_all(argv[1]);
    else
        return 2;
    return 0;
}
