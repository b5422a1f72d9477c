/*
 * demo.c - loads, clears and plays the demonstration.
 */
#include "config.h"

#include "demo/demo.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "db/server_query.h"
#include "engine/engine.h"
#include "identity/identity.h"
#include "schema/upkeep.h"

/* ---- load and clear ---- */

struct part {
    const char *says;
    enum nb_sql_script script;
};

/* In this order; the last part marks the demonstration as complete. */
static const struct part parts[] = {
    {"people of two tenants", NB_SCRIPT_DEMO_PEOPLE},
    {"what their notifications say", NB_SCRIPT_DEMO_TEXTS},
    {"six weeks of notifications", NB_SCRIPT_DEMO_NOTIFICATIONS},
    {"announcements", NB_SCRIPT_DEMO_ANNOUNCEMENTS},
    {"templates in three languages", NB_SCRIPT_DEMO_TEMPLATES},
    {"system events and their history", NB_SCRIPT_DEMO_EVENTS},
    {"rules, preferences, windows and heartbeats", NB_SCRIPT_DEMO_ENGINE},
    {"what will happen live", NB_SCRIPT_DEMO_LIVE},
    {"what it sends", NB_SCRIPT_DEMO_SENDING},
    {"partitions and statistics", NB_SCRIPT_DEMO_FINISH},
};

struct state {
    bool begun;
    bool complete;
    bool taken;
    bool sends;
    bool alone;
    bool old;
};

static int look(struct state *out, struct nb_connection *admin, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(admin, NB_SERVER_SQL_DEMO_STATE, NULL, &result, err);

    if (rc == 0)
        *out = (struct state){.begun = nb_result_bool(result, 0, 0),
                              .complete = nb_result_bool(result, 0, 1),
                              .taken = nb_result_bool(result, 0, 2),
                              .sends = nb_result_bool(result, 0, 3),
                              .alone = nb_result_bool(result, 0, 4),
                              .old = nb_result_bool(result, 0, 5)};
    nb_result_free(&result);
    return rc;
}

static int run_script(struct nb_connection *admin, enum nb_sql_script script, struct nb_error *err)
{
    return nb_query_script_wait(admin, nb_sql_scripts[script].text, err);
}

/* Rows of past weeks fall into the default partition; before the last part they are moved into partitions of their
 * own. */
static int run_part(struct nb_connection *admin, enum nb_sql_script script, struct nb_error *err)
{
    struct nb_rotation rotation;
    int rc = 0;

    if (script == NB_SCRIPT_DEMO_FINISH)
        rc = nb_partitions_ahead(&rotation, admin, err);
    return rc == 0 ? run_script(admin, script, err) : rc;
}

int nb_demo_load(bool *already, struct nb_connection *admin, nb_demo_progress *progress, void *arg,
                 struct nb_error *err)
{
    struct state state;
    int rc;

    *already = false;
    if ((rc = look(&state, admin, err)) != 0)
        return rc;
    if (state.complete && !state.old) {
        *already = true;
        return state.sends ? 0 : run_script(admin, NB_SCRIPT_DEMO_SENDING, err);
    }
    if (state.begun && (rc = run_script(admin, NB_SCRIPT_DEMO_CLEAR, err)) != 0)
        return rc;
    if (!state.begun && state.taken) {
        nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_DATABASE, "this database has a tenant acme or globex of its own");
        return nb_error_hint(err, "load the demonstration into another one: nightbell local start");
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(parts); i++) {
        if (progress != NULL)
            progress(arg, parts[i].says);
        if ((rc = run_part(admin, parts[i].script, err)) != 0)
            return rc;
    }
    return 0;
}

int nb_demo_clear(bool *was_there, struct nb_connection *admin, struct nb_error *err)
{
    struct state state;
    int rc;

    *was_there = false;
    if ((rc = look(&state, admin, err)) != 0)
        return rc;
    *was_there = state.begun;
    return state.begun ? run_script(admin, NB_SCRIPT_DEMO_CLEAR, err) : 0;
}

/* ---- people ---- */

