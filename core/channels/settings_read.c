/*
 * settings_read.c - reads channels.conf: lines to channels, then each channel against the options of its kind.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/words.h"
#include "base/xdg.h"
#include "channels/kinds.h"
#include "channels/option.h"

#define FILE_LIMIT      (256 * 1024)
#define CHANNELS_MAX    100
#define NAME_MAX_LENGTH 20

static const char system_file[] = "/etc/nightbell/channels.conf";

/* What any channel may say, whatever its kind is. */
static const struct nb_channel_option common[] = {
    {.name = "kind", .type = NB_OPTION_TEXT, .required = true},
    {.name = "retries", .type = NB_OPTION_SPANS, .fallback = "1m 5m 30m"},
    {.name = "in_flight", .type = NB_OPTION_COUNT, .fallback = "10"},
    {.name = "time_limit", .type = NB_OPTION_SPAN, .fallback = "30s"},
    {NULL},
};

static const struct nb_channel_option network_options[] = {
    {.name = "public_url", .type = NB_OPTION_URL},
    {.name = "allow", .type = NB_OPTION_TEXT},
    {.name = "ca_file", .type = NB_OPTION_TEXT},
    {NULL},
};

/* A line as it was written: which options a channel has is known only when its kind is. */
struct raw_line {
    char *key, *value;
    unsigned number;
};

struct raw_section {
    char *name;
    unsigned line;
    NB_VEC(struct raw_line) lines;
};

struct reader {
    struct nb_channels *channels;
    NB_VEC(struct raw_section) sections;
    nb_ini_complaint *complaint;
    void *arg;
    struct nb_error *err; /* filled with the first problem where nobody takes complaints */
    bool failed;
};

static int tell(struct reader *reader, unsigned line, const char *message)
{
    if (reader->complaint)
        reader->complaint(reader->arg, reader->channels->file, line, message);
    else if (!reader->failed)
        nb_error_set(reader->err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s:%u: %s", reader->channels->file, line, message);
    reader->failed = true;
    return NB_EINVALID;
}

NB_PRINTF(3, 4) static int problem(struct reader *reader, unsigned line, const char *format, ...)
{
    va_list args;
    char *message;

    va_start(args, format);
    message = nb_vasprintf(format, args);
    va_end(args);
    tell(reader, line, message);
    free(message);
    return NB_EINVALID;
}

/* ---- the nearest name ---- */

struct guess {
    const char *typed, *best;
    size_t distance;
};

static void consider(struct guess *guess, const char *name)
{
    size_t distance = nb_word_distance(guess->typed, name);

    if (nb_word_is_near(guess->typed, distance) && (!guess->best || distance < guess->distance)) {
        guess->best = name;
        guess->distance = distance;
    }
}

static int unknown(struct reader *reader, unsigned line, const char *what, const struct guess *guess)
{
    if (guess->best)
        return problem(reader, line, "there is no %s %s: did you mean %s?", what, guess->typed, guess->best);
    return problem(reader, line, "there is no %s %s", what, guess->typed);
}

/* ---- lines ---- */

static struct raw_section *section_of(struct reader *reader, const struct nb_ini_line *line)
{
    struct raw_section added = {.line = line->number};

    for (size_t i = 0; i < reader->sections.count; i++)
        if (strcmp(reader->sections.data[i].name, line->section) == 0)
            return &reader->sections.data[i];
    added.name = nb_strdup(line->section);
    nb_vec_push(&reader->sections, added);
    return nb_vec_last(&reader->sections);
}

static int take_line(void *arg, const struct nb_ini_line *line, struct nb_error *unused)
{
    struct reader *reader = arg;
    struct raw_section *section = section_of(reader, line);
    struct raw_line raw = {.number = line->number};

    (void)unused;
    raw.key = nb_strdup(line->key);
    raw.value = nb_strdup(line->value);
    nb_vec_push(&section->lines, raw);
    return 0;
}

static void take_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    (void)file;
    tell(arg, line, message);
}

static const struct raw_line *raw_find(const struct raw_section *section, const char *key)
{
    for (size_t i = 0; i < section->lines.count; i++)
        if (strcmp(section->lines.data[i].key, key) == 0)
            return &section->lines.data[i];
    return NULL;
}

/* ---- one section against its options ---- */

