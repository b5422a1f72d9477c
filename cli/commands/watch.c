/*
 * watch.c - `nightbell watch`: follow live, one line a change, until ^C.
 *
 * A doorbell only says "look again". Each look asks for what became visible since the look before,
 * by the transaction ids of the rows against the snapshot that is kept: so a producer that commits
 * late is not missed, and after a server restart the next look goes on where the last one ended,
 * with nothing doubled or left out.
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/frame/groups.h"
#include "cli/rows/rows.h"
#include "cli/frame/session.h"
#include "feed/feed.h"
#include "identity/vigil.h"

#define WATCH_PAGE 500

struct watch;

struct follow {
    struct watch *watch;
    enum nb_subject subject;
    struct nb_filter *filter;
    char *look;  /* the last one; NULL: none yet */
    char *until; /* a look that comes in several answers: its first one */
    struct nb_key after;
    bool running;
    bool again; /* something rang while a look was running */
};

struct watch {
    struct command_call *call;
    struct nb_connection *connection;
    struct nb_loop *loop;
    struct nb_feed *feed;
    struct nb_vigil *vigil;
    struct follow follows[NB_SUBJECT_COUNT];
    size_t count;
    bool started;
    struct nb_error err; /* why it ended, when not by a signal */
};

static void stop(struct watch *watch, const struct nb_error *err)
{
    if (err && watch->err.code == NB_OK)
        watch->err = *err;
    nb_loop_stop(watch->loop);
}

/* ---- printing ---- */

static const char *change_word(const struct follow *follow, const struct nb_change *change)
{
    return nb_subject_info(follow->subject)->change(change->row, change->created);
}

static void print_for_people(const struct follow *follow, const struct nb_change *change)
{
    struct output *output = follow->watch->call->output;
    bool ascii = output_is_ascii(output);
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    const struct nb_subject_info *info = nb_subject_info(follow->subject);
    struct nb_strbuf line;
    nb_strbuf_init(&line, 1024 * 1024);
    nb_strbuf_appendf(&line, "%s  %-8s  ", nb_time_format_local(nb_now(), when) + 11, change_word(follow, change));
    rows_append_weight(&line, output, follow->subject, change->row);
    nb_strbuf_appendf(&line, "  %s  ", nb_key_format(&change->row->key, follow->subject, id));
    nb_text_sanitize(&line, info->type(change->row), SIZE_MAX, NB_TEXT_LINE, ascii);
    nb_strbuf_append(&line, "  ");
    nb_text_sanitize(&line, info->title(change->row), SIZE_MAX, NB_TEXT_LINE, ascii);
    nb_strbuf_append_char(&line, '\n');
    output_raw(output, line.data, line.length);
    nb_strbuf_clear(&line);
}

/* What `list` prints, behind the subject and what happened. */
static void print_for_pipes(const struct follow *follow, const struct nb_change *change)
{
    struct output *output = follow->watch->call->output;
    struct listing *listing = rows_listing_new(output, follow->subject);
    const char *head[] = {nb_subject_info(follow->subject)->name, "\t", change_word(follow, change), "\t"};
    for (size_t i = 0; i < NB_ARRAY_SIZE(head); i++)
        output_raw(output, head[i], strlen(head[i]));
    rows_list(listing, output, follow->subject, change->row, nb_now());
    listing_print(listing);
    listing_free(&listing);
}

static void print_change(const struct follow *follow, const struct nb_change *change)
{
    struct output *output = follow->watch->call->output;
    if (output_is_json(output))
        rows_print_json(output, follow->subject, change->row,
                        json_pack("{s:s,s:s}", "subject", nb_subject_info(follow->subject)->name, "change",
                                  change_word(follow, change)));
    else if (output_is_terminal(output))
        print_for_people(follow, change);
    else
        print_for_pipes(follow, change);
}

/* ---- looking ---- */

static void look(struct follow *follow);

static void keep(struct follow *follow, const struct nb_changes *changes)
{
    if (changes->more) {
        free(follow->until);
        follow->until = nb_strdup(changes->look);
        follow->after = changes->items[changes->count - 1].row->key;
        follow->again = true;
        return;
    }
    free(follow->look);
    follow->look = nb_strdup(changes->look);
    nb_free(&follow->until);
}

