/*
 * migrate.c - creates and upgrades the schema, and reports on it.
 */
#include "config.h"

#include "schema/migrate.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "db/server_query.h"
#include "db/version.h"
#include "schema/upkeep.h"

/* ---- the embedded and the installed schema ---- */

/* The schema's version after a migration, by its index. */
static int version_after(size_t migration)
{
    return (int)strtol(nb_sql_migrations[migration].name, NULL, 10);
}

struct plan {
    struct nb_arena *arena;
    const char **migrations;  /* checksums of the embedded ones, in order */
    const char *definitions;  /* checksum of all embedded definitions */
    int installed;            /* version */
    bool definitions_current; /* installed and embedded ones are the same */
};

static void plan_init(struct plan *plan)
{
    *plan = (struct plan){.arena = nb_arena_new()};
}

static void plan_clear(struct plan *plan)
{
    nb_arena_free(&plan->arena);
}

/* All definitions as one text, with their names, which decide their order. */
static char *definitions_text(void)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    for (size_t i = 0; i < nb_sql_definition_count; i++)
        nb_strbuf_appendf(&text, "-- %s\n%s\n", nb_sql_definitions[i].name, nb_sql_definitions[i].text);
    return nb_strbuf_take(&text);
}

/* Lets the server compute the checksums: it has SHA-256, so no library is needed here. */
static int plan_embedded(struct plan *plan, struct nb_connection *connection, struct nb_error *err)
{
    size_t count = nb_sql_migration_count;
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    const char **texts = nb_calloc(count + 1, sizeof(*texts));
    char *definitions = definitions_text();
    int rc;

    for (size_t i = 0; i < count; i++)
        texts[i] = nb_sql_migrations[i].text;
    texts[count] = definitions;
    nb_params_text_array(params, texts, count + 1);
    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_CHECKSUMS, params, &result, err)) != 0)
        goto out;
    plan->migrations = nb_arena_alloc(plan->arena, count * sizeof(*plan->migrations));
    for (size_t i = 0; i < count; i++)
        plan->migrations[i] = nb_result_text_in(result, i, 0, plan->arena);
    plan->definitions = nb_result_text_in(result, count, 0, plan->arena);
out:
    nb_result_free(&result);
    nb_free(&texts);
    nb_free(&definitions);
    return rc;
}

static int check_recorded(const struct plan *plan, const struct nb_result *result, size_t row, struct nb_error *err)
{
    int version = (int)nb_result_int(result, row, 0);

    for (size_t i = 0; i < nb_sql_migration_count; i++) {
        if (version_after(i) != version)
            continue;
        if (strcmp(nb_result_text(result, row, 2), plan->migrations[i]) == 0)
            return 0;
        nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE,
                     "migration %s was applied to this database with another text than this program's",
                     nb_sql_migrations[i].name);
        nb_error_hint(err, "install the nightbell that made this schema, or begin with an empty database");
        return NB_EVERSION;
    }
    return nb_schema_check_version(version, err);
}

/* Reads what is installed. checked: refuses migrations that differ from ours, or that are newer than this program. */
static int plan_installed(struct plan *plan, bool checked, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc;

    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_MIGRATIONS, NULL, &result, err)) != 0)
        return rc;
    for (size_t i = 0; i < nb_result_rows(result) && rc == 0; i++) {
        plan->installed = (int)nb_result_int(result, i, 0);
        const char *definitions = nb_result_text(result, i, 3);
        plan->definitions_current = definitions && strcmp(definitions, plan->definitions) == 0;
        if (checked)
            rc = check_recorded(plan, result, i, err);
    }
    nb_result_free(&result);
    return rc;
}

/* ---- applying ---- */

static int run_script(struct nb_connection *connection, enum nb_sql_script script, struct nb_error *err)
{
    return nb_query_script_wait(connection, nb_sql_scripts[script].text, err);
}

/* Names the file that failed, keeping what the database said about it. */
static int name_failed(struct nb_error *err, const char *name)
{
    if (!err)
        return NB_EFAILED;
    struct nb_error cause = *err;

    nb_error_set(err, cause.code, cause.domain, "%s: %s", name, cause.message);
    memcpy(err->sqlstate, cause.sqlstate, sizeof(err->sqlstate));
    memcpy(err->hint, cause.hint, sizeof(err->hint));
    return cause.code;
}

