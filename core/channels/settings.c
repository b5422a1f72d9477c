/*
 * settings.c - what a channel of channels.conf says: its values and its secrets.
 */
#include "channels/settings.h"

#include <stdlib.h>
#include <string.h>

#include "channels/option.h"

#define SECRET_LIMIT (64 * 1024)

static void channel_clear(struct nb_channel *channel)
{
    for (size_t i = 0; i < channel->values.count; i++)
        nb_option_clear(&channel->values.data[i]);
    nb_vec_clear(&channel->values);
    free(channel->section);
    free(channel->name);
}

void nb_channels_free(struct nb_channels **channels)
{
    if (!*channels)
        return;
    for (size_t i = 0; i < (*channels)->list.count; i++)
        channel_clear(&(*channels)->list.data[i]);
    nb_vec_clear(&(*channels)->list);
    channel_clear(&(*channels)->network);
    free((*channels)->file);
    nb_free(channels);
}

const struct nb_channel *nb_channels_find(const struct nb_channels *channels, const char *name)
{
    for (size_t i = 0; i < channels->list.count; i++)
        if (strcmp(channels->list.data[i].name, name) == 0)
            return &channels->list.data[i];
    return NULL;
}

/* ---- what a channel says ---- */

const char *nb_channel_text(const struct nb_channel *channel, const char *option)
{
    const struct nb_channel_value *value = nb_option_value(channel, option);

    return value ? value->text : NULL;
}

int64_t nb_channel_number(const struct nb_channel *channel, const char *option)
{
    const struct nb_channel_value *value = nb_option_value(channel, option);

    return value ? value->number : 0;
}

const char *const *nb_channel_command(const struct nb_channel *channel, const char *option)
{
    const struct nb_channel_value *value = nb_option_value(channel, option);

    return value ? (const char *const *)value->words.data : NULL;
}

const int64_t *nb_channel_spans_ms(const struct nb_channel *channel, const char *option, size_t *count)
{
    const struct nb_channel_value *value = nb_option_value(channel, option);

    *count = value ? value->spans_ms.count : 0;
    return value ? value->spans_ms.data : NULL;
}

bool nb_channel_needs_address(const struct nb_channel *channel)
{
    const char *said = nb_channel_text(channel, "address");

    return !said || strcmp(said, "no") != 0;
}

int nb_channel_problem(const struct nb_channel *channel, const char *option, struct nb_error *err, const char *format,
                       ...)
{
    const struct nb_channel_value *value = option ? nb_option_value(channel, option) : NULL;
    va_list args;
    char *message;

    va_start(args, format);
    message = nb_vasprintf(format, args);
    va_end(args);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s:%u: %s", channel->file,
                 value && value->line ? value->line : channel->line, message);
    free(message);
    return NB_EINVALID;
}

static int secret_of_variable(struct nb_private_file *out, const struct nb_channel *channel,
                              const struct nb_channel_value *value, struct nb_error *err)
{
    const char *text = getenv(value->text);

    if (!text || !*text)
        return nb_channel_problem(channel, value->option->name, err, "the variable %s is not set", value->text);
    out->data = nb_strdup(text);
    out->length = strlen(text);
    return 0;
}

int nb_channel_secret(struct nb_private_file *out, const struct nb_channel *channel, const char *option,
                      struct nb_error *err)
{
    const struct nb_channel_value *value = nb_option_value(channel, option);
    struct nb_error why;
    int rc;

    memset(out, 0, sizeof(*out));
    if (!value)
        return 0;
    if (value->is_variable)
        return secret_of_variable(out, channel, value, err);
    if ((rc = nb_private_file_read(out, value->text, option, SECRET_LIMIT, &why)) < 0 ||
        (rc = nb_private_file_check(out, value->text, option, true, &why)) < 0) {
        nb_private_file_clear(out);
        nb_channel_problem(channel, option, err, "%s", why.message);
        if (why.hint[0])
            nb_error_hint(err, "%s", why.hint);
        return rc;
    }
    while (out->length > 0 && strchr("\r\n", out->data[out->length - 1]))
        out->data[--out->length] = '\0';
    if (out->length == 0) {
        nb_private_file_clear(out);
        return nb_channel_problem(channel, option, err, "%s is empty", value->text);
    }
    return 0;
}
