/*
 * work.c - the middle of the worker's transaction: the database's plan, its texts rendered, the result written.
 */
#include "engine/work.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "channels/mail.h"
#include "db/server_query.h"
#include "template/mustache.h"

#define RECIPIENTS_AT_ONCE 1000
/* The server ends a session that asks nothing for a minute (worker_session.sql). Texts that take longer would then be begun
 * anew for ever, by every worker, before all that is due behind them. */
#define RENDERING_SECONDS 30

enum plan_column {
    PLAN_ITEM,
    PLAN_RULE,
    PLAN_TEMPLATE,
    PLAN_TYPE,
    PLAN_CHANNEL,
    PLAN_USER,
    PLAN_CODE,
    PLAN_UNTIL,
    PLAN_TITLE,
    PLAN_MESSAGE,
    PLAN_PERSON,
    PLAN_LOCALE,
};

/* A text that one or many rows of the plan are sent with. */
struct work_text {
    char *key; /* what it was rendered from; NULL: for one person only */
    char *subject;
    char *body;
    char *html;
    char *locale;
    char *missing;   /* a JSON list; NULL: nothing was missing */
    char *cc, *bcc;  /* JSON lists; NULL: nobody */
    bool is_problem; /* body says why there is none */
};

struct work {
    struct nb_connection *connection;
    struct nb_template_cache *cache;
    const struct work_item *items;
    size_t item_count;
    const struct work_trial *trial; /* NULL: the real thing; otherwise all that is written is rolled back */
    json_t **contexts;              /* one an item, parsed when first needed */
    struct nb_result *plan;
    size_t rows;
    int64_t *texts_of;    /* each row's text, from 1; 0: not rendered yet */
    int64_t render_until; /* monotonic */
    NB_VEC(struct work_text) texts;
};

static size_t item_of(const struct work *work, size_t row)
{
    return (size_t)nb_result_int(work->plan, row, PLAN_ITEM) - 1;
}

/* ---- texts ---- */

static int64_t add_text(struct work *work, struct work_text text)
{
    nb_vec_push(&work->texts, text);
    return (int64_t)work->texts.count;
}

/* 0 where none was made from that. */
static int64_t find_text(const struct work *work, const char *key)
{
    for (size_t i = 0; i < work->texts.count; i++)
        if (work->texts.data[i].key && strcmp(work->texts.data[i].key, key) == 0)
            return (int64_t)i + 1;
    return 0;
}

static int64_t add_problem(struct work *work, const char *problem)
{
    char *key = nb_strdup(problem);
    int64_t text = find_text(work, key);

    if (text == 0)
        return add_text(work, (struct work_text){.key = key, .body = nb_strdup(problem), .is_problem = true});
    free(key);
    return text;
}

/* A row without a template has its text in the plan; those of the same app event and rule have the same. */
static void take_plain_text(struct work *work, size_t row)
{
    const char *rule = nb_result_text(work->plan, row, PLAN_RULE);
    struct nb_strbuf key;

    nb_strbuf_init(&key, NB_MESSAGE_MAX);
    nb_strbuf_appendf(&key, "plain %zu %s", item_of(work, row), rule ? rule : "");
    work->texts_of[row] = find_text(work, key.data);
    if (work->texts_of[row] == 0)
        work->texts_of[row] =
            add_text(work, (struct work_text){.key = nb_strbuf_take(&key),
                                              .subject = nb_strdup(nb_result_text(work->plan, row, PLAN_TITLE)),
                                              .body = nb_strdup(nb_result_text(work->plan, row, PLAN_MESSAGE))});
    nb_strbuf_clear(&key);
}

char *work_list_names(const nb_template_names *names)
{
    json_t *list;
    char *text;

    if (names->count == 0)
        return NULL;
    list = json_array();
    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->data[i]));
    text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

/* Those that are addresses, as a JSON list. What has rendered to something else is told among what is missing, and keeps nobody from
 * the mail. */
static char *list_copies(const nb_template_names *rendered, const char *header, nb_template_names *missing)
{
    nb_template_names addresses = {0};
    char *list;

    for (size_t i = 0; i < rendered->count; i++) {
        struct nb_mailbox mailbox;

        if (nb_mailbox_parse(&mailbox, rendered->data[i], NULL) == NB_OK)
            nb_vec_push(&addresses, rendered->data[i]);
        else
            nb_vec_push(missing, nb_asprintf("%s: %.100s", header, rendered->data[i]));
        nb_mailbox_clear(&mailbox);
    }
    list = work_list_names(&addresses);
    nb_vec_clear(&addresses);
    return list;
}

static struct work_text copy_text(struct nb_template_text *text, char *key_take)
{
    char *cc = list_copies(&text->cc, "cc", &text->missing);
    char *bcc = list_copies(&text->bcc, "bcc", &text->missing);

