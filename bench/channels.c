/*
 * channels.c - measures senders that speak HTTP: one round of each side.
 *
 *   channels     "webpush a": Web Push messages encrypted and authorized, a second of processor time
 *                "webhooks a" and "b": webhooks a second of processor time to 100 endpoints on loopback, two under way to each, by the sender
 *                (with its signatures) and by bare libcurl with the same bodies
 *   channels mail PORT  "smtp_one b": mails by bare libcurl over one connection to an SMTP server on loopback, a second
 *   channels bare  "webhooks_out b": by bare libcurl, a second that went by: the floor of a worker that sends the same
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/sample.h"
#include "channels/channels.h"
#include "channels/transfer.h"
#include "channels/vapid.h"
#include "channels/webpush_crypt.h"
#include "tests/lib/web_server.h"

#define ENDPOINTS 100
#define UNDER_WAY 200 /* two to each endpoint, on average */
#define WEBHOOKS  8000
#define MAILS     2000
#define PUSH_MS   1000.0 /* of one measurement */
#define TEXT      "The build of nightbell failed at 14:30: three of 212 tests, the first of which is tests/core/page_test."
#define BODY                                                                                                           \
    "{\"type\":\"build.failed\",\"timestamp\":\"2026-11-30T12:00:00.123000Z\",\"data\":{\"id\":\"11111111-1111-1111-"  \
    "1111-111111111111\",\"tenant\":\"22222222-2222-2222-2222-222222222222\",\"user\":\"33333333-3333-3333-3333-"      \
    "333333333333\",\"subject\":\"Build 17 failed\",\"body\":\"" TEXT "\"}}"

static int ports[ENDPOINTS];
static pid_t receiver;

static void check(int rc, const struct nb_error *err)
{
    if (rc < 0)
        sample_give_up("channels: %s", err->message);
}

/* ---- push ---- */

static double processor_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void measure_push(void)
{
    static const char subscription_json[] =
        "{\"endpoint\": \"https://push.example.net/x\", \"keys\": {\"auth\": \"BTBZMqHH6r4Tts7J_aSIgg\", \"p256dh\": "
        "\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\"}}";
    struct nb_subscription subscription;
    struct nb_webpush_crypt *crypt;
    struct nb_vapid *vapid;
    struct nb_strbuf pem, body;
    struct nb_error err;
    const char *authorization;
    double start;
    long count = 0;

    nb_strbuf_init(&pem, 4096);
    nb_strbuf_init(&body, NB_WEBPUSH_BODY_MAX);
    nb_vapid_generate(&pem);
    check(nb_vapid_new(&vapid, pem.data, "mailto:ops@example.org", &err), &err);
    check(nb_webpush_crypt_new(&crypt, &err), &err);
    for (start = processor_ms(); processor_ms() - start < PUSH_MS; count++) {
        nb_strbuf_reset(&body);
        check(nb_subscription_parse(&subscription, subscription_json, &err), &err);
        check(nb_webpush_encrypt(&body, crypt, &subscription, TEXT, strlen(TEXT), &err), &err);
        check(nb_vapid_authorization(&authorization, vapid, "https://push.example.net", nb_now(), &err), &err);
        nb_subscription_clear(&subscription);
    }
    sample_print("webpush", 'a', (double)count * 1e3 / (processor_ms() - start));
    nb_webpush_crypt_free(&crypt);
    nb_vapid_free(&vapid);
    nb_strbuf_clear(&pem);
    nb_strbuf_clear(&body);
}

/* ---- webhooks: the receivers, in a process of their own ---- */

static void receive(int out)
{
    struct web_server *servers[ENDPOINTS];
    struct nb_loop *loop;
    struct nb_error err;

    check(nb_loop_new(&loop, &err), &err);
    for (int i = 0; i < ENDPOINTS; i++) {
        servers[i] = web_server_new(loop);
        web_server_reply(servers[i], 204, "", "");
        ports[i] = web_server_port(servers[i]);
    }
    if (write(out, ports, sizeof(ports)) != (ssize_t)sizeof(ports))
        _exit(1);
    close(out);
    check(nb_loop_run(loop, &err), &err);
    _exit(1);
}

static void start_receivers(void)
{
    int pipes[2];

    if (pipe(pipes) != 0 || (receiver = fork()) < 0)
        sample_give_up("channels: no process for the receivers");
    if (receiver == 0)
        receive(pipes[1]);
    close(pipes[1]);
    if (read(pipes[0], ports, sizeof(ports)) != (ssize_t)sizeof(ports))
        sample_give_up("channels: the receivers did not start");
    close(pipes[0]);
}

static const char *url_of(long i)
{
    static char url[64];

    snprintf(url, sizeof(url), "http://127.0.0.1:%d/hook", ports[i % ENDPOINTS]);
    return url;
}

/* ---- webhooks: by the sender ---- */

static long begun, ended;
static struct nb_sender *sender;

static void begin_next(void);

static void answered(void *arg, const struct nb_send_answer *answer)
{
    (void)arg;
    if (answer->outcome != NB_SEND_SENT)
        sample_give_up("channels: %s", answer->error);
    ended++;
    begin_next();
}

static void begin_next(void)
{
    struct nb_message message = {
        .channel = "webhook", .type = "build.failed", .subject = "Build 17 failed", .body = TEXT};
    struct nb_send *send;
    struct nb_error err;

    if (begun == WEBHOOKS)
        return;
    message.target.address = url_of(begun++);
    message.target.secret_version = 1;
    memset(&message.delivery, 0x11, 16);
    memset(&message.tenant, 0x22, 16);
    memset(&message.user, 0x33, 16);
    check(nb_sender_send(&send, sender, &message, answered, NULL, &err), &err);
}

