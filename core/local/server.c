/*
 * server.c - the private cluster's server: made by initdb, run by postgres itself.
 *
 * pg_ctl is not used: it starts the server through a shell, which the directory's name could break, and it trusts a
 * stale pid file whose number another process has by now.
 */
#include "config.h"

#include "local/server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "local/programs.h"

#define START_SECONDS 120 /* includes recovery after a crash */
#define STOP_SECONDS  60

/* ---- the files of a running server ---- */

/* Lines of postmaster.pid, as PostgreSQL's miscadmin.h numbers them. */
enum { LINE_PID = 1, LINE_SOCKET = 5, LINE_STATUS = 8 };

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Whether the process has the data directory as its working directory and the same owner, as every server process
 * has. */
static bool works_in_data(const struct nb_local_place *place, int pid)
{
    char name[64];
    struct stat work, data, process;

    snprintf(name, sizeof(name), "/proc/%d", pid);
    if (stat(place->data, &data) != 0 || stat(name, &process) != 0 || process.st_uid != data.st_uid)
        return false;
    snprintf(name, sizeof(name), "/proc/%d/cwd", pid);
    return stat(name, &work) == 0 && work.st_dev == data.st_dev && work.st_ino == data.st_ino;
}

static bool has_proc(void)
{
    return access("/proc/self", F_OK) == 0;
}

/* The number in a pid file proves nothing: after a crash another process may have it. */
static bool is_our_server(const struct nb_local_place *place, int pid)
{
    if (pid <= 1 || (kill(pid, 0) != 0 && errno == ESRCH))
        return false;
    return !has_proc() || works_in_data(place, pid);
}

/* An upgrade replaces the program's file. The running server keeps the old one, but new sessions load the new version's
 * libraries and fail. */
static bool runs_deleted_program(int pid)
{
    static const char deleted[] = " (deleted)";
    char name[64], target[4096];
    ssize_t length;

    snprintf(name, sizeof(name), "/proc/%d/exe", pid);
    length = readlink(name, target, sizeof(target));
    return length > (ssize_t)strlen(deleted) &&
           memcmp(target + length - strlen(deleted), deleted, strlen(deleted)) == 0;
}

void nb_local_server_look(struct nb_local_server *out, const struct nb_local_place *place)
{
    char *path = nb_asprintf("%s/postmaster.pid", place->data);
    FILE *file = fopen(path, "re");
    char line[1024];
    int pid = 0;

    *out = (struct nb_local_server){0};
    for (int number = 1; file != NULL && fgets(line, sizeof(line), file) != NULL; number++) {
        line[strcspn(line, "\n")] = '\0';
        if (number == LINE_PID)
            pid = (int)strtol(line, NULL, 10);
        else if (number == LINE_SOCKET && strlen(line) < sizeof(out->socket_directory))
            memcpy(out->socket_directory, line, strlen(line) + 1);
        else if (number == LINE_STATUS)
            out->ready = starts_with(line, "ready");
    }
    if (file != NULL) {
        fclose(file);
        if (is_our_server(place, pid)) {
            out->pid = pid;
            out->replaced = runs_deleted_program(pid);
        } else {
            *out = (struct nb_local_server){.stale = true};
        }
    }
    free(path);
}

int nb_local_server_data_version(const struct nb_local_place *place)
{
    char *path = nb_asprintf("%s/PG_VERSION", place->data);
    FILE *file = fopen(path, "re");
    char line[32] = "";
    int version = 0;

    if (file != NULL) {
        if (fgets(line, sizeof(line), file) != NULL)
            version = (int)strtol(line, NULL, 10);
        fclose(file);
    }
    free(path);
    return version;
}

/* ---- creating the data directory ---- */

/* Both locales sort by bytes; C.UTF-8, if the system has it, also knows the letters of all scripts. */
static const char *cluster_locale(void)
{
    locale_t locale = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);

    if (locale == (locale_t)0)
        return "--locale=C";
    freelocale(locale);
    return "--locale=C.UTF-8";
}