    return (struct work_text){.key = key_take,
                              .subject = nb_strdup(text->subject),
                              .body = nb_strdup(text->body),
                              .html = nb_strdup(text->html),
                              .locale = nb_strdup(text->locale),
                              .missing = work_list_names(&text->missing),
                              .cc = cc,
                              .bcc = bcc};
}

static int context_of(struct work *work, size_t item, const json_t **out, struct nb_error *err)
{
    const char *text = work->items[item].context;

    if (!work->contexts[item]) {
        int rc = nb_mustache_context(&work->contexts[item], text, strlen(text), err);

        if (rc < 0)
            return rc;
    }
    *out = work->contexts[item];
    return NB_OK;
}

/* Alone, an app event is told to those whose texts there are; together with others it would cost them theirs. */
static int stop_rendering(struct work *work, size_t row, struct nb_error *err)
{
    struct nb_error late;
    int rc = nb_error_set(&late, NB_EINVALID, NB_DOMAIN_INPUT, "the texts take longer than %d seconds to render",
                          RENDERING_SECONDS);

    if (work->item_count > 1) {
        *err = late;
        return rc;
    }
    work->texts_of[row] = add_problem(work, late.message);
    return NB_OK;
}

/* Renders for one row. A template that cannot be rendered is the row's problem, and the others are not kept from theirs. */
static int render_row(struct work *work, const struct nb_template_set *set, size_t row, char *key_take,
                      struct nb_error *err)
{
    const char *locale = nb_result_text(work->plan, row, PLAN_LOCALE);
    const char *person = nb_result_text(work->plan, row, PLAN_PERSON);
    struct nb_template_text text = {0};
    const json_t *context = NULL;
    json_t *user = NULL;
    struct nb_error problem;
    int rc;

    if (nb_monotonic_ms() >= work->render_until) {
        free(key_take);
        return stop_rendering(work, row, err);
    }
    rc = context_of(work, item_of(work, row), &context, err);
    if (rc == NB_OK && !key_take && person)
        rc = nb_mustache_context(&user, person, strlen(person), err);
    if (rc == NB_OK && nb_template_render(&text, set, locale, context, user, &problem) < 0) {
        work->texts_of[row] = add_problem(work, problem.message);
    } else if (rc == NB_OK) {
        work->texts_of[row] = add_text(work, copy_text(&text, key_take));
        key_take = NULL;
    }
    free(key_take);
    nb_template_text_clear(&text);
    json_decref(user);
    return rc;
}

/* What does not mention the recipient is rendered once for all of them whose language has the same text. */
static int render_with(struct work *work, const struct nb_template_set *set, size_t row, struct nb_error *err)
{
    const char *locale = nb_result_text(work->plan, row, PLAN_LOCALE);
    struct nb_strbuf key;
    int rc;

    if (nb_template_names_user(set, locale))
        return render_row(work, set, row, NULL, err);
    nb_strbuf_init(&key, NB_MESSAGE_MAX);
    nb_strbuf_appendf(&key, "%zu %s %s ", item_of(work, row), nb_result_text(work->plan, row, PLAN_TEMPLATE),
                      nb_result_text(work->plan, row, PLAN_CHANNEL));
    nb_template_variant(&key, set, locale);
    work->texts_of[row] = find_text(work, key.data);
    rc = work->texts_of[row] == 0 ? render_row(work, set, row, nb_strbuf_take(&key), err) : NB_OK;
    nb_strbuf_clear(&key);
    return rc;
}

static bool same_set(const struct work *work, size_t one, size_t other)
{
    const char *template = nb_result_text(work->plan, other, PLAN_TEMPLATE);
    struct nb_uuid tenants[] = {work->items[item_of(work, one)].tenant, work->items[item_of(work, other)].tenant};

    return template && strcmp(nb_result_text(work->plan, one, PLAN_TEMPLATE), template) == 0 &&
           strcmp(nb_result_text(work->plan, one, PLAN_CHANNEL), nb_result_text(work->plan, other, PLAN_CHANNEL)) ==
               0 &&
           memcmp(&tenants[0], &tenants[1], sizeof(tenants[0])) == 0;
}

