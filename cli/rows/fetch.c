/*
 * fetch.c - waits for pages, counts and acts by running the connection's loop.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/frame/session.h"

struct wait {
    bool done;
    struct nb_page *page;
    int64_t count;
    struct nb_error err;
};

int fetch_wait(const bool *done, struct nb_connection *connection, struct nb_error *err)
{
    while (!*done) {
        int rc = nb_loop_turn(nb_connection_loop(connection), -1, err);
        if (rc != NB_OK)
            return rc;
    }
    return NB_OK;
}

static void page_done(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct wait *wait = arg;
    wait->done = true;
    wait->page = page;
    if (err)
        wait->err = *err;
}

static void count_done(void *arg, int64_t count, const struct nb_error *err)
{
    struct wait *wait = arg;
    wait->done = true;
    wait->count = count;
    if (err)
        wait->err = *err;
}

/* Waits for a request whose callback fills wait, and returns its error. A session that cannot be used is a better reason
 * than what the request then says. */
static int finish(struct wait *wait, struct nb_request *request, struct command_call *call,
                  struct nb_connection *connection, struct nb_error *err)
{
    int rc = session_settle(call, err);
    if (rc == NB_OK)
        rc = fetch_wait(&wait->done, connection, err);
    if (rc != NB_OK && !wait->done)
        nb_request_abandon(&request);
    if (rc == NB_OK && wait->err.code != NB_OK) {
        rc = wait->err.code;
        if (err)
            *err = wait->err;
    }
    return rc;
}

int fetch_keys(struct nb_page **out, struct command_call *call, struct nb_connection *connection,
               enum nb_subject subject, const struct nb_key *keys, size_t count, struct nb_error *err)
{
    struct wait wait = {0};
    *out = NULL;
    struct nb_request *request =
        nb_page_fetch_keys(connection, subject, keys, count, NB_PRIORITY_ACT, page_done, &wait);
    int rc = finish(&wait, request, call, connection, err);
    *out = wait.page;
    return rc;
}

int fetch_page(struct nb_page **out, struct command_call *call, struct nb_connection *connection,
               const struct nb_page_request *wanted, struct nb_error *err)
{
    struct wait wait = {0};
    *out = NULL;
    struct nb_request *request = nb_page_fetch(connection, wanted, NB_PRIORITY_ACT, page_done, &wait);
    int rc = finish(&wait, request, call, connection, err);
    *out = wait.page;
    return rc;
}

int fetch_count(int64_t *out, struct command_call *call, struct nb_connection *connection, enum nb_subject subject,
                const struct nb_filter *filter, struct nb_error *err)
{
    struct wait wait = {0};
    struct nb_request *request = nb_page_count(connection, subject, filter, count_done, &wait);
    int rc = finish(&wait, request, call, connection, err);
    *out = wait.count;
    return rc;
}

int fetch_filter(struct nb_filter **out, const struct command_call *call, enum nb_subject subject, size_t first,
                 struct nb_error *err)
{
    char *words = command_join(call, first);
    const char *tenant = nb_filter_knows(subject, "tenant") ? command_tenant(call) : NULL;
    char *text = NULL;
    if (tenant)
        text = nb_asprintf("%s tenant:\"%s\"", words, tenant);
    int rc = nb_filter_parse(out, subject, text ? text : words, err);
    free(text);
    free(words);
    return rc;
}
