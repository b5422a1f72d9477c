/*
 * live.c - measures from a commit to a painted row, with many real consoles watching, each in a pty of 120x40.
 *
 *   live consoles FIGURE COUNT RATE SENT ROUNDS
 *                          opens COUNT consoles, then sends SENT notifications at RATE a second, each to the next
 *                          console, alternating with the floor: a durable insert with pg_notify to PQnotifies over two
 *                          bare connections. Prints FIGURE_p50 and FIGURE_p99, the time from sending to painted, and
 *                          FIGURE_rate, how many were sent in a second
 *   live burst COUNT ROUNDS
 *                          sends COUNT notifications, each a commit, to one console as fast as possible. Prints the
 *                          paints in a second meanwhile, and the time from the last commit to the last byte
 *   live attach COUNT      attaches COUNT bare clients to the hub, says "ready" and keeps them until stdin ends
 *
 * Environment, besides what nightbell itself reads:
 * - BENCH_CONSOLE: the program
 * - BENCH_PEOPLE: a file with a line "user-uuid token" for each person
 * - BENCH_TENANT, BENCH_PRODUCER_DSN, BENCH_PRODUCER_TOKEN, BENCH_ADMIN_DSN
 * - BENCH_FLOOR: how often the floor is timed in a round (default: 200)
 * - BENCH_RING: "after" rings like the library, in a transaction after the commit; otherwise rings within it
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <math.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/loop.h"
#include "bench/sample.h"
#include "feed/attach.h"

#define PRODUCERS     16
#define READY_AT_ONCE 64
#define TITLE_SIZE    16
#define TAIL_SIZE     4096
#define AT_ONCE       16 /* consoles that start simultaneously */
#define PATIENCE      30000.0
#define WARM_UP       3 /* notifications to each console */
#define FLOOR_RATE    100
#define FLOOR_SENT    200    /* at most */
#define PAINT_GAP     8.0    /* a paint is written at once: bytes that come so many ms later belong to another paint */
#define PROVED        4000.0 /* so long after its last bell a console has read its page again as a whole */
#define QUIET         1500.0 /* after so many ms without a byte, the last paint was the final one */

struct console {
    char user[37];
    char token[1024];
    int fd;
    pid_t pid;
    char title[TITLE_SIZE + 1]; /* the awaited title; "": none */
    unsigned turn;
    double sent;
    char tail[TAIL_SIZE]; /* the end of what was read, for a title that is split between two reads */
    size_t tail_length;
    bool painted; /* painted anything */
    double last_byte;
    size_t paints;
};

struct bench {
    struct console *consoles;
    size_t count;
    int ready; /* epoll: a console's number, or that of a producer behind them */
    PGconn *producers[PRODUCERS];
    bool busy[PRODUCERS];
    bool rings_after;
    double *times;
    size_t done;
};

static const char *need(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        sample_give_up("live: %s is not set", name);
    return value;
}

/* ---- consoles ---- */

static void read_people(struct bench *bench)
{
    FILE *file = fopen(need("BENCH_PEOPLE"), "r");
    size_t i = 0;

    while (file && i < bench->count &&
           fscanf(file, "%36s %1023s", bench->consoles[i].user, bench->consoles[i].token) == 2)
        i++;
    if (i < bench->count)
        sample_give_up("live: only %zu people are there", i);
    fclose(file);
}

/* The kernel tells which of them are ready: asking five hundred terminals in turn would cost more than what is measured. */
static void wait_for_input(struct bench *bench, int fd, size_t which)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = which};

    if (epoll_ctl(bench->ready, EPOLL_CTL_ADD, fd, &event) < 0)
        sample_give_up("live: epoll: %s", strerror(errno));
}

static void start_console(struct bench *bench, size_t which)
{
    struct console *console = &bench->consoles[which];
    struct winsize size = {.ws_row = 40, .ws_col = 120};

    console->pid = forkpty(&console->fd, NULL, NULL, &size);
    if (console->pid < 0)
        sample_give_up("live: forkpty: %s", strerror(errno));
    if (console->pid == 0) {
        setenv("NIGHTBELL_TOKEN", console->token, 1);
        setenv("TERM", "xterm-256color", 1);
        execl(need("BENCH_CONSOLE"), "nightbell", (char *)NULL);
        _exit(127);
    }
    (void)fcntl(console->fd, F_SETFL, O_NONBLOCK);
    (void)fcntl(console->fd, F_SETFD, FD_CLOEXEC);
    wait_for_input(bench, console->fd, which);
}

