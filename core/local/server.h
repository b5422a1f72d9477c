/*
 * server.h - the data directory, and the server as a process. Private to local/.
 */
#ifndef NB_LOCAL_SERVER_H
#define NB_LOCAL_SERVER_H

#include "local/place.h"

#define NB_LOCAL_LOGIN_CLIENT        "nightbell_console"
#define NB_LOCAL_LOGIN_PRODUCER      "nightbell_producing"
#define NB_LOCAL_LOGIN_WORKER        "nightbell_working"
#define NB_LOCAL_LOGIN_GATEWAY       "nightbell_gateway"
#define NB_LOCAL_LOGIN_ADMINISTRATOR "nightbell_administrator"

/* The contents of postmaster.pid, checked against the process that it names. */
struct nb_local_server {
    int pid;       /* 0: no server runs on this data */
    bool ready;    /* it accepts connections */
    bool stale;    /* a pid file without its process: the server crashed */
    bool replaced; /* its program file was replaced: PostgreSQL was upgraded under it */
    char socket_directory[128];
};

void nb_local_server_look(struct nb_local_server *out, const struct nb_local_place *place);
/* The data's PostgreSQL major version; 0 when there is no data. */
int nb_local_server_data_version(const struct nb_local_place *place);

/* Runs initdb once, atomically: an interrupted run leaves no data directory. */
NB_MUSTCHECK int nb_local_server_create(struct nb_local_place *place, struct nb_error *err);
/* Writes the settings, starts the server and waits until it is ready. */
NB_MUSTCHECK int nb_local_server_start(struct nb_local_place *place, struct nb_error *err);
/* Stops the server and waits until it has ended. 0 also when none was running. */
NB_MUSTCHECK int nb_local_server_stop(struct nb_local_place *place, struct nb_error *err);

#endif
