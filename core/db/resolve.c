/*
 * resolve.c - looks up host names in a thread of its own.
 */
#include "config.h"

#include "db/resolve.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "db/thread.h"

/* Shared by the thread and the loop; the last of the two to let go frees it. Until `finished` only the thread
 * writes. */
struct job {
    atomic_int owners;
    atomic_bool finished; /* set before the pipe ends; from then on the loop may read the result */
    int fd;               /* the thread's end of the pipe */
    char *hosts;
    char *ports;
    struct nb_strbuf found_hosts;
    struct nb_strbuf found_addresses;
    struct nb_strbuf found_ports;
    struct nb_error err;
    unsigned found;
};

struct nb_resolve {
    struct job *job;
    struct nb_source *source;
    nb_loop_callback *done;
    void *arg;
    int fd; /* reaches end of file when the thread ends */
};

static void let_go(struct job *job)
{
    if (atomic_fetch_sub(&job->owners, 1) > 1)
        return;
    nb_free(&job->hosts);
    nb_free(&job->ports);
    nb_strbuf_clear(&job->found_hosts);
    nb_strbuf_clear(&job->found_addresses);
    nb_strbuf_clear(&job->found_ports);
    free(job);
}

/* ---- in the thread ---- */

/* The n-th entry of a list; a list of one entry stands for all. The caller frees it. */
static char *list_entry(const char *list, unsigned index)
{
    if (!strchr(list, ','))
        return nb_strdup(list);
    for (; index > 0 && (list = strchr(list, ',')); index--)
        list++;
    return list ? nb_strndup(list, strcspn(list, ",")) : nb_strdup("");
}

static void add_found(struct job *job, const char *host, const char *address, const char *port)
{
    if (job->found++ > 0) {
        nb_strbuf_append_char(&job->found_hosts, ',');
        nb_strbuf_append_char(&job->found_addresses, ',');
        nb_strbuf_append_char(&job->found_ports, ',');
    }
    nb_strbuf_append(&job->found_hosts, host);
    nb_strbuf_append(&job->found_addresses, address);
    nb_strbuf_append(&job->found_ports, port);
}

static bool is_address(const char *host)
{
    unsigned char bytes[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* False for a socket's directory, an address or nothing, which libpq takes without a lookup. */
static bool needs_no_lookup(const char *host)
{
    return *host == '\0' || *host == '/' || *host == '@' || is_address(host);
}

static void look_up(struct job *job, const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char text[NI_MAXHOST];

    if (needs_no_lookup(host)) {
        add_found(job, host, is_address(host) ? host : "", port);
        return;
    }
    int rc = getaddrinfo(host, NULL, &hints, &addresses);
    if (rc != 0) {
        nb_error_set(&job->err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "cannot find the host %s: %s", host,
                     gai_strerror(rc));
        return;
    }
    for (const struct addrinfo *at = addresses; at; at = at->ai_next)
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
            add_found(job, host, text, port);
    freeaddrinfo(addresses);
}

static void look_up_all(void *arg)
{
    struct job *job = arg;
    const char *rest = job->hosts;

    for (unsigned i = 0; rest; i++) {
        char *host = nb_strndup(rest, strcspn(rest, ","));
        char *port = list_entry(job->ports, i);
        look_up(job, host, port);
        nb_free(&host);
        nb_free(&port);
        rest = strchr(rest, ',');
        rest = rest ? rest + 1 : NULL;
    }
    atomic_store(&job->finished, true);
    close(job->fd);
    let_go(job);
}

/* ---- in the loop ---- */

static void prepare(void *arg, struct nb_interest *interest)
{
    const struct nb_resolve *resolve = arg;

    interest->fd = resolve->fd;
    interest->events = POLLIN;
}

static void ready(void *arg, short revents)
{
    const struct nb_resolve *resolve = arg;

    (void)revents;
    resolve->done(resolve->arg);
}

static char *take_option(const PQconninfoOption *options, const char *keyword)
{
    for (; options && options->keyword; options++)
        if (strcmp(options->keyword, keyword) == 0 && options->val && *options->val)
            return nb_strdup(options->val);
    return NULL;
}

/* The value that libpq would use: from the connection string, or else from the environment. */
static char *effective_option(const char *dsn, const char *keyword)
{
    PQconninfoOption *options = dsn && *dsn ? PQconninfoParse(dsn, NULL) : NULL;
    char *value = take_option(options, keyword);

    PQconninfoFree(options);
    if (value)
        return value;
    options = PQconndefaults();
    value = take_option(options, keyword);
    PQconninfoFree(options);
    return value;
}

static bool any_needs_lookup(const char *hosts)
{
    for (const char *rest = hosts; rest;) {
        char *host = nb_strndup(rest, strcspn(rest, ","));
        bool needed = !needs_no_lookup(host);
        nb_free(&host);
        if (needed)
            return true;
        rest = strchr(rest, ',');
        rest = rest ? rest + 1 : NULL;
    }
    return false;
}

static struct job *new_job(char *hosts_take, char *ports_take, int fd)
{
    struct job *job = nb_calloc(1, sizeof(*job));

    atomic_init(&job->owners, 2);
    job->fd = fd;
    job->hosts = hosts_take;
    job->ports = ports_take ? ports_take : nb_strdup("");
    nb_strbuf_init(&job->found_hosts, SIZE_MAX / 2);
    nb_strbuf_init(&job->found_addresses, SIZE_MAX / 2);
    nb_strbuf_init(&job->found_ports, SIZE_MAX / 2);
    return job;
}

struct nb_resolve *nb_resolve_start(struct nb_loop *loop, const char *dsn, nb_loop_callback *done, void *arg)
{
    char *hosts = effective_option(dsn, "host");
    char *addresses = effective_option(dsn, "hostaddr");
    bool needed = hosts && !addresses && any_needs_lookup(hosts);
    int ends[2];

    nb_free(&addresses);
    if (!needed || pipe2(ends, O_CLOEXEC) != 0) {
        nb_free(&hosts);
        return NULL;
    }
    struct nb_resolve *resolve = nb_calloc(1, sizeof(*resolve));
    resolve->job = new_job(hosts, effective_option(dsn, "port"), ends[1]);
    resolve->done = done;
    resolve->arg = arg;
    resolve->fd = ends[0];
    resolve->source = nb_loop_add_source(loop, prepare, ready, resolve);
    if (!nb_thread_start(look_up_all, resolve->job)) {
        nb_error_set(&resolve->job->err, NB_EUNREACHABLE, NB_DOMAIN_SYSTEM, "cannot start a thread");
        close(ends[1]);
        let_go(resolve->job);
    }
    return resolve;
}

int nb_resolve_result(const struct nb_resolve *resolve, const char **hosts, const char **addresses, const char **ports,
                      struct nb_error *err)
{
    const struct job *job = resolve->job;

    if (!atomic_load(&job->finished) || job->found == 0) {
        *err = job->err;
        return job->err.code;
    }
    *hosts = job->found_hosts.data;
    *addresses = job->found_addresses.data;
    *ports = job->found_ports.data;
    return 0;
}

void nb_resolve_forget(struct nb_resolve **resolve)
{
    if (!*resolve)
        return;
    nb_source_remove(&(*resolve)->source);
    close((*resolve)->fd);
    let_go((*resolve)->job);
    nb_free(resolve);
}
