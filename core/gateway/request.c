/*
 * request.c - reads the target of a request strictly, and keeps its answer.
 */
#include "gateway/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/utf8.h"

#define ANSWER_MAX (16 * 1024 * 1024)

/* ---- the target ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int malformed(struct nb_error *err, const char *what, const char *why)
{
    return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "the %s of the URL %s", what, why);
}

/* One segment or value, percent-decoded once. The caller frees *out. */
static int decode(char **out, const char *text, size_t length, bool is_query, struct nb_error *err)
{
    const char *what = is_query ? "query" : "path";
    char *decoded = nb_malloc(length + 1);
    size_t size = 0;

    *out = NULL;
    for (size_t i = 0; i < length; i++) {
        char c = text[i];

        if (c == '%') {
            int high = i + 2 < length ? hex_digit(text[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

            if (low < 0 || (high == 0 && low == 0)) {
                free(decoded);
                return malformed(err, what, "has a % without two hexadecimal digits behind it, or a NUL");
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        decoded[size++] = c;
    }
    decoded[size] = '\0';
    if (!nb_utf8_valid(decoded, size)) {
        free(decoded);
        return malformed(err, what, "is not UTF-8");
    }
    *out = decoded;
    return NB_OK;
}

static int read_path(struct gateway_request *request, struct nb_error *err)
{
    const char *at = request->path;

    if (*at != '/')
        return malformed(err, "path", "does not begin with /");
    if (strcmp(at, "/") == 0)
        return NB_OK;
    while (*at == '/') {
        size_t length = strcspn(++at, "/");
        char *segment;
        int rc;

        if (request->segments.count == GATEWAY_SEGMENTS_MAX)
            return malformed(err, "path", "is too deep");
        if ((rc = decode(&segment, at, length, false, err)) < 0)
            return rc;
        nb_vec_push(&request->segments, segment);
        at += length;
    }
    return NB_OK;
}

static int read_query(struct gateway_request *request, const char *query, struct nb_error *err)
{
    while (*query) {
        size_t length = strcspn(query, "&"), name = strcspn(query, "=&");
        struct gateway_pair pair = {NULL, NULL};
        size_t value = name < length ? name + 1 : length;
        int rc;

        if (length > 0 && request->parameters.count == GATEWAY_PARAMETERS_MAX)
            return malformed(err, "query", "has too many parameters");
        if ((rc = decode(&pair.name, query, name, true, err)) < 0)
            return rc;
        if ((rc = decode(&pair.value, query + value, length - value, true, err)) < 0) {
            free(pair.name);
            return rc;
        }
        if (length > 0) {
            nb_vec_push(&request->parameters, pair);
        } else {
            free(pair.name);
            free(pair.value);
        }
        query += length + (query[length] == '&');
    }
    return NB_OK;
}

struct gateway_request *gateway_request_new(struct gateway *gateway, const char *target)
{
    struct gateway_request *request = nb_calloc(1, sizeof(*request));
    size_t path = strcspn(target, "?");
    int rc;

    request->gateway = gateway;
    request->began_ms = nb_monotonic_ms();
    request->path = nb_strndup(target, path);
    nb_strbuf_init(&request->answer, ANSWER_MAX);
    rc = read_path(request, &request->malformed);
    if (rc == NB_OK && target[path] == '?')
        (void)!read_query(request, target + path + 1, &request->malformed);
    return request;
}

static void free_pairs(struct gateway_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        free(pairs[i].value);
    }
}

void gateway_request_free(struct gateway_request **out)
{
    struct gateway_request *request = *out;

    if (!request)
        return;
    if (request->dispose)
        request->dispose(request->state);
    nb_chain_free(&request->chain);
    for (size_t i = 0; i < request->segments.count; i++)
        free(request->segments.data[i]);
    free_pairs(request->parameters.data, request->parameters.count);
    free_pairs(request->headers.data, request->headers.count);
    nb_vec_clear(&request->segments);
    nb_vec_clear(&request->parameters);
    nb_vec_clear(&request->headers);
    nb_strbuf_clear(&request->body);
    nb_strbuf_clear(&request->answer);
    free(request->method);
    free(request->path);
    free(request->token);
    nb_free(out);
}

/* ---- what it says ---- */

const char *gateway_request_header(const struct gateway_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *gateway_request_parameter(const struct gateway_request *request, const char *name)
{
    for (size_t i = 0; i < request->parameters.count; i++)
        if (strcmp(request->parameters.data[i].name, name) == 0)
            return request->parameters.data[i].value;
    return NULL;
}

int gateway_request_number(int64_t *out, const struct gateway_request *request, const char *name, int64_t minimum,
                           int64_t maximum, int64_t otherwise, struct nb_error *err)
{
    const char *text = gateway_request_parameter(request, name);
    char *end = NULL;

    *out = otherwise;
    if (!text)
        return NB_OK;
    *out = strtoll(text, &end, 10);
    if (!strchr("-0123456789", text[0]) || end == text || *end || *out < minimum || *out > maximum)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s: expected a number from %lld to %lld", name,
                            (long long)minimum, (long long)maximum);
    return NB_OK;
}

int gateway_request_object(json_t **out, const struct gateway_request *request, const char *const *names,
                           struct nb_error *err)
{
    int rc = NB_OK;

    *out = NULL;
    if (request->body.length == 0)
        *out = json_object();
    else
        rc = nb_json_parse(out, request->body.data, request->body.length, err);
    if (rc == NB_OK && !json_is_object(*out))
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the body is not a JSON object");
    if (rc == NB_OK)
        rc = nb_json_check_members(*out, names, err);
    if (rc < 0) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}

/* ---- answering ---- */

void gateway_answer_header(struct gateway_request *request, const char *name, const char *format, ...)
{
    struct gateway_pair pair = {.name = nb_strdup(name)};
    va_list args;

    va_start(args, format);
    pair.value = nb_vasprintf(format, args);
    va_end(args);
    nb_vec_push(&request->headers, pair);
}

void gateway_answer(struct gateway_request *request, int status, const char *content_type)
{
    request->status = status;
    request->content_type = content_type;
}
