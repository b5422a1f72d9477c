/*
 * process_loop.c - programs that a loop waits for, by posix_spawn: a large process that forks copies its page tables each time.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_internal.h"

#define PRINTED_MAX ((size_t)16 * 1024 * 1024)
#define CHUNK       4096
#define TURN_MAX    (16 * CHUNK) /* what is read of one program before others have their turn */

/* One of the two streams that the program prints to: the end of it is kept. */
struct stream {
    struct nb_process *process;
    struct nb_source *source;
    int fd; /* -1: closed */
    char *data;
    size_t length;
};

struct nb_process {
    pid_t pid;
    int fd; /* becomes readable when the program has ended */
    char *name;
    struct nb_source *source;
    struct nb_timer *limit;
    struct stream output, errors;
    size_t kept, printed;
    bool timed_out, flooded;
    nb_process_ended *ended;
    void *arg;
};

/* ---- what it prints ---- */

static void keep(struct stream *stream, const char *data, size_t length)
{
    size_t kept = stream->process->kept;

    if (!stream->data)
        stream->data = nb_calloc(1, kept + 1);
    if (length >= kept) {
        data += length - kept;
        length = kept;
    }
    if (stream->length + length > kept) {
        size_t over = stream->length + length - kept;

        memmove(stream->data, stream->data + over, stream->length - over);
        stream->length -= over;
    }
    memcpy(stream->data + stream->length, data, length);
    stream->length += length;
    stream->data[stream->length] = '\0';
}

static void stream_close(struct stream *stream)
{
    nb_source_remove(&stream->source);
    if (stream->fd >= 0)
        close(stream->fd);
    stream->fd = -1;
}

/* Reads what is there now. */
static void stream_read(struct stream *stream, size_t most)
{
    char chunk[CHUNK];
    size_t done = 0;

    while (stream->fd >= 0 && done < most) {
        ssize_t n = read(stream->fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            stream_close(stream);
            return;
        }
        keep(stream, chunk, (size_t)n);
        done += (size_t)n;
        stream->process->printed += (size_t)n;
        if (stream->process->printed > PRINTED_MAX && !stream->process->flooded) {
            stream->process->flooded = true;
            kill(-stream->process->pid, SIGKILL);
        }
    }
}

static void stream_prepare(void *arg, struct nb_interest *interest)
{
    interest->fd = ((const struct stream *)arg)->fd;
    interest->events = POLLIN;
}

static void stream_ready(void *arg, short revents)
{
    (void)revents;
    stream_read(arg, TURN_MAX);
}

static void stream_begin(struct stream *stream, struct nb_process *process, struct nb_loop *loop, int *fd)
{
    *stream = (struct stream){.process = process, .fd = *fd};
    *fd = -1;
    if (stream->fd >= 0)
        stream->source = nb_loop_add_source(loop, stream_prepare, stream_ready, stream);
}

/* ---- its end ---- */

static void process_free(struct nb_process *process)
{
    stream_close(&process->output);
    stream_close(&process->errors);
    free(process->output.data);
    free(process->errors.data);
    nb_source_remove(&process->source);
    nb_timer_remove(&process->limit);
    close(process->fd);
    free(process->name);
    free(process);
}

static int reap(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static void process_prepare(void *arg, struct nb_interest *interest)
{
    interest->fd = ((const struct nb_process *)arg)->fd;
    interest->events = POLLIN;
}

static void process_ready(void *arg, short revents)
{
    struct nb_process *process = arg;
    int status = reap(process->pid);
    struct nb_process_end end = {
        .name = process->name, .exit_status = -1, .timed_out = process->timed_out, .flooded = process->flooded};

    (void)revents;
    if (WIFEXITED(status))
        end.exit_status = WEXITSTATUS(status);
    else
        end.signal = WTERMSIG(status);
    /* what it left in the background may hold these open for ever, so only what is there already is read */
    process->pid = 0;
    process->flooded = true; /* nobody is left to be killed for it */
    stream_read(&process->output, TURN_MAX);
    stream_read(&process->errors, TURN_MAX);
    end.output = process->output.data ? process->output.data : "";
    end.errors = process->errors.data ? process->errors.data : "";
    process->ended(process->arg, &end);
    process_free(process);
}

/* The group is killed while its leader is not reaped yet, so that its number cannot be another's. */
static void time_is_over(void *arg)
{
    struct nb_process *process = arg;

    process->timed_out = true;
    kill(-process->pid, SIGKILL);
}

void nb_process_abandon(struct nb_process **process)
{
    if (*process)
        process_free(*process);
    *process = NULL;
}

void nb_process_kill(struct nb_process **process)
{
    if (!*process)
        return;
    kill(-(*process)->pid, SIGKILL);
    reap((*process)->pid); /* at once: nothing survives that signal */
    nb_process_abandon(process);
}

int nb_process_end_check(const struct nb_process_end *end, struct nb_error *err)
{
    if (end->timed_out)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: killed at its time limit", end->name);
    if (end->flooded)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: killed because it printed more than 16 MiB",
                            end->name);
    if (end->signal != 0)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: killed by signal %d", end->name, end->signal);
    if (end->exit_status != 0)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: exit status %d", end->name, end->exit_status);
    return 0;
}