static int run_initdb(struct nb_local_place *place, const struct nb_local_programs *programs, const char *fresh,
                      struct nb_error *err)
{
    const char *argv[] = {programs->initdb,
                          "--encoding=UTF8",
                          cluster_locale(),
                          "--data-checksums",
                          "--auth-local=peer",
                          "--auth-host=reject",
                          "--username=" NB_LOCAL_LOGIN_ADMINISTRATOR,
                          "--no-instructions",
                          "-D",
                          fresh,
                          NULL};
    struct nb_process_options options = {
        .argv = argv, .environment = nb_local_environment, .directory = fresh, .account = place->account};
    int rc = nb_process_run(&options, NULL, err);

    if (rc != 0 && place->account != NULL && access(fresh, F_OK) == 0)
        nb_error_hint(err,
                      "the account %s has to be able to enter the directories above it; another "
                      "place can be chosen with NIGHTBELL_LOCAL_DIR",
                      place->account->name);
    return rc;
}

int nb_local_server_create(struct nb_local_place *place, struct nb_error *err)
{
    char *fresh = nb_local_place_path(place, "data.new");
    struct nb_local_programs programs;
    int rc;

    if ((rc = nb_local_programs_find(&programs, 0, err)) != 0)
        goto out;
    if ((rc = nb_local_place_remove_tree(fresh, err)) != 0 ||
        (rc = nb_local_place_make_private(place, fresh, err)) != 0 ||
        (rc = run_initdb(place, &programs, fresh, err)) != 0)
        goto out;
    if (rename(fresh, place->data) != 0)
        rc = nb_error_errno(err, errno, "rename %s", fresh);
out:
    nb_local_programs_clear(&programs);
    free(fresh);
    return rc;
}

/* ---- settings ---- */

static const char configuration[] =
    "# Written by `nightbell local start` at every start: edits are lost.\n"
    "# ALTER SYSTEM works (data/postgresql.auto.conf), and so does a file own.conf beside this "
    "one.\n"
    "\n"
    "listen_addresses = ''\n"
    "unix_socket_permissions = 0700\n"
    "cluster_name = 'nightbell'\n"
    "max_connections = 100\n"
    "shared_buffers = 128MB\n"
    "jit = off\n"
    "wal_level = minimal\n"
    "max_wal_senders = 0\n"
    "max_wal_size = 512MB\n"
    "timezone = 'UTC'\n"
    "log_timezone = 'UTC'\n"
    "lc_messages = 'C'\n"
    "logging_collector = on\n"
    "log_directory = '../log'\n"
    "log_filename = 'postgresql-%u.log'\n"
    "log_rotation_age = 1d\n"
    "log_rotation_size = 0\n"
    "log_truncate_on_rotation = on\n"
    "log_file_mode = 0600\n"
    "log_line_prefix = '%m [%p] %q%u@%d '\n";

static const char access_rules[] =
    "# Written by `nightbell local start`. Who is asking is what the operating system says.\n"
    "local all all peer map=nightbell\n";

static void allow_account(struct nb_strbuf *text, const char *account)
{
    static const char *const logins[] = {NB_LOCAL_LOGIN_CLIENT, NB_LOCAL_LOGIN_PRODUCER, NB_LOCAL_LOGIN_WORKER,
                                         NB_LOCAL_LOGIN_GATEWAY, NB_LOCAL_LOGIN_ADMINISTRATOR};

    for (size_t i = 0; i < NB_ARRAY_SIZE(logins); i++)
        nb_strbuf_appendf(text, "nightbell \"%s\" %s\n", account, logins[i]);
}

static int write_account_map(struct nb_local_place *place, struct nb_error *err)
{
    struct nb_account *owner = NULL;
    struct nb_strbuf text;
    int rc;

    nb_strbuf_init(&text, 16 * 1024);
    if ((rc = nb_account_by_uid(&owner, nb_local_place_server_uid(place), err)) != 0)
        goto out;
    nb_strbuf_append(&text, "# map, account of the system, login of the database\n");
    allow_account(&text, owner->name);
    allow_account(&text, "root");
    if ((rc = nb_strbuf_check(&text, "pg_ident.conf", err)) != 0)
        goto out;
    rc = nb_local_place_write(place, "settings/pg_ident.conf", text.data, err);
out:
    nb_account_free(&owner);
    nb_strbuf_clear(&text);
    return rc;
}

