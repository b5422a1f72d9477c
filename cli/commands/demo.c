/*
 * demo.c - `nightbell demo`: a demonstration whose rows keep changing while somebody watches.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/commands/demo_worker.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/frame/shell.h"
#include "demo/demo.h"
#include "engine/engine.h"

#define LIVE_EVERY_MS 1500

static const struct session_options administrator = {
    .login = SESSION_ADMINISTRATOR, .takes_long = true, .own_session = true};

static void say_part(void *arg, const char *part)
{
    output_remark(arg, "loading %s …", part);
}

static int run_load(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    bool already = false;
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK ||
        (rc = nb_demo_load(&already, connection, say_part, call->output, err)) != NB_OK)
        return session_explain_denied(rc, err);
    output_note(call->output, already ? "the demonstration is loaded already" : "the demonstration is loaded");
    return NB_OK;
}

static int run_clear(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    bool was_there = false;
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK ||
        (rc = nb_demo_clear(&was_there, connection, err)) != NB_OK)
        return rc;
    output_note(call->output, was_there ? "the demonstration is gone" : "there was no demonstration to clear");
    return NB_OK;
}

/* ---- env ---- */

static int mint(char **token, struct nb_connection *admin, const char *name, struct nb_error *err)
{
    struct nb_demo_people *people = NULL;
    const struct nb_demo_person *person;
    int rc;

    if ((rc = nb_demo_people_new(&people, admin, err)) == NB_OK &&
        (rc = nb_demo_people_find(&person, people, name, err)) == NB_OK)
        rc = nb_demo_token(token, admin, person, NB_DEMO_TOKEN_LIFETIME, err);
    nb_demo_people_free(&people);
    return rc;
}

static void print_env(struct output *output, const char *dsn, const char *path)
{
    if (output_is_json(output)) {
        output_json_take(output, json_pack("{s:s,s:s}", "NIGHTBELL_DSN", dsn, "NIGHTBELL_TOKEN_FILE", path));
        return;
    }
    shell_print_export(output, "NIGHTBELL_DSN", dsn);
    shell_print_export(output, "NIGHTBELL_TOKEN_FILE", path);
}

static int run_env(struct command_call *call, struct nb_error *err)
{
    const char *name = call->arguments[0];
    struct nb_connection *connection = NULL;
    char *dsn = NULL, *token = NULL, *path = NULL, *directory = session_token_directory(call);
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK ||
        (rc = mint(&token, connection, name, err)) != NB_OK ||
        (rc = session_resolve_dsn(&dsn, call, SESSION_CLIENT, err)) != NB_OK ||
        (rc = shell_write_token(&path, directory, name, token, err)) != NB_OK)
        goto out;
    print_env(call->output, dsn, path);
    if (output_is_terminal(call->output))
        output_remark(call->output, "for this shell: eval \"$(nightbell demo env %s)\"", name);
out:
    free(dsn);
    free(token);
    free(path);
    free(directory);
    return rc;
}

/* ---- live ---- */

struct live {
    struct command_call *call;
    struct nb_loop *loop;
    struct nb_connection *producer, *colleague, *worker;
    struct nb_engine *engine;
    struct demo_worker *sender; /* does the engine's work, too; NULL: nothing is sent */
    char *channels, *sent;      /* the files that it sends by, and the folder that it sends into */
    struct nb_signal *signals[3];
    struct nb_timer *timer;
    uint64_t step;
    int64_t every_ms;
    long steps_left; /* -1: until told to stop */
    bool stopped;
};

static void stop_live(void *arg, int signo)
{
    (void)signo;
    ((struct live *)arg)->stopped = true;
}

static void tick(void *arg)
{
    (void)arg;
}

static int open_one(struct nb_connection **out, struct live *live, enum session_login login, const char *token,
                    struct nb_error *err)
{
    struct nb_connection_options options = {.token = token, .application_name = "nightbell demo", .reconnect = true};
    char *dsn = NULL;
    int rc;

