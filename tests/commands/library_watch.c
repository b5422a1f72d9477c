/* library_watch.c - built by library.t outside the tree: follows inbox and events with poll(2) while it causes
 * changes. */
#include <nightbell.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>

#define BOB "00000000-0000-4000-8000-0000000000b1"

static int told;
static char first_id[NB_ID_TEXT_SIZE], event_id[NB_ID_TEXT_SIZE];

static void inbox(void *arg, const struct nb_inbox_item *item, bool created)
{
    (void)arg;
    printf("inbox %c %s\n", created ? '+' : '~', item->title);
    if (!first_id[0])
        strcpy(first_id, item->id);
    told++;
}

static void event(void *arg, const struct nb_event_item *item, bool created)
{
    (void)arg;
    printf("event %c %s\n", created ? '+' : '~', item->description);
    strcpy(event_id, item->id);
    told++;
}

static void state(void *arg, bool connected, const struct nb_error *err)
{
    (void)arg;
    printf("%s\n", connected ? "connected" : err->message);
}

/* Waits until `count` changes were reported. A watch without changes must not wake poll(). */
static int wait_for(struct nb_watch *watch, int count)
{
    struct pollfd fd = {.fd = nb_watch_fd(watch), .events = POLLIN};

    for (int wakes = 0; told < count; wakes++) {
        if (wakes > 1000 || poll(&fd, 1, 20000) <= 0 || nb_watch_dispatch(watch, NULL) < 0)
            return -1;
    }
    return 0;
}

static void answered(void *arg, size_t index, const char *id, const struct nb_error *err)
{
    (void)arg;
    if (!id)
        printf("refused %zu: %s\n", index, err->message);
}

static int play(struct nb_client *client, struct nb_watch *watch, struct nb_error *err)
{
    struct nb_notify_input inputs[] = {
        {.user = BOB, .type = "TEST_NOTE", .title = "first", .message = "m"},
        {.user = BOB, .type = "TEST_NOTE", .title = "second", .message = "m", .data = "{\"a\": [1, 2]}"},
    };
    struct nb_raise_input broken = {.event_type = "job", .severity = "high", .description = "something broke"};
    const char *ids[1] = {first_id};
    struct nb_client_act resolve = {.act = NB_EVENT_RESOLVE, .ids = ids, .count = 1, .note = "done"};
    struct nb_client_query wrong = {.filter = "is:funny"};
    struct nb_inbox_page *page = NULL;
    char id[NB_ID_TEXT_SIZE];
    size_t changed = 0;
    int rc;

    if ((rc = nb_client_notify_many(client, inputs, 2, answered, NULL, err)) < 0 || (rc = wait_for(watch, 2)) < 0 ||
        (rc = nb_client_raise(client, &broken, id, err)) < 0 || (rc = wait_for(watch, 3)) < 0 ||
        (rc = nb_client_inbox_set(client, NB_INBOX_READ, ids, 1, 1700000000000000, &changed, err)) < 0)
        return rc;
    printf("changed %zu\n", changed);
    if ((rc = wait_for(watch, 4)) < 0)
        return rc;
    ids[0] = event_id;
    if ((rc = nb_client_event_act(client, &resolve, NULL, NULL, err)) < 0)
        return rc;
    printf("acted 1\n");
    if ((rc = wait_for(watch, 5)) < 0)
        return rc;
    if (nb_client_inbox(client, &wrong, &page, err) == NB_EINVALID && !page)
        printf("refused filter at column %u\n", err->column);
    return 0;
}

int main(void)
{
    struct nb_client *client = NULL;
    struct nb_watch *watch = NULL;
    struct nb_watch_options options = {.inbox = inbox, .event = event, .state = state};
    struct nb_error err = {0};
    int rc;

    if ((rc = nb_client_open(&client, NULL, &err)) == 0 &&
        (rc = nb_client_watch(&watch, client, &options, &err)) == 0) {
        struct pollfd fd = {.fd = nb_watch_fd(watch), .events = POLLIN};

        /* no event for a moment: it is connected and has taken its first look */
        while (poll(&fd, 1, 500) > 0 && rc == 0)
            rc = nb_watch_dispatch(watch, &err);
        if (rc == 0)
            rc = play(client, watch, &err);
    }
    if (rc < 0)
        printf("failed: %s %s\n", err.message, err.hint);
    nb_watch_free(&watch);
    nb_client_close(&client);
    return rc < 0;
}
