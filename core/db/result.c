/*
 * result.c - reads binary results.
 */
#include "config.h"

#include "db/result.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Type oids that never change (PostgreSQL's catalog/pg_type.dat). */
enum {
    OID_BOOL = 16,
    OID_CHAR = 18,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_JSON = 114,
    OID_UNKNOWN = 705,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_TIMESTAMPTZ = 1184,
    OID_UUID = 2950,
    OID_JSONB = 3802,
    OID_XID8 = 5069,
};

/* 2000-01-01, the epoch of PostgreSQL's timestamps, in microseconds since 1970. */
#define POSTGRES_EPOCH INT64_C(946684800000000)

void nb_result_free(struct nb_result **result)
{
    if (!*result)
        return;
    PQclear((*result)->pg);
    nb_free(result);
}

size_t nb_result_rows(const struct nb_result *result)
{
    return (size_t)PQntuples(result->pg);
}

int nb_result_columns(const struct nb_result *result)
{
    return PQnfields(result->pg);
}

const char *nb_result_column_name(const struct nb_result *result, int column)
{
    return PQfname(result->pg, column);
}

int64_t nb_result_affected(const struct nb_result *result)
{
    return strtoll(PQcmdTuples(result->pg), NULL, 10);
}

bool nb_result_is_null(const struct nb_result *result, size_t row, int column)
{
    return PQgetisnull(result->pg, (int)row, column);
}

NB_NORETURN static void wrong_type(const struct nb_result *result, int column, const char *wanted)
{
    char message[256];
    const char *name = PQfname(result->pg, column);

    snprintf(message, sizeof(message), "result column %d (%s) has type %u, not %s", column, name ? name : "none",
             PQftype(result->pg, column), wanted);
    nb_fatal(message);
}

/* The bytes of a value of fixed size, which is checked; NULL for SQL NULL. */
static const unsigned char *fixed(const struct nb_result *result, size_t row, int column, int size, const char *wanted)
{
    if (PQgetisnull(result->pg, (int)row, column))
        return NULL;
    if (PQgetlength(result->pg, (int)row, column) != size)
        wrong_type(result, column, wanted);
    return (const unsigned char *)PQgetvalue(result->pg, (int)row, column);
}

static uint64_t big_endian(const unsigned char *bytes, int size)
{
    uint64_t value = 0;

    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

const char *nb_result_text(const struct nb_result *result, size_t row, int column)
{
    int skipped = 0;

    switch (PQftype(result->pg, column)) {
    case OID_JSONB:
        skipped = 1; /* binary jsonb begins with a version byte */
        break;
    case OID_TEXT:
    case OID_VARCHAR:
    case OID_BPCHAR:
    case OID_NAME:
    case OID_CHAR:
    case OID_JSON:
    case OID_UNKNOWN:
        break;
    default:
        wrong_type(result, column, "text");
    }
    if (PQgetisnull(result->pg, (int)row, column))
        return NULL;
    return PQgetvalue(result->pg, (int)row, column) + skipped;
}

char *nb_result_text_in(const struct nb_result *result, size_t row, int column, struct nb_arena *arena)
{
    return nb_arena_strdup(arena, nb_result_text(result, row, column));
}

bool nb_result_bool(const struct nb_result *result, size_t row, int column)
{
    if (PQftype(result->pg, column) != OID_BOOL)
        wrong_type(result, column, "boolean");
    const unsigned char *bytes = fixed(result, row, column, 1, "boolean");

    return bytes && bytes[0];
}

int64_t nb_result_int(const struct nb_result *result, size_t row, int column)
{
    int size = 8;

    switch (PQftype(result->pg, column)) {
    case OID_INT2:
        size = 2;
        break;
    case OID_INT4:
    case OID_OID:
        size = 4;
        break;
    case OID_INT8:
    case OID_XID8:
        break;
    default:
        wrong_type(result, column, "an integer");
    }
    const unsigned char *bytes = fixed(result, row, column, size, "an integer");
    if (!bytes)
        return 0;
    uint64_t value = big_endian(bytes, size);
    if (PQftype(result->pg, column) == OID_OID)
        return (int64_t)value;
    return size == 2 ? (int16_t)value : size == 4 ? (int32_t)value : (int64_t)value;
}

int64_t nb_result_time(const struct nb_result *result, size_t row, int column)
{
    int64_t time;

    if (PQftype(result->pg, column) != OID_TIMESTAMPTZ)
        wrong_type(result, column, "timestamptz");
    const unsigned char *bytes = fixed(result, row, column, 8, "timestamptz");
    if (!bytes)
        return NB_TIME_NONE;
    int64_t since_2000 = (int64_t)big_endian(bytes, 8);
    if (since_2000 == INT64_MIN) /* -infinity, which must differ from NB_TIME_NONE */
        return INT64_MIN + 1;
    return __builtin_add_overflow(since_2000, POSTGRES_EPOCH, &time) ? INT64_MAX : time;
}

struct nb_uuid nb_result_uuid(const struct nb_result *result, size_t row, int column)
{
    struct nb_uuid uuid = {{0}};

    if (PQftype(result->pg, column) != OID_UUID)
        wrong_type(result, column, "uuid");
    const unsigned char *bytes = fixed(result, row, column, sizeof(uuid.bytes), "uuid");
    if (bytes)
        memcpy(uuid.bytes, bytes, sizeof(uuid.bytes));
    return uuid;
}
