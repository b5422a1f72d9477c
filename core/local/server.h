/*
 * server.h - inside local/: the data, and the server as a process.
 */
#ifndef NB_LOCAL_SERVER_H
#define NB_LOCAL_SERVER_H

#include "local/place.h"

#define NB_LOCAL_LOGIN_CLIENT        "nightbell_console"
#define NB_LOCAL_LOGIN_PRODUCER      "nightbell_producing"
#define NB_LOCAL_LOGIN_ADMINISTRATOR "nightbell_administrator"

/* What postmaster.pid says, checked against the process that it names. */
struct nb_local_server {
    int pid;       /* 0: no server runs on this data */
    bool ready;    /* it takes connections */
    bool stale;    /* a pid file without its process: the server did not end as it should have */
    bool replaced; /* its programs are not those on disk any more: PostgreSQL was upgraded under it */
    char socket_directory[128];
};

void nb_local_server_look(struct nb_local_server *out, const struct nb_local_place *place);
/* PostgreSQL's major version that the data is of; 0 where there is none. */
int nb_local_server_data_version(const struct nb_local_place *place);

/* initdb, once. The data comes into being in one step, whatever happens on the way. */
NB_MUSTCHECK int nb_local_server_create(struct nb_local_place *place, struct nb_error *err);
/* Writes the settings, starts the server and waits until it is ready. */
NB_MUSTCHECK int nb_local_server_start(struct nb_local_place *place, struct nb_error *err);
/* Waits until it is gone. 0 also when none was running. */
NB_MUSTCHECK int nb_local_server_stop(struct nb_local_place *place, struct nb_error *err);

#endif
