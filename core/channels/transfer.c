/*
 * transfer.c - libcurl's multi interface as part of the loop: its sockets are registered in a poller, its time-out is a timer.
 *
 * There are two multi handles, each with its own connections: for guarded and for trusted transfers. A transfer's handle is
 * used again for a later one.
 */
#include "config.h"

#include "channels/transfer.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/poller.h"
#include "base/strbuf.h"
#include "base/text.h"
#include "base/vec.h"

#define IDLE_CONNECTIONS 512          /* kept for later transfers, of each of the two kinds */
#define SPARE_HANDLES    256          /* kept likewise */
#define READ_MAX         (256 * 1024) /* what is read of a body before the connection is given up */
#define CONNECT_LIMIT_MS 10000

struct lane {
    struct nb_transfers *transfers;
    CURLM *multi;
    struct nb_timer *timer;
};

struct nb_transfers {
    struct nb_loop *loop;
    struct nb_poller *poller;
    const struct nb_guard *guard;
    char *ca_file;
    struct lane guarded, trusted;
    NB_VEC(struct nb_transfer *) active;
    NB_VEC(struct nb_transfer *) spare;
};

struct nb_transfer {
    struct nb_transfers *owner;
    struct lane *lane;
    size_t place; /* in owner->active */
    CURL *handle;
    struct curl_slist *headers;
    nb_transfer_done *done;
    void *arg;
    struct nb_strbuf body, lines;
    size_t read; /* of the body */
    bool cut;
    bool connect_only;
    bool kept;           /* connected, and spoken on by its owner */
    bool opened;         /* the guard let it connect to an address */
    const char *refusal; /* of the last address that the guard refused; NULL: none */
    char refused[INET6_ADDRSTRLEN];
    char error[CURL_ERROR_SIZE];
};

/* A socket of libcurl that the poller waits for. */
struct watched {
    struct lane *lane;
    struct nb_polled *polled;
    curl_socket_t fd;
};

/* ---- the end of a transfer ---- */

static void free_transfer(struct nb_transfer *transfer)
{
    curl_easy_cleanup(transfer->handle);
    nb_strbuf_clear(&transfer->body);
    nb_strbuf_clear(&transfer->lines);
    free(transfer);
}

static void recycle(struct nb_transfer *transfer)
{
    struct nb_transfers *owner = transfer->owner;
    struct nb_transfer *last = *nb_vec_last(&owner->active);

    owner->active.data[transfer->place] = last;
    last->place = transfer->place;
    owner->active.count--;
    curl_multi_remove_handle(transfer->lane->multi, transfer->handle);
    curl_easy_reset(transfer->handle); /* keeps nothing of the request, such as a password */
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    if (owner->spare.count < SPARE_HANDLES)
        nb_vec_push(&owner->spare, transfer);
    else
        free_transfer(transfer);
}

static enum nb_transfer_end end_of(const struct nb_transfer *transfer, CURLcode code)
{
    long sent = 0; /* bytes of the request's header */

    switch (code) {
    case CURLE_OK:
        return NB_TRANSFER_ANSWERED;
    case CURLE_WRITE_ERROR:
        return transfer->cut ? NB_TRANSFER_ANSWERED : NB_TRANSFER_BROKEN;
    case CURLE_OPERATION_TIMEDOUT:
        return NB_TRANSFER_TIMED_OUT;
    case CURLE_COULDNT_CONNECT:
        return transfer->refusal && !transfer->opened ? NB_TRANSFER_FORBIDDEN : NB_TRANSFER_BROKEN;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL: /* also what an answer is that is no HTTP */
        curl_easy_getinfo(transfer->handle, CURLINFO_REQUEST_SIZE, &sent);
        return sent > 0 ? NB_TRANSFER_BROKEN : NB_TRANSFER_IMPOSSIBLE;
    default:
        return NB_TRANSFER_BROKEN;
    }
}

