/* cluster.c - see cluster.h: talks to `cluster.sh serve` through a pair of pipes, and runs SQL with psql. */
#include "tests/lib/cluster.h"

#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

struct cluster {
    pid_t server; /* of cluster.sh */
    FILE *requests;
    FILE *answers;
    char *directory;
    char *borrowed[8]; /* the latest results, reused in turn */
    unsigned turn;
};

static void die(const char *what)
{
    printf("Bail out! %s\n", what);
    exit(99);
}

static char *read_line(FILE *file)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length = getline(&line, &size, file);

    if (length < 0)
        die("the cluster's helper ended early; see the messages above");
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == ' '))
        line[--length] = '\0';
    return line;
}

static const char *lend(struct cluster *cluster, char *text)
{
    char **slot = &cluster->borrowed[cluster->turn++ % NB_ARRAY_SIZE(cluster->borrowed)];

    free(*slot);
    *slot = text;
    return text;
}

static const char *source_directory(void)
{
    const char *directory = getenv("srcdir");

    return directory ? directory : "..";
}

struct cluster *cluster_new(void)
{
    struct cluster *cluster = nb_calloc(1, sizeof(*cluster));
    char *script = nb_asprintf("%s/tests/lib/cluster.sh", source_directory());
    int to[2], from[2];

    signal(SIGPIPE, SIG_IGN);
    if (pipe(to) < 0 || pipe(from) < 0)
        die("pipe failed");
    fflush(stdout);
    cluster->server = fork();
    if (cluster->server == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        close(to[0]), close(to[1]), close(from[0]), close(from[1]);
        execlp("bash", "bash", script, "serve", (char *)NULL);
        _exit(99);
    }
    close(to[0]), close(from[1]);
    cluster->requests = fdopen(to[1], "w");
    cluster->answers = fdopen(from[0], "r");
    setvbuf(cluster->requests, NULL, _IOLBF, 0);
    cluster->directory = read_line(cluster->answers);
    free(script);
    return cluster;
}

static const char *ask(struct cluster *cluster, const char *format, ...) NB_PRINTF(2, 3);
static const char *ask(struct cluster *cluster, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(cluster->requests, format, args);
    va_end(args);
    fputc('\n', cluster->requests);
    fflush(cluster->requests);
    return lend(cluster, read_line(cluster->answers));
}

void cluster_free(struct cluster **pointer, int failed)
{
    struct cluster *cluster = *pointer;

    if (!cluster)
        return;
    if (failed)
        ask(cluster, "keep");
    fclose(cluster->requests);
    waitpid(cluster->server, NULL, 0);
    fclose(cluster->answers);
    for (size_t i = 0; i < NB_ARRAY_SIZE(cluster->borrowed); i++)
        free(cluster->borrowed[i]);
    free(cluster->directory);
    free(cluster);
    *pointer = NULL;
}

const char *cluster_dsn(struct cluster *cluster, const char *login)
{
    return lend(cluster, nb_asprintf("host=%s dbname=nightbell user=%s", cluster->directory, login));
}

const char *cluster_token(struct cluster *cluster, const char *person, int seconds)
{
    return ask(cluster, "token %s %d", person, seconds);
}

const char *cluster_sql(struct cluster *cluster, const char *sql)
{
    char *dsn = nb_asprintf("host=%s dbname=nightbell user=postgres", cluster->directory);
    char *text = nb_calloc(1, 1);
    size_t length = 0;
    int from[2], status;
    ssize_t got;
    pid_t pid;

    if (pipe(from) < 0)
        die("pipe failed");
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(from[1], 1);
        close(from[0]), close(from[1]);
        execlp("psql", "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-c", sql, (char *)NULL);
        _exit(99);
    }
    close(from[1]);
    do {
        text = nb_realloc(text, length + 4097);
        got = read(from[0], text + length, 4096);
        if (got > 0)
            length += (size_t)got;
    } while (got > 0);
    text[length] = '\0';
    if (length > 0 && text[length - 1] == '\n')
        text[length - 1] = '\0';
    close(from[0]);
    waitpid(pid, &status, 0);
    free(dsn);
    if (status != 0) {
        printf("# SQL: %s\n", sql);
        die("psql failed");
    }
    return lend(cluster, text);
}

static void tell(struct cluster *cluster, const char *what, const char *mode)
{
    const char *answer = ask(cluster, "%s %s", what, mode);

    if (*answer)
        printf("# cluster: %s: %s\n", what, answer);
}

void cluster_stop(struct cluster *cluster, const char *mode)
{
    tell(cluster, "stop", mode);
}

void cluster_start(struct cluster *cluster)
{
    tell(cluster, "start", "");
}

void cluster_restart(struct cluster *cluster, const char *mode)
{
    tell(cluster, "restart", mode);
}

void cluster_freeze(struct cluster *cluster)
{
    tell(cluster, "freeze", "");
}

void cluster_thaw(struct cluster *cluster)
{
    tell(cluster, "thaw", "");
}
