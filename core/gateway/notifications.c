/*
 * notifications.c - the routes of one's own notifications: pages, counts, one of them, read and archived.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/json_text.h"
#include "gateway/counts.h"
#include "gateway/cursor.h"
#include "gateway/route.h"
#include "page/page_chain.h"
#include "page/row_text.h"

#define LIMIT_MOST    100
#define LIMIT_USUAL   20
#define FILTERS_MOST  16
#define BODY_MOST     4096
#define ETAG_BYTES    16
#define SUBJECT       NB_SUBJECT_INBOX
#define NOTIFICATIONS "/v1/me/notifications"

static void append_item(struct nb_strbuf *out, const struct nb_row *row)
{
    nb_row_json(out, SUBJECT, row, nb_now(), NULL, true);
}

/* ---- GET /v1/me/notifications: a page ---- */

enum { STEP_PAGE, STEP_COUNTS };

struct page_state {
    struct nb_page_request request;
    struct nb_filter *filter;
    struct nb_place from;
    bool has_cursor;
};

static void free_page_state(void *arg)
{
    struct page_state *state = arg;

    nb_filter_free(&state->filter);
    free(state);
}

static int ask_page(struct gateway_request *request, struct nb_error *err)
{
    const char *cursor = gateway_request_parameter(request, "cursor");
    struct page_state *state = nb_calloc(1, sizeof(*state));
    enum nb_direction direction = NB_OLDER;
    int64_t limit;
    int rc;

    request->state = state;
    request->dispose = free_page_state;
    if ((rc = gateway_request_number(&limit, request, "limit", 1, LIMIT_MOST, LIMIT_USUAL, err)) < 0 ||
        (rc = nb_filter_parse(&state->filter, SUBJECT, gateway_request_parameter(request, "filter"), err)) < 0)
        return rc;
    state->has_cursor = cursor && *cursor;
    if (state->has_cursor &&
        (rc = gateway_cursor_parse(&state->from, &direction, SUBJECT, state->filter, cursor, err)) < 0)
        return rc;
    state->request = (struct nb_page_request){.subject = SUBJECT,
                                              .filter = state->filter,
                                              .direction = direction,
                                              .from = state->has_cursor ? &state->from : NULL,
                                              .limit = (size_t)limit,
                                              .full = true};
    request->step[STEP_PAGE] = nb_page_add_fetch(request->chain, &state->request);
    request->step[STEP_COUNTS] = gateway_counts_add(request->chain, state->filter);
    return NB_OK;
}

/* Which pages there are beside this one: where we came from there is one. */
static const struct nb_row *row_before(const struct page_state *state, const struct nb_page *page)
{
    bool there = state->request.direction == NB_NEWER ? page->more : state->has_cursor;

    return there && page->count > 0 ? page->rows[0] : NULL;
}

static const struct nb_row *row_behind(const struct page_state *state, const struct nb_page *page)
{
    bool there = state->request.direction == NB_OLDER ? page->more : state->has_cursor;

    return there && page->count > 0 ? page->rows[page->count - 1] : NULL;
}

static void append_escaped(struct nb_strbuf *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~", *text))
            nb_strbuf_append_char(out, *text);
        else
            nb_strbuf_appendf(out, "%%%02X", (unsigned char)*text);
    }
}

/* "rel":"cursor" in the body, and the same as a link in the header. */
static void append_neighbour(struct gateway_request *request, const char *rel, enum nb_direction direction,
                             const struct nb_row *row)
{
    const struct page_state *state = request->state;
    struct nb_strbuf link;
    size_t begin;

    nb_strbuf_appendf(&request->answer, "\"%s\":", rel);
    if (!row) {
        nb_strbuf_append(&request->answer, "null");
        return;
    }
    nb_strbuf_append_char(&request->answer, '"');
    begin = request->answer.length;
    gateway_cursor_append(&request->answer, SUBJECT, state->filter, direction, row);
    nb_strbuf_init(&link, 8192);
    nb_strbuf_appendf(&link, "<?limit=%zu&cursor=%s", state->request.limit, request->answer.data + begin);
    if (!nb_filter_is_empty(state->filter) || *nb_filter_text(state->filter)) {
        nb_strbuf_append(&link, "&filter=");
        append_escaped(&link, nb_filter_text(state->filter));
    }
    gateway_answer_header(request, "Link", "%s>; rel=\"%s\"", link.data, rel);
    nb_strbuf_clear(&link);
    nb_strbuf_append_char(&request->answer, '"');
}

/* Of the whole answer but its snapshot. What it costs to read is what it takes to be right: rows expire and are purged without a mark, and
 * commit in another order than they were changed. */
static void make_etag(struct nb_strbuf *out, const struct gateway_request *request)
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (!EVP_Digest(request->answer.data, request->answer.length, digest, NULL, EVP_sha256(), NULL))
        nb_fatal("no SHA-256 in libcrypto");
    nb_strbuf_append(out, "W/\"");
    nb_base64url_append(out, digest, ETAG_BYTES);
    nb_strbuf_append_char(out, '"');
}

