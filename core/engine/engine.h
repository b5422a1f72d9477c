/*
 * engine.h - from app events to notifications and deliveries: claims what is due in the outbox, lets the database decide
 * who hears of it, renders, and writes. One transaction a chunk, so that a worker that is killed loses and doubles nothing.
 */
#ifndef NB_ENGINE_ENGINE_H
#define NB_ENGINE_ENGINE_H

#include "base/uuid.h"
#include "db/connection.h"

struct nb_engine;

/* The connection must be a login's that is a member of nightbell_worker. */
struct nb_engine *nb_engine_new(struct nb_connection *connection);
void nb_engine_free(struct nb_engine **engine);

/* Works on one chunk: critical app events first, then the others. *done is how many it took; 0: none was due. A failure of
 * one of them is recorded with it, and is no error here. */
NB_MUSTCHECK int nb_engine_step(struct nb_engine *engine, size_t *done, struct nb_error *err);
/* What to wait for when none was due: in how many milliseconds one is (-1: none is waiting), and whether other workers are
 * at work on some, which they would leave due if they were killed. */
NB_MUSTCHECK int nb_engine_waits(struct nb_engine *engine, int64_t *due_ms, bool *others_work, struct nb_error *err);

int64_t nb_engine_processed(const struct nb_engine *engine); /* app events since it was made */
int64_t nb_engine_failed(const struct nb_engine *engine);    /* attempts that failed */

/* One app event, in the transaction that the caller has begun: what `rules test` rolls back. context: its JSON. */
NB_MUSTCHECK int nb_engine_process(struct nb_engine *engine, const struct nb_uuid *tenant, int64_t app_event,
                                   const char *context, struct nb_error *err);

#endif
