/*
 * channels_keys.c - `nightbell channels vapid-key | webhook-secret | webhook-key`: the keys that channels sign with, for those who have to
 * verify. They need no database, only the files that channels.conf names.
 */
#include "cli/commands/channels.h"

#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "base/write.h"
#include "channels/settings.h"
#include "channels/signing.h"
#include "channels/sender.h"
#include "channels/vapid.h"

#define KEY_FILE_MAX (64 * 1024)

/* ---- vapid-key ---- */

static int make_vapid_key(struct nb_strbuf *pem, const char *path, struct nb_error *err)
{
    nb_vapid_generate(pem);
    return nb_file_replace(path, pem->data, pem->length, 0600, err);
}

/* The key in the file, which is made where there is none. */
static int take_vapid_key(struct nb_strbuf *pem, bool *made, const char *path, struct nb_error *err)
{
    struct nb_private_file file;
    int rc = nb_private_file_read(&file, path, "key file", KEY_FILE_MAX, err);

    *made = rc == NB_ENOTFOUND;
    if (*made)
        return make_vapid_key(pem, path, err);
    if (rc == 0 && (rc = nb_private_file_check(&file, path, "key file", true, err)) == 0)
        nb_strbuf_append(pem, file.data);
    nb_private_file_clear(&file);
    return rc;
}

int channels_vapid_key(struct command_call *call, struct nb_error *err)
{
    const char *path = call->arguments[0];
    struct nb_vapid *vapid = NULL;
    struct nb_strbuf pem;
    bool made;
    int rc;

    nb_strbuf_init(&pem, KEY_FILE_MAX);
    if ((rc = take_vapid_key(&pem, &made, path, err)) == 0 && (rc = nb_vapid_new(&vapid, pem.data, "", err)) == 0) {
        if (output_is_json(call->output))
            output_json_take(call->output, json_pack("{s:s, s:s, s:b}", "file", path, "public_key",
                                                     nb_vapid_public_key(vapid), "made", made));
        else
            output_line(call->output, "%s", nb_vapid_public_key(vapid));
    }
    if (pem.data)
        explicit_bzero(pem.data, pem.length);
    nb_strbuf_clear(&pem);
    nb_vapid_free(&vapid);
    return rc;
}

/* ---- webhook-secret ---- */

static bool is_webhook(const struct nb_channel *channel)
{
    return strcmp(channel->ops->kind, "webhook") == 0;
}

/* The channel that --channel names, or the first one of the kind "webhook". */
static int find_channel(const struct nb_channel **out, const struct nb_channels *channels, const char *name,
                        struct nb_error *err)
{
    *out = NULL;
    for (size_t i = 0; !*out && i < channels->list.count; i++) {
        const struct nb_channel *channel = &channels->list.data[i];

        if (is_webhook(channel) && (!name || strcmp(channel->name, name) == 0))
            *out = channel;
    }
    if (*out)
        return 0;
    if (!channels->file)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "there is no channels.conf");
    return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "%s: there is no channel of the kind webhook%s%s",
                        channels->file, name ? " by the name of " : "", name ? name : "");
}

static int open_signing(struct nb_signing **out, const struct command_call *call, struct nb_error *err)
{
    const struct nb_channel *channel;
    struct nb_channels *channels = NULL;
    struct nb_private_file key = {0};
    int rc;

    *out = NULL;
    if ((rc = nb_channels_read(&channels, command_text(call, "channels"), NULL, NULL, err)) == 0 &&
        (rc = find_channel(&channel, channels, command_text(call, "channel"), err)) == 0 &&
        (rc = nb_channel_secret(&key, channel, "key", err)) == 0)
        rc = nb_signing_new(out, key.data, key.length, err);
    nb_private_file_clear(&key);
    nb_channels_free(&channels);
    return rc;
}

static void print_secret(struct output *output, struct nb_strbuf *secret, const char *member)
{
    if (output_is_json(output))
        output_json_take(output, json_pack("{s:s}", member, secret->data));
    else
        output_line(output, "%s", secret->data);
    explicit_bzero(secret->data, secret->length);
    nb_strbuf_clear(secret);
}

int channels_webhook_secret(struct command_call *call, struct nb_error *err)
{
    struct nb_signing *signing;
    struct nb_strbuf secret;
    struct nb_uuid endpoint;
    long version;
    int rc;

    if ((rc = nb_uuid_parse(&endpoint, call->arguments[0], err)) < 0 ||
        (rc = command_number(&version, call, "secret-version", 1, 1000000, 1, err)) < 0 ||
        (rc = open_signing(&signing, call, err)) < 0)
        return rc;
    nb_strbuf_init(&secret, 256);
    nb_signing_secret(&secret, signing, &endpoint, (int)version);
    print_secret(call->output, &secret, "secret");
    nb_signing_free(&signing);
    return 0;
}

int channels_webhook_key(struct command_call *call, struct nb_error *err)
{
    struct nb_signing *signing;
    struct nb_strbuf key;
    int rc;

    if ((rc = open_signing(&signing, call, err)) < 0)
        return rc;
    nb_strbuf_init(&key, 256);
    nb_signing_public_key(&key, signing);
    print_secret(call->output, &key, "public_key");
    nb_signing_free(&signing);
    return 0;
}