    if ((rc = session_resolve_dsn(&dsn, live->call, login, err)) == NB_OK) {
        options.dsn = dsn;
        if ((rc = nb_connection_new(out, live->loop, &options, err)) == NB_OK)
            rc = nb_connection_wait_ready(*out, err);
    }
    free(dsn);
    return rc;
}

/* It sends into the local cluster's directory. Elsewhere it sends nothing: a worker would take what is another's. */
static int find_sender(struct live *live, struct nb_connection *admin, struct nb_error *err)
{
    char *directory = session_local_directory(live->call);
    bool alone = false;
    int rc = NB_OK;

    if (directory && (rc = nb_demo_is_alone(&alone, admin, err)) == NB_OK && alone)
        rc = nb_demo_sender_write(&live->channels, &live->sent, directory, err);
    if (rc == NB_OK && live->sent)
        output_note(live->call->output, "what is sent becomes files in %s", live->sent);
    else if (rc == NB_OK)
        output_note(live->call->output, directory ? "nothing is sent: there are other tenants than the demonstration's"
                                                  : "nothing is sent: this is not the local cluster");
    free(directory);
    return rc;
}

/* An earlier version's may lack what is sent. */
static int begin_story(struct live *live, struct nb_connection *admin, struct nb_error *err)
{
    bool already;
    int rc;

    if ((rc = nb_demo_load(&already, admin, say_part, live->call->output, err)) == NB_OK &&
        (rc = find_sender(live, admin, err)) == NB_OK)
        rc = nb_demo_live(admin, true, live->sent, err);
    return rc;
}

static int open_live(struct live *live, struct nb_error *err)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct nb_connection *admin = NULL;
    char *token = NULL;
    int rc;

    if ((rc = nb_loop_new(&live->loop, err)) != NB_OK ||
        (rc = open_one(&admin, live, SESSION_ADMINISTRATOR, NULL, err)) != NB_OK ||
        (rc = mint(&token, admin, NB_DEMO_COLLEAGUE, err)) != NB_OK || (rc = begin_story(live, admin, err)) != NB_OK ||
        (rc = open_one(&live->producer, live, SESSION_PRODUCER, NULL, err)) != NB_OK ||
        (rc = open_one(&live->worker, live, SESSION_WORKER, NULL, err)) != NB_OK ||
        (rc = open_one(&live->colleague, live, SESSION_CLIENT, token, err)) != NB_OK)
        goto out;
    live->engine = nb_engine_new(live->worker);
    if (live->sent)
        rc = demo_worker_start(&live->sender, live->call, live->channels, err);
    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_SIZE(signals); i++)
        rc = nb_loop_add_signal(&live->signals[i], live->loop, signals[i], stop_live, live, err);
    live->timer = nb_loop_add_timer(live->loop, tick, NULL);
out:
    nb_connection_free(&admin);
    free(token);
    return rc;
}

/* Nobody sends the heartbeat any more. Where the database is gone, the next `demo live` finds it so. */
static void end_story(struct live *live)
{
    struct nb_connection *admin = NULL;

    if (live->engine && open_one(&admin, live, SESSION_ADMINISTRATOR, NULL, NULL) == NB_OK &&
        nb_demo_live(admin, false, live->sent, NULL) != NB_OK)
        output_remark(live->call->output, "the heartbeat of the demonstration is still expected");
    nb_connection_free(&admin);
}

static void close_live(struct live *live)
{
    nb_engine_free(&live->engine);
    for (size_t i = 0; i < NB_ARRAY_SIZE(live->signals); i++)
        if (live->signals[i] != NULL)
            nb_signal_remove(&live->signals[i]);
    if (live->timer != NULL)
        nb_timer_remove(&live->timer);
    nb_connection_free(&live->producer);
    nb_connection_free(&live->colleague);
    nb_connection_free(&live->worker);
    free(live->channels);
    free(live->sent);
    nb_loop_free(&live->loop);
}

static void tell(struct live *live, char *said_take)
{
    if (said_take != NULL) {
        output_note(live->call->output, "%s", said_take);
        output_flush(live->call->output);
    }
    free(said_take);
}