/* The cursor stays on its row, so now and then it is sent back to the top, before new rows are out of sight. */
static void take_painted(struct bench *bench, struct console *console)
{
    bench->times[bench->done++] = sample_clock_ms() - console->sent;
    console->title[0] = '\0';
    if (console->turn % 16 == 0 && write(console->fd, "gg", 2) != 2)
        sample_give_up("live: a console takes no keys");
}

static void take_bytes(struct bench *bench, struct console *console)
{
    char bytes[16384];
    ssize_t got;

    while ((got = read(console->fd, bytes, sizeof(bytes) - 1)) > 0) {
        size_t keep = console->tail_length < TITLE_SIZE ? console->tail_length : TITLE_SIZE;

        console->painted = true;
        console->paints += sample_clock_ms() - console->last_byte > PAINT_GAP;
        console->last_byte = sample_clock_ms();
        memmove(console->tail, console->tail + console->tail_length - keep, keep);
        if ((size_t)got > TAIL_SIZE - keep - 1)
            keep = 0;
        if (console->title[0] && memmem(bytes, (size_t)got, console->title, TITLE_SIZE)) {
            take_painted(bench, console);
        } else if (console->title[0] && (size_t)got < TAIL_SIZE - TITLE_SIZE) {
            memcpy(console->tail + keep, bytes, (size_t)got);
            console->tail_length = keep + (size_t)got;
            if (memmem(console->tail, console->tail_length, console->title, TITLE_SIZE))
                take_painted(bench, console);
        }
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR))
        sample_give_up("live: a console has ended");
}

static void take_results(struct bench *bench, size_t producer)
{
    PQconsumeInput(bench->producers[producer]);
    while (bench->busy[producer] && !PQisBusy(bench->producers[producer])) {
        PGresult *result = PQgetResult(bench->producers[producer]);

        if (result && PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
            sample_give_up("live: %s", PQresultErrorMessage(result));
        bench->busy[producer] = result != NULL;
        PQclear(result);
    }
}

/* Waits once for all consoles and producers; returns how many of the consoles had sent something. */
static size_t turn(struct bench *bench, double wait_ms)
{
    struct epoll_event events[READY_AT_ONCE];
    int count = epoll_wait(bench->ready, events, READY_AT_ONCE, wait_ms > 0 ? (int)ceil(wait_ms) : 0);
    size_t had = 0;

    for (int i = 0; i < count; i++) {
        size_t which = (size_t)events[i].data.u64;

        if (which < bench->count) {
            take_bytes(bench, &bench->consoles[which]);
            had++;
        } else {
            take_results(bench, which - bench->count);
        }
    }
    return had;
}

static void await_quiet(struct bench *bench, size_t started, double quiet_ms)
{
    double begin = sample_clock_ms(), last = begin;

    for (size_t all = 0; all < started || sample_clock_ms() - last < quiet_ms;) {
        if (turn(bench, quiet_ms / 4) > 0)
            last = sample_clock_ms();
        for (all = 0; all < started && bench->consoles[all].painted; all++)
            ;
        if (sample_clock_ms() - begin > 10 * PATIENCE)
            sample_give_up("live: %zu of %zu consoles painted something", all, started);
    }
}

static void open_consoles(struct bench *bench, size_t count)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    bench->count = count;
    bench->ready = epoll_create1(EPOLL_CLOEXEC);
    if (bench->ready < 0)
        sample_give_up("live: epoll: %s", strerror(errno));
    bench->consoles = nb_calloc(count, sizeof(*bench->consoles));
    read_people(bench);
    for (size_t started = 0; started < count;) {
        for (int i = 0; i < AT_ONCE && started < count; i++)
            start_console(bench, started++);
        await_quiet(bench, started, 50);
    }
    await_quiet(bench, count, 2000);
}

static void close_consoles(struct bench *bench)
{
    for (size_t i = 0; i < bench->count; i++)
        kill(bench->consoles[i].pid, SIGTERM);
    for (size_t i = 0; i < bench->count; i++) {
        int status;

        close(bench->consoles[i].fd);
        waitpid(bench->consoles[i].pid, &status, 0);
    }
}

