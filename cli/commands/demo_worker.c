/*
 * demo_worker.c - starts `nightbell worker` for the demonstration, and ends it.
 */
#include "cli/commands/demo_worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/frame/command.h"

struct demo_worker {
    const struct command_call *call;
    char *channels;
    pid_t process; /* -1: it runs no more */
};

static const char *const names[] = {"nightbell", "--quiet", "worker", "--name", "demonstration", "--channels"};

/* In the child. Its standard output would mix with ours. */
static void become_worker(const struct demo_worker *worker, pid_t parent, bool once)
{
    const char *arguments[NB_ARRAY_SIZE(names) + 5];
    const char *dsn = command_text(worker->call, "dsn");
    size_t count = 0;

    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++)
        arguments[count++] = names[i];
    arguments[count++] = worker->channels;
    if (once)
        arguments[count++] = "--once";
    if (dsn) {
        arguments[count++] = "--dsn";
        arguments[count++] = dsn;
    }
    arguments[count] = NULL;
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid() == parent && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
        execv("/proc/self/exe", (char *const *)arguments);
    _exit(127);
}

static int start(struct demo_worker *worker, bool once, struct nb_error *err)
{
    pid_t parent = getpid();

    worker->process = fork();
    if (worker->process < 0)
        return nb_error_errno(err, errno, "start the worker of the demonstration");
    if (worker->process == 0)
        become_worker(worker, parent, once);
    return NB_OK;
}

static int wait_for(struct demo_worker *worker)
{
    int status = 0;

    while (worker->process > 0 && waitpid(worker->process, &status, 0) < 0 && errno == EINTR)
        ;
    worker->process = -1;
    return status;
}

int demo_worker_start(struct demo_worker **out, const struct command_call *call, const char *channels,
                      struct nb_error *err)
{
    struct demo_worker *worker = nb_calloc(1, sizeof(*worker));

    worker->call = call;
    worker->channels = nb_strdup(channels);
    *out = worker;
    return start(worker, false, err);
}

int demo_worker_look_after(struct demo_worker *worker, struct nb_error *err)
{
    int status;

    if (worker->process > 0 && waitpid(worker->process, &status, WNOHANG) == 0)
        return NB_OK;
    return start(worker, false, err);
}

int demo_worker_end(struct demo_worker **out, bool finish, struct nb_error *err)
{
    struct demo_worker *worker = *out;
    int rc = NB_OK;

    if (!worker)
        return NB_OK;
    if (worker->process > 0)
        kill(worker->process, SIGTERM);
    wait_for(worker);
    if (finish && (rc = start(worker, true, err)) == NB_OK && wait_for(worker) != 0)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_NONE, "the worker of the demonstration failed");
    free(worker->channels);
    nb_free(out);
    return rc;
}
