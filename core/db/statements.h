/*
 * statements.h - which statements the session has prepared. Private to core/db.
 *
 * A text is prepared when it is run for the second time, so that one-time statements (most commands) do no extra work.
 */
#ifndef NB_DB_STATEMENTS_H
#define NB_DB_STATEMENTS_H

#include <libpq-fe.h>

#include "base/base.h"

#define NB_STATEMENTS_MAX 64

struct nb_statements;

enum nb_statement_use {
    NB_STATEMENT_UNNAMED,  /* run it without preparing */
    NB_STATEMENT_PREPARE,  /* prepare it under the name, then run it */
    NB_STATEMENT_PREPARED, /* run it by its name */
    NB_STATEMENT_FULL,     /* drop all prepared statements of the session, then call again */
};

struct nb_statements *nb_statements_new(void);
void nb_statements_free(struct nb_statements **statements);
/* name is borrowed until the next call. */
enum nb_statement_use nb_statements_use(struct nb_statements *statements, const char *text, const char **name);
void nb_statements_prepared(struct nb_statements *statements,
                            const char *text); /* the server has it, or will, before what is sent next */
void nb_statements_unprepared(struct nb_statements *statements, const char *text); /* it could not be prepared */
void nb_statements_forget(struct nb_statements *statements);                       /* the session has none left */
/* Call with an answer by which a preparation was lost: a changed result type is healed by preparing again; a pooler that mixes sessions
 * is not, and none are used from now on. */
void nb_statements_lost(struct nb_statements *statements, const PGresult *answer);

/* Whether a statement was not executed because its preparation is missing (a pooler lost it) or its result type changed. */
bool nb_result_lost_preparation(const PGresult *result);

#endif