/* What went wrong, as one line, in the transfer's buffer. */
static const char *describe(struct nb_transfer *transfer, enum nb_transfer_end end, CURLcode code)
{
    char *error = transfer->error;

    if (end == NB_TRANSFER_ANSWERED)
        return NULL;
    if (end == NB_TRANSFER_FORBIDDEN)
        nb_text_format(error, sizeof(transfer->error), "%s is %s: not connected to", transfer->refused,
                       transfer->refusal);
    else if (!error[0])
        nb_text_copy(error, sizeof(transfer->error), curl_easy_strerror(code));
    nb_utf8_mend(error);
    for (char *c = error; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    return error;
}

static void finish(struct nb_transfer *transfer, CURLcode code)
{
    struct nb_transfer_answer answer = {.code = code, .handle = transfer->handle, .retry_after_ms = -1};
    nb_transfer_done *done = transfer->done;
    const char *retry_after;
    long status = 0;

    curl_easy_getinfo(transfer->handle, CURLINFO_RESPONSE_CODE, &status);
    answer.end = end_of(transfer, code);
    answer.status = (int)status;
    answer.error = describe(transfer, answer.end, code);
    answer.body = transfer->body.data;
    answer.body_length = transfer->body.length;
    answer.body_cut = transfer->cut;
    answer.lines = transfer->lines.data;
    if ((retry_after = nb_transfer_header(&answer, "Retry-After")))
        answer.retry_after_ms = nb_retry_after_parse(retry_after, nb_now());
    transfer->done = NULL; /* cancelling is too late from here on */
    if (transfer->connect_only && code == CURLE_OK) {
        transfer->kept = true; /* and done may cancel it */
        done(transfer->arg, &answer);
        return;
    }
    done(transfer->arg, &answer);
    recycle(transfer);
}

static void collect(struct lane *lane)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(lane->multi, &left))) {
        struct nb_transfer *transfer = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&transfer);
        finish(transfer, message->data.result);
    }
}

/* ---- libcurl in the loop ---- */

static void act(struct lane *lane, curl_socket_t fd, int flags)
{
    int running;

    curl_multi_socket_action(lane->multi, fd, flags, &running);
    collect(lane);
}

static void on_timer(void *arg)
{
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int set_timer(CURLM *multi, long delay_ms, void *arg)
{
    const struct lane *lane = arg;

    (void)multi;
    if (delay_ms < 0)
        nb_timer_stop(lane->timer);
    else
        nb_timer_start(lane->timer, delay_ms);
    return 0;
}

static void on_socket(void *arg, short revents)
{
    const struct watched *watched = arg;
    int flags = 0;

    if (revents & (POLLIN | POLLHUP | POLLERR)) /* reading tells what the error is */
        flags |= CURL_CSELECT_IN;
    if (revents & POLLOUT)
        flags |= CURL_CSELECT_OUT;
    act(watched->lane, watched->fd, flags);
}

static int set_socket(CURL *handle, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct lane *lane = arg;
    struct watched *watched = socket_arg;
    short events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));

    (void)handle;
    if (what == CURL_POLL_REMOVE) {
        if (watched)
            nb_polled_remove(&watched->polled);
        free(watched);
        return 0;
    }
    if (watched) {
        nb_polled_set(watched->polled, events);
        return 0;
    }
    watched = nb_calloc(1, sizeof(*watched));
    *watched = (struct watched){.lane = lane, .fd = fd};
    if (nb_poller_add(&watched->polled, lane->transfers->poller, fd, events, on_socket, watched, NULL) < 0) {
        free(watched);
        return -1;
    }
    curl_multi_assign(lane->multi, fd, watched);
    return 0;
}

/* ---- what one transfer takes and keeps ---- */

/* True when the buffer took all of it. */
static bool keep(struct nb_strbuf *buffer, const char *data, size_t size)
{
    size_t room = buffer->limit - buffer->length;

    nb_strbuf_append_n(buffer, data, size < room ? size : room);
    return size <= room;
}

static size_t on_body(char *data, size_t one, size_t size, void *arg)
{
    struct nb_transfer *transfer = arg;

    (void)one;
    transfer->read += size;
    if (!keep(&transfer->body, data, size))
        transfer->cut = true;
    return transfer->read > READ_MAX ? 0 : size;
}

/* A server that sends headers without end is given up. */
static size_t on_line(char *data, size_t one, size_t size, void *arg)
{
    struct nb_transfer *transfer = arg;

    (void)one;
    return keep(&transfer->lines, data, size) ? size : 0;
}

