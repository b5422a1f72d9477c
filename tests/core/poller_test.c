/* The poller: thousands of socket pairs in one loop, removal from inside callbacks, fairness. */
#include "tests/lib/unit.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/poller.h"

#define PAIRS 3000

struct peer {
    struct nb_polled *polled;
    struct peer *victim; /* removed when this one is ready */
    int near, far;
    unsigned readable, writable, ended;
};

static struct nb_loop *loop;
static struct nb_poller *poller;
static struct peer peers[PAIRS];
static size_t pairs;
static unsigned batches;

static void count_batch(void *arg)
{
    (void)arg;
    batches++;
}

static void ready(void *arg, short revents)
{
    struct peer *peer = arg;
    char byte;

    peer->writable += (revents & POLLOUT) != 0;
    if (revents & POLLIN && recv(peer->near, &byte, 1, MSG_DONTWAIT) == 1)
        peer->readable++;
    else if (revents & (POLLIN | POLLHUP))
        peer->ended++;
    if (peer->victim)
        nb_polled_remove(&peer->victim->polled);
    if (peer->ended)
        nb_polled_remove(&peer->polled);
}

/* Opens as many pairs as the system allows, at least thousands. */
static int setup(void **state)
{
    struct rlimit limit;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    pairs = limit.rlim_max < 2 * PAIRS + 64 ? (size_t)(limit.rlim_max - 64) / 2 : PAIRS;
    assert_int_equal(nb_loop_new(&loop, NULL), 0);
    assert_int_equal(nb_poller_new(&poller, loop, NULL), 0);
    nb_poller_set_served(poller, count_batch, NULL);
    for (size_t i = 0; i < pairs; i++) {
        int fds[2];

        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
        peers[i] = (struct peer){.near = fds[0], .far = fds[1]};
        assert_int_equal(nb_poller_add(&peers[i].polled, poller, fds[0], POLLIN, ready, &peers[i], NULL), 0);
    }
    batches = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (size_t i = 0; i < pairs; i++) {
        nb_polled_remove(&peers[i].polled);
        close(peers[i].near);
        if (peers[i].far >= 0)
            close(peers[i].far);
    }
    nb_poller_free(&poller);
    nb_loop_free(&loop);
    return 0;
}

static void turn(void)
{
    assert_int_equal(nb_loop_turn(loop, 0, NULL), 0);
}

static void ring(const struct peer *peer)
{
    assert_int_equal(send(peer->far, "x", 1, MSG_NOSIGNAL), 1);
}

static size_t total_read(void)
{
    size_t total = 0;

    for (size_t i = 0; i < pairs; i++)
        total += peers[i].readable;
    return total;
}

static void only_the_ready_ones_are_called(void **state)
{
    (void)state;
    turn();
    assert_int_equal(batches, 0);
    ring(&peers[7]);
    ring(&peers[pairs - 1]);
    turn();
    assert_int_equal(batches, 1); /* once for both */
    assert_int_equal(peers[7].readable, 1);
    assert_int_equal(peers[pairs - 1].readable, 1);
    assert_int_equal(total_read(), 2);
}

/* Nobody is served twice before everybody was served once; a turn serves a bounded number. */
static void all_have_their_turn(void **state)
{
    unsigned turns = 0;

    (void)state;
    for (size_t i = 0; i < pairs; i++) {
        ring(&peers[i]);
        ring(&peers[i]);
    }
    for (size_t former = 0; former < pairs; turns++) {
        turn();
        assert_in_range(total_read() - former, 1, NB_POLLER_AT_ONCE);
        former = total_read();
    }
    for (size_t i = 0; i < pairs; i++)
        assert_in_range(peers[i].readable, 1, 2);
    assert_in_range(turns, pairs / NB_POLLER_AT_ONCE, pairs / NB_POLLER_AT_ONCE + 2);
    while (total_read() < 2 * pairs)
        turn();
}

static void is_told_of_room_only_when_it_asks(void **state)
{
    (void)state;
    nb_polled_set(peers[0].polled, POLLIN | POLLOUT);
    turn();
    turn();
    assert_int_equal(peers[0].writable, 2);
    nb_polled_set(peers[0].polled, POLLIN);
    turn();
    assert_int_equal(peers[0].writable, 2);
    assert_int_equal(total_read(), 0);
}

/* Peers of a pair remove each other while both are among the fetched events. */
static void may_remove_each_other_and_themselves(void **state)
{
    (void)state;
    for (size_t i = 0; i + 1 < NB_POLLER_AT_ONCE; i += 2) {
        peers[i].victim = &peers[i + 1];
        peers[i + 1].victim = &peers[i];
        ring(&peers[i]);
        ring(&peers[i + 1]);
    }
    turn();
    assert_int_equal(total_read(), NB_POLLER_AT_ONCE / 2);
    peers[100].victim = &peers[100];
    ring(&peers[100]);
    ring(&peers[100]);
    turn();
    turn();
    assert_int_equal(peers[100].readable, 1);
    assert_null(peers[100].polled);
}

static void tells_of_ends(void **state)
{
    size_t ended = 0;

    (void)state;
    for (size_t i = 0; i < pairs; i++) {
        close(peers[i].far);
        peers[i].far = -1;
    }
    for (size_t i = 0; i < pairs / NB_POLLER_AT_ONCE + 2; i++)
        turn();
    for (size_t i = 0; i < pairs; i++)
        ended += peers[i].ended == 1 && !peers[i].polled;
    assert_int_equal(ended, pairs);
}

static void refuses_what_cannot_be_waited_for(void **state)
{
    struct nb_polled *polled;
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_poller_add(&polled, poller, -1, POLLIN, ready, NULL, &err), NB_EFAILED);
    assert_null(polled);
    assert_non_null(strstr(err.message, "wait for descriptor -1"));
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(only_the_ready_ones_are_called, setup, teardown),
          cmocka_unit_test_setup_teardown(all_have_their_turn, setup, teardown),
          cmocka_unit_test_setup_teardown(is_told_of_room_only_when_it_asks, setup, teardown),
          cmocka_unit_test_setup_teardown(may_remove_each_other_and_themselves, setup, teardown),
          cmocka_unit_test_setup_teardown(tells_of_ends, setup, teardown),
          cmocka_unit_test_setup_teardown(refuses_what_cannot_be_waited_for, setup, teardown))