/* A section's options: the common ones (of channels), then those of its kind. Ends with NULL. */
struct tables {
    const struct nb_channel_option *list[3];
};

static const struct nb_channel_option *find_option(const struct tables *tables, const char *key, bool *is_variable)
{
    for (size_t t = 0; tables->list[t]; t++)
        for (const struct nb_channel_option *option = tables->list[t]; option->name; option++)
            if (nb_option_is_written(option, key, is_variable))
                return option;
    return NULL;
}

static int unknown_option(struct reader *reader, const struct tables *tables, const struct raw_line *raw)
{
    struct guess guess = {.typed = raw->key};
    char *names[100];
    size_t count = 0;
    int rc;

    for (size_t t = 0; tables->list[t]; t++)
        for (const struct nb_channel_option *option = tables->list[t]; option->name; option++)
            for (int form = 0; form < 2 && count < NB_ARRAY_SIZE(names); form++)
                if (form == 0 || option->type == NB_OPTION_SECRET)
                    names[count++] = nb_option_key(option, form == 1);
    for (size_t i = 0; i < count; i++)
        consider(&guess, names[i]);
    rc = unknown(reader, raw->number, "option", &guess);
    while (count > 0)
        free(names[--count]);
    return rc;
}

static void add_value(struct reader *reader, struct nb_channel *channel, const struct tables *tables,
                      const struct raw_line *raw)
{
    bool is_variable = false;
    const struct nb_channel_option *option = find_option(tables, raw->key, &is_variable);
    const struct nb_channel_value *there = option ? nb_option_value(channel, option->name) : NULL;
    struct nb_channel_value value = {.option = option, .line = raw->number, .is_variable = is_variable};
    struct nb_error err;

    if (!option) {
        unknown_option(reader, tables, raw);
        return;
    }
    if (there) {
        problem(reader, raw->number, "%s: line %u has said it already", raw->key, there->line);
        return;
    }
    if (nb_option_parse(&value, raw->value, &err) < 0) {
        problem(reader, raw->number, "%s: %s", raw->key, err.message);
        nb_option_clear(&value);
        return;
    }
    nb_vec_push(&channel->values, value);
}

/* What the section does not say has its default, or is missing. */
static void add_rest(struct reader *reader, struct nb_channel *channel, const struct tables *tables)
{
    for (size_t t = 0; tables->list[t]; t++)
        for (const struct nb_channel_option *option = tables->list[t]; option->name; option++) {
            const char *fallback = option->fallback;
            struct nb_channel_value value = {.option = option};
            struct nb_error err;

            if (channel->ops && channel->ops->retries && option->type == NB_OPTION_SPANS &&
                strcmp(option->name, "retries") == 0)
                fallback = channel->ops->retries;
            if (nb_option_value(channel, option->name))
                continue;
            if (fallback && nb_option_parse(&value, fallback, &err) < 0)
                nb_fatal(err.message); /* the default is ours */
            if (fallback)
                nb_vec_push(&channel->values, value);
            else if (option->required)
                problem(reader, channel->line, "[%s] lacks %s%s", channel->section, option->name,
                        option->type == NB_OPTION_SECRET ? "_file" : "");
        }
}

static void read_values(struct reader *reader, struct nb_channel *channel, const struct raw_section *section,
                        const struct tables *tables)
{
    bool failed = reader->failed;

    reader->failed = false;
    for (size_t i = 0; i < section->lines.count; i++)
        add_value(reader, channel, tables, &section->lines.data[i]);
    if (!reader->failed)
        add_rest(reader, channel, tables); /* what was misspelt is not missing as well */
    reader->failed |= failed;
}

static void begin_channel(struct reader *reader, struct nb_channel *out, const char *section, const char *name,
                          unsigned line)
{
    *out = (struct nb_channel){.file = reader->channels->file, .line = line};
    out->section = nb_strdup(section);
    out->name = nb_strdup(name);
}

static bool name_is_good(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return length > 0 && name[length] == '\0' && length <= NAME_MAX_LENGTH && name[0] >= 'a' && name[0] <= 'z';
}

static const struct nb_sender_ops *find_kind(const char *kind)
{
    for (size_t i = 0; nb_sender_kinds[i]; i++)
        if (strcmp(nb_sender_kinds[i]->kind, kind) == 0)
            return nb_sender_kinds[i];
    return NULL;
}