static void looked(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct follow *follow = arg;
    struct watch *watch = follow->watch;
    follow->running = false;
    if (err) {
        /* Lost on the way: the feed asks for another look as soon as the connection is back. */
        if (err->code != NB_EUNREACHABLE && err->code != NB_ECANCELLED)
            stop(watch, err);
        return;
    }
    if (!changes->known) { /* looked at again when a new token is there */
        nb_changes_free(&changes);
        nb_vigil_wake(watch->vigil);
        return;
    }
    for (size_t i = 0; i < changes->count; i++)
        print_change(follow, &changes->items[i]);
    output_flush(watch->call->output);
    keep(follow, changes);
    nb_changes_free(&changes);
    if (output_closed(watch->call->output))
        stop(watch, NULL);
    else if (follow->again)
        look(follow);
}

static void look(struct follow *follow)
{
    if (follow->running) {
        follow->again = true;
        return;
    }
    struct nb_changes_request request = {
        .subject = follow->subject,
        .filter = follow->filter,
        .look = follow->look,
        .until = follow->until,
        .after = follow->until ? &follow->after : NULL,
        .limit = WATCH_PAGE,
        .full = output_is_json(follow->watch->call->output),
    };
    follow->again = false;
    follow->running = true;
    nb_page_changes(follow->watch->connection, &request, NB_PRIORITY_PAGE, looked, follow);
}

static void rang(void *arg, unsigned subjects, bool resync)
{
    struct watch *watch = arg;
    for (size_t i = 0; i < watch->count; i++)
        if (resync || (subjects & (1u << watch->follows[i].subject)))
            look(&watch->follows[i]);
}

/* ---- what is told on the side, and the ends ---- */

static void mode_changed(void *arg, enum nb_feed_mode mode)
{
    struct watch *watch = arg;
    if (mode == NB_FEED_POLLING)
        output_remark(watch->call->output,
                      nb_feed_is_unrung(watch->feed)
                          ? "no hub rings here, although this database leaves it to one (nightbell "
                            "hub): polling"
                          : "doorbells do not arrive here (a transaction-pooling proxy?): polling");
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct watch *watch = arg;
    if (state == NB_CONNECTION_FAILED)
        stop(watch, err);
    else if (state == NB_CONNECTION_WAITING && err)
        output_remark(watch->call->output, "%s; trying again", err->message);
    else if (state == NB_CONNECTION_READY && watch->started)
        output_remark(watch->call->output, "connected again");
}

static void identity_changed(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct watch *watch = arg;

    (void)identity;
    if (err)
        stop(watch, err);
    else
        rang(watch, 0, true);
}

static void signalled(void *arg, int signo)
{
    (void)signo;
    stop(arg, NULL);
}

static void prepare_stdout(void *arg, struct nb_interest *interest)
{
    (void)arg;
    interest->fd = STDOUT_FILENO;
    interest->events = 0; /* poll tells of a reader that has gone all the same */
}

static void stdout_ready(void *arg, short revents)
{
    if (revents & (POLLERR | POLLHUP))
        stop(arg, NULL);
}

/* ---- setting up ---- */

static void add_follow(struct watch *watch, enum nb_subject subject, struct nb_filter *filter_take)
{
    struct follow *follow = &watch->follows[watch->count++];
    follow->watch = watch;
    follow->subject = subject;
    follow->filter = filter_take;
}

/* Without a subject, all are followed whose language the filter speaks. */
static int parse_subjects(struct watch *watch, struct nb_error *err)
{
    struct command_call *call = watch->call;
    struct nb_filter *filter = NULL;
    enum nb_subject subject;
    int rc = NB_OK, first = NB_OK;
    if (call->argument_count > 0 && nb_subject_parse(&subject, call->arguments[0], NULL) == NB_OK) {
        rc = fetch_filter(&filter, call, subject, 1, err);
        if (rc == NB_OK)
            add_follow(watch, subject, filter);
        return rc;
    }
    for (subject = 0; subject < NB_SUBJECT_COUNT; subject++) {
        rc = fetch_filter(&filter, call, subject, 0, first == NB_OK ? err : NULL);
        if (rc == NB_OK)
            add_follow(watch, subject, filter);
        else if (first == NB_OK)
            first = rc;
    }
    return watch->count > 0 ? NB_OK : first;
}