/* ---- sending ---- */

static PGconn *connect_to(const char *dsn, const char *token)
{
    PGconn *connection = PQconnectdb(dsn);

    if (PQstatus(connection) != CONNECTION_OK)
        sample_give_up("live: %s", PQerrorMessage(connection));
    if (token)
        PQclear(PQexecParams(connection, "SELECT set_config('nightbell.token', $1, false)", 1, NULL, &token, NULL, NULL,
                             0));
    PQclear(PQprepare(connection, "notify",
                      "SELECT nightbell.notify($1::uuid, $2::uuid, 'TEST_NOTE', $3, 'a message of "
                      "the bench')",
                      3, NULL));
    return connection;
}

/* Alternates between alphabets, and begins with another one in an empty inbox: every letter differs from the one that
 * was at its place before, so the whole title is painted. */
static void make_title(struct console *console)
{
    char first = console->turn == 0 ? '0' : console->turn % 2 ? 'n' : 'a';

    console->turn++;
    for (int i = 0; i < TITLE_SIZE; i++)
        console->title[i] = (char)(first + random() % 13);
    console->title[TITLE_SIZE] = '\0';
}

/* The next console in turn that has painted what it was sent before, so none is left out for long. */
static struct console *next_console(struct bench *bench)
{
    static size_t next;

    for (size_t i = 0; i < bench->count; i++) {
        struct console *console = &bench->consoles[(next + i) % bench->count];

        if (console->title[0])
            continue;
        next += i + 1;
        return console;
    }
    return NULL;
}

/* Sends both transactions in one message: the second does not wait for the answer to the first. */
static int send_and_ring(PGconn *producer, const char *const *values)
{
    char *text =
        nb_asprintf("BEGIN; EXECUTE notify('%s', '%s', '%s'); COMMIT; EXECUTE ring", values[0], values[1], values[2]);
    int sent = PQsendQuery(producer, text);

    free(text);
    return sent;
}

static bool send_one(struct bench *bench)
{
    for (size_t i = 0; i < PRODUCERS; i++) {
        struct console *console = bench->busy[i] ? NULL : next_console(bench);
        const char *values[] = {need("BENCH_TENANT"), console ? console->user : NULL, console ? console->title : NULL};

        if (!console)
            continue;
        make_title(console);
        console->sent = sample_clock_ms();
        if (!(bench->rings_after ? send_and_ring(bench->producers[i], values)
                                 : PQsendQueryPrepared(bench->producers[i], "notify", 3, values, NULL, NULL, 0)))
            sample_give_up("live: %s", PQerrorMessage(bench->producers[i]));
        bench->busy[i] = true;
        return true;
    }
    return false;
}

static void print_times(const char *figure, char side, double *times, size_t count)
{
    char name[64];

    snprintf(name, sizeof(name), "%s_p50", figure);
    sample_print(name, side, sample_percentile(times, count, 0.5));
    snprintf(name, sizeof(name), "%s_p99", figure);
    sample_print(name, side, sample_percentile(times, count, 0.99));
}

/* Returns how many were sent in a second. */
static double send_all(struct bench *bench, double rate, size_t wanted)
{
    double begin = sample_clock_ms(), last_done = begin, last_sent = begin;
    size_t sent = 0, done = 0;

    bench->done = 0;
    while (bench->done < wanted) {
        double due = begin + (double)sent * 1000 / rate;

        while (sent < wanted && sample_clock_ms() >= due && send_one(bench))
            last_sent = sample_clock_ms(), due = begin + (double)++sent * 1000 / rate;
        turn(bench, sent < wanted && due > sample_clock_ms() ? due - sample_clock_ms() : 1);
        if (bench->done > done)
            last_done = sample_clock_ms();
        done = bench->done;
        if (sample_clock_ms() - last_done > PATIENCE)
            sample_give_up("live: %zu of %zu were not painted within 30 s", sent - done, sent);
    }
    fprintf(stderr, "%zu consoles: %zu notifications, %.0f a second, all painted\n", bench->count, sent,
            (double)sent * 1000 / (last_done - begin));
    return last_sent > begin ? (double)sent * 1000 / (last_sent - begin) : rate;
}

