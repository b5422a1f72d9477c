/*
 * channels.c - `nightbell channels`: by which channels a host sends, whether they work, and the keys by which receivers know who sends.
 */
#include "cli/commands/channels.h"

#include "cli/frame/groups.h"

#define CHANNELS_OPTION                                                                                                \
    {                                                                                                                  \
        "channels", "FILE",                                                                                            \
            "the file that says how channels send (default: NIGHTBELL_CHANNELS, ~/.config/nightbell/channels.conf, "   \
            "/etc/nightbell/channels.conf)"                                                                            \
    }
#define CHANNEL_OPTION                                                                                                 \
    {                                                                                                                  \
        "channel", "NAME", "the channel, where several are of the kind webhook (default: the first)"                   \
    }

static const struct command_option list_options[] = {CHANNELS_OPTION, {NULL}};
static const struct command_option test_options[] = {
    {"to", "ADDRESS",
     "where it goes: a mailbox, a number, a URL, a device's token or subscription, or what the program takes"},
    {"endpoint", "ENDPOINT", "of a webhook: the endpoint whose secret signs, a UUID (default: none that there is)"},
    {"secret-version", "N", "the version of that secret (default: 1)"},
    CHANNELS_OPTION,
    {NULL},
};
static const struct command_option secret_options[] = {
    {"secret-version", "N", "the version of the endpoint's secret, which rotation counts up (default: 1)"},
    CHANNEL_OPTION,
    CHANNELS_OPTION,
    {NULL},
};
static const struct command_option key_options[] = {CHANNEL_OPTION, CHANNELS_OPTION, {NULL}};

static const struct command commands[] = {
    {"list", "", "[--channels FILE]",
     .summary = "list the channels: those of channels.conf, and those that the database knows",
     .description = "Columns: name, kind, where it goes (\"-\": not by this host's channels.conf), how many rules name "
                    "it, how many "
                    "addresses, devices or endpoints it can lead to, how many deliveries wait, when something was last "
                    "sent, how it "
                    "is, and the last error. Who operates no more than a tenant sees the names alone.",
     .options = list_options, .is_default = true, .run = channels_list},
    {"test", "CHANNEL", "CHANNEL [--to ADDRESS] [--endpoint ENDPOINT] [--secret-version N] [--channels FILE]",
     .summary = "send one message by a channel of channels.conf, now, and print what came back",
     .description =
         "The sender is the worker's, with its settings, secrets, time limit and guard; the database is not asked and "
         "nothing is written there. The message is real: whoever has the address gets it. A channel with address = no "
         "takes no --to. Exits 0 when it was sent, 5 when a worker would try again (no answer, busy, a login that is "
         "refused), 1 when it has failed for good, 2 when nothing can be sent to such an address.",
     .options = test_options, .run = channels_test},
    {"vapid-key", "FILE",
     .summary = "print the public key of FILE, for browsers to subscribe with; makes FILE where there is none",
     .description =
         "FILE is what vapid_key_file of a channel of the kind push names. The public key is the applicationServerKey "
         "of PushManager.subscribe(). Subscriptions are bound to it: with another key all of them are lost.",
     .run = channels_vapid_key},
    {"webhook-secret", "ENDPOINT", "ENDPOINT [--secret-version N] [--channel NAME] [--channels FILE]",
     .summary = "print the secret that the receiver of an endpoint verifies signatures with",
     .description = "ENDPOINT is its UUID. No secret is stored: each follows from the channel's key, the endpoint and "
                    "the version.",
     .options = secret_options, .run = channels_webhook_secret},
    {"webhook-key", "", "[--channel NAME] [--channels FILE]",
     .summary = "print the public key that every receiver can verify signatures of the form v1a with",
     .description = "They are sent where the channel says ed25519 = yes.", .options = key_options,
     .run = channels_webhook_key},
    {NULL},
};

const struct command_group channels_group = {
    .name = "channels",
    .summary = "by which channels this host sends, whether they work, and the keys that receivers need",
    .commands = commands,
};
