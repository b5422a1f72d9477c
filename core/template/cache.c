/*
 * cache.c - keeps sets of templates, and loads again what has another version by now.
 */
#include <stdlib.h>
#include <string.h>

#include "db/server_query.h"
#include "template/set_internal.h"

struct nb_template_cache {
    size_t most, loads;
    NB_VEC(struct nb_template_set *) sets; /* the most lately used last */
};

struct nb_template_cache *nb_template_cache_new(size_t most)
{
    struct nb_template_cache *cache = nb_calloc(1, sizeof(*cache));

    cache->most = most > 0 ? most : 1;
    return cache;
}

void nb_template_cache_free(struct nb_template_cache **cache)
{
    if (!*cache)
        return;
    for (size_t i = 0; i < (*cache)->sets.count; i++)
        nb_template_set_free(&(*cache)->sets.data[i]);
    nb_vec_clear(&(*cache)->sets);
    nb_free(cache);
}

size_t nb_template_cache_loads(const struct nb_template_cache *cache)
{
    return cache->loads;
}

/* Takes the set out of the cache; NULL where it is not there. */
static struct nb_template_set *take_out(struct nb_template_cache *cache, const char *tenant, const char *code,
                                        const char *channel)
{
    for (size_t i = 0; i < cache->sets.count; i++) {
        struct nb_template_set *set = cache->sets.data[i];

        if (strcmp(set->code, code) == 0 && strcmp(set->channel, channel) == 0 && strcmp(set->tenant, tenant) == 0) {
            nb_vec_remove(&cache->sets, i);
            return set;
        }
    }
    return NULL;
}

/* Whether the answer gives each member the version that it has; one that is not there has 0. */
static bool has_versions(const struct nb_template_set *set, const struct nb_result *result)
{
    for (size_t i = 0; i < set->members.count; i++) {
        int version = 0;

        for (size_t row = 0; row < nb_result_rows(result); row++)
            if (strcmp(nb_result_text(result, row, 0), set->members.data[i].code) == 0)
                version = (int)nb_result_int(result, row, 1);
        if (version != set->members.data[i].version)
            return false;
    }
    return true;
}

static int is_current(bool *current, const struct nb_template_set *set, struct nb_connection *connection,
                      struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    const char **codes = nb_calloc(set->members.count, sizeof(*codes));
    struct nb_result *result = NULL;
    int rc;

    for (size_t i = 0; i < set->members.count; i++)
        codes[i] = set->members.data[i].code;
    nb_params_text(params, set->tenant);
    nb_params_text_array(params, codes, set->members.count);
    free(codes);
    rc = nb_server_query_wait(connection, NB_SERVER_SQL_TEMPLATE_VERSIONS, params, &result, err);
    *current = rc == 0 && has_versions(set, result);
    nb_result_free(&result);
    return rc;
}

static void put(struct nb_template_cache *cache, struct nb_template_set *set)
{
    if (cache->sets.count == cache->most) {
        nb_template_set_free(&cache->sets.data[0]);
        nb_vec_remove(&cache->sets, 0);
    }
    nb_vec_push(&cache->sets, set);
}

int nb_template_cache_get(struct nb_template_cache *cache, const struct nb_template_set **out,
                          struct nb_connection *connection, const char *tenant, const char *code, const char *channel,
                          struct nb_error *err)
{
    struct nb_template_set *set = take_out(cache, tenant, code, channel);
    bool current = false;
    int rc = set ? is_current(&current, set, connection, err) : 0;

    *out = NULL;
    if (!current)
        nb_template_set_free(&set);
    if (rc < 0)
        return rc;
    if (!set) {
        if ((rc = nb_template_set_load(&set, connection, tenant, code, channel, err)) < 0)
            return rc;
        cache->loads++;
    }
    put(cache, set);
    *out = set;
    return 0;
}
