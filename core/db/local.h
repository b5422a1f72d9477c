/*
 * local.h - the private PostgreSQL cluster: unix socket only, directories 0700, no TCP.
 *
 * It lives in $XDG_DATA_HOME/nightbell/local (as root: /var/lib/nightbell/local, owned by an unprivileged account, since
 * PostgreSQL refuses to run as root). Access is by peer authentication: only the owner of the directory and root get in.
 */
#ifndef NB_DB_LOCAL_H
#define NB_DB_LOCAL_H

#include "base/error.h"

struct nb_local_status {
    bool exists;
    bool running;
    int pid;
    char directory[512];
    char socket_directory[128];
    char dsn[640];       /* as the people's client login: a member of nightbell_client */
    char admin_dsn[640]; /* as the administrator's login */
};

typedef void nb_local_progress(void *arg, const char *step);

/* directory NULL: the default, or $NIGHTBELL_LOCAL_DIR. */
NB_MUSTCHECK int nb_local_status(struct nb_local_status *out, const char *directory, struct nb_error *err);
/* Creates the cluster when it does not exist, starts it when it is not running, waits until it answers. */
NB_MUSTCHECK int nb_local_start(const char *directory, nb_local_progress *progress, void *arg, struct nb_error *err);
NB_MUSTCHECK int nb_local_stop(const char *directory, struct nb_error *err);
/* Stops it and removes its files; refuses a directory that nb_local_start() did not make. */
NB_MUSTCHECK int nb_local_destroy(const char *directory, struct nb_error *err);

#endif
