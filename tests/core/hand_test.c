/* What a worker has in hand, sent by real programs: when a send's time to begin has passed. */
#include "tests/lib/unit.h"
#include "tests/lib/watch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "channels/channels.h"
#include "sending/hand.h"

static const int64_t at_once = 2; /* sends of its only place */

/* A channel of one program, which ends when the pipe does that its address names. */
struct world {
    char directory[64];
    struct nb_loop *loop;
    struct nb_channels *channels;
    struct nb_senders *senders;
    struct hand *hand;
    struct item *done[8];
    size_t done_count;
};

static void write_text(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void on_done(void *arg, struct item *item)
{
    struct world *world = arg;

    assert_true(world->done_count < NB_ARRAY_SIZE(world->done));
    world->done[world->done_count++] = item;
}

static int setup(void **state)
{
    struct world *world = nb_calloc(1, sizeof(*world));
    char *conf, *program, *text;
    struct nb_error err;

    strcpy(world->directory, "/tmp/nbt.hand.XXXXXX");
    assert_non_null(mkdtemp(world->directory));
    conf = nb_asprintf("%s/channels.conf", world->directory);
    program = nb_asprintf("%s/send", world->directory);
    write_text(program, "#!/bin/sh\ncat \"$1\" >/dev/null\n", 0700);
    text = nb_asprintf("[channel.chat]\nkind = program\ncommand = %s {address}\n", program);
    write_text(conf, text, 0600);
    assert_int_equal(nb_loop_new(&world->loop, &err), 0);
    assert_int_equal(nb_channels_read(&world->channels, conf, NULL, NULL, &err), 0);
    assert_int_equal(nb_senders_new(&world->senders, world->loop, world->channels, &err), 0);
    world->hand = hand_new(on_done, world);
    free(text);
    free(program);
    free(conf);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    char *command = nb_asprintf("rm -rf '%s'", world->directory);

    hand_free(&world->hand);
    nb_senders_free(&world->senders);
    nb_channels_free(&world->channels);
    nb_loop_free(&world->loop);
    assert_int_equal(system(command), 0);
    free(command);
    free(world);
    return 0;
}

/* A delivery to the pipes of these names, which are made. */
static struct item *delivery(struct world *world, const char *first, const char *second)
{
    const char *names[] = {first, second};
    struct item *item = nb_calloc(1, sizeof(*item));

    item->arena = nb_arena_new();
    item->sender = nb_senders_find(world->senders, "chat");
    item->lane = 1;
    item->until_ms = INT64_MAX;
    item->most = &at_once;
    item->message = (struct nb_message){.delivery = nb_uuid_v7(),
                                        .attempt = 1,
                                        .channel = "chat",
                                        .type = "TEST",
                                        .urgency = "normal",
                                        .locale = "en",
                                        .body = "text"};
    item->flight_count = second ? 2 : 1;
    item->flights = nb_arena_alloc(item->arena, item->flight_count * sizeof(*item->flights));
    for (size_t i = 0; i < item->flight_count; i++) {
        char *path = nb_asprintf("%s/%s", world->directory, names[i]);

        assert_int_equal(mkfifo(path, 0600), 0);
        item->flights[i].target.address = nb_arena_strdup(item->arena, path);
        free(path);
    }
    item->lease = hand_place(world->hand, "chat", "chat");
    hand_add(world->hand, item);
    return item;
}

/* Its program reads the pipe's end: it was begun, and ends. */
static void let_end(struct item *item, size_t flight)
{
    int fd = open(item->flights[flight].target.address, O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
}

static void wait_for_answer(struct world *world, const struct flight *flight)
{
    struct nb_error err;

    while (!flight->answered)
        assert_int_equal(nb_loop_turn(world->loop, -1, &err), 0);
}

static void what_was_not_begun_in_time_is_given_back(void **state)
{
    struct world *world = *state;
    struct item *item = delivery(world, "a", "b");

    item->until_ms = nb_monotonic_ms() - 1;
    hand_turn(world->hand);
    assert_int_equal(world->done_count, 1);
    assert_ptr_equal(world->done[0], item);
    assert_int_equal(item->end, ITEM_BACK);
    hand_remove(&item);
    assert_int_equal(hand_count(world->hand), 0);
}

/* It goes to two targets; the second has to wait until its time has passed, while the first is being sent to. */
static void what_is_under_way_is_not_given_back(void **state)
{
    struct world *world = *state;
    struct item *other = delivery(world, "other", NULL), *item = delivery(world, "first", "second");

    hand_turn(world->hand);
    assert_non_null(item->flights[0].send);
    assert_null(item->flights[1].send);
    item->until_ms = nb_monotonic_ms() - 1;
    let_end(other, 0);
    wait_for_answer(world, &other->flights[0]);
    assert_int_equal(world->done_count, 1);
    assert_ptr_equal(world->done[0], other);
    assert_non_null(item->flights[0].send);
    assert_non_null(item->flights[1].send);
    let_end(item, 0);
    let_end(item, 1);
    wait_for_answer(world, &item->flights[0]);
    wait_for_answer(world, &item->flights[1]);
    assert_int_equal(world->done_count, 2);
    assert_ptr_equal(world->done[1], item);
    assert_int_equal(item->end, ITEM_ANSWERED);
    hand_remove(&item);
    hand_remove(&other);
}

UNIT_MAIN_WHERE(can_watch_a_process, "pidfd_open is not known here", NULL, NULL,
                cmocka_unit_test_setup_teardown(what_was_not_begun_in_time_is_given_back, setup, teardown),
                cmocka_unit_test_setup_teardown(what_is_under_way_is_not_given_back, setup, teardown))