static int apply_migration(const struct plan *plan, size_t index, struct nb_connection *connection,
                           struct nb_error *err)
{
    const struct nb_sql_text *migration = &nb_sql_migrations[index];
    struct nb_params *params = NULL;
    int rc;

    if ((rc = nb_query_script_wait(connection, migration->text, err)) != 0)
        return name_failed(err, migration->name);
    params = nb_params_new();
    nb_params_int(params, version_after(index));
    nb_params_text(params, migration->name);
    nb_params_text(params, plan->migrations[index]);
    return nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_RECORD_MIGRATION, params, NULL, err);
}

static int apply_definitions(const struct plan *plan, size_t index, struct nb_connection *connection,
                             struct nb_error *err)
{
    struct nb_params *params = NULL;
    int rc;

    (void)index;
    for (size_t i = 0; i < nb_sql_definition_count; i++)
        if ((rc = nb_query_script_wait(connection, nb_sql_definitions[i].text, err)) != 0)
            return name_failed(err, nb_sql_definitions[i].name);
    params = nb_params_new();
    nb_params_text(params, plan->definitions);
    return nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_RECORD_DEFINITIONS, params, NULL, err);
}

typedef int apply_function(const struct plan *plan, size_t index, struct nb_connection *connection,
                           struct nb_error *err);

/* Runs one step in a transaction of its own, as the schema's owner. */
static int in_transaction(apply_function *apply, const struct plan *plan, size_t index,
                          struct nb_connection *connection, struct nb_error *err)
{
    struct nb_error local = {0};
    int rc;

    if (!err)
        err = &local; /* name_failed() needs the message */
    if ((rc = run_script(connection, NB_SCRIPT_SCHEMA_BEGIN, err)) != 0)
        return rc;
    if ((rc = apply(plan, index, connection, err)) != 0) {
        struct nb_error ignored;
        (void)!run_script(connection, NB_SCRIPT_SCHEMA_ROLLBACK, &ignored);
        return rc;
    }
    return run_script(connection, NB_SCRIPT_SCHEMA_COMMIT, err);
}

/* Runs as the schema's owner: the login may have no rights of its own. */
static int make_partitions(struct nb_connection *connection, struct nb_error *err)
{
    struct nb_rotation rotation;
    struct nb_error ignored;
    int rc;

    if ((rc = run_script(connection, NB_SCRIPT_SCHEMA_OWNER, err)) != 0)
        return rc;
    rc = nb_partitions_ahead(&rotation, connection, err);
    (void)!run_script(connection, NB_SCRIPT_SCHEMA_OWNER_END, &ignored);
    return rc;
}

/* Somebody may have loosened rights by hand although the checksum is the same; then the definitions are applied
 * again. */
static int was_opened(bool *opened, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    struct nb_error ignored;
    int rc;

    if ((rc = run_script(connection, NB_SCRIPT_SCHEMA_OWNER, err)) != 0)
        return rc;
    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_PROBLEMS, NULL, &result, err)) == 0)
        *opened = nb_result_rows(result) > 0;
    nb_result_free(&result);
    (void)!run_script(connection, NB_SCRIPT_SCHEMA_OWNER_END, &ignored);
    return rc;
}

static void say(nb_migrate_progress *progress, void *arg, const char *step)
{
    if (progress)
        progress(arg, step);
}

static int apply_plan(const struct plan *plan, struct nb_connection *connection, nb_migrate_progress *progress,
                      void *arg, struct nb_error *err)
{
    bool stale = !plan->definitions_current;
    int rc;

    for (size_t i = 0; i < nb_sql_migration_count; i++) {
        if (version_after(i) <= plan->installed)
            continue;
        say(progress, arg, nb_sql_migrations[i].name);
        if ((rc = in_transaction(apply_migration, plan, i, connection, err)) != 0)
            return rc;
        stale = true;
    }
    if (!stale && (rc = was_opened(&stale, connection, err)) != 0)
        return rc;
    if (stale) {
        say(progress, arg, "functions, views and policies");
        if ((rc = in_transaction(apply_definitions, plan, 0, connection, err)) != 0 ||
            (rc = run_script(connection, NB_SCRIPT_SCHEMA_FORGET_STATISTICS, err)) != 0)
            return rc;
    }
    say(progress, arg, "partitions");
    return make_partitions(connection, err);
}