/* columns of demo_list_people.sql */
enum { COLUMN_NAME, COLUMN_USER, COLUMN_TENANT, COLUMN_TENANT_NAME, COLUMN_GLOBAL, COLUMN_ROLES, COLUMN_ABOUT };

static void decode_person(struct nb_demo_person *out, const struct nb_result *result, size_t row,
                          struct nb_arena *arena)
{
    out->name = nb_result_text_in(result, row, COLUMN_NAME, arena);
    out->tenant_name = nb_result_text_in(result, row, COLUMN_TENANT_NAME, arena);
    out->about = nb_result_text_in(result, row, COLUMN_ABOUT, arena);
    out->user_id = nb_result_uuid(result, row, COLUMN_USER);
    out->tenant_id = nb_result_uuid(result, row, COLUMN_TENANT);
    out->is_global = nb_result_bool(result, row, COLUMN_GLOBAL);
    out->roles = nb_roles_from_names(nb_result_text(result, row, COLUMN_ROLES));
}

int nb_demo_people_new(struct nb_demo_people **out, struct nb_connection *admin, struct nb_error *err)
{
    struct nb_demo_people *people = NULL;
    struct nb_result *result = NULL;
    struct state state;
    int rc;

    *out = NULL;
    if ((rc = look(&state, admin, err)) != 0)
        return rc;
    if (!state.complete) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "the demonstration is not loaded");
        return nb_error_hint(err, "load it with: nightbell demo load");
    }
    rc = nb_query_text_wait(admin, nb_sql_scripts[NB_SCRIPT_DEMO_LIST_PEOPLE].text, NULL, &result, err);
    if (rc != 0)
        return rc;
    people = nb_calloc(1, sizeof(*people));
    people->arena = nb_arena_new();
    people->count = nb_result_rows(result);
    people->people = nb_calloc(people->count, sizeof(*people->people));
    for (size_t i = 0; i < people->count; i++)
        decode_person(&people->people[i], result, i, people->arena);
    nb_result_free(&result);
    *out = people;
    return 0;
}

void nb_demo_people_free(struct nb_demo_people **people)
{
    if (*people == NULL)
        return;
    nb_arena_free(&(*people)->arena);
    free((*people)->people);
    nb_free(people);
}

static int unknown_person(const struct nb_demo_people *people, const char *name, struct nb_error *err)
{
    struct nb_strbuf names;
    int rc;

    nb_strbuf_init(&names, 256);
    for (size_t i = 0; i < people->count; i++)
        nb_strbuf_appendf(&names, "%s%s", i == 0 ? "" : ", ", people->people[i].name);
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "nobody in the demonstration is called %s", name);
    rc = nb_error_hint(err, "choose one of %s", names.data);
    nb_strbuf_clear(&names);
    return rc;
}

int nb_demo_people_find(const struct nb_demo_person **out, const struct nb_demo_people *people, const char *name,
                        struct nb_error *err)
{
    for (size_t i = 0; i < people->count; i++) {
        if (strcasecmp(people->people[i].name, name) == 0) {
            *out = &people->people[i];
            return 0;
        }
    }
    *out = NULL;
    return unknown_person(people, name, err);
}

int nb_demo_token(char **out, struct nb_connection *admin, const struct nb_demo_person *person, int64_t lifetime,
                  struct nb_error *err)
{
    struct nb_token_claims claims = {
        .subject = person->user_id, .roles = person->roles, .expires_at = nb_now() + lifetime};

    if (!person->is_global)
        claims.tenant = person->tenant_id;
    return nb_token_mint(out, admin, &claims, err);
}

void nb_demo_default_token(char **out, const char *admin_dsn)
{
    struct nb_connection_options options = {.dsn = admin_dsn, .application_name = "nightbell demo"};
    const struct nb_demo_person *person;
    struct nb_connection *admin = NULL;
    struct nb_demo_people *people = NULL;
    struct nb_loop *loop = NULL;

    *out = NULL;
    if (nb_loop_new(&loop, NULL) == 0 && nb_connection_new(&admin, loop, &options, NULL) == 0 &&
        nb_connection_wait_ready(admin, NULL) == 0 && nb_demo_people_new(&people, admin, NULL) == 0 &&
        nb_demo_people_find(&person, people, NB_DEMO_DEFAULT_PERSON, NULL) == 0 &&
        nb_demo_token(out, admin, person, NB_DEMO_TOKEN_LIFETIME, NULL) != 0)
        *out = NULL;
    nb_demo_people_free(&people);
    nb_connection_free(&admin);
    nb_loop_free(&loop);
}

