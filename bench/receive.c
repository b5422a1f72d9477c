/*
 * receive.c - receivers of webhooks on loopback, for the figures of delivery: COUNT that take everything, then one that says 503 to
 * everything, then one that reads and never answers. Prints their ports, a line each, and ends when its standard input does.
 *
 *   receive COUNT
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/loop.h"
#include "bench/sample.h"
#include "tests/lib/web_server.h"

#define COUNT_MAX 1000

static void input_prepare(void *arg, struct nb_interest *interest)
{
    (void)arg;
    interest->fd = STDIN_FILENO;
    interest->events = POLLIN;
}

static void input_ready(void *arg, short events)
{
    char byte;

    (void)events;
    if (read(STDIN_FILENO, &byte, 1) <= 0)
        nb_loop_stop(arg);
}

int main(int argc, char **argv)
{
    static struct web_server *servers[COUNT_MAX + 2];
    static const struct web_answer silence;
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
    struct nb_source *source;
    struct nb_loop *loop;
    struct nb_error err;

    if (count < 1 || count > COUNT_MAX)
        sample_give_up("receive: COUNT, at most %d", COUNT_MAX);
    if (nb_loop_new(&loop, &err) < 0)
        sample_give_up("receive: %s", err.message);
    for (long i = 0; i < count + 2; i++) {
        servers[i] = web_server_new(loop);
        web_server_reply(servers[i], i < count ? 204 : 503, "", "");
        if (i == count + 1)
            web_server_set(servers[i], &silence);
        printf("%d\n", web_server_port(servers[i]));
    }
    fflush(stdout);
    source = nb_loop_add_source(loop, input_prepare, input_ready, loop);
    if (nb_loop_run(loop, &err) < 0)
        sample_give_up("receive: %s", err.message);
    for (long i = 0; i < count + 2; i++)
        web_server_free(&servers[i]);
    nb_source_remove(&source);
    nb_loop_free(&loop);
    return 0;
}
