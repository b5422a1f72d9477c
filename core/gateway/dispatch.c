/*
 * dispatch.c - from a request's header to its route, and from the end of it to the log.
 */
#include "gateway/dispatch.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/utf8.h"
#include "gateway/gateway_internal.h"
#include "gateway/problem.h"
#include "gateway/route.h"

#define ID_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+="

/* The sender's id goes through where it is one that a log and a header can hold. */
static void set_id(struct gateway_request *request)
{
    const char *given = gateway_request_header(request, "X-Request-Id");
    struct nb_uuid made;

    if (given && *given && strlen(given) < sizeof(request->id) && !given[strspn(given, ID_ALPHABET)]) {
        nb_text_copy(request->id, sizeof(request->id), given);
        return;
    }
    made = nb_uuid_v7();
    nb_uuid_format(&made, request->id);
}

/* ---- bounds of the message itself ---- */

struct framing {
    unsigned hosts, lengths, encodings, authorizations;
};

static enum MHD_Result count_header(void *arg, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct framing *framing = arg;

    (void)kind;
    (void)value;
    framing->hosts += strcasecmp(name, "Host") == 0;
    framing->lengths += strcasecmp(name, "Content-Length") == 0;
    framing->encodings += strcasecmp(name, "Transfer-Encoding") == 0;
    framing->authorizations += strcasecmp(name, "Authorization") == 0;
    return MHD_YES;
}

/* A message that two programs could understand differently is refused, and its connection ends: a proxy in front of us may have taken its
 * end to be elsewhere, and what we would read as the next request for a part of this one. */
static int check_framing(const struct gateway_request *request, struct nb_error *err)
{
    struct framing framing = {0};

    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, count_header, &framing);
    if (framing.lengths > 1 || framing.encodings > 1 || (framing.lengths && framing.encodings) || framing.hosts > 1 ||
        framing.authorizations > 1)
        return nb_error_set(
            err, NB_EUSAGE, NB_DOMAIN_INPUT,
            "Host, Authorization, Content-Length or Transfer-Encoding is there twice, or both lengths are");
    return NB_OK;
}

static int check_body(const struct gateway_request *request, struct nb_error *err)
{
    const char *length = gateway_request_header(request, "Content-Length");
    const char *encoding = gateway_request_header(request, "Transfer-Encoding");
    const char *type = gateway_request_header(request, "Content-Type");
    char *end = NULL;
    unsigned long long size = length ? strtoull(length, &end, 10) : 0;

    if (length && (*end || end == length || strspn(length, "0123456789") != strlen(length)))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "Content-Length is no number");
    if (encoding && strcasecmp(encoding, "chunked") != 0)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "Transfer-Encoding: only chunked is understood");
    if (size > request->route->body_max || (encoding && request->route->body_max == 0))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the body is larger than %zu bytes",
                            request->route->body_max);
    if (type && (size > 0 || encoding) && strncasecmp(type, GATEWAY_JSON, strlen(GATEWAY_JSON)) != 0)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "Content-Type: expected %s", GATEWAY_JSON);
    return NB_OK;
}

/* ---- who may come in ---- */

/* What stands in front of us on this host makes everybody look local, unless it says for whom it asks. */
static bool is_for_somebody_else(const struct gateway_request *request)
{
    static const char *const names[] = {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"};

    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++)
        if (gateway_request_header(request, names[i]))
            return true;
    return false;
}

static bool is_metrics_token(const struct gateway_request *request)
{
    const char *wanted = request->gateway->metrics_token, *text = gateway_bearer_text(request);

    return text && strlen(text) == strlen(wanted) && CRYPTO_memcmp(text, wanted, strlen(wanted)) == 0;
}

static void check_metrics_door(struct gateway_request *request)
{
    struct nb_error err;

    if (request->gateway->metrics_token) {
        if (is_metrics_token(request))
            return;
        nb_error_set(&err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the metrics want the token of --metrics-token-file");
        gateway_answer_unauthorized(request, &err);
    } else if (!request->from_loopback || is_for_somebody_else(request)) {
        nb_error_set(&err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the metrics are for this host alone");
        nb_error_hint(&err, "--metrics-token-file gives them a token");
        gateway_answer_problem(request, GATEWAY_FORBIDDEN, &err);
    }
}

static void check_door(struct gateway_request *request)
{
    struct nb_error err = {0};

    if (request->route->door == GATEWAY_METRICS)
        check_metrics_door(request);
    else if (request->route->door == GATEWAY_BEARER && gateway_bearer_read(request, request->gateway->tokens, &err) < 0)
        gateway_answer_unauthorized(request, &err);
}

/* ---- the way through ---- */

static void find_route(struct gateway_request *request)
{
    struct nb_error err = {0};
    char *allowed = NULL;
    int rc = gateway_route_find(request, &allowed, &err);

    if (rc < 0 && allowed) {
        gateway_answer_header(request, "Allow", "%s, HEAD, OPTIONS", allowed);
        if (strcmp(request->method, "OPTIONS") == 0)
            gateway_answer(request, 204, NULL);
        else
            gateway_answer_problem(request, GATEWAY_METHOD, &err);
    } else if (rc < 0) {
        gateway_answer_problem(request, GATEWAY_NOT_FOUND, &err);
    }
    free(allowed);
}

void gateway_dispatch_header(struct gateway_request *request)
{
    struct nb_error err = {0};
    int rc;

    set_id(request);
    if (check_framing(request, &err) < 0) {
        request->ambiguous = true;
        gateway_answer_problem(request, GATEWAY_BAD_REQUEST, &err);
        return;
    }
    if (request->malformed.code < 0) {
        gateway_answer_problem(request, GATEWAY_BAD_REQUEST, &request->malformed);
        return;
    }
    find_route(request);
    if (request->status == 0)
        check_door(request);
    if (request->status == 0 && (rc = check_body(request, &err)) < 0)
        gateway_answer_problem(request, rc == NB_EINVALID ? GATEWAY_TOO_LARGE : GATEWAY_BAD_REQUEST, &err);
}

void gateway_dispatch(struct gateway_request *request, gateway_transacted *done)
{
    struct nb_error err = {0};

    if (request->body.overflowed)
        gateway_answer_problem(request, GATEWAY_TOO_LARGE, NULL);
    else if (request->route->ask)
        gateway_transact(request, done);
    else if (request->route->tell(request, &err) < 0)
        gateway_answer_error(request, &err);
}

void gateway_dispatch_over(struct gateway_request *request)
{
    int64_t took_ms = nb_monotonic_ms() - request->began_ms;
    enum nb_log_level level = request->status >= 500   ? NB_LOG_WARN
                              : request->status >= 400 ? NB_LOG_INFO
                                                       : NB_LOG_DEBUG;

    gateway_metrics_count(request->gateway->metrics, request, took_ms);
    if (!nb_log_enabled(level))
        return;
    nb_log(level, "gateway request=%s path=%s status=%d ms=%lld id=%s",
           nb_log_quote(request->method ? request->method : "-"), nb_log_quote(request->path), request->status,
           (long long)took_ms, nb_log_quote(request->id));
}
