/*
 * chain.h - several statements sent at once, in libpq's pipeline mode: the answer to one is not waited for before the next
 * one goes. To the request queue a chain is one request. What is between two nb_chain_sync() fails together: after a
 * statement that failed the rest up to the next sync is skipped by the server.
 */
#ifndef NB_DB_CHAIN_H
#define NB_DB_CHAIN_H

#include "db/query.h"

struct nb_chain;

struct nb_chain *nb_chain_new(void);
/* Forgets one that is under way. */
void nb_chain_free(struct nb_chain **chain);
/* The next statement; the number that its answer is asked for by. */
size_t nb_chain_add(struct nb_chain *chain, enum nb_sql id, struct nb_params *params_take);
void nb_chain_sync(struct nb_chain *chain);
/* After everything has been added and synced; again to repeat it all. The loop sends and receives. */
void nb_chain_send(struct nb_chain *chain, struct nb_connection *connection);
bool nb_chain_is_done(const struct nb_chain *chain);
/* Turns the loop until all answers are there. NB_EUNREACHABLE: the connection was lost, and only some may be there. */
NB_MUSTCHECK int nb_chain_wait(struct nb_chain *chain, struct nb_error *err);
/* The statement was not executed because its preparation got lost (a pooler): the next time goes without. */
bool nb_chain_was_unprepared(const struct nb_chain *chain, size_t step);
/* The answer to one statement, which the caller owns (out may be NULL); its error; NB_EUNREACHABLE where none came. */
NB_MUSTCHECK int nb_chain_result(struct nb_chain *chain, size_t step, struct nb_result **out, struct nb_error *err);

#endif
