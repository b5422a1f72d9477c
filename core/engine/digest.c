/*
 * digest.c - a chunk of digests: taken, rendered with the tenant's template or the one that is built in, written.
 */
#include "engine/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/vec.h"
#include "db/server_query.h"
#include "engine/work.h"
#include "template/mustache.h"

#define GROUPS_AT_ONCE 1000
#define SETS_CACHED    16
/* So long templates may take in a chunk, those of one tenant and all of them; the rest has the built-in text. The server ends
 * a session that asks nothing for a minute, and then no digest of any tenant would ever leave. */
#define TENANT_MS INT64_C(10000)
#define CHUNK_MS  INT64_C(40000)

enum due_column { DUE_TENANT, DUE_USER, DUE_CHANNEL, DUE_ITEMS, DUE_CONTEXT, DUE_TEMPLATE, DUE_PERSON, DUE_LOCALE };

/* The text of one or more digests that stand together. */
struct digest_text {
    char *subject, *body, *html, *locale, *missing;
};

struct digests {
    struct nb_connection *connection;
    struct nb_template_cache *cache;
    const struct nb_template_set *set; /* of the row's template and channel; NULL: the built-in text */
    int64_t tenant_until, chunk_until; /* rendered with templates; monotonic */
    struct nb_result *due;
    NB_VEC(size_t) rows;      /* those of due that are digests */
    NB_VEC(int64_t) texts_of; /* their texts, from 1 */
    NB_VEC(struct digest_text) texts;
};

/* ---- the built-in text ---- */

static const char built_in_subject[] = "{{count}} notifications";
static const char built_in_body[] = "{{#groups}}{{title}} ({{count}})\n{{#items}}- {{title}}\n{{/items}}\n{{/groups}}"
                                    "{{#more}}and {{more}} more\n{{/more}}";
static const char built_in_line[] = "{{count}} notifications:{{#groups}} {{title}} ({{count}}){{/groups}}";

static int render_built_in(char **out, const char *source, const json_t *context, struct nb_error *err)
{
    const struct nb_mustache_options options = {.escape = NB_ESCAPE_NONE, .context = context};
    struct nb_mustache *template = NULL;
    struct nb_strbuf text;
    int rc = nb_mustache_compile(&template, source, strlen(source), err);

    nb_strbuf_init(&text, NB_TEMPLATE_OUTPUT_MAX);
    if (rc == NB_OK)
        rc = nb_mustache_render(&text, template, &options, err);
    if (rc == NB_OK)
        *out = nb_strbuf_take(&text);
    nb_strbuf_clear(&text);
    nb_mustache_free(&template);
    return rc;
}

/* What is read on a small screen is one line. */
static int write_built_in(struct digest_text *out, const char *channel, const json_t *context, struct nb_error *err)
{
    bool is_short = strcmp(channel, "sms") == 0 || strcmp(channel, "push") == 0;
    int rc = render_built_in(&out->body, is_short ? built_in_line : built_in_body, context, err);

    if (rc == NB_OK && strcmp(channel, "sms") != 0)
        rc = render_built_in(&out->subject, built_in_subject, context, err);
    return rc;
}

/* ---- texts ---- */

