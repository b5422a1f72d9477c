/*
 * watch.c - `nightbell watch`: prints each change on a line as it happens, until ^C.
 *
 * feed/follow finds the changes and reports each one once, whatever happens to connection and server.
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
#include "feed/follow.h"
#include "identity/vigil.h"
#include "page/ids.h"

struct watch;

struct followed {
    struct watch *watch;
    enum nb_subject subject;
    struct nb_filter *filter;
    struct nb_follow *follow;
};

struct watch {
    struct command_call *call;
    struct nb_connection *connection;
    struct nb_loop *loop;
    struct nb_feed *feed;
    struct nb_vigil *vigil;
    struct followed followed[NB_SUBJECT_COUNT];
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

static const char *change_word(const struct followed *followed, const struct nb_change *change)
{
    return nb_subject_info(followed->subject)->change(change->row, change->created);
}

static void print_for_people(const struct followed *followed, const struct nb_change *change)
{
    struct output *output = followed->watch->call->output;
    bool ascii = output_is_ascii(output);
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    const struct nb_subject_info *info = nb_subject_info(followed->subject);
    struct nb_strbuf line;
    nb_strbuf_init(&line, 1024 * 1024);
    nb_strbuf_appendf(&line, "%s  %-8s  ", nb_time_format_local(nb_now(), when) + 11, change_word(followed, change));
    rows_append_weight(&line, output, followed->subject, change->row);
    nb_strbuf_appendf(&line, "  %s  ", nb_key_format_short(&change->row->key, followed->subject, id));
    nb_text_sanitize(&line, info->type(change->row), SIZE_MAX, NB_TEXT_LINE, ascii);
    nb_strbuf_append(&line, "  ");
    nb_text_sanitize(&line, info->title(change->row), SIZE_MAX, NB_TEXT_LINE, ascii);
    nb_strbuf_append_char(&line, '\n');
    output_raw(output, line.data, line.length);
    nb_strbuf_clear(&line);
}

/* Prints what `list` prints, after the subject and what happened. */
static void print_for_pipes(const struct followed *followed, const struct nb_change *change)
{
    struct output *output = followed->watch->call->output;
    struct listing *listing = rows_listing_new(output, followed->subject);
    const char *head[] = {nb_subject_info(followed->subject)->name, "\t", change_word(followed, change), "\t"};
    for (size_t i = 0; i < NB_ARRAY_SIZE(head); i++)
        output_raw(output, head[i], strlen(head[i]));
    rows_list(listing, output, followed->subject, NULL, change->row, nb_now());
    listing_print(listing);
    listing_free(&listing);
}

static void print_change(const struct followed *followed, const struct nb_change *change)
{
    struct output *output = followed->watch->call->output;
    if (output_is_json(output))
        rows_print_json(output, followed->subject, change->row,
                        json_pack("{s:s,s:s}", "subject", nb_subject_info(followed->subject)->name, "change",
                                  change_word(followed, change)));
    else if (output_is_terminal(output))
        print_for_people(followed, change);
    else
        print_for_pipes(followed, change);
}

/* ---- what feed/follow reports ---- */

static void on_changed(void *arg, const struct nb_changes *changes)
{
    const struct followed *followed = arg;
    struct watch *watch = followed->watch;
    for (size_t i = 0; i < changes->count; i++)
        print_change(followed, &changes->items[i]);
    output_flush(watch->call->output);
    if (output_closed(watch->call->output))
        stop(watch, NULL);
}

static void on_unknown(void *arg)
{
    const struct followed *followed = arg;
    nb_vigil_wake(followed->watch->vigil); /* the vigil looks again when there is a new token */
}

static void on_failed(void *arg, const struct nb_error *err)
{
    const struct followed *followed = arg;
    stop(followed->watch, err);
}

