/*
 * duties.h - what only one worker does at a time: partitions, retention, what has waited long enough, looking after the
 * engine. A duty is a row of the table in duties.c with its query in core/sql/server/duty_NAME.sql:
 *
 *   → bigint how much it did (it is asked again at once, until that is 0), bigint in how many milliseconds it has to be
 *     asked again (NULL: after its usual time)
 */
#ifndef NB_ENGINE_DUTIES_H
#define NB_ENGINE_DUTIES_H

#include "db/connection.h"

struct duties;

struct duties *duties_new(struct nb_connection *connection);
void duties_free(struct duties **duties);
/* The session is a new one: another worker may have the duties by now. */
void duties_forget(struct duties *duties);
/* Something was written that a duty may have to wait for. */
void duties_after_work(struct duties *duties);
/* A bell told that somebody has stored a time that is near. */
void duties_rung(struct duties *duties);
/* Does those that are due, where this worker has them. all: whether they are due or not. *next_ms: when to call again. */
NB_MUSTCHECK int duties_run(struct duties *duties, bool all, int64_t *next_ms, struct nb_error *err);

#endif
