/*
 * failure.c - SQLSTATEs to codes, libpq's messages to one line.
 */
#include "config.h"

#include "db/failure.h"
#include "db/query.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* The first matching prefix decides. */
static const struct rule {
    const char *prefix;
    int code;
    bool heals; /* a new attempt to connect may succeed */
} rules[] = {
    {"57014", NB_ECANCELLED, true},    /* query_canceled */
    {"57P04", NB_EUNREACHABLE, false}, /* database_dropped */
    {"57P", NB_EUNREACHABLE, true},    /* shutdown, crash, cannot connect now */
    {"3D000", NB_EUNREACHABLE, false}, /* no such database */
    {"53300", NB_EUNREACHABLE, true},  /* too many connections */
    {"08", NB_EUNREACHABLE, true},     /* connection exceptions */
    {"28", NB_EDENIED, false},         /* authorization */
    {"42501", NB_EDENIED, false},      /* insufficient_privilege */
    {"22", NB_EINVALID, true},         /* data exceptions */
    {"23", NB_EINVALID, true},         /* integrity constraints */
    {"02000", NB_ENOTFOUND, true},     /* no_data */
    {"P0002", NB_ENOTFOUND, true},     /* no_data_found */
    {"40", NB_ECONFLICT, true},        /* serialization failure, deadlock */
    {"55P03", NB_ECONFLICT, true},     /* lock_not_available */
};

static const struct rule *find_rule(const char *sqlstate)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(rules); i++)
        if (strncmp(sqlstate, rules[i].prefix, strlen(rules[i].prefix)) == 0)
            return &rules[i];
    return NULL;
}

int nb_failure_code(const char *sqlstate)
{
    const struct rule *rule = find_rule(sqlstate);

    return rule ? rule->code : NB_EFAILED;
}

bool nb_failure_heals(const struct nb_error *err)
{
    const struct rule *rule = find_rule(err->sqlstate);

    if (err->sqlstate[0])
        return !rule || rule->heals;
    return err->code != NB_EVERSION && err->code != NB_EDENIED;
}

/* The length of the first line without a full stop at its end. */
static int line_length(const char *text)
{
    size_t length = strcspn(text, "\n");

    while (length > 0 && (text[length - 1] == '.' || isspace((unsigned char)text[length - 1])))
        length--;
    return (int)length;
}

bool nb_failure_is_full(const struct nb_error *err)
{
    return strcmp(err->sqlstate, "53200") == 0;
}

/* The server's own hint only says how to configure more locks, not that one session may be holding them all. */
static void hint_full(struct nb_error *err)
{
    if (err && nb_failure_is_full(err))
        nb_error_hint(err, "the server's table of locks is full: see in pg_locks who holds so many, and end it "
                           "(pg_terminate_backend); or raise max_locks_per_transaction");
}

static void set_sqlstate(struct nb_error *err, const char *sqlstate)
{
    if (err && sqlstate && strlen(sqlstate) == 5)
        memcpy(err->sqlstate, sqlstate, 6);
}

static const char *field(const PGresult *result, int code)
{
    const char *text = PQresultErrorField(result, code);

    return text ? text : "";
}

/* " (line 12)" of a script, from the server's error position. */
static void name_line(char *text, size_t size, const PGresult *result, const char *script)
{
    unsigned long position = 0;
    unsigned line = 1;

    text[0] = '\0';
    if (!script || sscanf(field(result, PG_DIAG_STATEMENT_POSITION), "%lu", &position) != 1)
        return;
    /* The position counts characters, so continuation bytes are skipped. */
    for (unsigned long i = 1; *script && i < position; script++) {
        if (*script == '\n')
            line++;
        if (((unsigned char)script[1] & 0xC0) != 0x80)
            i++;
    }
    snprintf(text, size, " (line %u)", line);
}

int nb_error_set_sqlstate(struct nb_error *err, const char *sqlstate, const char *message, const char *hint)
{
    int code = nb_failure_code(sqlstate);

    nb_error_set(err, code, NB_DOMAIN_DATABASE, "%.*s", line_length(message), message);
    set_sqlstate(err, sqlstate);
    if (hint && *hint)
        nb_error_hint(err, "%.*s", line_length(hint), hint);
    return code;
}

int nb_failure_from_result(struct nb_error *err, const PGresult *result, const char *script)
{
    const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
    const char *message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = field(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = field(result, PG_DIAG_MESSAGE_HINT);
    int code = *sqlstate ? nb_failure_code(sqlstate) : NB_EUNREACHABLE;
    char line[32];

    if (!*message)
        message = PQresultErrorMessage(result);
    name_line(line, sizeof(line), result, script);
    nb_error_set(err, code, NB_DOMAIN_DATABASE, "%.*s%s%s%.*s", line_length(message), message, line,
                 *detail ? ": " : "", line_length(detail), detail);
    set_sqlstate(err, sqlstate);
    if (*hint)
        nb_error_hint(err, "%.*s", line_length(hint), hint);
    hint_full(err);
    return code;
}

/* libpq 15 has no accessor for the SQLSTATE of a failed connection. With PQERRORS_VERBOSE the message has it:
 * "FATAL:  28P01: no such …", where only the code is the same in every language. Returns what follows it, or NULL. */
static const char *find_sqlstate(const char *message, char sqlstate[6])
{
    for (const char *at = strstr(message, ":  "); at; at = strstr(at + 1, ":  ")) {
        const char *code = at + 3;
        size_t length = 0;
        while (length < 5 && (isdigit((unsigned char)code[length]) || isupper((unsigned char)code[length])))
            length++;
        if (length < 5 || code[5] != ':' || code[6] != ' ')
            continue;
        memcpy(sqlstate, code, 5);
        sqlstate[5] = '\0';
        return code + 7;
    }
    return NULL;
}

int nb_failure_from_connection(struct nb_error *err, const PGconn *pg)
{
    const char *message = PQerrorMessage(pg);
    char sqlstate[6] = "";
    const char *reason = find_sqlstate(message, sqlstate);
    int code = reason ? nb_failure_code(sqlstate) : NB_EUNREACHABLE;

    if (!reason && PQconnectionNeedsPassword(pg))
        code = NB_EDENIED;
    if (reason)
        message = reason;
    if (!*message)
        message = "the server closed the connection";
    nb_error_set(err, code, NB_DOMAIN_DATABASE, "%.*s", line_length(message), message);
    set_sqlstate(err, sqlstate);
    hint_full(err);
    return code;
}
