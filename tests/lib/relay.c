/*
 * relay.c - simulates a slow line: passes connections from one unix socket on to another, delays each byte, and counts
 * round trips.
 *
 *   relay LISTEN TARGET MILLISECONDS [TURNS]      the delay in each direction
 *
 * It writes a line whenever a client sends after it has got something from the server: that many round trips, or turns,
 * were waited for. Only the first TURNS of them are passed on, for tests of what is there after so many: SIGUSR1 lets
 * all pass, SIGUSR2 one more. SIGHUP: from now on what servers send is kept back, what clients send is passed on: their
 * acts are done, but they never hear of it. SIGTERM ends it.
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINES_MAX 64 /* simultaneous connections */

struct chunk {
    struct chunk *next;
    long long due;
    size_t length;
    bool turns; /* a turn begins with it */
    char bytes[];
};

struct line {
    int ends[2]; /* the client's, the server's */
    struct chunk *first[2], **last[2];
    bool answered; /* the client has got something since it sent */
};

static struct line lines[LINES_MAX];
static size_t line_count;
static volatile sig_atomic_t turns_left = -1; /* how many more are passed on; -1: all */

static void change_turns(int signo)
{
    turns_left = signo == SIGUSR1 ? -1 : 1;
}

static volatile sig_atomic_t servers_are_mute;

static void mute_servers(int signo)
{
    servers_are_mute = signo == SIGHUP;
}

static void give_up(const char *what)
{
    fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static int open_socket(struct sockaddr_un *address, const char *path)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (fd < 0 || strlen(path) >= sizeof(address->sun_path))
        give_up(path);
    memcpy(address->sun_path, path, strlen(path) + 1);
    return fd;
}

static void take_client(int door, const char *target)
{
    struct sockaddr_un address;
    struct line *line = &lines[line_count];
    int client = accept4(door, NULL, NULL, SOCK_CLOEXEC);
    int server = open_socket(&address, target);

    if (client < 0 || line_count == LINES_MAX || connect(server, (struct sockaddr *)&address, sizeof(address)) < 0)
        give_up(target);
    *line = (struct line){.ends = {client, server}, .answered = true};
    line->last[0] = &line->first[0];
    line->last[1] = &line->first[1];
    line_count++;
}

/* Reads what came from one end; no bytes mean that it has closed. */
static void take(struct line *line, int from, long long delay)
{
    char bytes[65536];
    ssize_t got = read(line->ends[from], bytes, sizeof(bytes));
    size_t length = got > 0 ? (size_t)got : 0;
    struct chunk *chunk = malloc(sizeof(*chunk) + length);

    if (!chunk)
        give_up("memory");
    *chunk = (struct chunk){.due = now_ms() + delay, .length = length};
    memcpy(chunk->bytes, bytes, length);
    *line->last[from] = chunk;
    line->last[from] = &chunk->next;
    if (from == 0 && line->answered && length > 0) {
        line->answered = false;
        chunk->turns = true;
        puts("turn");
    }
}

static void end_line(size_t index)
{
    close(lines[index].ends[0]);
    close(lines[index].ends[1]);
    lines[index] = lines[--line_count];
    for (int from = 0; from < 2; from++)
        if (!lines[index].first[from])
            lines[index].last[from] = &lines[index].first[from];
}

static bool is_held(const struct chunk *chunk, int from)
{
    return (chunk->turns && turns_left == 0) || (from == 1 && servers_are_mute);
}

/* Passes on what is due. False: one end has closed. */
static bool pass(struct line *line, int from)
{
    struct chunk *chunk;

    while ((chunk = line->first[from]) && chunk->due <= now_ms() && !is_held(chunk, from)) {
        if (chunk->turns && turns_left > 0)
            turns_left--;
        if (chunk->length == 0 ||
            send(line->ends[!from], chunk->bytes, chunk->length, MSG_NOSIGNAL) != (ssize_t)chunk->length)
            return false;
        if (!(line->first[from] = chunk->next))
            line->last[from] = &line->first[from];
        line->answered |= from == 1;
        free(chunk);
    }
    return true;
}

static int wait_ms(void)
{
    long long soonest = -1, now = now_ms();

    for (size_t i = 0; i < line_count; i++) {
        for (int from = 0; from < 2; from++) {
            const struct chunk *chunk = lines[i].first[from];

            if (chunk && !is_held(chunk, from) && (soonest < 0 || chunk->due < soonest))
                soonest = chunk->due;
        }
    }
    return soonest < 0 ? -1 : soonest <= now ? 0 : (int)(soonest - now);
}

int main(int argc, char **argv)
{
    struct sockaddr_un address;
    int door;

    if (argc != 4 && argc != 5)
        return fprintf(stderr, "usage: relay LISTEN TARGET MILLISECONDS [TURNS]\n"), 2;
    if (argc == 5)
        turns_left = (sig_atomic_t)strtol(argv[4], NULL, 10);
    signal(SIGUSR1, change_turns);
    signal(SIGUSR2, change_turns);
    signal(SIGHUP, mute_servers);
    setvbuf(stdout, NULL, _IOLBF, 0);
    door = open_socket(&address, argv[1]);
    if (bind(door, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(door, LINES_MAX) < 0)
        give_up(argv[1]);
    for (;;) {
        struct pollfd polled[1 + 2 * LINES_MAX] = {{.fd = door, .events = POLLIN}};
        size_t known = line_count;

        for (size_t i = 0; i < known; i++)
            for (int from = 0; from < 2; from++)
                polled[1 + 2 * i + (size_t)from] = (struct pollfd){.fd = lines[i].ends[from], .events = POLLIN};
        int count = poll(polled, 1 + 2 * known, wait_ms());
        if (count < 0 && errno != EINTR)
            give_up("poll");
        for (size_t i = 0; count > 0 && i < 2 * known; i++)
            if (polled[1 + i].revents)
                take(&lines[i / 2], (int)(i % 2), strtol(argv[3], NULL, 10));
        for (size_t i = known; i-- > 0;)
            if (!pass(&lines[i], 0) || !pass(&lines[i], 1))
                end_line(i);
        if (count > 0 && polled[0].revents)
            take_client(door, argv[2]);
    }
}
