/*
 * local.c - the private cluster as its users see it: status, start, stop, destroy.
 *
 * A start makes everything that a usable database needs: cluster, server, database, schema and logins. Each step first
 * checks whether it is done already, so that the next start finishes an interrupted one.
 */
#include "config.h"

#include "local/local.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/server_query.h"
#include "local/server.h"
#include "schema/migrate.h"

static const char *const state_names[] = {
    [NB_LOCAL_ABSENT] = "absent",     [NB_LOCAL_STOPPED] = "stopped", [NB_LOCAL_CRASHED] = "crashed",
    [NB_LOCAL_STARTING] = "starting", [NB_LOCAL_RUNNING] = "running",
};

const char *nb_local_state_name(enum nb_local_state state)
{
    return state_names[state];
}

/* ---- status ---- */

/* The socket's directory has no quotes or backslashes (place.c ensures it), but may have blanks. */
static void write_dsn(char *out, size_t size, const char *socket_directory, const char *database, const char *login)
{
    const char *quote = strchr(socket_directory, ' ') != NULL ? "'" : "";

    snprintf(out, size, "host=%s%s%s port=%d dbname=%s user=%s", quote, socket_directory, quote, NB_LOCAL_PORT,
             database, login);
}

static enum nb_local_state state_of(const struct nb_local_place *place, const struct nb_local_server *server)
{
    if (!nb_local_place_is_marked(place) || nb_local_server_data_version(place) == 0)
        return NB_LOCAL_ABSENT;
    if (server->pid != 0)
        return server->ready ? NB_LOCAL_RUNNING : NB_LOCAL_STARTING;
    return server->stale ? NB_LOCAL_CRASHED : NB_LOCAL_STOPPED;
}

static void fill_status(struct nb_local_status *out, const struct nb_local_place *place)
{
    struct nb_local_server server;
    const char *sockets;

    nb_local_server_look(&server, place);
    *out = (struct nb_local_status){.state = state_of(place, &server)};
    out->exists = out->state != NB_LOCAL_ABSENT;
    out->running = out->state == NB_LOCAL_RUNNING;
    out->pid = out->exists ? server.pid : 0;
    out->replaced = out->running && server.replaced;
    out->version = nb_local_server_data_version(place);
    /* A running server's pid file names its socket: the environment may have changed since the start. */
    sockets = server.socket_directory[0] != '\0' ? server.socket_directory : place->socket_directory;
    snprintf(out->directory, sizeof(out->directory), "%s", place->directory);
    snprintf(out->socket_directory, sizeof(out->socket_directory), "%s", sockets);
    write_dsn(out->dsn, sizeof(out->dsn), sockets, NB_LOCAL_DATABASE, NB_LOCAL_LOGIN_CLIENT);
    write_dsn(out->producer_dsn, sizeof(out->producer_dsn), sockets, NB_LOCAL_DATABASE, NB_LOCAL_LOGIN_PRODUCER);
    write_dsn(out->worker_dsn, sizeof(out->worker_dsn), sockets, NB_LOCAL_DATABASE, NB_LOCAL_LOGIN_WORKER);
    write_dsn(out->gateway_dsn, sizeof(out->gateway_dsn), sockets, NB_LOCAL_DATABASE, NB_LOCAL_LOGIN_GATEWAY);
    write_dsn(out->admin_dsn, sizeof(out->admin_dsn), sockets, NB_LOCAL_DATABASE, NB_LOCAL_LOGIN_ADMINISTRATOR);
}

/* Tells a directory that the caller may not enter from one that does not exist. */
static int check_readable(const struct nb_local_place *place, struct nb_error *err)
{
    struct stat st;

    if (lstat(place->directory, &st) != 0 || access(place->directory, X_OK) == 0)
        return 0;
    nb_error_set(err, NB_EDENIED, NB_DOMAIN_SYSTEM, "the local cluster in %s belongs to user id %lu, not to you",
                 place->directory, (unsigned long)st.st_uid);
    return nb_error_hint(err, "run nightbell as that user, or choose a directory of your own with "
                              "NIGHTBELL_LOCAL_DIR");
}

int nb_local_status(struct nb_local_status *out, const char *directory, struct nb_error *err)
{
    struct nb_local_place *place = NULL;
    int rc;

    if ((rc = nb_local_place_new(&place, directory, err)) != 0)
        return rc;
    if ((rc = check_readable(place, err)) == 0)
        fill_status(out, place);
    nb_local_place_free(&place);
    return rc;
}

