/*
 * problem.c - the table of problems, and how one is written.
 */
#include "gateway/problem.h"

#include <string.h>

#include "base/json_text.h"
#include "base/log.h"
#include "gateway/route.h"

#define PROBLEM_JSON "application/problem+json"

static const struct kind {
    int status;
    const char *code, *title, *meaning;
    int retry_after; /* seconds; 0: trying again changes nothing */
} kinds[] = {
    [GATEWAY_BAD_REQUEST] = {400, "bad-request", "Bad request",
                             "The request cannot be understood: its URL, a parameter, a header or its JSON."},
    [GATEWAY_UNAUTHORIZED] = {401, "unauthorized", "Unauthorized",
                              "There is no token, or the database does not accept it: get a new one."},
    [GATEWAY_FORBIDDEN] = {403, "forbidden", "Forbidden", "The token is accepted, but may not do this."},
    [GATEWAY_NOT_FOUND] = {404, "not-found", "Not found",
                           "There is no such thing, or it is somebody else's: both look the same."},
    [GATEWAY_METHOD] = {405, "method-not-allowed", "Method not allowed",
                        "The path is right; the header Allow says what can be done there."},
    [GATEWAY_CONFLICT] = {409, "conflict", "Conflict", "Somebody else was first; read again, then decide."},
    [GATEWAY_TOO_LARGE] = {413, "too-large", "Content too large", "The body is larger than this route takes."},
    [GATEWAY_INVALID] = {422, "invalid", "Invalid", "The request is understood, but what it says is not allowed."},
    [GATEWAY_INTERNAL] = {500, "internal", "Internal error", "A fault of ours; the log has more under request_id."},
    [GATEWAY_BUSY] = {503, "busy", "Busy", "Too much is being asked at the moment; nothing was done.", 1},
    [GATEWAY_UNREACHABLE] =
        {503, "unreachable", "Unreachable",
         "The database does not answer. Whether a request that writes was done is not known: it may be "
         "sent again.",
         2},
};

static void append_member(struct nb_strbuf *out, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    nb_strbuf_appendf(out, ",\"%s\":", name);
    nb_json_append_string(out, text);
}

void gateway_answer_problem(struct gateway_request *request, enum gateway_problem problem, const struct nb_error *err)
{
    const struct kind *kind = &kinds[problem];
    struct nb_strbuf *out = &request->answer;

    nb_strbuf_reset(out);
    nb_strbuf_appendf(out, "{\"type\":\"/problems/%s\",\"title\":\"%s\",\"status\":%d", kind->code, kind->title,
                      kind->status);
    append_member(out, "detail", err ? err->message : NULL);
    append_member(out, "hint", err ? err->hint : NULL);
    if (err && err->column > 0)
        nb_strbuf_appendf(out, ",\"column\":%d", err->column);
    append_member(out, "request_id", request->id);
    nb_strbuf_append(out, "}\n");
    if (kind->retry_after > 0)
        gateway_answer_header(request, "Retry-After", "%d", kind->retry_after);
    gateway_answer(request, kind->status, PROBLEM_JSON);
}

void gateway_answer_unauthorized(struct gateway_request *request, const struct nb_error *err)
{
    /* RFC 6750, 3.1: a request without a token is told only how to ask */
    gateway_answer_header(request, "WWW-Authenticate", "%s",
                          gateway_request_header(request, "Authorization")
                              ? "Bearer realm=\"nightbell\", error=\"invalid_token\""
                              : "Bearer realm=\"nightbell\"");
    gateway_answer_problem(request, GATEWAY_UNAUTHORIZED, err);
}

/* Every other code is a fault of ours. */
static const struct {
    int code;
    enum gateway_problem problem;
} codes[] = {
    {NB_EUSAGE, GATEWAY_BAD_REQUEST},  {NB_EINVALID, GATEWAY_INVALID},   {NB_EDENIED, GATEWAY_FORBIDDEN},
    {NB_ENOTFOUND, GATEWAY_NOT_FOUND}, {NB_ECONFLICT, GATEWAY_CONFLICT}, {NB_EUNREACHABLE, GATEWAY_UNREACHABLE},
    {NB_ECANCELLED, GATEWAY_BUSY}, /* the limit of a statement's time */
};

static enum gateway_problem problem_of(const struct nb_error *err)
{
    /* two transactions in each other's way, or a lock that did not come in time: the database's, not what was asked for */
    if (err->code == NB_ECONFLICT && err->sqlstate[0])
        return GATEWAY_BUSY;
    for (size_t i = 0; i < NB_ARRAY_SIZE(codes); i++)
        if (codes[i].code == err->code)
            return codes[i].problem;
    return GATEWAY_INTERNAL;
}

void gateway_answer_error(struct gateway_request *request, const struct nb_error *err)
{
    enum gateway_problem problem = problem_of(err);

    if (kinds[problem].status >= 500) {
        nb_log(NB_LOG_WARN, "gateway failed=%s id=%s sqlstate=%s", nb_log_quote(err->message),
               nb_log_quote(request->id), err->sqlstate[0] ? err->sqlstate : "none");
        err = NULL;
    }
    gateway_answer_problem(request, problem, err);
}

/* ---- GET /problems/{code} ---- */

static int tell_problem(struct gateway_request *request, struct nb_error *err)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(kinds); i++) {
        if (strcmp(kinds[i].code, request->captured[0]) != 0)
            continue;
        nb_strbuf_appendf(&request->answer, "%s (%d)\n%s\n", kinds[i].title, kinds[i].status, kinds[i].meaning);
        gateway_answer(request, 200, "text/plain; charset=utf-8");
        return NB_OK;
    }
    return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no problem \"%.40s\"", request->captured[0]);
}

const struct gateway_route gateway_problem_routes[] = {
    {.method = "GET", .path = "/problems/{code}", .door = GATEWAY_OPEN, .tell = tell_problem},
    {NULL},
};