static bool is_same(const struct nb_result *due, size_t one, size_t other, enum due_column column)
{
    const char *a = nb_result_text(due, one, column), *b = nb_result_text(due, other, column);

    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool is_same_tenant(const struct nb_result *due, size_t one, size_t other)
{
    struct nb_uuid tenants[] = {nb_result_uuid(due, one, DUE_TENANT), nb_result_uuid(due, other, DUE_TENANT)};

    return memcmp(&tenants[0], &tenants[1], sizeof(tenants[0])) == 0;
}

static void stop_rendering(struct digests *digests)
{
    int64_t now = nb_monotonic_ms();

    if (!digests->set || (now < digests->tenant_until && now < digests->chunk_until))
        return;
    nb_log(NB_LOG_WARN, "worker digest=built-in reason=%s", nb_log_quote("the templates take too long to render"));
    digests->set = NULL;
}

/* A template that cannot be rendered keeps nobody from a digest: it has the built-in text then. */
static int render(struct digests *digests, size_t row, struct digest_text *out, struct nb_error *err)
{
    const struct nb_result *due = digests->due;
    const char *source = nb_result_text(due, row, DUE_CONTEXT), *person = nb_result_text(due, row, DUE_PERSON);
    struct nb_template_text text = {0};
    json_t *context = NULL, *user = NULL;
    struct nb_error problem;
    int rc = nb_mustache_context(&context, source, strlen(source), err);

    stop_rendering(digests);
    if (rc == NB_OK)
        rc = nb_mustache_context(&user, person, strlen(person), err);
    if (rc == NB_OK && digests->set &&
        nb_template_render(&text, digests->set, nb_result_text(due, row, DUE_LOCALE), context, user, &problem) == NB_OK)
        *out = (struct digest_text){.subject = nb_strdup(text.subject),
                                    .body = nb_strdup(text.body),
                                    .html = nb_strdup(text.html),
                                    .locale = nb_strdup(text.locale),
                                    .missing = work_list_names(&text.missing)};
    else if (rc == NB_OK && digests->set)
        nb_log(NB_LOG_WARN, "worker digest=built-in reason=%s", nb_log_quote(problem.message));
    if (rc == NB_OK && !out->body)
        rc = write_built_in(out, nb_result_text(due, row, DUE_CHANNEL), context, err);
    nb_template_text_clear(&text);
    json_decref(user);
    json_decref(context);
    return rc;
}

/* Finds the template of a row; the caller skips this where the row before has the same. */
static int take_set(struct digests *digests, size_t row, struct nb_error *err)
{
    struct nb_uuid tenant = nb_result_uuid(digests->due, row, DUE_TENANT);
    const char *code = nb_result_text(digests->due, row, DUE_TEMPLATE);
    char text[NB_UUID_TEXT_SIZE];
    int rc;

    digests->set = NULL;
    if (!code)
        return NB_OK;
    rc = nb_template_cache_get(digests->cache, &digests->set, digests->connection, nb_uuid_format(&tenant, text), code,
                               nb_result_text(digests->due, row, DUE_CHANNEL), err);
    return rc == NB_ENOTFOUND ? NB_OK : rc; /* deleted meanwhile */
}

/* before: the digest before it in the list; SIZE_MAX: it is the first. */
static int add_digest(struct digests *digests, size_t row, size_t before, struct nb_error *err)
{
    const struct nb_result *due = digests->due;
    bool same_set = before != SIZE_MAX && is_same_tenant(due, before, row) && is_same(due, before, row, DUE_CHANNEL) &&
                    is_same(due, before, row, DUE_TEMPLATE);
    struct digest_text text = {0};
    int rc = same_set ? NB_OK : take_set(digests, row, err);

    if (before == SIZE_MAX || !is_same_tenant(due, before, row))
        digests->tenant_until = nb_monotonic_ms() + TENANT_MS;
    if (rc < 0)
        return rc;
    if (!same_set || !is_same(due, before, row, DUE_LOCALE) || !is_same(due, before, row, DUE_CONTEXT) ||
        (digests->set && nb_template_names_user(digests->set, nb_result_text(due, row, DUE_LOCALE)))) {
        rc = render(digests, row, &text, err);
        nb_vec_push(&digests->texts, text);
    }
    nb_vec_push(&digests->rows, row);
    nb_vec_push(&digests->texts_of, (int64_t)digests->texts.count);
    return rc;
}

static int render_all(struct digests *digests, struct nb_error *err)
{
    size_t before = SIZE_MAX;
    int rc = NB_OK;

    digests->chunk_until = nb_monotonic_ms() + CHUNK_MS;
    for (size_t row = 0; rc == NB_OK && row < nb_result_rows(digests->due); row++) {
        if (nb_result_is_null(digests->due, row, DUE_ITEMS))
            continue;
        rc = add_digest(digests, row, before, err);
        before = row;
    }
    return rc;
}

/* ---- the database's part ---- */

static void add_column(struct nb_params *params, const struct digests *digests, enum due_column column)
{
    const char **values = nb_calloc(digests->rows.count, sizeof(*values));

    for (size_t i = 0; i < digests->rows.count; i++)
        values[i] = nb_result_text(digests->due, digests->rows.data[i], column);
    nb_params_text_array(params, values, digests->rows.count);
    free(values);
}

static void add_ids(struct nb_params *params, const struct digests *digests, enum due_column column)
{
    struct nb_uuid *values = nb_calloc(digests->rows.count, sizeof(*values));

    for (size_t i = 0; i < digests->rows.count; i++)
        values[i] = nb_result_uuid(digests->due, digests->rows.data[i], column);
    nb_params_uuid_array(params, values, digests->rows.count);
    free(values);
}

static void add_texts(struct nb_params *params, const struct digests *digests, size_t member)
{
    const char **values = nb_calloc(digests->texts.count, sizeof(*values));

    for (size_t i = 0; i < digests->texts.count; i++)
        values[i] = *(char *const *)((const char *)&digests->texts.data[i] + member);
    nb_params_text_array(params, values, digests->texts.count);
    free(values);
}

static int write_all(struct digests *digests, struct nb_error *err)
{
    static const size_t members[] = {offsetof(struct digest_text, subject), offsetof(struct digest_text, body),
                                     offsetof(struct digest_text, html), offsetof(struct digest_text, locale),
                                     offsetof(struct digest_text, missing)};
    struct nb_params *params = nb_params_new();

    add_ids(params, digests, DUE_TENANT);
    add_ids(params, digests, DUE_USER);
    add_column(params, digests, DUE_CHANNEL);
    add_column(params, digests, DUE_ITEMS);
    add_column(params, digests, DUE_TEMPLATE);
    nb_params_int_array(params, digests->texts_of.data, digests->texts_of.count);
    for (size_t i = 0; i < NB_ARRAY_SIZE(members); i++)
        add_texts(params, digests, members[i]);
    return nb_server_query_wait(digests->connection, NB_SERVER_SQL_DIGEST_WRITE, params, NULL, err);
}

static void clear(struct digests *digests)
{
    for (size_t i = 0; i < digests->texts.count; i++) {
        free(digests->texts.data[i].subject);
        free(digests->texts.data[i].body);
        free(digests->texts.data[i].html);
        free(digests->texts.data[i].locale);
        free(digests->texts.data[i].missing);
    }
    nb_vec_clear(&digests->texts);
    nb_vec_clear(&digests->texts_of);
    nb_vec_clear(&digests->rows);
    nb_result_free(&digests->due);
    nb_template_cache_free(&digests->cache);
}

static int make(struct digests *digests, int64_t *did, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    int rc;

    nb_params_int(params, GROUPS_AT_ONCE);
    rc = nb_server_query_wait(digests->connection, NB_SERVER_SQL_DIGEST_DUE, params, &digests->due, err);
    if (rc == NB_OK)
        *did = (int64_t)nb_result_rows(digests->due);
    if (rc == NB_OK)
        rc = render_all(digests, err);
    if (rc == NB_OK && digests->rows.count > 0)
        rc = write_all(digests, err);
    return rc;
}

static int next_in(struct nb_connection *connection, int64_t *wait_ms, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_DIGEST_NEXT, NULL, &result, err);

    if (rc == NB_OK && !nb_result_is_null(result, 0, 0) && nb_result_int(result, 0, 0) < *wait_ms)
        *wait_ms = nb_result_int(result, 0, 0);
    nb_result_free(&result);
    return rc;
}

int digest_step(struct nb_connection *connection, int64_t *did, int64_t *wait_ms, struct nb_error *err)
{
    struct digests digests = {.connection = connection, .cache = nb_template_cache_new(SETS_CACHED)};
    struct nb_error ignored;
    int rc = nb_query_wait(connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err);

    *did = 0;
    if (rc == NB_OK)
        rc = make(&digests, did, err);
    if (rc == NB_OK)
        rc = nb_query_wait(connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, err);
    else if (rc != NB_EUNREACHABLE && nb_query_wait(connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, &ignored) < 0)
        nb_log(NB_LOG_WARN, "worker rollback=failed reason=%s", nb_log_quote(ignored.message));
    if (rc == NB_OK && *did == 0)
        rc = next_in(connection, wait_ms, err);
    clear(&digests);
    return rc;
}