static curl_socket_t open_guarded(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
    struct nb_transfer *transfer = arg;
    const char *refusal = nb_guard_refusal(transfer->owner->guard, &address->addr);
    const void *bytes;

    (void)purpose;
    if (!refusal) {
        transfer->opened = true;
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }
    transfer->refusal = refusal;
    bytes = address->family == AF_INET6 ? (const void *)&((struct sockaddr_in6 *)(void *)&address->addr)->sin6_addr
                                        : (const void *)&((struct sockaddr_in *)(void *)&address->addr)->sin_addr;
    if (!inet_ntop(address->family, bytes, transfer->refused, sizeof(transfer->refused)))
        nb_text_copy(transfer->refused, sizeof(transfer->refused), "the address");
    return CURL_SOCKET_BAD;
}

/* ---- starting ---- */

static struct nb_transfer *take_handle(struct nb_transfers *transfers)
{
    struct nb_transfer *transfer;

    if (transfers->spare.count > 0) {
        transfer = *nb_vec_last(&transfers->spare);
        transfers->spare.count--;
    } else {
        transfer = nb_calloc(1, sizeof(*transfer));
        transfer->owner = transfers;
        nb_strbuf_init(&transfer->body, NB_TRANSFER_KEPT_MAX);
        nb_strbuf_init(&transfer->lines, NB_TRANSFER_KEPT_MAX);
        if (!(transfer->handle = curl_easy_init()))
            nb_fatal("libcurl: no handle");
    }
    nb_strbuf_reset(&transfer->body);
    nb_strbuf_reset(&transfer->lines);
    transfer->read = 0;
    transfer->cut = transfer->opened = transfer->kept = false;
    transfer->refusal = NULL;
    transfer->error[0] = '\0';
    transfer->place = transfers->active.count;
    nb_vec_push(&transfers->active, transfer);
    return transfer;
}

static int add_headers(struct nb_transfer *transfer, const char *const *headers, struct nb_error *err)
{
    for (; headers && *headers; headers++) {
        struct curl_slist *longer;

        if (strpbrk(*headers, "\r\n"))
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a header has a line break in it");
        if (!(longer = curl_slist_append(transfer->headers, *headers)))
            nb_fatal("libcurl: no header");
        transfer->headers = longer;
    }
    if (transfer->headers)
        curl_easy_setopt(transfer->handle, CURLOPT_HTTPHEADER, transfer->headers);
    return 0;
}

void nb_transfer_trust(CURL *handle, const char *ca_file)
{
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(handle, CURLOPT_CAPATH, NULL); /* the system's folder, which would be trusted beside it */
}

/* What holds for every transfer. */
static void set_bounds(const struct nb_transfer *transfer, const struct nb_transfer_request *request)
{
    CURL *handle = transfer->handle;
    long limit = (long)request->time_limit_ms;

    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, request->protocols ? request->protocols : "http,https");
    curl_easy_setopt(handle, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(handle, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_QUICK_EXIT, 1L); /* never waits for a resolver that hangs */
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, limit);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, limit < CONNECT_LIMIT_MS ? limit : CONNECT_LIMIT_MS);
    if (transfer->owner->ca_file)
        nb_transfer_trust(handle, transfer->owner->ca_file);
    if (!request->trusted) {
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_guarded);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, transfer);
    }
}

static void set_callbacks(struct nb_transfer *transfer)
{
    CURL *handle = transfer->handle;

    curl_easy_setopt(handle, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, transfer->error);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, on_line);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
}

static int set_request(struct nb_transfer *transfer, const struct nb_transfer_request *request, struct nb_error *err)
{
    CURL *handle = transfer->handle;

    if (curl_easy_setopt(handle, CURLOPT_URL, request->url) != CURLE_OK)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the URL is too long");
    curl_easy_setopt(handle, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
    if (request->body) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, request->body);
    }
    if (request->username)
        curl_easy_setopt(handle, CURLOPT_USERNAME, request->username);
    if (request->password)
        curl_easy_setopt(handle, CURLOPT_PASSWORD, request->password);
    return add_headers(transfer, request->headers, err);
}

int nb_transfer_start(struct nb_transfer **out, struct nb_transfers *transfers,
                      const struct nb_transfer_request *request, nb_transfer_done *done, void *arg,
                      struct nb_error *err)
{
    struct nb_transfer *transfer = take_handle(transfers);
    CURLMcode code;
    int rc;

