/*
 * process.h - runs another program, without a shell in between.
 *
 * The program gets the environment and account that the options name, default signal handling and only the three
 * standard descriptors; standard input is /dev/null unless input is given. Arguments need no quoting.
 */
#ifndef NB_BASE_PROCESS_H
#define NB_BASE_PROCESS_H

#include <sys/types.h>

#include "base/loop.h"
#include "base/strbuf.h"

/* An account of the operating system, with the groups a process of it belongs to. */
struct nb_account {
    char *name;
    char *home;
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    int group_count;
};

/* NB_ENOTFOUND when there is no such account. */
NB_MUSTCHECK int nb_account_by_name(struct nb_account **out, const char *name, struct nb_error *err);
NB_MUSTCHECK int nb_account_by_uid(struct nb_account **out, uid_t uid, struct nb_error *err);
void nb_account_free(struct nb_account **account);

struct nb_process_options {
    const char *const *argv;        /* NULL-terminated; argv[0] is the program's path */
    const char *const *environment; /* NULL-terminated, complete; NULL: ours */
    const char *directory;          /* to start in; NULL: where the caller is */
    const char *input;              /* for its standard input; NULL: /dev/null */
    size_t input_length;
    const struct nb_account *account; /* to run as (the caller must be root); NULL: the caller's */
    /* only for nb_process_start() */
    int64_t time_limit_ms; /* then it is killed with its group; 0: never */
    size_t kept;           /* bytes of the end of what it prints, for each of output and errors; 0: it is dropped */
};

/* The path of a program as a shell would find it: name itself where it has a slash, else in the directories of PATH.
 * NB_ENOTFOUND; the caller frees *path. */
NB_MUSTCHECK int nb_process_find(char **path, const char *name, struct nb_error *err);
/* Runs the program to its end. Standard output and error are appended to output (may be NULL); what exceeds the
 * buffer's limit is read and dropped. 0 only for exit status 0; otherwise err has the program's name and its last
 * line. */
NB_MUSTCHECK int nb_process_run(const struct nb_process_options *options, struct nb_strbuf *output,
                                struct nb_error *err);
/* Starts the program in a session of its own, so that it outlives the caller. Its output is appended to the descriptor
 * `output`, or dropped when that is -1. */
NB_MUSTCHECK int nb_process_start_detached(const struct nb_process_options *options, int output, pid_t *pid,
                                           struct nb_error *err);

/* ---- a program that a loop waits for ---- */

struct nb_process;

/* How it ended. Borrowed for the duration of the callback. */
struct nb_process_end {
    const char *name;            /* argv[0] */
    int exit_status;             /* -1: a signal ended it */
    int signal;                  /* 0: none */
    bool timed_out;              /* it was killed at its time limit */
    bool flooded;                /* it was killed because it printed more than 16 MiB */
    const char *output, *errors; /* the last `kept` bytes of each; "" where nothing was to be kept */
};
/* Called once, when the program has ended. What it left in the background runs on, unless the program was killed. */
typedef void nb_process_ended(void *arg, const struct nb_process_end *end);

/* Starts the program in a session and process group of its own, and returns. If it cannot be started, this fails and `ended` is
 * never called. The options name no account. */
NB_MUSTCHECK int nb_process_start(struct nb_process **out, struct nb_loop *loop,
                                  const struct nb_process_options *options, nb_process_ended *ended, void *arg,
                                  struct nb_error *err);
/* Stops waiting for the program, which runs on; its callback is not called. */
void nb_process_abandon(struct nb_process **process);
/* Kills it with everything that it has started and that is still in its group; its callback is not called. */
void nb_process_kill(struct nb_process **process);
/* 0 where it exited with status 0; otherwise err says how it ended. */
NB_MUSTCHECK int nb_process_end_check(const struct nb_process_end *end, struct nb_error *err);

#endif
