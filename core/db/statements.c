/*
 * statements.c - the session's prepared statements, by text.
 */
#include "config.h"

#include "db/statements.h"

#include <stdio.h>

#include "base/vec.h"

struct statement {
    char *text;
    uint64_t hash;
    unsigned number; /* part of its name on the server */
    bool prepared;
};

struct nb_statements {
    NB_VEC(struct statement) known;
    unsigned last_number;
    bool disabled;
    char name[32];
};

struct nb_statements *nb_statements_new(void)
{
    return nb_calloc(1, sizeof(struct nb_statements));
}

void nb_statements_forget(struct nb_statements *statements)
{
    for (size_t i = 0; i < statements->known.count; i++)
        free(statements->known.data[i].text);
    nb_vec_clear(&statements->known);
}

void nb_statements_free(struct nb_statements **statements)
{
    if (!*statements)
        return;
    nb_statements_forget(*statements);
    nb_free(statements);
}

void nb_statements_lost(struct nb_statements *statements, const PGresult *answer)
{
    const char *sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);

    nb_statements_forget(statements);
    if (!sqlstate || strcmp(sqlstate, "0A000") != 0)
        statements->disabled = true;
}

static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

static struct statement *find(struct nb_statements *statements, const char *text, uint64_t hash)
{
    for (size_t i = 0; i < statements->known.count; i++) {
        struct statement *statement = &statements->known.data[i];
        if (statement->hash == hash && strcmp(statement->text, text) == 0)
            return statement;
    }
    return NULL;
}

enum nb_statement_use nb_statements_use(struct nb_statements *statements, const char *text, const char **name)
{
    if (statements->disabled)
        return NB_STATEMENT_UNNAMED;
    uint64_t hash = hash_text(text);
    struct statement *statement = find(statements, text, hash);
    if (!statement) {
        if (statements->known.count >= NB_STATEMENTS_MAX)
            return NB_STATEMENT_FULL;
        struct statement seen = {.text = nb_strdup(text), .hash = hash};
        nb_vec_push(&statements->known, seen);
        return NB_STATEMENT_UNNAMED;
    }
    if (!statement->prepared)
        statement->number = ++statements->last_number;
    snprintf(statements->name, sizeof(statements->name), "nightbell_%u", statement->number);
    *name = statements->name;
    return statement->prepared ? NB_STATEMENT_PREPARED : NB_STATEMENT_PREPARE;
}

void nb_statements_prepared(struct nb_statements *statements, const char *text)
{
    struct statement *statement = find(statements, text, hash_text(text));

    if (statement)
        statement->prepared = true;
}

void nb_statements_unprepared(struct nb_statements *statements, const char *text)
{
    struct statement *statement = find(statements, text, hash_text(text));

    if (statement)
        statement->prepared = false;
}

bool nb_result_lost_preparation(const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return sqlstate &&
           (strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "42P05") == 0 || strcmp(sqlstate, "0A000") == 0);
}
