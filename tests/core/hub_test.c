/* hub_test.c - the hub and its clients in one loop: who hears what, who is too slow, who rings where ringing is
 * deferred, and what a feed does when hubs come and go. */
#include "tests/lib/session.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed/feed.h"
#include "hub/hub.h"
#include "feed/wire.h"

static struct cluster *cluster;
static struct session ada;
static char *directory;
static char *place;

static struct nb_connection *connect_worker(void)
{
    struct nb_connection_options options = {
        .dsn = cluster_dsn(cluster, "nightbell_administrator"),
        .application_name = "hub",
        .reconnect = true,
    };
    struct nb_connection *connection = NULL;

    assert_int_equal(nb_connection_new(&connection, ada.loop, &options, NULL), 0);
    assert_int_equal(nb_connection_wait_ready(connection, NULL), 0);
    return connection;
}

struct host {
    struct nb_connection *connection;
    struct nb_hub *hub;
};

static void host_open(struct host *host, const char *path)
{
    struct nb_error err = {0};

    host->connection = connect_worker();
    if (nb_hub_new(&host->hub, host->connection, path, &err) < 0)
        fail_msg("%s", err.message);
}

static void host_close(struct host *host)
{
    nb_hub_free(&host->hub);
    nb_connection_free(&host->connection);
}

static int setup(void **state)
{
    char template[] = "/tmp/nbt.hub.XXXXXX";

    (void)state;
    cluster = cluster_new();
    session_open(&ada, cluster, "nightbell_console", "ada", true);
    directory = nb_strdup(mkdtemp(template));
    place = nb_asprintf("%s/socket", directory);
    setenv("NIGHTBELL_HUB", place, 1);
    return 0;
}

static int teardown(void **state)
{
    char *lock = nb_asprintf("%s.lock", place);

    (void)state;
    (void)unlink(lock);
    assert_int_equal(rmdir(directory), 0);
    free(lock);
    free(place);
    free(directory);
    session_close(&ada);
    cluster_free(&cluster, 0);
    return 0;
}

/* ---- a feed on it ---- */

struct heard {
    struct nb_feed *feed;
    int calls, bells;
};

static void changed(void *arg, unsigned subjects, bool resync)
{
    struct heard *heard = arg;

    heard->bells += subjects == NB_SUBJECT_BIT(NB_SUBJECT_INBOX);
    (void)resync;
    heard->calls++;
}

static void ignore_mode(void *arg, enum nb_feed_mode mode)
{
    (void)arg;
    (void)mode;
}

static const struct nb_feed_options quick = {
    .poll_ms = 200, .look_again_ms = 100000, .ping_ms = 300, .ping_patience_ms = 500};

static void feed_open(struct heard *heard)
{
    *heard = (struct heard){0};
    assert_int_equal(nb_feed_new(&heard->feed, ada.connection, &quick, changed, ignore_mode, heard, NULL), 0);
}

static void let_pass(int64_t milliseconds)
{
    for (int64_t end = nb_monotonic_ms() + milliseconds; nb_monotonic_ms() < end;)
        assert_int_equal(nb_loop_turn(ada.loop, 20, NULL), 0);
}

static void notify_ada(void)
{
    static int times;
    char *sql = nb_asprintf(
        "SELECT nightbell.notify('" CLUSTER_ACME "', '" CLUSTER_ADA "', 'TEST_NOTE', 'hub row %d', 'm')", ++times);

    cluster_sql(cluster, sql);
    free(sql);
}

/* Rings until a bell is reported as one subject's. Moves, pings and polls report that anything may have changed; a bell
 * combined with those does not count, so it rings again. */
static void bell_arrives(struct heard *heard)
{
    heard->bells = 0;
    for (int tries = 0; heard->bells == 0; tries++) {
        int before = heard->calls;

        assert_true(tries < 20);
        notify_ada();
        session_until(&ada, heard->calls > before);
    }
}

static bool ada_listens(void)
{
    struct nb_result *result = NULL;
    bool listens;

    assert_int_equal(
        nb_query_text_wait(ada.connection, "SELECT count(*) FROM pg_listening_channels()", NULL, &result, NULL), 0);
    listens = nb_result_int(result, 0, 0) > 0;
    nb_result_free(&result);
    return listens;
}

