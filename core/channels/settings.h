/*
 * settings.h - channels.conf: which channels this host sends by, and how. An INI file that only an administrator writes.
 *
 *     [channel.email]                     [network]
 *     kind = smtp                         public_url = https://notify.example.org
 *     url = smtp://mail.example.org:587
 *
 * What a channel may say is a table: the common options, and those of its kind. Errors begin with file:line. Secrets are
 * named by the file or the environment variable that holds them, never written here.
 */
#ifndef NB_CHANNELS_SETTINGS_H
#define NB_CHANNELS_SETTINGS_H

#include "base/ini.h"
#include "base/private_file.h"
#include "base/vec.h"

enum nb_option_type {
    NB_OPTION_TEXT,
    NB_OPTION_URL,     /* scheme://… */
    NB_OPTION_CHOICE,  /* one of `choices` */
    NB_OPTION_COUNT,   /* a whole number from 1 to 10,000 */
    NB_OPTION_SPAN,    /* "30s": nb_channel_number() gives milliseconds */
    NB_OPTION_SPANS,   /* "1m 5m 30m" */
    NB_OPTION_COMMAND, /* a program with its arguments, in quotes where they have blanks; its path is absolute */
    NB_OPTION_SECRET,  /* `password` is written as password_file = PATH or password_env = VARIABLE */
};

struct nb_channel_option {
    const char *name;
    enum nb_option_type type;
    bool required;
    const char *fallback;       /* NULL: none */
    const char *const *choices; /* NULL-terminated */
};

struct nb_channel_value {
    const struct nb_channel_option *option;
    char *text;       /* as written; of a secret: the path or the variable's name */
    bool is_variable; /* a secret in the environment */
    unsigned line;
    int64_t number;           /* of a count or a span */
    NB_VEC(char *) words;     /* of a command */
    NB_VEC(int64_t) spans_ms; /* of spans */
};

struct nb_channel {
    char *section; /* "channel.email" */
    char *name;    /* "email" */
    const struct nb_sender_ops *ops;
    const char *file;
    unsigned line; /* of its first line */
    NB_VEC(struct nb_channel_value) values;
};

struct nb_channels {
    char *file; /* NULL: there is none, and so there are no channels */
    NB_VEC(struct nb_channel) list;
    struct nb_channel network; /* [network], with the name "network" */
};

/* The file that holds: `path`, else NIGHTBELL_CHANNELS, else the first that exists of $XDG_CONFIG_HOME/nightbell/channels.conf and
 * /etc/nightbell/channels.conf. NULL: none. The caller frees it. */
char *nb_channels_path(const char *path);
/* Reads the file at nb_channels_path(). Every problem is told to `complaint`; with NULL the first one fails with NB_EINVALID and
 * its file:line. Where there is no file and none was named, the list is empty. */
NB_MUSTCHECK int nb_channels_read(struct nb_channels **out, const char *path, nb_ini_complaint *complaint, void *arg,
                                  struct nb_error *err);
void nb_channels_free(struct nb_channels **channels);
const struct nb_channel *nb_channels_find(const struct nb_channels *channels, const char *name);

/* ---- what one says ---- */

/* NULL: it says nothing, and there is no default. */
const char *nb_channel_text(const struct nb_channel *channel, const char *option);
int64_t nb_channel_number(const struct nb_channel *channel, const char *option); /* 0: nothing */
/* NULL-terminated; NULL: nothing. */
const char *const *nb_channel_command(const struct nb_channel *channel, const char *option);
/* How long to wait after each attempt; after the last one there is no other. */
const int64_t *nb_channel_spans_ms(const struct nb_channel *channel, const char *option, size_t *count);
/* false: all that goes by it goes to one place, which the channel itself says. */
bool nb_channel_needs_address(const struct nb_channel *channel);
/* Reads the secret, without a line's end behind it: from a file that others cannot read, or the environment. out->data is NULL
 * where none is named. The caller clears it. */
NB_MUSTCHECK int nb_channel_secret(struct nb_private_file *out, const struct nb_channel *channel, const char *option,
                                   struct nb_error *err);
/* NB_EINVALID with the file and line of the option, or of the channel where the option is NULL or not written. */
int nb_channel_problem(const struct nb_channel *channel, const char *option, struct nb_error *err, const char *format,
                       ...) NB_PRINTF(4, 5);

#endif
