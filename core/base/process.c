/*
 * process.c - fork, become the wanted account, exec.
 *
 * Between fork and exec only async-signal-safe calls are made, because another thread of the parent may have held a
 * lock; everything that allocates (groups, paths) is done before. The child reports a failed step through a pipe that a
 * successful exec closes.
 */
#include "config.h"

#include "base/process.h"
#include "base/process_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- accounts ---- */

static int account_new(struct nb_account **out, const struct passwd *entry, struct nb_error *err)
{
    struct nb_account *account = nb_calloc(1, sizeof(*account));
    int count = 64;

    account->name = nb_strdup(entry->pw_name);
    account->home = nb_strdup(entry->pw_dir);
    account->uid = entry->pw_uid;
    account->gid = entry->pw_gid;
    account->groups = nb_calloc((size_t)count, sizeof(gid_t));
    if (getgrouplist(account->name, account->gid, account->groups, &count) < 0) {
        account->groups = nb_reallocarray(account->groups, (size_t)count, sizeof(gid_t));
        if (getgrouplist(account->name, account->gid, account->groups, &count) < 0) {
            nb_account_free(&account);
            return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "groups of account %s: too many", entry->pw_name);
        }
    }
    account->group_count = count;
    *out = account;
    return 0;
}

int nb_account_by_name(struct nb_account **out, const char *name, struct nb_error *err)
{
    const struct passwd *entry = getpwnam(name);

    *out = NULL;
    if (entry == NULL)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "no account is called %s", name);
    return account_new(out, entry, err);
}

int nb_account_by_uid(struct nb_account **out, uid_t uid, struct nb_error *err)
{
    const struct passwd *entry = getpwuid(uid);

    *out = NULL;
    if (entry == NULL) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "user id %lu has no account", (unsigned long)uid);
        return nb_error_hint(err, "add it to /etc/passwd");
    }
    return account_new(out, entry, err);
}

void nb_account_free(struct nb_account **account)
{
    if (*account == NULL)
        return;
    free((*account)->name);
    free((*account)->home);
    free((*account)->groups);
    nb_free(account);
}

/* ---- finding a program ---- */

int nb_process_find(char **path, const char *name, struct nb_error *err)
{
    const char *at = getenv("PATH");

    *path = NULL;
    if (strchr(name, '/')) {
        *path = nb_strdup(name);
        return 0;
    }
    while (at && *at) {
        size_t length = strcspn(at, ":");
        char *candidate = nb_asprintf("%.*s/%s", (int)length, at, name);

        if (*at == '/' && access(candidate, X_OK) == 0) {
            *path = candidate;
            return 0;
        }
        free(candidate);
        at += length;
        at += *at == ':';
    }
    return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "%s: there is no such program in PATH", name);
}

/* ---- the child ---- */

/* The steps between fork and exec, in order. A failure is sent to the parent as two ints: step and errno. */
enum step { STEP_FORK, STEP_OUTPUT, STEP_ACCOUNT, STEP_DIRECTORY, STEP_EXEC };

static const char *const step_names[] = {
    [STEP_FORK] = "start a process",
    [STEP_OUTPUT] = "redirect its output",
    [STEP_ACCOUNT] = "become the account",
    [STEP_DIRECTORY] = "enter its directory",
    [STEP_EXEC] = "run it",
};

NB_NORETURN static void child_fail(int report, enum step step)
{
    int message[2] = {(int)step, errno};
    ssize_t written = write(report, message, sizeof(message));

    _exit(written == (ssize_t)sizeof(message) ? 127 : 126);
}

static int become(const struct nb_account *account)
{
    if (setgroups((size_t)account->group_count, account->groups) != 0 ||
        setresgid(account->gid, account->gid, account->gid) != 0 ||
        setresuid(account->uid, account->uid, account->uid) != 0)
        return -1;
    return 0;
}

static void default_signals(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int signo = 1; signo < NSIG; signo++)
        sigaction(signo, &action, NULL); /* fails for KILL and STOP, which need no reset */
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Leaves 0, 1, 2 and the report descriptor (moved to 3) open. */
static int standard_descriptors(int input, int output, int *report)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (output < 0)
        output = null;
    if (input < 0)
        input = null;
    if (null < 0 || dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0 || dup2(input, STDIN_FILENO) < 0)
        return -1;
    if (*report != 3) {
        if (dup3(*report, 3, O_CLOEXEC) < 0)
            return -1;
        *report = 3;
    }
    return close_range(4, ~0U, 0);
}

NB_NORETURN static void child_main(const struct nb_process_options *options, int input, int output, int report)
{
    default_signals();
    if (standard_descriptors(input, output, &report) != 0)
        child_fail(report, STEP_OUTPUT);
    if (options->account != NULL && become(options->account) != 0)
        child_fail(report, STEP_ACCOUNT);
    if (options->directory != NULL && chdir(options->directory) != 0)
        child_fail(report, STEP_DIRECTORY);
    execve(options->argv[0], (char *const *)options->argv,
           options->environment ? (char *const *)options->environment : environ);
    child_fail(report, STEP_EXEC);
}

/* ---- the parent ---- */