/* Renders every row that has the template and channel of the first one: a set is borrowed only until the next is asked for. */
static int render_alike(struct work *work, size_t first, struct nb_error *err)
{
    char tenant[NB_UUID_TEXT_SIZE];
    const struct nb_template_set *set = NULL;
    int64_t problem = 0;
    int rc;

    nb_uuid_format(&work->items[item_of(work, first)].tenant, tenant);
    rc = nb_template_cache_get(work->cache, &set, work->connection, tenant,
                               nb_result_text(work->plan, first, PLAN_TEMPLATE),
                               nb_result_text(work->plan, first, PLAN_CHANNEL), err);
    if (rc == NB_ENOTFOUND) {
        problem = add_problem(work, err->message);
        rc = NB_OK;
    }
    for (size_t row = first; rc == NB_OK && row < work->rows; row++) {
        if (work->texts_of[row] != 0 || !same_set(work, first, row))
            continue;
        if (problem != 0)
            work->texts_of[row] = problem;
        else
            rc = render_with(work, set, row, err);
    }
    return rc;
}

static int render_all(struct work *work, struct nb_error *err)
{
    int rc = NB_OK;

    work->render_until = nb_monotonic_ms() + INT64_C(1000) * RENDERING_SECONDS;
    work->texts_of = nb_calloc(work->rows, sizeof(*work->texts_of));
    for (size_t row = 0; rc == NB_OK && row < work->rows; row++) {
        if (work->texts_of[row] != 0)
            continue;
        if (nb_result_text(work->plan, row, PLAN_TEMPLATE))
            rc = render_alike(work, row, err);
        else
            take_plain_text(work, row);
    }
    return rc;
}

/* ---- the database's part ---- */

static void add_items(struct nb_params *params, const struct work *work)
{
    if (work->trial) {
        nb_params_uuid(params, &work->items[0].tenant);
        nb_params_text(params, work->trial->event_type);
        nb_params_text(params, work->trial->module);
        nb_params_text(params, work->items[0].context);
        return;
    }

    struct nb_uuid *tenants = nb_calloc(work->item_count, sizeof(*tenants));
    int64_t *ids = nb_calloc(work->item_count, sizeof(*ids));

    for (size_t i = 0; i < work->item_count; i++) {
        tenants[i] = work->items[i].tenant;
        ids[i] = work->items[i].id;
    }
    nb_params_uuid_array(params, tenants, work->item_count);
    nb_params_int_array(params, ids, work->item_count);
    free(tenants);
    free(ids);
}

static int plan(struct work *work, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    int rc;

    add_items(params, work);
    nb_params_int(params, RECIPIENTS_AT_ONCE);
    rc = nb_server_query_wait(work->connection, work->trial ? NB_SERVER_SQL_RULES_TEST_PLAN : NB_SERVER_SQL_ENGINE_PLAN,
                              params, &work->plan, err);
    if (rc == NB_OK)
        work->rows = nb_result_rows(work->plan);
    return rc;
}

static void add_text_column(struct nb_params *params, const struct work *work, enum plan_column column)
{
    const char **values = nb_calloc(work->rows, sizeof(*values));

    for (size_t row = 0; row < work->rows; row++) {
        values[row] = nb_result_text(work->plan, row, column);
        if (column == PLAN_CODE && work->texts.data[work->texts_of[row] - 1].is_problem)
            values[row] = "no_template";
    }
    nb_params_text_array(params, values, work->rows);
    free(values);
}

static void add_rows(struct nb_params *params, const struct work *work)
{
    int64_t *numbers = nb_calloc(work->rows, sizeof(*numbers));
    struct nb_uuid *users = nb_calloc(work->rows, sizeof(*users));

    for (size_t row = 0; row < work->rows; row++)
        numbers[row] = nb_result_int(work->plan, row, PLAN_ITEM);
    nb_params_int_array(params, numbers, work->rows);
    add_text_column(params, work, PLAN_RULE);
    add_text_column(params, work, PLAN_TYPE);
    add_text_column(params, work, PLAN_CHANNEL);
    for (size_t row = 0; row < work->rows; row++)
        users[row] = nb_result_uuid(work->plan, row, PLAN_USER);
    nb_params_uuid_array(params, users, work->rows);
    add_text_column(params, work, PLAN_CODE);
    for (size_t row = 0; row < work->rows; row++)
        numbers[row] = nb_result_time(work->plan, row, PLAN_UNTIL);
    nb_params_time_array(params, numbers, work->rows);
    add_text_column(params, work, PLAN_TEMPLATE);
    nb_params_int_array(params, work->texts_of, work->rows);
    free(numbers);
    free(users);
}

static void add_texts(struct nb_params *params, const struct work *work, size_t member)
{
    const char **values = nb_calloc(work->texts.count, sizeof(*values));

    for (size_t i = 0; i < work->texts.count; i++)
        values[i] = *(char *const *)((const char *)&work->texts.data[i] + member);
    nb_params_text_array(params, values, work->texts.count);
    free(values);
}