/* The hub runs in ada's loop. */
#define FOR_BOTH(condition)                                                                                            \
    for (int64_t end_ = nb_monotonic_ms() + SESSION_PATIENCE_MS; !(condition);) {                                      \
        assert_true(nb_monotonic_ms() < end_);                                                                         \
        assert_int_equal(nb_loop_turn(ada.loop, 10, NULL), 0);                                                         \
        assert_int_equal(nb_loop_turn(other.loop, 10, NULL), 0);                                                       \
    }

static void moves_between_hub_and_listen(void **state)
{
    struct heard heard, also;
    struct session other;
    struct host host;

    (void)state;
    host_open(&host, place);
    feed_open(&heard);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    assert_true(nb_feed_has_hub(heard.feed));
    assert_false(ada_listens());
    bell_arrives(&heard);

    heard.calls = 0;
    host_close(&host);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE && !nb_feed_has_hub(heard.feed) && ada_listens());
    session_until(&ada, heard.calls >= 1); /* it looks after every change of its source */
    bell_arrives(&heard);

    host_open(&host, place);
    session_until(&ada, nb_feed_has_hub(heard.feed) && !ada_listens());
    bell_arrives(&heard);

    /* the hub has lost its session, but still runs: the feed listens by itself until it is back */
    cluster_sql(cluster, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hub'");
    session_until(&ada, !nb_feed_has_hub(heard.feed));
    session_until(&ada, nb_feed_has_hub(heard.feed) && nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    bell_arrives(&heard);

    /* when her other session has heard the bell, the hub has reported all that it will */
    session_open(&other, cluster, "nightbell_console", "ada", true);
    also = (struct heard){0};
    assert_int_equal(nb_feed_new(&also.feed, other.connection, &quick, changed, ignore_mode, &also, NULL), 0);
    FOR_BOTH(nb_feed_has_hub(also.feed) && nb_feed_mode(also.feed) == NB_FEED_LIVE);
    nb_feed_suspend(heard.feed);
    heard.calls = also.bells = 0;
    notify_ada();
    FOR_BOTH(also.bells >= 1);
    assert_int_equal(heard.calls, 0);
    nb_feed_free(&also.feed);
    session_close(&other);
    nb_feed_resume(heard.feed);
    session_until(&ada, nb_feed_has_hub(heard.feed) && heard.calls >= 1);
    nb_feed_free(&heard.feed);
    host_close(&host);
}

/* No bells come through a hub that otherwise works: the ping detects it. */
static void leaves_a_hub_that_is_dumb(void **state)
{
    struct heard heard;
    struct host host;

    (void)state;
    host_open(&host, place);
    feed_open(&heard);
    session_until(&ada, nb_feed_has_hub(heard.feed) && nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    assert_int_equal(nb_query_script_wait(host.connection, "UNLISTEN *", NULL), 0);
    session_until(&ada, !nb_feed_has_hub(heard.feed));
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    nb_feed_free(&heard.feed);
    host_close(&host);
}

/* ---- bare clients ---- */

static int dial(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

    memcpy(address.sun_path, place, strlen(place) + 1);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Reads until it has read the text, or until the end of the connection (NULL). */
static void hear(int fd, const char *text)
{
    struct nb_strbuf heard;
    char bytes[4096];
    ssize_t got = -1;

    nb_strbuf_init(&heard, 1 << 20);
    for (int64_t deadline = nb_monotonic_ms() + SESSION_PATIENCE_MS;;) {
        assert_int_equal(nb_loop_turn(ada.loop, 10, NULL), 0);
        got = recv(fd, bytes, sizeof(bytes), 0);
        if (got > 0)
            nb_strbuf_append_n(&heard, bytes, (size_t)got);
        if (text ? strstr(heard.data, text) != NULL : got == 0 || (got < 0 && errno != EAGAIN))
            break;
        if (nb_monotonic_ms() > deadline)
            fail_msg("not heard: %s, but: %s", text ? text : "the end", heard.data);
    }
    nb_strbuf_clear(&heard);
}

#define KEY_A "nb_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define KEY_B "nb_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void refuses_what_is_no_protocol(void **state)
{
    static const char *const wrong[] = {
        "listen " KEY_A "\n",                    /* before hello */
        "hello 2\n",                             /* another version */
        "hello 1\nlisten x\n",                   /* not a key */
        "hello 1\nlisten " KEY_A " " KEY_A "\n", /* one key too many */
        "hello 1\nbell " KEY_A " {}\n",          /* only a hub may say that */
        "hello 1\n\n",
        "GET / HTTP/1.0\r\n\r\n",
    };
    struct nb_strbuf many;
    struct host host;
    struct stat info;

    (void)state;
    host_open(&host, place);
    assert_int_equal(stat(place, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0666);
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        int fd = dial();

        say(fd, wrong[i]);
        hear(fd, NULL);
        close(fd);
    }
    nb_strbuf_init(&many, SIZE_MAX / 2);
    nb_strbuf_append_repeat(&many, 'x', 2000); /* a line without an end */
    for (int turn = 0; turn < 2; turn++) {
        int fd = dial();

        say(fd, many.data);
        hear(fd, NULL);
        close(fd);
        nb_strbuf_reset(&many);
        nb_strbuf_append(&many, "hello 1\n"); /* more keys than allowed */
        for (int i = 0; i <= NB_HUB_KEYS_MAX; i++)
            nb_strbuf_appendf(&many, "listen nb_%040x\n", i);
    }
    nb_strbuf_clear(&many);
    host_close(&host);
    assert_int_equal(stat(place, &info), -1); /* only the lock is left */
}

static void one_hub_a_place(void **state)
{
    struct nb_connection *second = connect_worker();
    struct nb_hub *hub = NULL;
    struct nb_error err = {0};
    struct host host;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int stale = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    memcpy(address.sun_path, place, strlen(place) + 1);
    assert_int_equal(bind(stale, (const struct sockaddr *)&address, sizeof(address)), 0);
    close(stale);
    host_open(&host, place); /* replaces what a dead hub has left */
    assert_int_equal(nb_hub_new(&hub, second, place, &err), NB_ECONFLICT);
    assert_non_null(strstr(err.message, "another hub is running"));
    host_close(&host);
    assert_int_equal(nb_hub_new(&hub, second, place, &err), 0);
    nb_hub_free(&hub);
    nb_connection_free(&second);

    struct session client;
    session_open(&client, cluster, "nightbell_console", "ada", false);
    assert_int_equal(nb_hub_new(&hub, client.connection, place, &err), NB_EDENIED);
    assert_non_null(strstr(err.hint, "nightbell_ringer"));
    session_close(&client);
}

/* A client that never reads gets a bounded buffer, delays nobody, and is told to look again. */
static void a_slow_client_is_left_behind(void **state)
{
    int slow, swift, bells = 0;
    char bytes[8192];
    struct host host;

    (void)state;
    host_open(&host, place);
    slow = dial();
    swift = dial();
    say(slow, "hello 1\nlisten " KEY_A "\n");
    say(swift, "hello 1\nlisten " KEY_A "\nlisten " KEY_B "\n");
    hear(swift, "listening " KEY_A);
    hear(slow, "listening " KEY_A);
    /* 20,000 bells of a hundred bytes and more: much more than the socket's buffer */
    for (int i = 0; i < 20; i++) {
        cluster_sql(cluster, "SELECT count(pg_notify('" KEY_A "', i || repeat(' ', 100)))"
                             " FROM generate_series(1, 1000) i");
        for (int64_t deadline = nb_monotonic_ms() + SESSION_PATIENCE_MS; bells < 1000 * (i + 1);) {
            ssize_t got;

            assert_true(nb_monotonic_ms() < deadline);
            assert_int_equal(nb_loop_turn(ada.loop, 10, NULL), 0);
            while ((got = recv(swift, bytes, sizeof(bytes), 0)) > 0)
                for (ssize_t at = 0; at < got; at++)
                    bells += bytes[at] == '\n';
        }
    }
    assert_int_equal(bells, 20000);
    hear(slow, "resync\n");
    cluster_sql(cluster, "SELECT pg_notify('" KEY_A "', 'afterwards')");
    hear(slow, "bell " KEY_A " afterwards\n");
    close(slow);
    close(swift);
    host_close(&host);
}

/* The hub LISTENs for a key as long as somebody wants it. */
static void listens_while_somebody_wants(void **state)
{
    struct host host;
    int first, second;

    (void)state;
    host_open(&host, place);
    first = dial();
    second = dial();
    say(first, "hello 1\nlisten " KEY_A "\n");
    hear(first, "listening " KEY_A);
    say(second, "hello 1\nlisten " KEY_A "\n");
    hear(second, "listening " KEY_A);
    cluster_sql(cluster, "SELECT pg_notify('" KEY_A "', '{\"odd\n}')");
    hear(first, "bell " KEY_A " {}\n"); /* a text that would break the line is left out */
    close(first);
    cluster_sql(cluster, "SELECT pg_notify('" KEY_A "', 'x')");
    hear(second, "bell " KEY_A " x\n");
    say(second, "unlisten " KEY_A "\n");
    for (int channels = 2; channels != 1;) { /* its own, where hubs are told things */
        struct nb_result *result = NULL;

        assert_int_equal(
            nb_query_text_wait(host.connection, "SELECT count(*) FROM pg_listening_channels()", NULL, &result, NULL),
            0);
        channels = (int)nb_result_int(result, 0, 0);
        nb_result_free(&result);
    }
    say(second, "listen " KEY_A "\n");
    hear(second, "listening " KEY_A);
    close(second);
    host_close(&host);
}

/* ---- floods by another account ---- */

#define AFTER_FLOOD       11 /* consoles that come while the flood goes on */
#define FLOOD_CONNECTIONS 5000

static int try_dial(int flags)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

    memcpy(address.sun_path, place, strlen(place) + 1);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static void ask_for_all_keys(int fd, int number)
{
    char text[(NB_HUB_KEYS_MAX + 1) * 64];
    size_t length = (size_t)sprintf(text, "hello 1\n");

    for (int i = 0; i < NB_HUB_KEYS_MAX; i++)
        length += (size_t)sprintf(text + length, "listen nb_%020x%020x\n", number, i);
    (void)!send(fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Runs as nobody until it is killed: opens as many connections as it can, each with the most keys allowed, then opens
 * and closes them. */
static void flood(int told, pid_t parent)
{
    struct rlimit limit;
    int number = 0;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
    if (setgid(65534) < 0 || setuid(65534) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
        _exit(1);
    for (; number < FLOOD_CONNECTIONS; number++) {
        int fd = try_dial(0);

        if (fd >= 0)
            ask_for_all_keys(fd, number);
    }
    (void)!write(told, "x", 1);
    for (;; number++) {
        int fd = try_dial(0);

        if (fd < 0)
            continue;
        ask_for_all_keys(fd, number);
        close(fd);
    }
}

static pid_t start_flood(int *told)
{
    int fds[2];
    pid_t pid, parent = getpid();

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        flood(fds[1], parent);
    close(fds[1]);
    *told = fds[0];
    return pid;
}

/* How long a new console waits until the hub listens for it. */
static int64_t wait_to_listen(int number)
{
    int64_t begin = nb_monotonic_ms();
    char *key = nb_asprintf("nb_%039da", number);
    char *line = nb_asprintf("hello 1\nlisten %s\n", key);
    char *answer = nb_asprintf("listening %s\n", key);
    int fd;

    while ((fd = try_dial(SOCK_NONBLOCK)) < 0) /* its queue is full at the moment */
        assert_int_equal(nb_loop_turn(ada.loop, 10, NULL), 0);
    say(fd, line);
    hear(fd, answer);
    close(fd);
    free(answer);
    free(line);
    free(key);
    return nb_monotonic_ms() - begin;
}

/* Without fair turns, 80,000 keys and connections opened and closed all the time delayed others by 25 and 60
 * seconds. */
static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void a_flood_of_another_account_delays_nobody(void **state)
{
    struct host host;
    bool opened = false;
    int64_t waits[AFTER_FLOOD];
    pid_t pid;
    int told;

    (void)state;
    if (geteuid() != 0)
        skip();
    host_open(&host, place);
    assert_int_equal(chmod(directory, 0711), 0);
    pid = start_flood(&told);
    for (int i = 0; i < 10 || !opened; i++) { /* during both phases of the flood */
        char byte;
        int64_t waited = wait_to_listen(i);

        if (waited > 5000)
            fail_msg("console %d waited %lld ms", i, (long long)waited);
        opened = opened || read(told, &byte, 1) == 1;
        if (i == 10000)
            fail_msg("the flood never ended");
    }
    for (int i = 0; i < AFTER_FLOOD; i++) {
        waits[i] = wait_to_listen(20000 + i);
        assert_in_range(waits[i], 0, 5000);
    }
    qsort(waits, AFTER_FLOOD, sizeof(waits[0]), by_number);
    print_message("under the flood a console waits %lld ms, at most %lld ms\n", (long long)waits[AFTER_FLOOD / 2],
                  (long long)waits[AFTER_FLOOD - 1]);
    assert_in_range(waits[AFTER_FLOOD / 2], 0, 1000); /* a loaded machine may delay a single one */
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(told);
    host_close(&host);
}

/* ---- deferred ringing ---- */

static bool rings(void)
{
    return strcmp(cluster_sql(cluster, "SELECT nightbell.is_ringing()"), "t") == 0;
}

static void rings_where_it_is_deferred(void **state)
{
    char *other_place = nb_asprintf("%s/other", directory);
    char *lock = nb_asprintf("%s/other.lock", directory);
    struct host first, second;
    struct heard heard;

    (void)state;
    cluster_sql(cluster, "SELECT nightbell.set_ring('deferred')");
    feed_open(&heard);
    /* no hub rings: the feed reports it, and polls */
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_POLLING);
    assert_true(nb_feed_is_unrung(heard.feed));
    heard.calls = 0;
    session_until(&ada, heard.calls >= 3);

    host_open(&first, place);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE && nb_feed_has_hub(heard.feed));
    assert_false(nb_feed_is_unrung(heard.feed));
    bell_arrives(&heard);

    /* the second one is on standby, and takes over */
    host_open(&second, other_place);
    host_close(&first);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE && !nb_feed_has_hub(heard.feed) && rings());
    bell_arrives(&heard);

    /* the last one ends: the feed polls again; when ringing is set back to commit it is live without a hub */
    host_close(&second);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_POLLING);
    cluster_sql(cluster, "SELECT nightbell.set_ring('commit')");
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    bell_arrives(&heard);
    nb_feed_free(&heard.feed);

    /* a running hub is told of the change, in both directions */
    host_open(&first, place);
    cluster_sql(cluster, "SELECT nightbell.set_ring('deferred')");
    session_until(&ada, rings());
    cluster_sql(cluster, "SELECT nightbell.set_ring('commit')");
    session_until(&ada, !rings());
    host_close(&first);
    (void)unlink(lock);
    free(lock);
    free(other_place);
}

/* In commit mode nothing wakes an idle hub. */
static void an_idle_hub_sleeps(void **state)
{
    struct host host;
    int turns = 0;

    (void)state;
    host_open(&host, place);
    let_pass(300);
    for (int64_t end = nb_monotonic_ms() + 2000; nb_monotonic_ms() < end; turns++)
        assert_int_equal(nb_loop_turn(ada.loop, end - nb_monotonic_ms(), NULL), 0);
    assert_int_equal(turns, 1);
    host_close(&host);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(moves_between_hub_and_listen),
               cmocka_unit_test(leaves_a_hub_that_is_dumb), cmocka_unit_test(refuses_what_is_no_protocol),
               cmocka_unit_test(one_hub_a_place), cmocka_unit_test(a_slow_client_is_left_behind),
               cmocka_unit_test(listens_while_somebody_wants),
               cmocka_unit_test(a_flood_of_another_account_delays_nobody), cmocka_unit_test(rings_where_it_is_deferred),
               cmocka_unit_test(an_idle_hub_sleeps))