/* Whether the header names the tag; weak or not makes no difference here (RFC 9110, 13.1.2). */
static bool has_tag(const char *header, const char *etag)
{
    const char *opaque = strchr(etag, '"');

    return header && (strcmp(header, "*") == 0 || strstr(header, opaque));
}

static void answer_unless_known(struct gateway_request *request, const char *snapshot)
{
    struct nb_strbuf etag;

    nb_strbuf_init(&etag, 64);
    make_etag(&etag, request);
    gateway_answer_header(request, "ETag", "%s", etag.data);
    if (has_tag(gateway_request_header(request, "If-None-Match"), etag.data)) {
        nb_strbuf_reset(&request->answer);
        gateway_answer(request, 304, NULL);
    } else {
        nb_strbuf_append(&request->answer, ",\"as_of\":");
        nb_json_append_string(&request->answer, snapshot);
        nb_strbuf_append(&request->answer, "}\n");
        gateway_answer(request, 200, GATEWAY_JSON);
    }
    nb_strbuf_clear(&etag);
}

static int tell_page(struct gateway_request *request, struct nb_error *err)
{
    const struct page_state *state = request->state;
    struct nb_page *page = NULL;
    int rc = nb_page_take(&page, request->chain, request->step[STEP_PAGE], &state->request, err);

    if (rc < 0)
        return rc;
    nb_strbuf_append(&request->answer, "{\"items\":[");
    for (size_t i = 0; i < page->count; i++) {
        nb_strbuf_append(&request->answer, i > 0 ? "," : "");
        append_item(&request->answer, page->rows[i]);
    }
    nb_strbuf_append(&request->answer, "],\"page\":{");
    append_neighbour(request, "next", NB_OLDER, row_behind(state, page));
    nb_strbuf_append_char(&request->answer, ',');
    append_neighbour(request, "prev", NB_NEWER, row_before(state, page));
    nb_strbuf_append(&request->answer, "},");
    rc = gateway_counts_tell(request, request->step[STEP_COUNTS], err);
    if (rc == NB_OK)
        answer_unless_known(request, page->snapshot);
    nb_page_free(&page);
    return rc;
}

/* ---- counts ---- */

static int ask_unread(struct gateway_request *request, struct nb_error *err)
{
    struct nb_filter *filter = NULL;
    int rc = nb_filter_parse(&filter, SUBJECT, "is:unread", err);

    if (rc == NB_OK)
        request->step[0] = nb_page_add_count(request->chain, SUBJECT, filter);
    nb_filter_free(&filter);
    return rc;
}

static int tell_unread(struct gateway_request *request, struct nb_error *err)
{
    int64_t count;
    int rc = nb_page_take_count(&count, request->chain, request->step[0], err);

    if (rc == NB_OK) {
        nb_strbuf_appendf(&request->answer, "{\"count\":%lld}\n", (long long)count);
        gateway_answer(request, 200, GATEWAY_JSON);
    }
    return rc;
}

/* The n-th filter of ?f=…&f=…; NULL: there are no more. */
static const char *filter_at(const struct gateway_request *request, size_t n)
{
    for (size_t i = 0; i < request->parameters.count; i++)
        if (strcmp(request->parameters.data[i].name, "f") == 0 && n-- == 0)
            return request->parameters.data[i].value;
    return NULL;
}

static int ask_counts(struct gateway_request *request, struct nb_error *err)
{
    const char *text;
    int rc = NB_OK;

    if (!filter_at(request, 0) || filter_at(request, FILTERS_MOST))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "f: expected one to %d filters", FILTERS_MOST);
    for (size_t i = 0; rc == NB_OK && (text = filter_at(request, i)); i++) {
        struct nb_filter *filter = NULL;

        if ((rc = nb_filter_parse(&filter, SUBJECT, text, err)) == NB_OK)
            request->step[i] = nb_page_add_count(request->chain, SUBJECT, filter);
        nb_filter_free(&filter);
    }
    return rc;
}

static int tell_counts(struct gateway_request *request, struct nb_error *err)
{
    const char *text;
    int rc = NB_OK;

    nb_strbuf_append(&request->answer, "{\"counts\":[");
    for (size_t i = 0; rc == NB_OK && (text = filter_at(request, i)); i++) {
        int64_t count;

        rc = nb_page_take_count(&count, request->chain, request->step[i], err);
        nb_strbuf_appendf(&request->answer, "%s{\"filter\":", i > 0 ? "," : "");
        nb_json_append_string(&request->answer, text);
        nb_strbuf_appendf(&request->answer, ",\"count\":%lld}", (long long)count);
    }
    nb_strbuf_append(&request->answer, "]}\n");
    if (rc == NB_OK)
        gateway_answer(request, 200, GATEWAY_JSON);
    return rc;
}