static void rang(void *arg, unsigned subjects, bool resync)
{
    struct watch *watch = arg;
    (void)resync; /* nothing to do: looks are exact, whatever bell was missed */
    for (size_t i = 0; i < watch->count; i++)
        nb_follow_rang(watch->followed[i].follow, subjects);
}

static void follow_each(struct watch *watch)
{
    static const struct nb_follow_calls calls = {.changed = on_changed, .unknown = on_unknown, .failed = on_failed};
    for (size_t i = 0; i < watch->count; i++) {
        struct followed *followed = &watch->followed[i];
        const struct nb_follow_options options = {
            .subject = followed->subject,
            .filter = followed->filter,
            .full = output_is_json(watch->call->output),
            .wakes = true,
            .priority = NB_PRIORITY_PAGE,
        };
        followed->follow = nb_follow_new(watch->connection, &options, &calls, followed);
        nb_follow_look(followed->follow);
    }
}

/* ---- the connection, the identity, the end ---- */

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
        rang(watch, NB_SUBJECT_ALL, true);
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
    interest->events = 0; /* poll() reports a closed reader even so */
}

static void stdout_ready(void *arg, short revents)
{
    if (revents & (POLLERR | POLLHUP))
        stop(arg, NULL);
}

/* ---- setting up ---- */

static void add(struct watch *watch, enum nb_subject subject, struct nb_filter *filter_take)
{
    struct followed *followed = &watch->followed[watch->count++];
    followed->watch = watch;
    followed->subject = subject;
    followed->filter = filter_take;
}

/* Without a subject, follows all whose words the filter has. */
static int parse_subjects(struct watch *watch, struct nb_error *err)
{
    struct command_call *call = watch->call;
    struct nb_filter *filter = NULL;
    enum nb_subject subject;
    int rc = NB_OK, first = NB_OK;
    if (call->argument_count > 0 && nb_subject_parse(&subject, call->arguments[0], NULL) == NB_OK) {
        if (nb_subject_info(subject)->rereads) {
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s cannot be watched line by line", call->arguments[0]);
            return nb_error_hint(err, "the console shows them live, nightbell %s lists them", call->arguments[0]);
        }
        rc = fetch_filter(&filter, call, subject, 1, err);
        if (rc == NB_OK)
            add(watch, subject, filter);
        return rc;
    }
    for (subject = 0; subject < NB_SUBJECT_COUNT; subject++) {
        if (nb_subject_info(subject)->rereads)
            continue;
        rc = fetch_filter(&filter, call, subject, 0, first == NB_OK ? err : NULL);
        if (rc == NB_OK)
            add(watch, subject, filter);
        else if (first == NB_OK)
            first = rc;
    }
    return watch->count > 0 ? NB_OK : first;
}

/* Leaves out subjects of which the reader sees nothing, unless one was named on the command line. */
static void leave_out_unseen(struct watch *watch, const struct nb_identity *identity)
{
    size_t seen = 0;
    for (size_t i = 0; i < watch->count; i++) {
        if (nb_identity_sees(identity, watch->followed[i].subject))
            watch->followed[seen++] = watch->followed[i];
        else
            nb_filter_free(&watch->followed[i].filter);
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
    follow_each(watch);
    if ((rc = nb_feed_new(&watch->feed, watch->connection, NULL, rang, mode_changed, watch, err)) != NB_OK)
        goto out;
    if (token_file && nb_token_read_file(&token, token_file, NULL) != NB_OK)
        token = NULL;
    watch->vigil = nb_vigil_new(watch->connection, token_file, token, identity, identity_changed, watch);
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
        options.about = nb_subject_info(watch->followed[0].subject);
    if (rc == NB_OK)
        rc = session_connect_known(&watch->connection, identity, call, &options, err);
    if (rc == NB_OK) {
        leave_out_unseen(watch, identity);
        rc = follow_until_stopped(watch, identity, err);
    }
    for (size_t i = 0; i < watch->count; i++) {
        nb_follow_free(&watch->followed[i].follow);
        nb_filter_free(&watch->followed[i].filter);
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