/* Whoever sees nothing of a subject follows the others alone, unless just this one was asked for. */
static void leave_out_unseen(struct watch *watch, const struct nb_identity *identity)
{
    size_t seen = 0;
    for (size_t i = 0; i < watch->count; i++) {
        if (nb_identity_sees(identity, watch->follows[i].subject))
            watch->follows[seen++] = watch->follows[i];
        else
            nb_filter_free(&watch->follows[i].filter);
    }
    watch->count = seen;
}

static int follow_until_stopped(struct watch *watch, const struct nb_identity *identity, struct nb_error *err)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct nb_signal *caught[NB_ARRAY_SIZE(signals)] = {0};
    struct nb_connection_observer observer = {.state_changed = state_changed, .arg = watch};
    struct nb_source *stdout_source = NULL;
    const char *token_file = session_token_file(watch->call);
    char *token = NULL;
    int rc = NB_OK;
    watch->loop = nb_connection_loop(watch->connection);
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++)
        if ((rc = nb_loop_add_signal(&caught[i], watch->loop, signals[i], signalled, watch, err)) != NB_OK)
            goto out;
    if (!output_is_terminal(watch->call->output))
        stdout_source = nb_loop_add_source(watch->loop, prepare_stdout, stdout_ready, watch);
    nb_connection_observe(watch->connection, &observer);
    if ((rc = nb_feed_new(&watch->feed, watch->connection, NULL, rang, mode_changed, watch, err)) != NB_OK)
        goto out;
    if (token_file && nb_token_read_file(&token, token_file, NULL) != NB_OK)
        token = NULL;
    watch->vigil = nb_vigil_new(watch->connection, token_file, token, identity, identity_changed, watch);
    for (size_t i = 0; i < watch->count; i++)
        look(&watch->follows[i]);
    output_remark(watch->call->output, "watching %s; ^C ends it", nb_connection_target(watch->connection));
    watch->started = true;
    rc = nb_loop_run(watch->loop, err);
    if (rc == NB_OK && watch->err.code != NB_OK) {
        rc = watch->err.code;
        *err = watch->err;
    }
out:
    nb_vigil_free(&watch->vigil);
    free(token);
    nb_feed_free(&watch->feed);
    nb_connection_unobserve(watch->connection, &observer);
    nb_source_remove(&stdout_source);
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++)
        nb_signal_remove(&caught[i]);
    return rc;
}

static int run_watch(struct command_call *call, struct nb_error *err)
{
    struct session_options options = {.reconnect = true};
    struct watch *watch = nb_calloc(1, sizeof(*watch));
    struct nb_identity *identity = nb_calloc(1, sizeof(*identity));
    watch->call = call;
    int rc = parse_subjects(watch, err);
    if (watch->count == 1)
        options.about = nb_subject_info(watch->follows[0].subject);
    if (rc == NB_OK)
        rc = session_connect_known(&watch->connection, identity, call, &options, err);
    if (rc == NB_OK) {
        leave_out_unseen(watch, identity);
        rc = follow_until_stopped(watch, identity, err);
    }
    session_free(&call->session); /* ends looks that are still on their way, while what they answer
                                     to is there */
    for (size_t i = 0; i < NB_SUBJECT_COUNT; i++) {
        nb_filter_free(&watch->follows[i].filter);
        free(watch->follows[i].look);
        free(watch->follows[i].until);
    }
    free(identity);
    free(watch);
    return rc;
}

static const struct command watch_commands[] = {
    {.arguments = "[FILTER]",
     .synopsis = "[inbox|events] [FILTER] [--json]",
     .summary = "follow live: one line a change, until ^C",
     .description = "Without inbox or events it follows both, as far as you may see them and the "
                    "filter fits. Begins with what "
                    "changes from now on. A lost connection is waited for; what happened meanwhile "
                    "is told then, once.",
     .run = run_watch},
    {NULL},
};

const struct command_group watch_group = {.name = "watch", .summary = "follow live", .commands = watch_commands};