static ssize_t read_all(int fd, void *buffer, size_t size)
{
    size_t length = 0;

    while (length < size) {
        ssize_t n = read(fd, (char *)buffer + length, size - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    return (ssize_t)length;
}

static int wait_for(pid_t pid)
{
    int status = 0;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}

/* A detached program is the child of a child that exits at once, so that init reaps it and not the caller. */
NB_NORETURN static void detach_main(const struct nb_process_options *options, int input, int output, int report,
                                    int pid_pipe)
{
    pid_t pid;

    setsid();
    pid = fork();
    if (pid < 0)
        child_fail(report, STEP_FORK);
    if (pid == 0)
        child_main(options, input, output, report);
    if (write(pid_pipe, &pid, sizeof(pid)) != (ssize_t)sizeof(pid))
        _exit(126);
    _exit(0);
}

static int report_error(const struct nb_process_options *options, const int message[2], struct nb_error *err)
{
    return nb_error_errno(err, message[1], "%s: cannot %s", options->argv[0], step_names[message[0]]);
}

int process_open_input(int *out, const struct nb_process_options *options, struct nb_error *err)
{
    size_t done = 0;

    *out = -1;
    if (!options->input)
        return 0;
    *out = memfd_create("input", MFD_CLOEXEC);
    while (*out >= 0 && done < options->input_length) {
        ssize_t written = write(*out, options->input + done, options->input_length - done);

        if (written < 0 && errno != EINTR)
            break;
        done += written > 0 ? (size_t)written : 0;
    }
    if (*out < 0 || done < options->input_length || lseek(*out, 0, SEEK_SET) < 0) {
        if (*out >= 0)
            close(*out);
        *out = -1;
        return nb_error_errno(err, errno, "keep what %s shall read", options->argv[0]);
    }
    return 0;
}

int nb_process_start_detached(const struct nb_process_options *options, int output, pid_t *pid, struct nb_error *err)
{
    int report[2] = {-1, -1}, pids[2] = {-1, -1};
    int message[2], input = -1, rc = 0;
    pid_t child;

    if ((rc = process_open_input(&input, options, err)) < 0)
        return rc;
    if (pipe2(report, O_CLOEXEC) != 0 || pipe2(pids, O_CLOEXEC) != 0) {
        rc = nb_error_errno(err, errno, "make a pipe");
        goto out;
    }
    child = fork();
    if (child == 0)
        detach_main(options, input, output, report[1], pids[1]);
    if (child < 0) {
        rc = nb_error_errno(err, errno, "start a process");
        goto out;
    }
    close(report[1]);
    close(pids[1]);
    report[1] = pids[1] = -1;
    wait_for(child);
    if (read_all(report[0], message, sizeof(message)) == (ssize_t)sizeof(message))
        rc = report_error(options, message, err);
    else if (read_all(pids[0], pid, sizeof(*pid)) != (ssize_t)sizeof(*pid))
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: could not be started", options->argv[0]);
out:
    if (input >= 0)
        close(input);
    for (int i = 0; i < 2; i++) {
        if (report[i] >= 0)
            close(report[i]);
        if (pids[i] >= 0)
            close(pids[i]);
    }
    return rc;
}

static void drain(int fd, struct nb_strbuf *output)
{
    char chunk[4096];

    for (;;) {
        ssize_t n = read(fd, chunk, sizeof(chunk));

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return;
        nb_strbuf_append_n(output, chunk, (size_t)n);
    }
}

/* The last line that is not blank: where a failed program usually gives the reason. */
static const char *last_line(struct nb_strbuf *output)
{
    char *newline;

    while (output->length > 0 && strchr("\n\r ", output->data[output->length - 1]) != NULL)
        nb_strbuf_truncate(output, output->length - 1);
    newline = strrchr(output->data, '\n');
    return newline == NULL ? output->data : newline + 1;
}

static int how_it_ended(const struct nb_process_options *options, int status, struct nb_strbuf *output,
                        struct nb_error *err)
{
    if (status == 0)
        return 0;
    if (WIFSIGNALED(status))
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: killed by signal %d", options->argv[0],
                            WTERMSIG(status));
    return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s failed: %s", options->argv[0],
                        output->length > 0 ? last_line(output) : "it did not say why");
}

int nb_process_run(const struct nb_process_options *options, struct nb_strbuf *output, struct nb_error *err)
{
    int report[2] = {-1, -1}, text[2] = {-1, -1};
    int message[2], input = -1, status, rc;
    struct nb_strbuf own;
    pid_t child;

    if ((rc = process_open_input(&input, options, err)) < 0)
        return rc;
    nb_strbuf_init(&own, 64 * 1024);
    if (output == NULL)
        output = &own;
    if (pipe2(report, O_CLOEXEC) != 0 || pipe2(text, O_CLOEXEC) != 0) {
        rc = nb_error_errno(err, errno, "make a pipe");
        goto out;
    }
    child = fork();
    if (child == 0)
        child_main(options, input, text[1], report[1]);
    if (child < 0) {
        rc = nb_error_errno(err, errno, "start a process");
        goto out;
    }
    close(report[1]);
    close(text[1]);
    report[1] = text[1] = -1;
    drain(text[0], output);
    status = wait_for(child);
    if (read_all(report[0], message, sizeof(message)) == (ssize_t)sizeof(message))
        rc = report_error(options, message, err);
    else
        rc = how_it_ended(options, status, output, err);
out:
    if (input >= 0)
        close(input);
    for (int i = 0; i < 2; i++) {
        if (report[i] >= 0)
            close(report[i]);
        if (text[i] >= 0)
            close(text[i]);
    }
    nb_strbuf_clear(&own);
    return rc;
}
