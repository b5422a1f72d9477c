/*
 * local.h - the private PostgreSQL cluster: unix socket only, directories 0700, no TCP.
 *
 * It is in $XDG_DATA_HOME/nightbell/local. As root it is in /var/lib/nightbell/local and an unprivileged account runs
 * the server, because PostgreSQL refuses to run as root. Peer authentication admits only that account and root.
 *
 *   nightbell-local   the marker: a directory that has it was made by nightbell and may be removed by it
 *   lock              held while the cluster is started, stopped or destroyed
 *   settings/         postgresql.conf, pg_hba.conf, pg_ident.conf: rewritten at every start
 *   data/ log/ run/   owned by the server's account, 0700; run/ has the socket if its path is short enough
 *   startup.log       the server's messages before its own log begins
 *   demo/             what the demonstration sends by, and in demo/sent/ what it sent (core/demo/sends.c)
 *   tokens/           owned by the user of nightbell, 0700: tokens for this cluster (cli/frame/shell.c)
 */
#ifndef NB_LOCAL_LOCAL_H
#define NB_LOCAL_LOCAL_H

#include "base/error.h"

#define NB_LOCAL_DATABASE "nightbell"

enum nb_local_state {
    NB_LOCAL_ABSENT, /* never made, or destroyed */
    NB_LOCAL_STOPPED,
    NB_LOCAL_CRASHED,  /* ended without a shutdown: the next start recovers it */
    NB_LOCAL_STARTING, /* starting or recovering; not answering yet */
    NB_LOCAL_RUNNING,
};

struct nb_local_status {
    bool exists;
    bool running;
    enum nb_local_state state;
    bool replaced; /* PostgreSQL was upgraded under the running server: nb_local_start() restarts it */
    int pid;       /* 0 when not running */
    int version;   /* the data's PostgreSQL major version */
    char directory[512];
    char socket_directory[128];
    char dsn[640];          /* as the people's client login: a member of nightbell_client */
    char producer_dsn[640]; /* as the producers' login */
    char worker_dsn[640];   /* as the worker's login */
    char gateway_dsn[640];  /* as the gateway's login */
    char admin_dsn[640];    /* as the administrator's login */
};

typedef void nb_local_progress(void *arg, const char *step);

const char *nb_local_state_name(enum nb_local_state state);
/* directory NULL: the default, or $NIGHTBELL_LOCAL_DIR. */
NB_MUSTCHECK int nb_local_status(struct nb_local_status *out, const char *directory, struct nb_error *err);
/* Creates the cluster if it does not exist, starts it if it is not running, restarts it if PostgreSQL was upgraded
 * under it, waits until it answers, and creates or upgrades the schema. Safe to call from several processes at once:
 * one does the work, the others wait. */
NB_MUSTCHECK int nb_local_start(const char *directory, nb_local_progress *progress, void *arg, struct nb_error *err);
/* Disconnects all clients and waits until the server has ended; 0 also when it was not running. */
NB_MUSTCHECK int nb_local_stop(const char *directory, struct nb_error *err);
/* Stops it and removes its files; refuses a directory that nb_local_start() did not make. */
NB_MUSTCHECK int nb_local_destroy(const char *directory, struct nb_error *err);

#endif
