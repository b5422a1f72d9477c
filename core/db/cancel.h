/*
 * cancel.h - cancelling the running statement without blocking. Private to core/db.
 */
#ifndef NB_DB_CANCEL_H
#define NB_DB_CANCEL_H

#include <libpq-fe.h>

#include "base/loop.h"

struct nb_cancel;

/* Asks the server to cancel the statement that pg runs. done is called from the loop once the server has accepted the
 * request or could not be reached; after that the cancel can hit no later statement. */
struct nb_cancel *nb_cancel_start(struct nb_loop *loop, PGconn *pg, nb_loop_callback *done, void *arg);
/* Frees it, before or after done was called. A cancel still in flight is completed without calling done. */
void nb_cancel_forget(struct nb_cancel **cancel);

#endif
