/*
 * templates_preview.c - `nightbell templates preview`: renders a template as the worker would, and sends nothing.
 */
#include <string.h>

#include "base/json.h"
#include "cli/commands/templates.h"
#include "cli/frame/session.h"
#include "preferences/preferences.h"
#include "template/template.h"

const struct command_option templates_preview_options[] = {
    {"context", "JSON", "what the application publishes: an object (default: {})"},
    {"channel", "CHANNEL", "render for this channel only"},
    {"locale", "LOCALE", "in this language (default: that of --user, or else the template's default)"},
    {"user", "USER", "for this person: a name, address or UUID"},
    {NULL},
};

/* ---- printing ---- */

static json_t *pack_names(const nb_template_names *names)
{
    json_t *list = json_array();

    for (size_t i = 0; i < names->count; i++)
        json_array_append_new(list, json_string(names->data[i]));
    return list;
}

static void print_json(struct output *output, const char *code, const char *channel,
                       const struct nb_template_text *text)
{
    output_json_take(output, json_pack("{s:s, s:s, s:s, s:i, s:s?, s:s, s:s?, s:o, s:o, s:o, s:o}", "template_code",
                                       code, "channel", channel, "locale", text->locale, "version", text->version,
                                       "subject", text->subject, "body", text->body, "html", text->html, "cc",
                                       pack_names(&text->cc), "bcc", pack_names(&text->bcc), "missing",
                                       pack_names(&text->missing), "mistyped", pack_names(&text->mistyped)));
}

static void print_names(struct output *output, const char *what, const nb_template_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        output_line(output, "%s: %s", what, names->data[i]);
}

/* Like a mail: heads, an empty line, the text. */
static void print_text(struct output *output, const char *channel, const struct nb_template_text *text, bool is_first)
{
    if (!is_first)
        output_line(output, "%s", "");
    output_line(output, "channel: %s", channel);
    output_line(output, "locale: %s", text->locale);
    output_line(output, "version: %d", text->version);
    if (text->subject)
        output_line(output, "subject: %s", text->subject);
    print_names(output, "cc", &text->cc);
    print_names(output, "bcc", &text->bcc);
    print_names(output, "missing", &text->missing);
    print_names(output, "of another type", &text->mistyped);
    output_line(output, "%s", "");
    output_block(output, text->body);
    if (text->html) {
        output_line(output, "%s", "");
        output_line(output, "html:");
        output_block(output, text->html);
    }
}

/* ---- rendering ---- */

struct previewing {
    struct command_call *call;
    struct nb_connection *connection;
    struct nb_template_preview with;
    size_t rendered;
};

static int preview_channel(struct previewing *previewing, const char *channel, struct nb_error *err)
{
    struct command_call *call = previewing->call;
    const char *locale = command_text(call, "locale");
    struct nb_template_set *set = NULL;
    struct nb_template_text text = {0};
    int rc =
        nb_template_set_load(&set, previewing->connection, previewing->with.tenant, call->arguments[0], channel, err);

    if (rc == NB_OK)
        rc = nb_template_render(&text, set, locale ? locale : previewing->with.locale, previewing->with.context,
                                previewing->with.user, err);
    if (rc == NB_OK && output_is_json(call->output))
        print_json(call->output, call->arguments[0], channel, &text);
    else if (rc == NB_OK)
        print_text(call->output, channel, &text, previewing->rendered == 0);
    previewing->rendered += rc == NB_OK;
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    return rc;
}

/* Keeps the document of the one template. */
static void keep_document(void *arg, const char *key, const char *document)
{
    json_t **kept = arg;

    (void)key;
    *kept = json_loads(document, 0, NULL);
}

static const char *channel_of(const json_t *texts, size_t i)
{
    const char *channel = json_string_value(json_object_get(json_array_get(texts, i), "channel"));

    return channel ? channel : "";
}

/* Whether one of the first `count` texts is of the channel. */
static bool has_text(const json_t *texts, size_t count, const char *channel)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(channel_of(texts, i), channel) == 0)
            return true;
    return false;
}

/* Every channel that has a text of its own, and the inbox where there is a text for *. */
static int preview_channels(struct previewing *previewing, const struct nb_config *config, struct nb_error *err)
{
    static const char inbox[] = "in_app";
    json_t *document = NULL;
    const json_t *texts;
    size_t count;
    int rc = nb_config_list(config, previewing->call->arguments[0], keep_document, &document, err);

    texts = json_object_get(document, "texts");
    count = json_array_size(texts);
    if (rc == NB_OK && (has_text(texts, count, inbox) || has_text(texts, count, "*")))
        rc = preview_channel(previewing, inbox, err);
    for (size_t i = 0; rc == NB_OK && i < count; i++) {
        const char *channel = channel_of(texts, i);

        if (strcmp(channel, "*") != 0 && strcmp(channel, inbox) != 0 && !has_text(texts, i, channel))
            rc = preview_channel(previewing, channel, err);
    }
    json_decref(document);
    return rc;
}

int templates_preview(struct command_call *call, struct nb_error *err)
{
    struct previewing previewing = {.call = call};
    const char *context = command_text(call, "context"), *channel = command_text(call, "channel");
    struct nb_config config;
    json_t *parsed = NULL;
    int rc;

    /* for an error with a column, before the database says less */
    if (context && (rc = nb_json_parse(&parsed, context, strlen(context), err)) != NB_OK)
        return rc;
    json_decref(parsed);
    if ((rc = config_open(&config, call, false, err)) != NB_OK)
        return rc;
    previewing.connection = config.connection;
    rc = nb_template_preview_open(&previewing.with, config.connection, config.tenant, context ? context : "{}",
                                  command_text(call, "user"), err);
    if (rc == NB_OK)
        rc = channel ? preview_channel(&previewing, channel, err) : preview_channels(&previewing, &config, err);
    nb_template_preview_clear(&previewing.with);
    return session_explain_denied(rc, err);
}