static void open_producers(struct bench *bench)
{
    const char *ring = getenv("BENCH_RING");

    bench->rings_after = ring && strcmp(ring, "after") == 0;
    for (size_t i = 0; i < PRODUCERS; i++) {
        bench->producers[i] = connect_to(need("BENCH_PRODUCER_DSN"), need("BENCH_PRODUCER_TOKEN"));
        wait_for_input(bench, PQsocket(bench->producers[i]), bench->count + i);
        if (!bench->rings_after)
            continue;
        PQclear(PQexec(bench->producers[i], "SET nightbell.ring = 'after'"));
        PQclear(PQprepare(bench->producers[i], "ring",
                          "SELECT nightbell.ring() FROM set_config('synchronous_commit', 'off', true)", 0, NULL));
    }
}

/* ---- the floor ---- */

struct floor {
    PGconn *producer, *listener;
};

static void open_floor(struct floor *floor)
{
    floor->producer = connect_to(need("BENCH_ADMIN_DSN"), NULL);
    floor->listener = connect_to(need("BENCH_ADMIN_DSN"), NULL);
    PQclear(PQexec(floor->producer, "CREATE TABLE IF NOT EXISTS public.bench_floor (at timestamptz)"));
    PQclear(PQexec(floor->listener, "LISTEN bench_floor"));
    PQclear(PQprepare(
        floor->producer, "floor",
        "WITH kept AS (INSERT INTO public.bench_floor VALUES (now())) SELECT pg_notify('bench_floor', '')", 0, NULL));
}

static double time_bell(const struct floor *floor)
{
    struct pollfd heard = {.fd = PQsocket(floor->listener), .events = POLLIN};
    double sent = sample_clock_ms();
    PGnotify *bell;

    PQclear(PQexecPrepared(floor->producer, "floor", 0, NULL, NULL, NULL, 0));
    while (!(bell = PQnotifies(floor->listener))) {
        poll(&heard, 1, 1000);
        PQconsumeInput(floor->listener);
    }
    PQfreemem(bell);
    return sample_clock_ms() - sent;
}

/* Meanwhile the consoles are idle but still read, because one that cannot write would not be idle. */
static void measure_floor(struct bench *bench, const struct floor *floor, const char *figure)
{
    const char *few = getenv("BENCH_FLOOR");
    size_t count = few ? strtoul(few, NULL, 10) : FLOOR_SENT;
    double times[FLOOR_SENT], begin = sample_clock_ms();

    if (count == 0 || count > FLOOR_SENT)
        sample_give_up("live: BENCH_FLOOR: expected 1 to %d", FLOOR_SENT);
    for (size_t i = 0; i < count; i++) {
        double due = begin + (double)i * 1000 / FLOOR_RATE;

        while (due > sample_clock_ms())
            turn(bench, due - sample_clock_ms());
        times[i] = time_bell(floor);
    }
    print_times(figure, 'b', times, count);
}

/* ---- from commit to painted ---- */

/* First sends each console a few that do not count: a session plans each of its statements once. */
static void run_consoles(char *argv[])
{
    struct bench *bench = nb_calloc(1, sizeof(*bench));
    double rate = strtod(argv[4], NULL);
    size_t wanted = strtoul(argv[5], NULL, 10), first;
    char *rate_figure = nb_asprintf("%s_rate", argv[2]);
    struct floor floor;

    open_consoles(bench, strtoul(argv[3], NULL, 10));
    open_producers(bench);
    open_floor(&floor);
    first = WARM_UP * bench->count;
    bench->times = nb_calloc(wanted > first ? wanted : first, sizeof(double));
    send_all(bench, rate < 100 ? rate : 100, first);
    for (long round = strtol(argv[6], NULL, 10); round > 0; round--) {
        double reached;

        await_quiet(bench, bench->count, PROVED);
        measure_floor(bench, &floor, argv[2]);
        reached = send_all(bench, rate, wanted);
        print_times(argv[2], 'a', bench->times, bench->done);
        sample_print(rate_figure, 'a', reached);
    }
    free(rate_figure);
    close_consoles(bench);
}

/* ---- a burst ---- */