static int write_all(struct work *work, struct nb_result **decided, struct nb_error *err)
{
    static const size_t members[] = {offsetof(struct work_text, subject), offsetof(struct work_text, body),
                                     offsetof(struct work_text, html),    offsetof(struct work_text, locale),
                                     offsetof(struct work_text, missing), offsetof(struct work_text, cc),
                                     offsetof(struct work_text, bcc)};
    struct nb_params *params = nb_params_new();

    add_items(params, work);
    if (work->trial) {
        nb_params_int(params, RECIPIENTS_AT_ONCE);
        nb_params_text(params, work->trial->person);
    }
    add_rows(params, work);
    for (size_t i = 0; i < NB_ARRAY_SIZE(members); i++)
        add_texts(params, work, members[i]);
    return nb_server_query_wait(work->connection,
                                work->trial ? NB_SERVER_SQL_RULES_TEST_WRITE : NB_SERVER_SQL_ENGINE_WRITE, params,
                                decided, err);
}

static void clear(struct work *work)
{
    for (size_t i = 0; i < work->texts.count; i++) {
        free(work->texts.data[i].key);
        free(work->texts.data[i].subject);
        free(work->texts.data[i].body);
        free(work->texts.data[i].html);
        free(work->texts.data[i].locale);
        free(work->texts.data[i].missing);
        free(work->texts.data[i].cc);
        free(work->texts.data[i].bcc);
    }
    nb_vec_clear(&work->texts);
    for (size_t i = 0; i < work->item_count; i++)
        json_decref(work->contexts[i]);
    free(work->contexts);
    free(work->texts_of);
    nb_result_free(&work->plan);
}

int work_on_items(struct nb_connection *connection, struct nb_template_cache *cache, const struct work_item *items,
                  size_t count, struct nb_error *err)
{
    struct work work = {.connection = connection, .cache = cache, .items = items, .item_count = count};
    int rc;

    work.contexts = nb_calloc(count, sizeof(*work.contexts));
    rc = plan(&work, err);
    if (rc == NB_OK && work.rows > 0)
        rc = render_all(&work, err);
    if (rc == NB_OK && work.rows > 0)
        rc = write_all(&work, NULL, err);
    clear(&work);
    return rc;
}

/* ---- a trial ---- */

/* What the person would get by that channel: a plan has each once. NULL: nothing. */
static const struct work_text *text_for(const struct work *work, const struct nb_uuid *user, const char *channel)
{
    for (size_t row = 0; channel && row < work->rows; row++) {
        struct nb_uuid other = nb_result_uuid(work->plan, row, PLAN_USER);

        if (memcmp(&other, user, sizeof(other)) == 0 &&
            strcmp(nb_result_text(work->plan, row, PLAN_CHANNEL), channel) == 0)
            return &work->texts.data[work->texts_of[row] - 1];
    }
    return NULL;
}

static void tell(const struct work *work, const struct nb_result *decided, nb_engine_said *said, void *arg)
{
    for (size_t i = 0; i < nb_result_rows(decided); i++) {
        struct nb_decision decision = {.at = nb_result_time(decided, i, 0),
                                       .subject = nb_result_text(decided, i, 1),
                                       .event_type = work->trial->event_type,
                                       .user_id = nb_result_uuid(decided, i, 2),
                                       .user_name = nb_result_text(decided, i, 3),
                                       .channel = nb_result_text(decided, i, 4),
                                       .rule_id = nb_result_text(decided, i, 5),
                                       .code = nb_result_text(decided, i, 6),
                                       .outcome = nb_result_text(decided, i, 7),
                                       .detail = nb_decision_detail(nb_result_text(decided, i, 8))};
        const struct work_text *text = text_for(work, &decision.user_id, decision.channel);
        struct nb_engine_text shown = {0};

        if (text && !text->is_problem)
            shown = (struct nb_engine_text){text->subject, text->body, text->html, text->locale};
        said(arg, &decision, text && !text->is_problem ? &shown : NULL);
        json_decref(decision.detail);
    }
}

int work_on_trial(struct nb_connection *connection, struct nb_template_cache *cache, const struct work_item *item,
                  const struct work_trial *trial, nb_engine_said *said, void *arg, bool *more, struct nb_error *err)
{
    struct work work = {.connection = connection, .cache = cache, .items = item, .item_count = 1, .trial = trial};
    struct nb_result *decided = NULL;
    int rc;

    work.contexts = nb_calloc(1, sizeof(*work.contexts));
    if ((rc = plan(&work, err)) == NB_OK && (rc = render_all(&work, err)) == NB_OK &&
        (rc = write_all(&work, &decided, err)) == NB_OK) {
        *more = nb_result_rows(decided) > 0 && nb_result_bool(decided, 0, 9);
        tell(&work, decided, said, arg);
    }
    nb_result_free(&decided);
    clear(&work);
    return rc;
}
