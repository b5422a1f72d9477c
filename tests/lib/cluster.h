/*
 * cluster.h - a temporary PostgreSQL for a test in C: the one that cluster.sh makes, with its people.
 *
 * Any failure here ends the test program with a message: there is nothing to test without a server.
 */
#ifndef TESTS_LIB_CLUSTER_H
#define TESTS_LIB_CLUSTER_H

struct cluster;

#define CLUSTER_ACME    "00000000-0000-4000-8000-00000000acee"
#define CLUSTER_GLOBEX  "00000000-0000-4000-8000-00000000b0b0"
#define CLUSTER_ADA     "00000000-0000-4000-8000-0000000000a1"
#define CLUSTER_BOB     "00000000-0000-4000-8000-0000000000b1"
#define CLUSTER_CAROL   "00000000-0000-4000-8000-0000000000c1"
#define CLUSTER_APP     "00000000-0000-4000-8000-0000000000e1"
#define CLUSTER_OLGA    "00000000-0000-4000-8000-0000000000f1"
#define CLUSTER_MALLORY "00000000-0000-4000-8000-0000000000d1"

struct cluster *cluster_new(void);
/* Stops the server and removes it, but keeps its files when failed is not 0. Also called when the process ends. */
void cluster_free(struct cluster **cluster, int failed);

/* The conninfo of a login (nightbell_console, nightbell_producing, nightbell_administrator, ada, postgres).
 * Borrowed. */
const char *cluster_dsn(struct cluster *cluster, const char *login);
/* A token for ada, bob, carol, app, olga or mallory, valid for `seconds`. Borrowed. */
const char *cluster_token(struct cluster *cluster, const char *person, int seconds);
/* Runs SQL as superuser with psql. Returns the unaligned output without its last newline; borrowed. */
const char *cluster_sql(struct cluster *cluster, const char *sql);

void cluster_stop(struct cluster *cluster, const char *mode); /* "fast" or "immediate" */
void cluster_start(struct cluster *cluster);
void cluster_restart(struct cluster *cluster, const char *mode);
void cluster_freeze(struct cluster *cluster); /* SIGSTOP to every process of the server */
void cluster_thaw(struct cluster *cluster);

#endif