static void read_channel(struct reader *reader, const struct raw_section *section, const char *name)
{
    const struct raw_line *kind = raw_find(section, "kind");
    struct guess guess = {.typed = kind ? kind->value : ""};
    struct nb_channel channel;
    const struct nb_sender_ops *ops;

    if (!name_is_good(name) || strcmp(name, "in_app") == 0) {
        problem(reader, section->line, "[%s]: %s", section->name,
                name_is_good(name) ? "the inbox is no channel that anything is sent by"
                                   : "a channel's name has small letters, digits and _, at most 20, a letter first");
        return;
    }
    if (!kind) {
        problem(reader, section->line, "[%s] lacks kind", section->name);
        return;
    }
    if ((ops = find_kind(kind->value)) == NULL) {
        for (size_t i = 0; nb_sender_kinds[i]; i++)
            consider(&guess, nb_sender_kinds[i]->kind);
        unknown(reader, kind->number, "kind", &guess);
        return;
    }
    begin_channel(reader, &channel, section->name, name, section->line);
    channel.ops = ops;
    read_values(reader, &channel, section, &(const struct tables){{common, ops->options, NULL}});
    nb_vec_push(&reader->channels->list, channel);
}

static void read_section(struct reader *reader, const struct raw_section *section)
{
    struct guess guess = {.typed = section->name};

    if (section->name[0] == '\0')
        problem(reader, section->line, "expected a section [channel.NAME] first");
    else if (strncmp(section->name, "channel.", 8) == 0)
        read_channel(reader, section, section->name + 8);
    else if (strcmp(section->name, "network") == 0) {
        reader->channels->network.line = section->line;
        read_values(reader, &reader->channels->network, section, &(const struct tables){{network_options, NULL}});
    } else {
        consider(&guess, "network");
        unknown(reader, section->line, "section", &guess);
    }
}

/* ---- the file ---- */

char *nb_channels_path(const char *path)
{
    const char *named = path ? path : getenv("NIGHTBELL_CHANNELS");
    char *own;

    if (named && *named)
        return nb_strdup(named);
    own = nb_xdg_path(NB_XDG_CONFIG, "channels.conf");
    if (own && access(own, F_OK) == 0)
        return own;
    free(own);
    return access(system_file, F_OK) == 0 ? nb_strdup(system_file) : NULL;
}

/* It names programs to run and files with secrets: who can change it can do what its reader can. */
static int read_text(struct reader *reader, struct nb_error *err)
{
    struct nb_private_file file;
    const char *path = reader->channels->file;
    int rc = nb_private_file_read(&file, path, "channels", FILE_LIMIT, err);

    if (rc == 0 && (rc = nb_private_file_check(&file, path, "channels", false, err)) == 0)
        rc = nb_ini_read_text(path, file.data, file.length, take_line, take_complaint, reader, err);
    nb_private_file_clear(&file);
    return rc;
}

static void reader_clear(struct reader *reader)
{
    for (size_t i = 0; i < reader->sections.count; i++) {
        struct raw_section *section = &reader->sections.data[i];

        for (size_t j = 0; j < section->lines.count; j++) {
            free(section->lines.data[j].key);
            free(section->lines.data[j].value);
        }
        nb_vec_clear(&section->lines);
        free(section->name);
    }
    nb_vec_clear(&reader->sections);
}

int nb_channels_read(struct nb_channels **out, const char *path, nb_ini_complaint *complaint, void *arg,
                     struct nb_error *err)
{
    struct nb_channels *channels = nb_calloc(1, sizeof(*channels));
    struct reader reader = {.channels = channels, .complaint = complaint, .arg = arg, .err = err};
    int rc = 0;

    channels->file = nb_channels_path(path);
    begin_channel(&reader, &channels->network, "network", "network", 0);
    if (channels->file)
        rc = read_text(&reader, err);
    for (size_t i = 0; rc == 0 && i < reader.sections.count; i++) {
        if (channels->list.count == CHANNELS_MAX) {
            problem(&reader, reader.sections.data[i].line, "more than %d channels", CHANNELS_MAX);
            break;
        }
        read_section(&reader, &reader.sections.data[i]);
    }
    if (rc == 0 && reader.failed && !complaint)
        rc = NB_EINVALID;
    reader_clear(&reader);
    if (rc < 0)
        nb_channels_free(&channels);
    *out = channels;
    return rc;
}