    *out = NULL;
    assert(request->time_limit_ms > 0);
    transfer->lane = request->trusted ? &transfers->trusted : &transfers->guarded;
    transfer->done = done;
    transfer->arg = arg;
    transfer->connect_only = request->connect_only;
    curl_easy_setopt(transfer->handle, CURLOPT_CONNECT_ONLY, (long)request->connect_only);
    set_callbacks(transfer);
    set_bounds(transfer, request);
    rc = set_request(transfer, request, err);
    if (rc == 0 && request->prepare)
        rc = request->prepare(request->prepare_arg, transfer->handle, err);
    if (rc == 0 && (code = curl_multi_add_handle(transfer->lane->multi, transfer->handle)) != CURLM_OK)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "libcurl: %s", curl_multi_strerror(code));
    if (rc < 0)
        recycle(transfer);
    else
        *out = transfer;
    return rc;
}

void nb_transfer_cancel(struct nb_transfer **transfer)
{
    if (*transfer && ((*transfer)->done || (*transfer)->kept))
        recycle(*transfer);
    *transfer = NULL;
}

/* ---- all of them ---- */

static void open_lane(struct lane *lane, struct nb_transfers *transfers)
{
    lane->transfers = transfers;
    lane->timer = nb_loop_add_timer(transfers->loop, on_timer, lane);
    if (!(lane->multi = curl_multi_init()))
        nb_fatal("libcurl: no multi handle");
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS);
}

static void close_lane(struct lane *lane)
{
    curl_multi_cleanup(lane->multi);
    nb_timer_remove(&lane->timer);
}

int nb_transfers_new(struct nb_transfers **out, struct nb_loop *loop, const struct nb_transfers_options *options,
                     struct nb_error *err)
{
    struct nb_transfers *transfers = nb_calloc(1, sizeof(*transfers));
    int rc;

    *out = NULL;
    if ((rc = nb_poller_new(&transfers->poller, loop, err)) < 0) {
        free(transfers);
        return rc;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        nb_fatal("libcurl cannot be used");
    transfers->loop = loop;
    transfers->guard = options->guard;
    transfers->ca_file = nb_strdup(options->ca_file);
    open_lane(&transfers->guarded, transfers);
    open_lane(&transfers->trusted, transfers);
    *out = transfers;
    return 0;
}

void nb_transfers_free(struct nb_transfers **out)
{
    struct nb_transfers *transfers = *out;

    if (!transfers)
        return;
    while (transfers->active.count > 0)
        recycle(transfers->active.data[0]);
    for (size_t i = 0; i < transfers->spare.count; i++)
        free_transfer(transfers->spare.data[i]);
    close_lane(&transfers->guarded);
    close_lane(&transfers->trusted);
    nb_poller_free(&transfers->poller);
    nb_vec_clear(&transfers->active);
    nb_vec_clear(&transfers->spare);
    free(transfers->ca_file);
    curl_global_cleanup();
    nb_free(out);
}

size_t nb_transfers_active(const struct nb_transfers *transfers)
{
    return transfers->active.count;
}

/* ---- reading an answer ---- */

const char *nb_transfer_header(const struct nb_transfer_answer *answer, const char *name)
{
    struct curl_header *header;

    if (curl_easy_header(answer->handle, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    if (header->amount > 1 &&
        curl_easy_header(answer->handle, name, header->amount - 1, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return NULL;
    return header->value;
}

int64_t nb_retry_after_parse(const char *value, int64_t now)
{
    static const int64_t most_s = INT64_C(10) * 365 * 86400;
    size_t digits = strspn(value, "0123456789"), rest = digits + strspn(value + digits, " \t");
    int64_t seconds = 0;

    if (digits > 0 && !value[rest]) {
        for (size_t i = 0; i < digits && seconds < most_s; i++)
            seconds = seconds * 10 + (value[i] - '0');
        return (seconds < most_s ? seconds : most_s) * 1000;
    }
    if (isalpha((unsigned char)value[0])) { /* each of HTTP's forms of a date begins with the day of the week */
        time_t date = curl_getdate(value, NULL);

        if (date == -1)
            return -1;
        if ((int64_t)date * 1000 <= now / 1000)
            return 0;
        return (int64_t)date - now / 1000000 > most_s ? most_s * 1000 : (int64_t)date * 1000 - now / 1000;
    }
    return -1;
}