/* ---- one notification ---- */

enum { STEP_ITEM, STEP_ITEM_COUNTS };

static int read_key(struct nb_key *key, const struct gateway_request *request, struct nb_error *err)
{
    if (nb_key_parse(key, SUBJECT, request->captured[0], NULL) == NB_OK)
        return NB_OK;
    return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no such notification");
}

static void add_item(struct gateway_request *request, const struct nb_key *key)
{
    request->step[STEP_ITEM] = nb_page_add_keys(request->chain, SUBJECT, key, 1);
    request->step[STEP_ITEM_COUNTS] = gateway_counts_add(request->chain, NULL);
}

static int ask_item(struct gateway_request *request, struct nb_error *err)
{
    struct nb_key key;
    int rc = read_key(&key, request, err);

    if (rc == NB_OK)
        add_item(request, &key);
    return rc;
}

/* As it is now, with the counts: for reading it and for each act on it. */
static int tell_item(struct gateway_request *request, struct nb_error *err)
{
    struct nb_page *page = NULL;
    int rc = nb_page_take_keys(&page, request->chain, request->step[STEP_ITEM], SUBJECT, err);

    if (rc == NB_OK && page->count != 1)
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no such notification");
    if (rc == NB_OK) {
        nb_strbuf_append(&request->answer, "{\"item\":");
        append_item(&request->answer, page->rows[0]);
        nb_strbuf_append_char(&request->answer, ',');
        rc = gateway_counts_tell(request, request->step[STEP_ITEM_COUNTS], err);
        nb_strbuf_append(&request->answer, "}\n");
    }
    if (rc == NB_OK)
        gateway_answer(request, 200, GATEWAY_JSON);
    nb_page_free(&page);
    return rc;
}

/* A time that is set is not moved, so that the same act again changes nothing. */
static void add_act(struct gateway_request *request, const struct nb_key *key, const char *field, bool set)
{
    struct nb_params *params = nb_params_new();
    struct nb_uuid id = nb_key_to_uuid(key);
    int64_t at = set ? nb_now() : NB_TIME_NONE;

    nb_params_text(params, field);
    nb_params_uuid_array(params, &id, 1);
    nb_params_time_array(params, &at, 1);
    nb_chain_add(request->chain, NB_SQL_INBOX_SET_STATE, params);
}

static const char *const fields[] = {"read", "archived", NULL};

static int ask_patch(struct gateway_request *request, struct nb_error *err)
{
    json_auto_t *object = NULL;
    struct nb_key key;
    int rc = read_key(&key, request, err);

    if (rc < 0 || (rc = gateway_request_object(&object, request, fields, err)) < 0)
        return rc;
    if (json_object_size(object) == 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "nothing to change: expected read or archived");
    for (size_t i = 0; fields[i]; i++) {
        const json_t *member = json_object_get(object, fields[i]);

        if (member && !json_is_boolean(member))
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected true or false", fields[i]);
        if (member)
            add_act(request, &key, fields[i], json_is_true(member));
    }
    add_item(request, &key);
    return NB_OK;
}

static int ask_act(struct gateway_request *request, const char *field, bool set, struct nb_error *err)
{
    struct nb_key key;
    int rc = read_key(&key, request, err);

    if (rc == NB_OK) {
        add_act(request, &key, field, set);
        add_item(request, &key);
    }
    return rc;
}

static int ask_read(struct gateway_request *request, struct nb_error *err)
{
    return ask_act(request, "read", true, err);
}

static int ask_set_unread(struct gateway_request *request, struct nb_error *err)
{
    return ask_act(request, "read", false, err);
}

static int ask_archive(struct gateway_request *request, struct nb_error *err)
{
    return ask_act(request, "archived", true, err);
}

#define READS(text, ask_it, tell_it)                                                                                   \
    {                                                                                                                  \
        .method = "GET", .path = NOTIFICATIONS text, .door = GATEWAY_BEARER, .ask = ask_it, .tell = tell_it            \
    }
#define ACTS(how, text, ask_it)                                                                                        \
    {                                                                                                                  \
        .method = how, .path = NOTIFICATIONS text, .door = GATEWAY_BEARER, .writes = true, .body_max = BODY_MOST,      \
        .ask = ask_it, .tell = tell_item                                                                               \
    }

const struct gateway_route gateway_notification_routes[] = {
    READS("", ask_page, tell_page),
    READS("/unread-count", ask_unread, tell_unread),
    READS("/counts", ask_counts, tell_counts),
    READS("/{id}", ask_item, tell_item),
    ACTS("PATCH", "/{id}", ask_patch),
    ACTS("POST", "/{id}/read", ask_read),
    ACTS("POST", "/{id}/unread", ask_set_unread),
    ACTS("POST", "/{id}/archive", ask_archive),
    {NULL},
};