/* ---- database, schema, logins ---- */

static int open_database(struct nb_connection **out, struct nb_loop *loop, const char *sockets, const char *database,
                         struct nb_error *err)
{
    char dsn[640];
    struct nb_connection_options options = {
        .dsn = dsn, .application_name = "nightbell local", .skip_version_check = true};
    int rc;

    write_dsn(dsn, sizeof(dsn), sockets, database, NB_LOCAL_LOGIN_ADMINISTRATOR);
    if ((rc = nb_connection_new(out, loop, &options, err)) != 0)
        return rc;
    if ((rc = nb_connection_wait_ready(*out, err)) != 0)
        nb_connection_free(out);
    return rc;
}

static int create_database(struct nb_loop *loop, const char *sockets, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_result *result = NULL;
    int rc;

    if ((rc = open_database(&connection, loop, sockets, "postgres", err)) != 0)
        return rc;
    if ((rc = nb_server_query_wait(connection, NB_SERVER_SQL_LOCAL_HAS_DATABASE, NULL, &result, err)) != 0)
        goto out;
    if (!nb_result_bool(result, 0, 0))
        rc = nb_query_script_wait(connection, nb_sql_scripts[NB_SCRIPT_LOCAL_DATABASE].text, err);
out:
    nb_result_free(&result);
    nb_connection_free(&connection);
    return rc;
}

static int prepare_database(const char *sockets, nb_local_progress *progress, void *arg, struct nb_error *err)
{
    struct nb_loop *loop = NULL;
    struct nb_connection *connection = NULL;
    int rc;

    if ((rc = nb_loop_new(&loop, err)) != 0 || (rc = create_database(loop, sockets, err)) != 0 ||
        (rc = open_database(&connection, loop, sockets, NB_LOCAL_DATABASE, err)) != 0 ||
        (rc = nb_migrate(connection, progress, arg, err)) != 0)
        goto out;
    rc = nb_query_script_wait(connection, nb_sql_scripts[NB_SCRIPT_LOCAL_LOGINS].text, err);
out:
    nb_connection_free(&connection);
    nb_loop_free(&loop);
    return rc;
}

/* ---- start, stop, destroy ---- */

static void say(nb_local_progress *progress, void *arg, const char *step)
{
    if (progress != NULL)
        progress(arg, step);
}

static int start_server(struct nb_local_place *place, nb_local_progress *progress, void *arg, struct nb_error *err)
{
    struct nb_local_server server;
    int rc;

    if (nb_local_server_data_version(place) == 0) {
        say(progress, arg, "making a private PostgreSQL cluster");
        if ((rc = nb_local_server_create(place, err)) != 0)
            return rc;
    }
    nb_local_server_look(&server, place);
    if (server.ready && !server.replaced)
        return 0;
    if (server.replaced) {
        say(progress, arg, "restarting it: PostgreSQL was upgraded under it");
        if ((rc = nb_local_server_stop(place, err)) != 0)
            return rc;
        return nb_local_server_start(place, err);
    }
    say(progress, arg, server.stale ? "starting it again: it had been killed" : "starting it");
    return nb_local_server_start(place, err);
}

int nb_local_start(const char *directory, nb_local_progress *progress, void *arg, struct nb_error *err)
{
    struct nb_local_place *place = NULL;
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_place_new(&place, directory, err)) != 0)
        return rc;
    if ((rc = nb_local_place_claim(place, err)) == 0 && (rc = start_server(place, progress, arg, err)) == 0) {
        fill_status(&status, place);
        rc = prepare_database(status.socket_directory, progress, arg, err);
    }
    nb_local_place_free(&place);
    return rc;
}

int nb_local_stop(const char *directory, struct nb_error *err)
{
    struct nb_local_place *place = NULL;
    int rc;

    if ((rc = nb_local_place_new(&place, directory, err)) != 0)
        return rc;
    if ((rc = nb_local_place_lock(place, err)) == 0)
        rc = nb_local_server_stop(place, err);
    nb_local_place_free(&place);
    return rc;
}

int nb_local_destroy(const char *directory, struct nb_error *err)
{
    struct nb_local_place *place = NULL;
    int rc;

    if ((rc = nb_local_place_new(&place, directory, err)) != 0)
        return rc;
    if ((rc = nb_local_place_lock(place, err)) == 0 && (rc = nb_local_server_stop(place, err)) == 0)
        rc = nb_local_place_remove(place, err);
    nb_local_place_free(&place);
    return rc;
}