/* What a worker does about it: our own, which is looked after, or none that sends. */
static int do_work(struct live *live, struct nb_error *err)
{
    char *said = NULL;
    int rc;

    if (!live->sender)
        return nb_demo_work(live->engine, live->worker, err);
    if ((rc = demo_worker_look_after(live->sender, err)) == NB_OK &&
        (rc = nb_demo_receipts(&said, live->worker, err)) == NB_OK)
        tell(live, said);
    return rc;
}

static int play_step(struct live *live, struct nb_error *err)
{
    char *said = NULL;
    int rc = nb_demo_step(&said, live->producer, live->colleague, live->step++, err);

    tell(live, said);
    if (rc == NB_OK)
        rc = do_work(live, err);
    if (live->steps_left > 0)
        live->steps_left--;
    /* The server was restarted, perhaps to watch the console reconnect: go on when it is back. */
    return rc == NB_EUNREACHABLE ? NB_OK : rc;
}

static int wait_for_next(struct live *live, struct nb_error *err)
{
    int rc = NB_OK;

    nb_timer_start(live->timer, live->every_ms);
    while (rc == NB_OK && !live->stopped && nb_timer_active(live->timer))
        rc = nb_loop_turn(live->loop, -1, err);
    return rc;
}

/* Asks the kernel for a signal when our parent exits, and checks that it has not exited already. */
static bool end_with_parent(void)
{
    pid_t parent = getppid();

    return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && parent != 1;
}

static int run_live(struct command_call *call, struct nb_error *err)
{
    struct live live = {.call = call};
    long every = 0;
    int rc;

    if (command_has(call, "with-parent") && !end_with_parent())
        return NB_OK;

    if ((rc = command_number(&every, call, "every", 10, 3600 * 1000, LIVE_EVERY_MS, err)) != NB_OK ||
        (rc = command_number(&live.steps_left, call, "steps", 1, 1000 * 1000, -1, err)) != NB_OK)
        return rc;
    live.every_ms = every;
    rc = open_live(&live, err);
    while (rc == NB_OK && !live.stopped && live.steps_left != 0 && !output_closed(call->output)) {
        if ((rc = play_step(&live, err)) == NB_OK && live.steps_left != 0)
            rc = wait_for_next(&live, err);
    }
    if (rc == NB_OK)
        rc = demo_worker_end(&live.sender, live.steps_left == 0, err);
    else if (demo_worker_end(&live.sender, false, NULL) != NB_OK)
        output_remark(call->output, "its worker has failed, too");
    end_story(&live);
    close_live(&live);
    return rc;
}

static const struct command_option live_options[] = {
    {"every", "MS", "milliseconds between two steps (default: 1500)"},
    {"with-parent", NULL, "end when the program that started it ends"},
    {"steps", "N", "end after so many steps (default: go on until interrupted)"},
    {NULL},
};

static const struct command commands[] = {
    {"load", "", .summary = "fill the database with two tenants, their people, notifications and events",
     .description = "Does nothing when it is loaded already. Needs an administrator's login; in the local "
                    "cluster you have it.",
     .run = run_load},
    {"live", "", .summary = "keep notifying, raising, acknowledging and resolving, until interrupted",
     .description =
         "In the local cluster a worker sends what comes of it, as files into the cluster's directory: mails, "
         "SMS, pushes and webhooks below demo/sent. It writes demo/channels.conf, which says by what. Elsewhere, "
         "and where there are other tenants than the demonstration's, nothing is sent.",
     .synopsis = "[--every MS] [--steps N]", .options = live_options, .run = run_live},
    {"env", "PERSON", .summary = "print the export lines that make a shell that person",
     .description = "Use it as: eval \"$(nightbell demo env ada)\". The token it makes is good for 12 "
                    "hours. A name that nobody has is answered with those that there are.",
     .run = run_env},
    {"clear", "", .summary = "remove the demonstration, and nothing else", .run = run_clear},
    {NULL},
};

const struct command_group demo_group = {
    .name = "demo",
    .summary = "a demonstration to look at: ada a user, bob an operator, olga one of everything",
    .commands = commands,
};