static void measure_sender(const char *path)
{
    struct nb_channels *channels;
    struct nb_senders *senders;
    struct nb_loop *loop;
    struct nb_error err;
    double start;

    check(nb_loop_new(&loop, &err), &err);
    check(nb_channels_read(&channels, path, NULL, NULL, &err), &err);
    check(nb_senders_new(&senders, loop, channels, &err), &err);
    sender = nb_senders_find(senders, "webhook");
    start = processor_ms();
    for (int i = 0; i < UNDER_WAY; i++)
        begin_next();
    while (ended < WEBHOOKS)
        check(nb_loop_turn(loop, -1, &err), &err);
    sample_print("webhooks", 'a', WEBHOOKS * 1e3 / (processor_ms() - start));
    nb_senders_free(&senders);
    nb_channels_free(&channels);
    nb_loop_free(&loop);
}

/* ---- webhooks: by bare libcurl ---- */

static size_t drop(char *data, size_t one, size_t size, void *arg)
{
    (void)data;
    (void)arg;
    return one * size;
}

static void post_bare(CURLM *multi, CURL *handle, struct curl_slist *headers, long i)
{
    curl_easy_setopt(handle, CURLOPT_URL, url_of(i));
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, BODY);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_multi_add_handle(multi, handle);
}

static void measure_bare(bool is_alone)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    CURLM *multi = curl_multi_init();
    CURL *handles[UNDER_WAY];
    long started = 0, done = 0;
    double start = processor_ms(), began = sample_clock_ms();

    for (; started < UNDER_WAY; started++)
        post_bare(multi, handles[started] = curl_easy_init(), headers, started);
    while (done < WEBHOOKS) {
        CURLMsg *message;
        int running, left;

        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *handle = message->easy_handle;

            if (message->data.result != CURLE_OK)
                sample_give_up("channels: %s", curl_easy_strerror(message->data.result));
            done++;
            curl_multi_remove_handle(multi, handle);
            if (started < WEBHOOKS)
                post_bare(multi, handle, headers, started++);
        }
        if (done < WEBHOOKS)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    if (is_alone)
        sample_print("webhooks_out", 'b', WEBHOOKS * 1e3 / (sample_clock_ms() - began));
    else
        sample_print("webhooks", 'b', WEBHOOKS * 1e3 / (processor_ms() - start));
    for (int i = 0; i < UNDER_WAY; i++)
        curl_easy_cleanup(handles[i]);
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
}

/* ---- mail: by bare libcurl ---- */

struct mail {
    const char *text;
    size_t sent;
};

static size_t give(char *out, size_t one, size_t size, void *arg)
{
    struct mail *mail = arg;
    size_t length = strlen(mail->text + mail->sent), most = one * size;

    if (length > most)
        length = most;
    memcpy(out, mail->text + mail->sent, length);
    mail->sent += length;
    return length;
}

static void measure_mail(const char *port)
{
    static const char text[] = "Date: Mon, 30 Nov 2026 12:00:00 +0000\r\nFrom: bench@bench.example\r\nTo: "
                               "hearer@bench.example\r\nSubject: Build 17 failed\r\n"
                               "Message-ID: <11111111-1111-7111-8111-111111111111@bench.example>\r\nMIME-Version: "
                               "1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                               "\r\n" TEXT "\r\n";
    struct curl_slist *to = curl_slist_append(NULL, "<hearer@bench.example>");
    struct mail mail = {.text = text};
    CURL *handle = curl_easy_init();
    char url[64];
    double began;

    snprintf(url, sizeof(url), "smtp://127.0.0.1:%s", port);
    curl_easy_setopt(handle, CURLOPT_URL, url);
    curl_easy_setopt(handle, CURLOPT_MAIL_FROM, "<bench@bench.example>");
    curl_easy_setopt(handle, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(handle, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(handle, CURLOPT_READDATA, &mail);
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    began = sample_clock_ms();
    for (int i = 0; i < MAILS; i++) {
        CURLcode code;

        mail.sent = 0;
        if ((code = curl_easy_perform(handle)) != CURLE_OK)
            sample_give_up("channels: %s", curl_easy_strerror(code));
    }
    sample_print("smtp_one", 'b', MAILS * 1e3 / (sample_clock_ms() - began));
    curl_easy_cleanup(handle);
    curl_slist_free_all(to);
}

/* A channels.conf whose key is in the environment. */
static void write_settings(char *path)
{
    static const char settings[] =
        "[network]\nallow = 127.0.0.1\n[channel.webhook]\nkind = webhook\nkey_env = BENCH_KEY\n";
    int fd = mkstemp(path);

    if (fd < 0 || write(fd, settings, sizeof(settings) - 1) != (ssize_t)sizeof(settings) - 1)
        sample_give_up("channels: cannot write %s", path);
    close(fd);
    setenv("BENCH_KEY", "a key that only this measurement signs with", 1);
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/nbt.bench.XXXXXX";
    bool is_alone = argc > 1 && strcmp(argv[1], "bare") == 0;

    if (argc > 2 && strcmp(argv[1], "mail") == 0) {
        measure_mail(argv[2]);
        return 0;
    }
    if (!is_alone)
        measure_push();
    start_receivers();
    if (!is_alone) {
        write_settings(path);
        measure_sender(path);
        unlink(path);
    }
    measure_bare(is_alone);
    kill(receiver, SIGKILL);
    waitpid(receiver, NULL, 0);
    return 0;
}
