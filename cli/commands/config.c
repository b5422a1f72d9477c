/*
 * config.c - lists, shows, exports and deletes the documents of a kind of configuration.
 */
#include "cli/commands/config.h"

#include <string.h>

#include "base/json.h"
#include "base/strbuf.h"
#include "cli/frame/session.h"

#define CELL_MAX 4096

static const struct config_view *const views[] = {
    &config_view_addresses, &config_view_devices,    &config_view_endpoints, &config_view_event_types,
    &config_view_groups,    &config_view_heartbeats, &config_view_rules,     &config_view_templates,
    &config_view_types,     &config_view_users,      &config_view_windows};

static const struct config_view *find_view(const char *kind)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(views); i++)
        if (strcmp(views[i]->kind, kind) == 0)
            return views[i];
    return NULL;
}

config_check *config_check_of(const struct nb_config_kind *kind)
{
    return find_view(kind->name)->check;
}

int config_open(struct nb_config *out, struct command_call *call, bool to_write, struct nb_error *err)
{
    const struct nb_config_kind *kind = nb_config_kind_find(call->group->name);
    struct session_options options = {.login = SESSION_CLIENT};

    if (kind->is_of_a_tenant)
        options.login = SESSION_MANAGER;
    else if (to_write)
        options.login = SESSION_ADMINISTRATOR;
    *out = (struct nb_config){.kind = kind, .tenant = command_tenant(call), .check = find_view(kind->name)->check};
    return session_connect(&out->connection, call, &options, err);
}

/* ---- rows ---- */

struct list {
    struct output *output;
    const struct config_view *view;
    struct listing *listing; /* NULL: print the documents */
};

/* Whether an item before has the same member. */
static bool is_repeated(const json_t *list, size_t index, const char *member)
{
    const json_t *value = json_object_get(json_array_get(list, index), member);

    for (size_t i = 0; i < index; i++)
        if (json_equal(json_object_get(json_array_get(list, i), member), value))
            return true;
    return false;
}

static void append_value(struct nb_strbuf *out, const json_t *value, const struct config_column *column)
{
    const json_t *item;
    size_t i;

    if (json_is_string(value))
        nb_strbuf_append(out, json_string_value(value));
    else if (json_is_boolean(value))
        nb_strbuf_append(out, json_is_true(value) ? "yes" : "no");
    else if (json_is_integer(value))
        nb_strbuf_appendf(out, "%lld", (long long)json_integer_value(value));
    else if (json_is_array(value) && json_array_size(value) == 0 && column->when_empty)
        nb_strbuf_append(out, column->when_empty);
    json_array_foreach(value, i, item)
    {
        if (column->of && is_repeated(value, i, column->of))
            continue;
        if (i > 0)
            nb_strbuf_append(out, ",");
        append_value(out, column->of ? json_object_get(item, column->of) : item, column);
    }
}

static enum listing_style style_of(const struct config_column *column, const char *text)
{
    if (column->alarm && strcmp(text, column->alarm) == 0)
        return LISTING_ALARM;
    return column->is_key ? LISTING_STRONG : LISTING_PLAIN;
}

static void list_document(void *arg, const char *key, const char *document)
{
    const struct list *list = arg;
    json_t *object = NULL;

    if (!list->listing) {
        output_json_text_line(list->output, document);
        return;
    }
    if (nb_json_parse(&object, document, strlen(document), NULL) != NB_OK) /* numbers beyond C's: only the key */
        object = json_pack("{s:s}", list->view->columns[0].member, key);
    for (size_t i = 0; i < list->view->count; i++) {
        const struct config_column *column = &list->view->columns[i];
        struct nb_strbuf text;

        nb_strbuf_init(&text, CELL_MAX);
        append_value(&text, json_object_get(object, column->member), column);
        listing_cell(list->listing, text.data, style_of(column, text.data));
        nb_strbuf_clear(&text);
    }
    json_decref(object);
    listing_end_row(list->listing);
}

static int print_all(struct command_call *call, bool as_documents, struct nb_error *err)
{
    struct list list = {.output = call->output, .view = find_view(call->group->name)};
    struct listing_column columns[16];
    struct nb_config config;
    int rc = config_open(&config, call, false, err);

    if (rc != NB_OK)
        return rc;
    for (size_t i = 0; i < list.view->count && i < NB_ARRAY_SIZE(columns); i++)
        columns[i] = list.view->columns[i].column;
    if (!as_documents)
        list.listing = listing_new(call->output, columns, list.view->count);
    rc = session_explain_denied(nb_config_list(&config, NULL, list_document, &list, err), err);
    if (list.listing && rc == NB_OK)
        listing_print(list.listing);
    listing_free(&list.listing);
    return rc;
}

int config_list(struct command_call *call, struct nb_error *err)
{
    return print_all(call, output_is_json(call->output), err);
}

int config_export(struct command_call *call, struct nb_error *err)
{
    return print_all(call, true, err);
}

/* On a terminal a member a line, else and with --json one line as export writes it. */
static void show_document(void *arg, const char *key, const char *document)
{
    struct output *output = arg;
    json_t *object = NULL;
    char *text = NULL;

    (void)key;
    if (output_is_terminal(output) && !output_is_json(output) &&
        nb_json_parse(&object, document, strlen(document), NULL) == NB_OK)
        text = json_dumps(object, JSON_INDENT(2));
    if (text)
        output_block(output, text);
    else
        output_json_text_line(output, document);
    free(text);
    json_decref(object);
}

int config_show(struct command_call *call, struct nb_error *err)
{
    struct nb_config config;
    int rc = config_open(&config, call, false, err);

    if (rc != NB_OK)
        return rc;
    return session_explain_denied(nb_config_list(&config, call->arguments[0], show_document, call->output, err), err);
}

int config_delete(struct command_call *call, struct nb_error *err)
{
    const char *key = call->arguments[0];
    struct nb_config config;
    int rc = config_open(&config, call, true, err);

    if (rc == NB_OK)
        rc = session_explain_denied(nb_config_delete(&config, key, err), err);
    if (rc != NB_OK)
        return rc;
    if (output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s, s:b}", config.kind->key, key, "deleted", 1));
    else
        output_note(call->output, "%s is deleted", key);
    return NB_OK;
}