static int migrate_locked(struct nb_connection *connection, nb_migrate_progress *progress, void *arg,
                          struct nb_error *err)
{
    struct nb_error ignored;
    struct plan plan;
    int rc;

    plan_init(&plan);
    say(progress, arg, "roles and schema");
    if ((rc = run_script(connection, NB_SCRIPT_SCHEMA_PREPARE, err)) != 0) {
        (void)!run_script(connection, NB_SCRIPT_SCHEMA_ROLLBACK, &ignored);
        goto out;
    }
    if ((rc = plan_embedded(&plan, connection, err)) != 0 || (rc = plan_installed(&plan, true, connection, err)) != 0)
        goto out;
    rc = apply_plan(&plan, connection, progress, arg, err);
out:
    plan_clear(&plan);
    return rc;
}

int nb_migrate(struct nb_connection *connection, nb_migrate_progress *progress, void *arg, struct nb_error *err)
{
    struct nb_error ignored;
    int rc;

    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_LOCK, NULL, NULL, err)) != 0)
        return rc;
    rc = migrate_locked(connection, progress, arg, err);
    (void)!nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_UNLOCK, NULL, NULL, &ignored);
    return rc;
}

/* ---- reporting ---- */

/* The first word of a problem decides to which list it belongs. */
static int read_problems(struct nb_schema_status *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_strbuf lists[4];
    static const char *const first_words[NB_ARRAY_SIZE(lists)] = {"table", "function", "column", "grant"};
    struct nb_result *result = NULL;
    int rc;

    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_PROBLEMS, NULL, &result, err)) != 0)
        return rc;
    for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++)
        nb_strbuf_init(&lists[i], SIZE_MAX / 2);
    for (size_t row = 0; row < nb_result_rows(result); row++)
        for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++)
            if (strncmp(nb_result_text(result, row, 0), first_words[i], strlen(first_words[i])) == 0)
                nb_strbuf_appendf(&lists[i], "%s\n", nb_result_text(result, row, 1));
    nb_result_free(&result);
    for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++)
        if (lists[i].length > 0)
            nb_strbuf_truncate(&lists[i], lists[i].length - 1);
    out->tables_without_forced_row_security = nb_strbuf_take(&lists[0]);
    out->functions_without_pinned_path = nb_strbuf_take(&lists[1]);
    out->columns_with_statistics = nb_strbuf_take(&lists[2]);
    out->grants_to_public = nb_strbuf_take(&lists[3]);
    return 0;
}

int nb_schema_status(struct nb_schema_status *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_schema_status status = {.embedded = nb_schema_embedded_version()};
    struct nb_result *result = NULL;
    struct plan plan;
    int rc;

    plan_init(&plan);
    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_SCHEMA_EXISTS, NULL, &result, err)) != 0)
        goto out;
    if (!nb_result_bool(result, 0, 0)) {
        status.tables_without_forced_row_security = nb_strdup("");
        status.functions_without_pinned_path = nb_strdup("");
        status.columns_with_statistics = nb_strdup("");
        status.grants_to_public = nb_strdup("");
        goto out;
    }
    if ((rc = plan_embedded(&plan, connection, err)) != 0 ||
        (rc = plan_installed(&plan, false, connection, err)) != 0 ||
        (rc = read_problems(&status, connection, err)) != 0)
        goto out;
    status.installed = plan.installed;
    status.definitions_current = plan.definitions_current;
out:
    nb_result_free(&result);
    plan_clear(&plan);
    if (rc == 0)
        *out = status;
    return rc;
}

void nb_schema_status_clear(struct nb_schema_status *status)
{
    nb_free(&status->tables_without_forced_row_security);
    nb_free(&status->functions_without_pinned_path);
    nb_free(&status->columns_with_statistics);
    nb_free(&status->grants_to_public);
}