/* ---- live ---- */

/* One round of `demo live`: more notifications than events, and every event is acted upon in time. */
static const struct demo_step {
    enum nb_sql_script script;
    enum { BY_COLLEAGUE, WITH_SEED, WITH_ROUND } how;
} round_of_steps[] = {
    {NB_SCRIPT_DEMO_STEP_NOTIFY, WITH_SEED},     {NB_SCRIPT_DEMO_STEP_RAISE, WITH_SEED},
    {NB_SCRIPT_DEMO_STEP_PUBLISH, WITH_SEED},    {NB_SCRIPT_DEMO_STEP_NOTIFY, WITH_SEED},
    {NB_SCRIPT_DEMO_STEP_ACT, BY_COLLEAGUE},     {NB_SCRIPT_DEMO_STEP_NOTIFY, WITH_SEED},
    {NB_SCRIPT_DEMO_STEP_HEARTBEAT, WITH_ROUND}, {NB_SCRIPT_DEMO_STEP_FLAP, WITH_ROUND},
    {NB_SCRIPT_DEMO_STEP_NOTIFY, WITH_SEED},     {NB_SCRIPT_DEMO_STEP_ACT, BY_COLLEAGUE},
};

int nb_demo_is_alone(bool *alone, struct nb_connection *admin, struct nb_error *err)
{
    struct state state = {0};
    int rc = look(&state, admin, err);

    *alone = state.alone;
    return rc;
}

int nb_demo_live(struct nb_connection *admin, bool begins, const char *sent, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();

    nb_params_bool(params, begins);
    nb_params_text(params, sent);
    return nb_query_text_wait(admin, nb_sql_scripts[NB_SCRIPT_DEMO_LIVE_BEGINS].text, params, NULL, err);
}

int nb_demo_step(char **said, struct nb_connection *producer, struct nb_connection *colleague, uint64_t step,
                 struct nb_error *err)
{
    const struct demo_step *chosen = &round_of_steps[step % NB_ARRAY_SIZE(round_of_steps)];
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    char seed[64];
    int rc;

    *said = NULL;
    if (chosen->how == WITH_SEED) {
        /* Each seed differs, because the database drops repetitions within its dedup window. */
        snprintf(seed, sizeof(seed), "live:%" PRId64 ":%" PRIu64, nb_now(), step);
        nb_params_text(params, seed);
    } else if (chosen->how == WITH_ROUND) {
        nb_params_int(params, (int64_t)(step / NB_ARRAY_SIZE(round_of_steps)));
    }
    rc = nb_query_text_wait(chosen->how == BY_COLLEAGUE ? colleague : producer, nb_sql_scripts[chosen->script].text,
                            params, &result, err);
    if (rc == 0)
        *said = nb_strdup(nb_result_text(result, 0, 0));
    nb_result_free(&result);
    return rc;
}

int nb_demo_receipts(char **said, struct nb_connection *worker, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_text_wait(worker, nb_sql_scripts[NB_SCRIPT_DEMO_STEP_RECEIPTS].text, NULL, &result, err);

    *said = rc == 0 ? nb_strdup(nb_result_text(result, 0, 0)) : NULL;
    nb_result_free(&result);
    return rc;
}

int nb_demo_work(struct nb_engine *engine, struct nb_connection *worker, struct nb_error *err)
{
    size_t done = 1;
    int rc = nb_query_text_wait(worker, nb_sql_scripts[NB_SCRIPT_DEMO_LIVE_DUTIES].text, NULL, NULL, err);

    while (rc == 0 && done > 0)
        rc = nb_engine_step(engine, &done, err);
    return rc;
}
