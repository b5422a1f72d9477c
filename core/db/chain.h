/*
 * chain.h - several statements sent at once in libpq's pipeline mode, without waiting for each answer. To the request
 * queue a chain is one request. After a statement that fails the server skips the rest up to the next nb_chain_sync().
 */
#ifndef NB_DB_CHAIN_H
#define NB_DB_CHAIN_H

#include "db/query.h"

struct nb_chain;

struct nb_chain *nb_chain_new(void);
/* May be called while the chain runs: its answers are then dropped. */
void nb_chain_free(struct nb_chain **chain);
/* Adds a statement. Returns its step number, for nb_chain_result(). */
size_t nb_chain_add(struct nb_chain *chain, enum nb_sql id, struct nb_params *params_take);
/* The same for a composed text, which is copied. */
size_t nb_chain_add_text(struct nb_chain *chain, const char *text, struct nb_params *params_take);
void nb_chain_sync(struct nb_chain *chain);
/* done is called from the loop when a chain that was sent has all its answers or has lost its connection. It may free the chain. */
typedef void nb_chain_done(void *arg);
void nb_chain_set_done(struct nb_chain *chain, nb_chain_done *done, void *arg);
/* Call when everything has been added and synced; call again to repeat the whole chain. The loop sends and receives. */
void nb_chain_send(struct nb_chain *chain, struct nb_connection *connection);
bool nb_chain_is_done(const struct nb_chain *chain);
/* Turns the loop until all answers are there. NB_EUNREACHABLE: the connection was lost; some answers may be missing. */
NB_MUSTCHECK int nb_chain_wait(struct nb_chain *chain, struct nb_error *err);
/* The statement was not executed because a pooler lost its preparation. Sending it again runs it unprepared. */
bool nb_chain_was_unprepared(const struct nb_chain *chain, size_t step);
/* The answer to one statement: its result, which the caller owns (out may be NULL), or its error. NB_EUNREACHABLE: none
 * came. */
NB_MUSTCHECK int nb_chain_result(struct nb_chain *chain, size_t step, struct nb_result **out, struct nb_error *err);

#endif
