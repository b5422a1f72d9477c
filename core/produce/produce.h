/*
 * produce.h - notify, announce, raise, settle and publish: calls of the same SQL functions that any language can call.
 */
#ifndef NB_PRODUCE_PRODUCE_H
#define NB_PRODUCE_PRODUCE_H

#include <jansson.h>

#include "base/limits.h"
#include "db/connection.h"

/* struct nb_notify_input and struct nb_raise_input are public: see nightbell.h. */

/* id: the notification's UUID; that of the earlier one where the same was sent within the dedup window. */
NB_MUSTCHECK int nb_produce_notify(struct nb_connection *connection, const struct nb_notify_input *input,
                                   char id[NB_ID_TEXT_SIZE], struct nb_error *err);
/* Makes a row for each of the recipients. Which ones, by kind:
 * - "role": value is a role
 * - "user": value is UUIDs separated by commas
 * - "group": value is a name or UUID
 * - "tenant": value is not used
 *
 * input's user, channels and dedup_key must be NULL. *made: how many rows; 0 where the same was broadcast within the
 * dedup window. */
NB_MUSTCHECK int nb_produce_broadcast(struct nb_connection *connection, const char *recipient_type,
                                      const char *recipient_value, const struct nb_notify_input *input, int64_t *made,
                                      struct nb_error *err);
NB_MUSTCHECK int nb_produce_raise(struct nb_connection *connection, const struct nb_raise_input *input,
                                  char id[NB_ID_TEXT_SIZE], struct nb_error *err);

/* outcome: see nb_client_settle(). */
NB_MUSTCHECK int nb_produce_settle(struct nb_connection *connection, const struct nb_settle_input *input,
                                   char outcome[NB_ID_TEXT_SIZE], struct nb_error *err);

NB_MUSTCHECK int nb_produce_publish(struct nb_connection *connection, const struct nb_publish_input *input,
                                    char id[NB_ID_TEXT_SIZE], struct nb_error *err);

enum nb_produce_kind {
    NB_PRODUCE_NOTIFY,
    NB_PRODUCE_ANNOUNCE,
    NB_PRODUCE_RAISE,
    NB_PRODUCE_SETTLE,
    NB_PRODUCE_PUBLISH
};

/* A stream of NDJSON lines, written in batches. Every line gets exactly one result, in order: its id or its error; a
 * bad line never stops the others. Members have the names of the structs' fields above. */
struct nb_produce_stream;
typedef void nb_produce_result(void *arg, size_t line, const char *id, const struct nb_error *err);
NB_MUSTCHECK int nb_produce_stream_new(struct nb_produce_stream **out, struct nb_connection *connection,
                                       enum nb_produce_kind kind, nb_produce_result *result, void *arg,
                                       struct nb_error *err);
void nb_produce_stream_free(struct nb_produce_stream **stream);
/* Adds one line, without its newline. Fails only when the whole stream cannot go on (database gone). */
NB_MUSTCHECK int nb_produce_stream_line(struct nb_produce_stream *stream, const char *line, size_t length,
                                        struct nb_error *err);
NB_MUSTCHECK int nb_produce_stream_flush(struct nb_produce_stream *stream, struct nb_error *err);

#endif