static int write_settings(struct nb_local_place *place, struct nb_error *err)
{
    int rc;

    if ((rc = nb_local_place_write(place, "settings/postgresql.conf", configuration, err)) != 0 ||
        (rc = nb_local_place_write(place, "settings/pg_hba.conf", access_rules, err)) != 0)
        return rc;
    return write_account_map(place, err);
}

/* ---- starting and stopping ---- */

static void wait_a_moment(void)
{
    struct timespec moment = {.tv_nsec = 20 * 1000 * 1000};

    nanosleep(&moment, NULL);
}

static time_t monotonic_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static int spawn(struct nb_local_place *place, const struct nb_local_programs *programs, pid_t *pid,
                 struct nb_error *err)
{
    char *config = nb_asprintf("config_file=%s/postgresql.conf", place->settings);
    char *rules = nb_asprintf("hba_file=%s/pg_hba.conf", place->settings);
    char *accounts = nb_asprintf("ident_file=%s/pg_ident.conf", place->settings);
    char *sockets = nb_asprintf("unix_socket_directories=%s", place->socket_directory);
    char *startup = nb_local_place_path(place, "startup.log");
    const char *argv[] = {programs->postgres, "-D", place->data, "-c", config, "-c", rules, "-c",
                          accounts,           "-c", sockets,     NULL};
    struct nb_process_options options = {
        .argv = argv, .environment = nb_local_environment, .directory = place->data, .account = place->account};
    int rc, fd = open(startup, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0)
        rc = nb_error_errno(err, errno, "write %s", startup);
    else
        rc = nb_process_start_detached(&options, fd, pid, err);
    if (fd >= 0)
        close(fd);
    free(config);
    free(rules);
    free(accounts);
    free(sockets);
    free(startup);
    return rc;
}

/* The log file of today: after its start the server logs to a file per weekday (log_filename). */
static char *log_path(const struct nb_local_place *place)
{
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    return nb_asprintf("%s/log/postgresql-%d.log", place->directory, utc.tm_wday == 0 ? 7 : utc.tm_wday);
}

/* The log's length before the start: older lines do not concern it. */
static long log_end(const struct nb_local_place *place)
{
    char *path = log_path(place);
    struct stat st;
    long end = stat(path, &st) == 0 ? (long)st.st_size : 0;

    free(path);
    return end;
}

/* The last FATAL line of a server's log file; leaves text unchanged if there is none. */
static void last_fatal(const char *path, long from, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    const char *found;

    if (file != NULL && fseek(file, from, SEEK_SET) != 0)
        rewind(file);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if ((found = strstr(line, "FATAL:  ")) != NULL || (found = strstr(line, "PANIC:  ")) != NULL)
            (void)nb_text_format(text, size, ": %.400s", found + strlen("FATAL:  "));
        else if (starts_with(line, "postgres: "))
            (void)nb_text_format(text, size, ": %.400s", line + strlen("postgres: "));
    }
    if (file != NULL)
        fclose(file);
}

static int did_not_start(const struct nb_local_place *place, const char *what, long log_from, struct nb_error *err)
{
    char complaint[512] = "";
    char *startup = nb_local_place_path(place, "startup.log");
    char *log = log_path(place);

    last_fatal(log, log_from, complaint, sizeof(complaint));
    last_fatal(startup, 0, complaint, sizeof(complaint));
    free(startup);
    free(log);
    nb_error_set(err, NB_EUNREACHABLE, NB_DOMAIN_SYSTEM, "the local PostgreSQL %s%s", what, complaint);
    return nb_error_hint(err, "see %s/startup.log and %s/log", place->directory, place->directory);
}

