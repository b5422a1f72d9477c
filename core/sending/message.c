/*
 * message.c - a row of a claim becomes a message and its targets.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sending/sending_internal.h"

static const char *text_of(struct item *item, const struct nb_result *claimed, size_t row, enum claim_column column)
{
    return nb_result_text_in(claimed, row, column, item->arena);
}

/* NULL-terminated; NULL where there are none. */
static const char *const *list_of(struct item *item, const char *text)
{
    json_t *list = NULL;
    const char **out;
    size_t count;

    if (!text || nb_json_parse(&list, text, strlen(text), NULL) < 0)
        return NULL;
    count = json_array_size(list);
    out = nb_arena_alloc(item->arena, (count + 1) * sizeof(*out));
    for (size_t i = 0; i < count; i++)
        out[i] = nb_arena_strdup(item->arena, json_string_value(json_array_get(list, i)));
    json_decref(list);
    return out;
}

static void set_target(struct item *item, struct nb_target *target, const json_t *object)
{
    const char *id = json_string_value(json_object_get(object, "id"));

    if (id && nb_uuid_parse(&target->id, id, NULL) < 0)
        target->id = (struct nb_uuid){0};
    target->address = nb_arena_strdup(item->arena, json_string_value(json_object_get(object, "address")));
    target->platform = nb_arena_strdup(item->arena, json_string_value(json_object_get(object, "platform")));
    target->secret_version = (int)json_integer_value(json_object_get(object, "secret_version"));
    target->former_version = (int)json_integer_value(json_object_get(object, "former_version"));
}

static void set_targets(struct item *item, const struct nb_result *claimed, size_t row)
{
    const char *text = nb_result_text(claimed, row, CLAIM_TARGETS);
    json_t *list = NULL;

    if (text && nb_json_parse(&list, text, strlen(text), NULL) < 0)
        list = NULL;
    item->flight_count = list ? json_array_size(list) : 1;
    item->flights = nb_arena_alloc(item->arena, item->flight_count * sizeof(*item->flights));
    for (size_t i = 0; list && i < item->flight_count; i++)
        set_target(item, &item->flights[i].target, json_array_get(list, i));
    if (!list)
        item->flights[0].target.address = text_of(item, claimed, row, CLAIM_ADDRESS);
    json_decref(list);
}

struct item *message_item(const struct nb_result *claimed, size_t row, struct nb_senders *senders, const char **problem)
{
    struct item *item = nb_calloc(1, sizeof(*item));
    const char *url = nb_senders_public_url(senders), *token = nb_result_text(claimed, row, CLAIM_UNSUBSCRIBE);

    item->arena = nb_arena_new();
    item->lane = (int)nb_result_int(claimed, row, CLAIM_LANE);
    item->message = (struct nb_message){
        .delivery = nb_result_uuid(claimed, row, CLAIM_ID),
        .tenant = nb_result_uuid(claimed, row, CLAIM_TENANT),
        .user = nb_result_uuid(claimed, row, CLAIM_USER),
        .attempt = (int)nb_result_int(claimed, row, CLAIM_ATTEMPT),
        .channel = text_of(item, claimed, row, CLAIM_CHANNEL),
        .type = text_of(item, claimed, row, CLAIM_TYPE),
        .urgency = text_of(item, claimed, row, CLAIM_URGENCY),
        .locale = text_of(item, claimed, row, CLAIM_LOCALE),
        .subject = text_of(item, claimed, row, CLAIM_SUBJECT),
        .body = text_of(item, claimed, row, CLAIM_BODY),
        .html = text_of(item, claimed, row, CLAIM_HTML),
        .payload = text_of(item, claimed, row, CLAIM_PAYLOAD),
        .link = text_of(item, claimed, row, CLAIM_LINK),
        .cc = list_of(item, nb_result_text(claimed, row, CLAIM_CC)),
        .bcc = list_of(item, nb_result_text(claimed, row, CLAIM_BCC)),
        .unsubscribe = url && token ? nb_arena_printf(item->arena, "%s/u/%s", url, token) : NULL,
        .created_ms = nb_result_time(claimed, row, CLAIM_CREATED) / 1000,
    };
    set_targets(item, claimed, row);
    *problem = text_of(item, claimed, row, CLAIM_PROBLEM);
    return item;
}
