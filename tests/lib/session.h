/*
 * session.h - for tests in C: a person's session on the test's cluster, and waiting for asynchronous answers.
 */
#ifndef TESTS_LIB_SESSION_H
#define TESTS_LIB_SESSION_H

#include "base/clock.h"
#include "db/connection.h"
#include "page/page.h"
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

struct session {
    struct nb_loop *loop;
    struct nb_connection *connection;
};

#define SESSION_PATIENCE_MS 20000

/* Runs the session's loop until the condition holds; fails the test when it does not in time. */
#define session_until(session, condition)                                                                              \
    do {                                                                                                               \
        int64_t deadline_ = nb_monotonic_ms() + SESSION_PATIENCE_MS;                                                   \
        while (!(condition)) {                                                                                         \
            assert_int_equal(nb_loop_turn((session)->loop, 100, NULL), 0);                                             \
            if (nb_monotonic_ms() > deadline_)                                                                         \
                fail_msg("it never came to hold: %s", #condition);                                                     \
        }                                                                                                              \
    } while (0)

/* person NULL: no token, only the login. */
static inline void session_open(struct session *session, struct cluster *cluster, const char *login, const char *person,
                                bool reconnect)
{
    struct nb_error err = {0};
    struct nb_connection_options options = {
        .dsn = cluster_dsn(cluster, login),
        .token = person ? cluster_token(cluster, person, 3600) : NULL,
        .application_name = "test",
        .reconnect = reconnect,
    };

    if (nb_loop_new(&session->loop, &err) < 0 ||
        nb_connection_new(&session->connection, session->loop, &options, &err) < 0 ||
        nb_connection_wait_ready(session->connection, &err) < 0)
        fail_msg("%s: %s", login, err.message);
}

static inline void session_close(struct session *session)
{
    nb_connection_free(&session->connection);
    nb_loop_free(&session->loop);
}

/* An answer to wait for: pages, changes and counts, each kept until the next one of its kind. */
struct answer {
    bool done;
    int rc;
    struct nb_error err;
    struct nb_page *page;
    struct nb_changes *changes;
    int64_t count;
};

static inline void answer_clear(struct answer *answer)
{
    nb_page_free(&answer->page);
    nb_changes_free(&answer->changes);
    *answer = (struct answer){0};
}

static inline void answer_set(struct answer *answer, const struct nb_error *err)
{
    answer->done = true;
    answer->rc = err ? err->code : 0;
    if (err)
        answer->err = *err;
}

static inline void answer_page(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct answer *answer = arg;

    answer->page = page;
    answer_set(answer, err);
}

static inline void answer_changes(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct answer *answer = arg;

    answer->changes = changes;
    answer_set(answer, err);
}

static inline void answer_count(void *arg, int64_t count, const struct nb_error *err)
{
    struct answer *answer = arg;

    answer->count = count;
    answer_set(answer, err);
}

#define answer_wait(session, answer)                                                                                   \
    do {                                                                                                               \
        session_until(session, (answer)->done);                                                                        \
        if ((answer)->rc < 0)                                                                                          \
            fail_msg("%s (%s) %s", (answer)->err.message, (answer)->err.sqlstate, (answer)->err.hint);                 \
    } while (0)

#endif
