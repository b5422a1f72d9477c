/*
 * engine.h - from app events to notifications and deliveries: claims what is due in the outbox, lets the database decide
 * who hears of it, renders, and writes. One transaction a chunk, so that a worker that is killed loses and doubles nothing.
 */
#ifndef NB_ENGINE_ENGINE_H
#define NB_ENGINE_ENGINE_H

#include "base/uuid.h"
#include "db/connection.h"
#include "why/why.h"

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

/* ---- what would happen ---- */

struct nb_engine_trial {
    const char *tenant; /* its name or UUID; NULL: one's own */
    const char *event_type;
    const char *module;
    const char *context; /* JSON */
    const char *person;  /* only what concerns them, by name, address or UUID; NULL: everybody */
};

struct nb_engine_text {
    const char *subject;
    const char *body;
    const char *html;
    const char *locale;
};

/* A decision, and what the person would get, where it is about one who would get something (else NULL). Borrowed. */
typedef void nb_engine_said(void *arg, const struct nb_decision *decision, const struct nb_engine_text *text);

/* Runs what a worker would run for such an app event, the very functions, and leaves nothing behind. For administrators of
 * the tenant. *more: only the first thousand recipients were asked for. */
NB_MUSTCHECK int nb_engine_try(struct nb_connection *connection, const struct nb_engine_trial *trial,
                               nb_engine_said *said, void *arg, bool *more, struct nb_error *err);

#endif
