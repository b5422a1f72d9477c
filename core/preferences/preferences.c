/*
 * preferences.c - asks the database what somebody prefers, and has it changed.
 */
#include "preferences/preferences.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

const char *const nb_day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const char *const source_words[] = {"default", "all", "module", "type"};

/* ---- the document as a struct ---- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool flag_of(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static struct nb_preference_switch read_switch(const json_t *value)
{
    struct nb_preference_switch one = {
        .enabled = flag_of(value, "enabled"), .locked = flag_of(value, "locked"), .usual = flag_of(value, "usual")};
    const char *source = text_of(value, "from");

    for (size_t i = 0; source && i < NB_ARRAY_SIZE(source_words); i++)
        if (strcmp(source_words[i], source) == 0)
            one.source = (enum nb_preference_source)i;
    return one;
}

static void read_channels(struct nb_preferences *out, const json_t *document)
{
    const json_t *list = json_object_get(document, "channels");
    struct nb_preference_channel *channels = nb_calloc(json_array_size(list) + 1, sizeof(*channels));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_array_get(list, i));

        channels[i] = (struct nb_preference_channel){.name = name,
                                                     .address = text_of(json_object_get(document, "addresses"), name),
                                                     .problem = text_of(json_object_get(document, "problems"), name)};
    }
    out->channels = channels;
    out->channel_count = json_array_size(list);
}

static const struct nb_preference_switch *read_switches(const struct nb_preferences *preferences, const json_t *object)
{
    struct nb_preference_switch *switches = nb_calloc(preferences->channel_count + 1, sizeof(*switches));

    for (size_t i = 0; i < preferences->channel_count; i++)
        switches[i] = read_switch(json_object_get(object, preferences->channels[i].name));
    return switches;
}

static void read_types(struct nb_preferences *out, const json_t *list)
{
    struct nb_preference_type *types = nb_calloc(json_array_size(list) + 1, sizeof(*types));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        types[i] = (struct nb_preference_type){.type = text_of(item, "type"),
                                               .module = text_of(item, "module"),
                                               .description = text_of(item, "description"),
                                               .urgency = text_of(item, "urgency"),
                                               .channels = read_switches(out, json_object_get(item, "channels"))};
    }
    out->types = types;
    out->type_count = json_array_size(list);
}

static void read_words(struct nb_preferences *out, const json_t *list)
{
    struct nb_preference_word *words = nb_calloc(json_array_size(list) + 1, sizeof(*words));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        words[i] = (struct nb_preference_word){.type = text_of(item, "type"),
                                               .module = text_of(item, "module"),
                                               .channel = text_of(item, "channel"),
                                               .enabled = flag_of(item, "enabled")};
    }
    out->words = words;
    out->word_count = json_array_size(list);
}

static void read_thresholds(struct nb_preferences *out, const json_t *list)
{
    struct nb_preference_threshold *thresholds = nb_calloc(json_array_size(list) + 1, sizeof(*thresholds));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        thresholds[i] = (struct nb_preference_threshold){.event_type = text_of(item, "event_type"),
                                                         .module = text_of(item, "module"),
                                                         .condition = text_of(item, "condition"),
                                                         .is_active = flag_of(item, "is_active")};
    }
    out->thresholds = thresholds;
    out->threshold_count = json_array_size(list);
}

static void read_days(struct nb_preferences *out, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));

        for (size_t day = 0; day < NB_DAY_COUNT; day++)
            if (strcmp(nb_day_names[day], word) == 0)
                out->quiet_days[day] = true;
    }
}

static void read_settings(struct nb_preferences *out, const json_t *document)
{
    const char *until = text_of(document, "dnd_until");

    out->quiet_from = text_of(json_object_get(document, "quiet"), "from");
    out->quiet_to = text_of(json_object_get(document, "quiet"), "to");
    read_days(out, json_object_get(document, "quiet_days"));
    if (!until || nb_time_parse(&out->dnd_until, until, NULL) < 0)
        out->dnd_until = NB_TIME_NONE;
    out->digest = text_of(document, "digest");
    out->digest_at = text_of(document, "digest_at");
    out->time_zone = text_of(document, "time_zone");
    out->locale = text_of(document, "locale");
    out->time_zone_is_own = flag_of(document, "time_zone_is_own");
    out->locale_is_own = flag_of(document, "locale_is_own");
}

static struct nb_preferences *read_take(json_t *document)
{
    struct nb_preferences *out = nb_calloc(1, sizeof(*out));

    out->tenant_id = text_of(document, "tenant_id");
    out->user_id = text_of(document, "user_id");
    out->name = text_of(document, "name");
    out->version = json_integer_value(json_object_get(document, "version"));
    read_settings(out, document);
    read_channels(out, document);
    read_types(out, json_object_get(document, "types"));
    read_words(out, json_object_get(document, "preferences"));
    read_thresholds(out, json_object_get(document, "thresholds"));
    out->document = document;
    return out;
}

struct nb_preferences *nb_preferences_copy(const struct nb_preferences *preferences)
{
    return read_take(json_incref((json_t *)preferences->document));
}

void nb_preferences_free(struct nb_preferences **out)
{
    struct nb_preferences *preferences = *out;

    if (!preferences)
        return;
    for (size_t i = 0; i < preferences->type_count; i++)
        free((void *)preferences->types[i].channels);
    free((void *)preferences->types);
    free((void *)preferences->channels);
    free((void *)preferences->words);
    free((void *)preferences->thresholds);
    json_decref((json_t *)preferences->document);
    nb_free(out);
}

/* ---- requests ---- */

struct preferences_call {
    nb_preferences_done *done;
    void *arg;
};

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct preferences_call *call = arg;
    struct nb_preferences *preferences = NULL;
    json_t *document = NULL;
    struct nb_error problem = {0};
    const char *text = err ? NULL : nb_result_text(result, 0, 0);

    if (!err && !text)
        nb_error_set(&problem, NB_ENOTFOUND, NB_DOMAIN_NONE, "there is no such person any more");
    else if (!err && nb_json_parse(&document, text, strlen(text), &problem) == NB_OK)
        preferences = read_take(document);
    if (preferences)
        call->done(call->arg, preferences, NULL);
    else
        call->done(call->arg, NULL, err ? err : &problem);
    nb_preferences_free(&preferences);
}

static struct nb_request *ask(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
                              enum nb_priority priority, nb_preferences_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = priority, .dispose = free};
    struct preferences_call *call = nb_calloc(1, sizeof(*call));

    call->done = done;
    call->arg = arg;
    return nb_query(connection, query, params_take, &options, answered, call);
}

struct nb_request *nb_preferences_fetch(struct nb_connection *connection, const struct nb_preferences_of *of,
                                        nb_preferences_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, of ? of->tenant : NULL);
    nb_params_text(params, of ? of->person : NULL);
    return ask(connection, NB_SQL_PREFERENCES, params, NB_PRIORITY_PAGE, done, arg);
}

struct nb_request *nb_preferences_set(struct nb_connection *connection, const struct nb_preferences_of *of,
                                      const json_t *changes, int64_t version, nb_preferences_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();
    char *text = json_dumps(changes, JSON_COMPACT);

    nb_params_text(params, text);
    if (version == NB_PREFERENCES_ANY_VERSION)
        nb_params_null(params);
    else
        nb_params_int(params, version);
    nb_params_text(params, of ? of->tenant : NULL);
    nb_params_text(params, of ? of->person : NULL);
    free(text);
    return ask(connection, NB_SQL_PREFERENCES_SET, params, NB_PRIORITY_ACT, done, arg);
}
