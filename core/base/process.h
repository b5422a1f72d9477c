/*
 * process.h - runs another program, without a shell in between.
 *
 * The program gets the environment and the account it is given and nothing else: no open descriptor
 * but the three standard ones, default signal handling, standard input from /dev/null where it is given none. Arguments
 * are passed as they are, so no name has to be quoted.
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
    const char *input;              /* what it reads from standard input; NULL: nothing */
    size_t input_length;
    const struct nb_account *account; /* to become first (the caller is root); NULL: stay who we are */
};

/* The path of a program as a shell would find it: name itself where it has a slash, else in the directories of PATH.
 * NB_ENOTFOUND; the caller frees *path. */
NB_MUSTCHECK int nb_process_find(char **path, const char *name, struct nb_error *err);
/* Runs the program to its end. What it wrote to both outputs is appended to output (may be NULL);
 * past the buffer's limit it is read and dropped. 0 only when it ended with status 0; otherwise err
 * has its name and the last line it wrote. */
NB_MUSTCHECK int nb_process_run(const struct nb_process_options *options, struct nb_strbuf *output,
                                struct nb_error *err);
/* Starts the program as a session of its own that outlives the caller, its output appended to the
 * open descriptor; to nowhere where output is -1. */
NB_MUSTCHECK int nb_process_start_detached(const struct nb_process_options *options, int output, pid_t *pid,
                                           struct nb_error *err);

/* A program that a loop waits for. */
struct nb_process;
/* Called once, when the program has ended; err is NULL when its status was 0. The process is freed after it. */
typedef void nb_process_ended(void *arg, const struct nb_error *err);

/* Starts the program as a session of its own, its output dropped, and returns. When it cannot be started that is said
 * here, and nothing is called. */
NB_MUSTCHECK int nb_process_start(struct nb_process **out, struct nb_loop *loop,
                                  const struct nb_process_options *options, nb_process_ended *ended, void *arg,
                                  struct nb_error *err);
/* Lets it run on without us; nothing is called any more. */
void nb_process_abandon(struct nb_process **process);

#endif
