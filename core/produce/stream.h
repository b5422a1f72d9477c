/*
 * stream.h - what stream.c and resend.c share: batches of lines. Private to this folder.
 */
#ifndef NB_PRODUCE_STREAM_H
#define NB_PRODUCE_STREAM_H

#include "base/vec.h"
#include "produce/produce.h"

/* A line that waits for its result: text for the database, or the error that it was refused with. */
struct entry {
    size_t line;
    char *text;
    char *id;
    struct nb_error *refused;
};

struct batch {
    NB_VEC(struct entry) entries;
    size_t bytes;      /* total size of the texts */
    size_t sendable;   /* entries with a text */
    char *transaction; /* id of the transaction that stored it; NULL: none yet */
};

struct produce_target {
    struct nb_connection *connection;
    enum nb_produce_kind kind;
};

struct batch *batch_new(void);
void batch_free(struct batch **batch);
void batch_add(struct batch *batch, size_t line, const char *text, size_t length);
void batch_refuse(struct batch *batch, size_t line, const struct nb_error *err);
struct nb_params *batch_params(const struct produce_target *target, const struct batch *batch);
/* Stores the outcome of each line. */
NB_MUSTCHECK int batch_take_answers(struct batch *batch, const struct nb_result *result, struct nb_error *err);
/* Reconnects where needed and sends the batch step by step; does not send it when maybe_committed is set and it was
 * committed. */
NB_MUSTCHECK int produce_resend(const struct produce_target *target, struct batch *batch, bool maybe_committed,
                                struct nb_error *err);

#endif