static void burst(struct bench *bench, const char *count)
{
    struct console *console = &bench->consoles[0];
    char *sql =
        nb_asprintf("DO $$ BEGIN FOR i IN 1 .. %s LOOP PERFORM nightbell.notify('%s', '%s', 'TEST_NOTE', 'burst ' || "
                    "i || ' ' || clock_timestamp(), 'a message of the bench'); COMMIT; END LOOP; END $$",
                    count, need("BENCH_TENANT"), console->user);
    double begin = sample_clock_ms(), committed;

    console->paints = 0;
    if (!PQsendQuery(bench->producers[0], sql))
        sample_give_up("live: %s", PQerrorMessage(bench->producers[0]));
    for (bench->busy[0] = true; bench->busy[0];)
        turn(bench, 100);
    committed = sample_clock_ms();
    sample_print("burst_paints", 'a', (double)console->paints * 1000 / (committed - begin));
    while (sample_clock_ms() - (console->last_byte > committed ? console->last_byte : committed) < QUIET)
        turn(bench, 100);
    sample_print("burst_settled", 'a', console->last_byte > committed ? console->last_byte - committed : 0);
    free(sql);
}

static void run_burst(char *argv[])
{
    struct bench *bench = nb_calloc(1, sizeof(*bench));

    open_consoles(bench, 1);
    open_producers(bench);
    for (long round = strtol(argv[3], NULL, 10); round > 0; round--) {
        await_quiet(bench, 1, 1000);
        burst(bench, argv[2]);
    }
    close_consoles(bench);
}

/* ---- bare clients of the hub ---- */

static void hear_nothing(void *arg)
{
    (void)arg;
}

static void hear_bell(void *arg, const char *key, const char *payload)
{
    (void)key;
    (void)payload;
    ++*(size_t *)arg;
}

static void lose_hub(void *arg)
{
    (void)arg;
    sample_give_up("live: the hub has gone");
}

static const struct nb_hub_events bare_events = {hear_nothing, hear_bell, hear_nothing, hear_nothing, lose_hub};

static void attach_person(struct nb_loop *loop, const struct console *person, size_t *heard)
{
    const char *keys[8];
    PGconn *connection = PQconnectdb(need("NIGHTBELL_DSN"));
    const char *token = person->token;
    PGresult *result;
    int count;

    PQclear(
        PQexecParams(connection, "SELECT set_config('nightbell.token', $1, false)", 1, NULL, &token, NULL, NULL, 0));
    result = PQexec(connection, "SELECT channel FROM nightbell.my_channels()");
    count = PQntuples(result);
    for (int i = 0; i < count && i < 8; i++)
        keys[i] = PQgetvalue(result, i, 0);
    if (count == 0 || count > 8 || !nb_hub_attach(loop, "", NULL, keys, (size_t)count, &bare_events, heard))
        sample_give_up("live: cannot attach: %s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
}

static void run_attach(char *argv[])
{
    struct bench *bench = nb_calloc(1, sizeof(*bench));
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    struct nb_loop *loop = NULL;
    size_t heard = 0;

    bench->count = strtoul(argv[2], NULL, 10);
    bench->consoles = nb_calloc(bench->count, sizeof(*bench->consoles));
    read_people(bench);
    if (nb_loop_new(&loop, NULL) < 0)
        sample_give_up("live: no loop");
    for (size_t i = 0; i < bench->count; i++)
        attach_person(loop, &bench->consoles[i], &heard);
    printf("ready\n");
    fflush(stdout);
    while (poll(&input, 1, 0) == 0)
        if (nb_loop_turn(loop, 100, NULL) < 0)
            sample_give_up("live: the loop has failed");
    fprintf(stderr, "%zu bells heard\n", heard);
}

int main(int argc, char *argv[])
{
    srandom((unsigned)getpid()); /* the same titles as in an earlier run would be taken for repetitions */
    if (argc == 7 && strcmp(argv[1], "consoles") == 0)
        run_consoles(argv);
    else if (argc == 4 && strcmp(argv[1], "burst") == 0)
        run_burst(argv);
    else if (argc == 3 && strcmp(argv[1], "attach") == 0)
        run_attach(argv);
    else
        sample_give_up("live: see the top of bench/live.c for what it takes");
    return 0;
}