/* ---- its start ---- */

static int or_null(posix_spawn_file_actions_t *actions, int fd, int as, int flags)
{
    return fd >= 0 ? posix_spawn_file_actions_adddup2(actions, fd, as)
                   : posix_spawn_file_actions_addopen(actions, as, "/dev/null", flags, 0);
}

/* Only the three standard descriptors, default signals, a session of its own. */
static int spawn(pid_t *child, const struct nb_process_options *options, int input, int output, int errors,
                 struct nb_error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    int failed;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if ((failed = or_null(&actions, input, STDIN_FILENO, O_RDONLY)) == 0 &&
        (failed = or_null(&actions, output, STDOUT_FILENO, O_WRONLY)) == 0 &&
        (failed = or_null(&actions, errors, STDERR_FILENO, O_WRONLY)) == 0 &&
        (failed = posix_spawn_file_actions_addclosefrom_np(&actions, 3)) == 0 &&
        (!options->directory || (failed = posix_spawn_file_actions_addchdir_np(&actions, options->directory)) == 0) &&
        (failed = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
        (failed = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
        (failed = posix_spawnattr_setflags(&attributes,
                                           POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID)) == 0)
        failed = posix_spawn(child, options->argv[0], &actions, &attributes, (char *const *)options->argv,
                             options->environment ? (char *const *)options->environment : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed == 0 ? 0 : nb_error_errno(err, failed, "%s: cannot run it", options->argv[0]);
}

static int open_pipes(const struct nb_process_options *options, int output[2], int errors[2], struct nb_error *err)
{
    if (options->kept == 0)
        return 0;
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(errors, O_CLOEXEC) != 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(errors[0], F_SETFL, O_NONBLOCK) < 0)
        return nb_error_errno(err, errno, "make a pipe");
    return 0;
}

static void close_all(const int *fds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

int nb_process_start(struct nb_process **out, struct nb_loop *loop, const struct nb_process_options *options,
                     nb_process_ended *ended, void *arg, struct nb_error *err)
{
    int pipes[4] = {-1, -1, -1, -1}, input = -1, fd, rc;
    struct nb_process *process;
    pid_t child = -1;

    if ((rc = open_pipes(options, pipes, pipes + 2, err)) < 0 || (rc = process_open_input(&input, options, err)) < 0 ||
        (rc = spawn(&child, options, input, pipes[1], pipes[3], err)) < 0)
        goto out;
    fd = pidfd_open(child, 0);
    if (fd < 0) {
        rc = nb_error_errno(err, errno, "%s: wait for its end", options->argv[0]);
        kill(-child, SIGKILL);
        reap(child);
        goto out;
    }
    process = *out = nb_calloc(1, sizeof(*process));
    *process = (struct nb_process){.pid = child, .fd = fd, .kept = options->kept, .ended = ended, .arg = arg};
    process->name = nb_strdup(options->argv[0]);
    stream_begin(&process->output, process, loop, &pipes[0]);
    stream_begin(&process->errors, process, loop, &pipes[2]);
    process->source = nb_loop_add_source(loop, process_prepare, process_ready, process);
    if (options->time_limit_ms > 0) {
        process->limit = nb_loop_add_timer(loop, time_is_over, process);
        nb_timer_start(process->limit, options->time_limit_ms);
    }
out:
    close_all(pipes, NB_ARRAY_SIZE(pipes));
    close_all(&input, 1);
    return rc;
}
