/*
 * transfer.h - many requests to other servers on their way at once, in the loop (libcurl's multi interface).
 *
 *     nb_transfers_new(&transfers, loop, &options, &err);
 *     nb_transfer_start(&transfer, transfers, &request, answered, message, &err);
 *         answered(message, answer) is called once, from the loop, unless
 *     nb_transfer_cancel(&transfer);
 *
 * Connections are kept and used again. Nothing is followed (no redirects), nothing is taken from the environment (no
 * proxy, no .netrc), only the protocols named here are spoken, certificates are verified, and what is kept of an
 * answer is bounded. A transfer that is not `trusted` connects only where the guard lets it. Trusted ones have connections of
 * their own: otherwise a guarded one could travel on a connection that was opened without the guard.
 */
#ifndef NB_CHANNELS_TRANSFER_H
#define NB_CHANNELS_TRANSFER_H

#include <curl/curl.h>

#include "base/loop.h"
#include "channels/guard.h"

#define NB_TRANSFER_KEPT_MAX (64 * 1024) /* of an answer's body, and of its header lines */

struct nb_transfers;
struct nb_transfer;

struct nb_transfers_options {
    const struct nb_guard *guard; /* outlives the transfers */
    const char *ca_file;          /* certificates to trust instead of the system's; NULL: the system's */
};

/* Prepares what the request does not say, such as a mail's envelope and parts. */
typedef int nb_transfer_prepare(void *arg, CURL *handle, struct nb_error *err);

/* All is borrowed for the call only. */
struct nb_transfer_request {
    const char *url;
    const char *protocols; /* "smtp,smtps"; NULL: "http,https" */
    const char *body;      /* NULL: none, a GET */
    size_t body_length;
    const char *const *headers; /* "Name: value", NULL-terminated; may be NULL */
    const char *username, *password;
    int64_t time_limit_ms; /* of the whole transfer, name resolution included; must be more than 0 */
    bool trusted;          /* the administrator named the address: no guard */
    /* It only connects, and logs in where the protocol does. When it is ANSWERED the handle is there to speak on, with
     * curl_easy_send() and curl_easy_recv(), until nb_transfer_cancel(). */
    bool connect_only;
    nb_transfer_prepare *prepare;
    void *prepare_arg;
};

enum nb_transfer_end {
    NB_TRANSFER_ANSWERED,   /* the answer is here, or more of it than is kept */
    NB_TRANSFER_TIMED_OUT,  /* status is 0, or that of an answer that did not end */
    NB_TRANSFER_BROKEN,     /* no connection, no TLS, closed too early, no HTTP at all; status as above */
    NB_TRANSFER_FORBIDDEN,  /* the guard refused every address that there is */
    NB_TRANSFER_IMPOSSIBLE, /* the URL is malformed, or of a protocol that is not spoken */
};

/* Borrowed for the duration of the callback. */
struct nb_transfer_answer {
    enum nb_transfer_end end;
    CURLcode code;
    int status;        /* of HTTP, or the last reply code of SMTP; 0: none came */
    const char *error; /* one line; NULL when ANSWERED */
    const char *body;  /* followed by a NUL that is not counted; "" when there is none */
    size_t body_length;
    bool body_cut;          /* it is longer than what is kept */
    const char *lines;      /* header lines, or all lines of the SMTP server, as they came */
    int64_t retry_after_ms; /* of the header Retry-After, as seconds or as a date; -1: none */
    CURL *handle;           /* for curl_easy_getinfo() */
};
typedef void nb_transfer_done(void *arg, const struct nb_transfer_answer *answer);

NB_MUSTCHECK int nb_transfers_new(struct nb_transfers **out, struct nb_loop *loop,
                                  const struct nb_transfers_options *options, struct nb_error *err);
/* Cancels what is on its way. Must not be called from a callback of a transfer. */
void nb_transfers_free(struct nb_transfers **transfers);
size_t nb_transfers_active(const struct nb_transfers *transfers);

/* For a request's prepare: certificates of this file's authorities are accepted, and no others. */
void nb_transfer_trust(CURL *handle, const char *ca_file);

/* done is never called from inside this call. *out stays valid until done is called, or nb_transfer_cancel(). */
NB_MUSTCHECK int nb_transfer_start(struct nb_transfer **out, struct nb_transfers *transfers,
                                   const struct nb_transfer_request *request, nb_transfer_done *done, void *arg,
                                   struct nb_error *err);
/* done is not called any more. */
void nb_transfer_cancel(struct nb_transfer **transfer);

/* The last header of that name in the answer; NULL where there is none. */
const char *nb_transfer_header(const struct nb_transfer_answer *answer, const char *name);
/* The value of a Retry-After header in milliseconds from `now` (as of nb_now()): a number of seconds, or a date; -1 for
 * anything else. A date that has passed gives 0. */
int64_t nb_retry_after_parse(const char *value, int64_t now);

#endif
