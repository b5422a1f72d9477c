/*
 * outside.c - starts programs for the person at the console.
 */
#include "tui/host/outside.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"
#include "base/words.h"
#include "tui/host/host.h"

/* a program that still runs by then has read its input */
#define PATIENCE_MS 5000

struct outside_run {
    struct host *host;
    struct nb_process *process;
    struct nb_timer *patience;
    struct outside_calls calls;
    bool told;
};

static void run_free(struct outside_run *run)
{
    nb_process_abandon(&run->process);
    nb_timer_remove(&run->patience);
    if (run->calls.release)
        run->calls.release(run->calls.arg);
    free(run);
}

static void tell(struct outside_run *run, const struct nb_error *err)
{
    if (!run->told)
        run->calls.done(run->calls.arg, err);
    run->told = true;
}

static void forget(struct outside_run *run)
{
    struct outside *outside = &run->host->outside;

    for (size_t i = 0; i < outside->running.count; i++)
        if (outside->running.data[i] == run)
            nb_vec_remove(&outside->running, i);
    run_free(run);
}

static void on_ended(void *arg, const struct nb_process_end *end)
{
    struct outside_run *run = arg;
    struct nb_error err;

    run->process = NULL; /* the process frees itself */
    tell(run, nb_process_end_check(end, &err) == 0 ? NULL : &err);
    forget(run);
}

static void on_patience(void *arg)
{
    tell(arg, NULL);
}

struct words {
    NB_VEC(char *) list;
};

/* A program and its arguments, in quotes where they have blanks; or the path of a program as it is. */
static void split(struct words *words, const char *command)
{
    const char *at = command;
    char *word;

    if (strchr(command, '/') && access(command, X_OK) == 0) {
        nb_vec_push(&words->list, nb_strdup(command));
        return;
    }
    while ((word = nb_word_next(&at)) != NULL)
        nb_vec_push(&words->list, word);
}

static int start(struct outside_run *run, const char *command, const char *argument, const char *input,
                 struct nb_error *err)
{
    struct words words = {0};
    char *path = NULL;
    NB_VEC(const char *) argv = {0};
    struct nb_process_options options = {.input = input};
    int rc;

    split(&words, command);
    for (size_t i = 0; i < words.list.count; i++)
        nb_vec_push(&argv, words.list.data[i]);
    if (argument)
        nb_vec_push(&argv, argument);
    nb_vec_push(&argv, NULL);
    if (words.list.count == 0) {
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "no program is set");
        goto out;
    }
    if ((rc = nb_process_find(&path, argv.data[0], err)) < 0)
        goto out;
    argv.data[0] = path;
    options.argv = argv.data;
    options.input_length = input ? strlen(input) : 0;
    rc = nb_process_start(&run->process, run->host->loop, &options, on_ended, run, err);
out:
    free(path);
    for (size_t i = 0; i < words.list.count; i++)
        nb_free(&words.list.data[i]);
    nb_vec_clear(&words.list);
    nb_vec_clear(&argv);
    return rc;
}

void outside_start(struct host *host, const char *command, const char *argument, const char *input,
                   const struct outside_calls *calls)
{
    struct outside_run *run = nb_calloc(1, sizeof(*run));
    struct nb_error err;

    run->host = host;
    run->calls = *calls;
    if (start(run, command, argument, input, &err) < 0) {
        tell(run, &err);
        run_free(run);
        return;
    }
    run->patience = nb_loop_add_timer(host->loop, on_patience, run);
    nb_timer_start(run->patience, PATIENCE_MS);
    nb_vec_push(&host->outside.running, run);
}

void outside_clear(struct outside *outside)
{
    for (size_t i = 0; i < outside->running.count; i++)
        run_free(outside->running.data[i]);
    nb_vec_clear(&outside->running);
}

bool outside_refuses(struct host *host)
{
    if (host->restricted)
        message_show(host, ROLE_WARNING, "not in this restricted console");
    return host->restricted;
}
