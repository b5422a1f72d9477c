/*
 * occurrences.h - works out ahead what recurs: the spans of maintenance windows, the times of scheduled heartbeats.
 *
 * For the commands that change them, and for the worker: nightbell.occurrences_next() says when it is due.
 */
#ifndef NB_RECUR_OCCURRENCES_H
#define NB_RECUR_OCCURRENCES_H

#include "db/connection.h"

/* A rule that cannot be worked out; the row keeps the problem, and recurs no more until it is changed. */
typedef void nb_occurrences_failed(void *arg, const char *kind, const char *key, const struct nb_error *err);

/* Works out all that is wanted now. failed may be NULL. Fails only when the database does. */
NB_MUSTCHECK int nb_occurrences_update(struct nb_connection *connection, nb_occurrences_failed *failed, void *arg,
                                       struct nb_error *err);

#endif