static int wait_ready(struct nb_local_place *place, pid_t pid, long log_from, struct nb_error *err)
{
    time_t end = monotonic_seconds() + START_SECONDS;
    struct nb_local_server server;

    for (;;) {
        nb_local_server_look(&server, place);
        if (server.pid == pid && server.ready)
            return 0;
        if (!is_our_server(place, pid))
            return did_not_start(place, "did not start", log_from, err);
        if (monotonic_seconds() >= end)
            return did_not_start(place, "does not answer yet", log_from, err);
        wait_a_moment();
    }
}

static bool anybody_in_data(const struct nb_local_place *place)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    bool found = false;

    while (processes != NULL && !found && (entry = readdir(processes)) != NULL) {
        int pid = (int)strtol(entry->d_name, NULL, 10);

        found = pid > 1 && works_in_data(place, pid);
    }
    if (processes != NULL)
        closedir(processes);
    return found;
}

/* Removes postmaster.pid and the lock file of the socket. */
static int remove_pid_files(const struct nb_local_place *place, struct nb_error *err)
{
    char *paths[] = {
        nb_asprintf("%s/postmaster.pid", place->data),
        nb_asprintf("%s/.s.PGSQL.%d.lock", place->socket_directory, NB_LOCAL_PORT),
    };
    int rc = 0;

    for (size_t i = 0; i < NB_ARRAY_SIZE(paths); i++) {
        if (rc == 0 && unlink(paths[i]) != 0 && errno != ENOENT)
            rc = nb_error_errno(err, errno, "remove %s", paths[i]);
        free(paths[i]);
    }
    return rc;
}

/* PostgreSQL refuses to start on a stale pid file whose number another process of its account has by now. We know that
 * it is stale, so we remove it; but first the backends of a killed server must have ended, since the file protects the
 * data from a second server while they run. */
static int drop_stale_pid_file(struct nb_local_place *place, struct nb_error *err)
{
    time_t end = monotonic_seconds() + STOP_SECONDS;

    if (!has_proc())
        return 0;
    while (anybody_in_data(place)) {
        if (monotonic_seconds() >= end)
            return did_not_start(place, "was killed, and some of its processes still run", log_end(place), err);
        wait_a_moment();
    }
    return remove_pid_files(place, err);
}

int nb_local_server_start(struct nb_local_place *place, struct nb_error *err)
{
    struct nb_local_programs programs;
    struct nb_local_server server;
    long log_from = log_end(place);
    pid_t pid;
    int rc;

    nb_local_server_look(&server, place);
    if (server.pid != 0) /* another process has started it, and it is not ready yet */
        return wait_ready(place, server.pid, log_from, err);
    if ((rc = nb_local_programs_find(&programs, nb_local_server_data_version(place), err)) != 0)
        goto out;
    if ((rc = nb_local_place_make_directories(place, err)) != 0 || (rc = write_settings(place, err)) != 0)
        goto out;
    if (server.stale && (rc = drop_stale_pid_file(place, err)) != 0)
        goto out;
    if ((rc = spawn(place, &programs, &pid, err)) != 0)
        goto out;
    rc = wait_ready(place, pid, log_from, err);
out:
    nb_local_programs_clear(&programs);
    return rc;
}

static bool wait_gone(struct nb_local_place *place, int pid, int seconds)
{
    time_t end = monotonic_seconds() + seconds;

    while (is_our_server(place, pid)) {
        if (monotonic_seconds() >= end)
            return false;
        wait_a_moment();
    }
    return true;
}

int nb_local_server_stop(struct nb_local_place *place, struct nb_error *err)
{
    /* SIGINT, fast: disconnects all and writes a checkpoint. SIGQUIT, immediate: recovers at the next start. */
    static const int signals[] = {SIGINT, SIGQUIT};
    struct nb_local_server server;

    nb_local_server_look(&server, place);
    if (server.pid == 0)
        return 0;
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++) {
        if (kill(server.pid, signals[i]) != 0 && errno != ESRCH)
            return nb_error_errno(err, errno, "stop the server (process %d)", server.pid);
        if (wait_gone(place, server.pid, STOP_SECONDS))
            return 0;
    }
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "the server (process %d) does not stop", server.pid);
    return nb_error_hint(err, "see %s/log", place->directory);
}
