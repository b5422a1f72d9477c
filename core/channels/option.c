/*
 * option.c - the types that an option of channels.conf can have.
 */
#include "channels/option.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "base/words.h"

#define COUNT_MAX   10000
#define SPANS_MAX   20
#define SPAN_MAX_MS (INT64_C(7) * 24 * 3600 * 1000)
#define URL_MAX     2048

char *nb_option_key(const struct nb_channel_option *option, bool is_variable)
{
    if (option->type != NB_OPTION_SECRET)
        return nb_strdup(option->name);
    return nb_asprintf("%s_%s", option->name, is_variable ? "env" : "file");
}

bool nb_option_is_written(const struct nb_channel_option *option, const char *key, bool *is_variable)
{
    size_t length = strlen(option->name);

    *is_variable = false;
    if (option->type != NB_OPTION_SECRET)
        return strcmp(option->name, key) == 0;
    if (strncmp(key, option->name, length) != 0)
        return false;
    *is_variable = strcmp(key + length, "_env") == 0;
    return *is_variable || strcmp(key + length, "_file") == 0;
}

static int fail(struct nb_error *err, const char *expected)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "expected %s", expected);
}

/* ---- one reader a type ---- */

static int read_text(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    (void)value;
    return *text ? 0 : fail(err, "a value");
}

static int read_url(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    size_t scheme = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
    const char *host = text + scheme + 3;

    (void)value;
    if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0 || host[strcspn(host, "/?#")] == host[0] ||
        strpbrk(text, " \t\"<>\\") || strlen(text) > URL_MAX)
        return fail(err, "a URL, such as https://example.org");
    if (memchr(host, '@', strcspn(host, "/?#")))
        return fail(err, "a URL without a name and password: they have options of their own");
    return 0;
}

static int read_choice(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    struct nb_strbuf expected;

    nb_strbuf_init(&expected, 1000);
    for (const char *const *choice = value->option->choices; *choice; choice++) {
        if (strcmp(*choice, text) == 0) {
            nb_strbuf_clear(&expected);
            return 0;
        }
        nb_strbuf_appendf(&expected, "%s%s", expected.length == 0 ? "" : choice[1] ? ", " : " or ", *choice);
    }
    fail(err, expected.data);
    nb_strbuf_clear(&expected);
    return NB_EINVALID;
}

static int read_count(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    size_t digits = strspn(text, "0123456789");

    value->number = digits > 0 && digits < 9 && text[digits] == '\0' ? strtol(text, NULL, 10) : 0;
    return value->number >= 1 && value->number <= COUNT_MAX ? 0 : fail(err, "a number from 1 to 10,000");
}

static int span_ms(int64_t *out, const char *text, struct nb_error *err)
{
    struct nb_error why;
    int64_t span;

    if (nb_duration_parse(&span, text, &why) < 0 || span < 1000 * 1000 || span / 1000 > SPAN_MAX_MS)
        return fail(err, "a span from 1s to 7d, such as 30s or 5m");
    *out = span / 1000;
    return 0;
}

static int read_span(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    return span_ms(&value->number, text, err);
}

static int read_spans(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    const char *at = text;
    char *word;
    int rc = 0;

    if (strcmp(text, "none") == 0)
        return 0;
    while (rc == 0 && (word = nb_word_next(&at)) != NULL) {
        int64_t span = 0;

        if ((rc = span_ms(&span, word, err)) == 0)
            nb_vec_push(&value->spans_ms, span);
        free(word);
    }
    if (rc == 0 && (value->spans_ms.count == 0 || value->spans_ms.count > SPANS_MAX))
        rc = fail(err, "up to 20 spans, such as 1m 5m 30m, or none");
    return rc;
}

static int read_command(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    const char *at = text;

    while (*at) {
        struct nb_strbuf word;

        at += strspn(at, " \t");
        if (*at == '\0')
            break;
        nb_strbuf_init(&word, SIZE_MAX / 2);
        if (nb_word_take(&word, &at)) {
            nb_strbuf_clear(&word);
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "the quote is not closed");
        }
        nb_vec_push(&value->words, nb_strbuf_take(&word));
    }
    if (value->words.count == 0 || value->words.data[0][0] != '/')
        return fail(err, "the path of a program, from / on, and its arguments");
    nb_vec_push(&value->words, NULL);
    return 0;
}

static int read_secret(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    if (value->is_variable && (strpbrk(text, "= \t") || *text == '\0'))
        return fail(err, "the name of a variable");
    return value->is_variable || *text == '/' ? 0 : fail(err, "the path of a file, from / on");
}

typedef int value_reader(struct nb_channel_value *value, const char *text, struct nb_error *err);

static value_reader *const readers[] = {
    [NB_OPTION_TEXT] = read_text,       [NB_OPTION_URL] = read_url,       [NB_OPTION_CHOICE] = read_choice,
    [NB_OPTION_COUNT] = read_count,     [NB_OPTION_SPAN] = read_span,     [NB_OPTION_SPANS] = read_spans,
    [NB_OPTION_COMMAND] = read_command, [NB_OPTION_SECRET] = read_secret,
};

int nb_option_parse(struct nb_channel_value *value, const char *text, struct nb_error *err)
{
    value->text = nb_strdup(text);
    return readers[value->option->type](value, text, err);
}

void nb_option_clear(struct nb_channel_value *value)
{
    nb_free(&value->text);
    for (size_t i = 0; i < value->words.count; i++)
        free(value->words.data[i]);
    nb_vec_clear(&value->words);
    nb_vec_clear(&value->spans_ms);
}

const struct nb_channel_value *nb_option_value(const struct nb_channel *channel, const char *option)
{
    for (size_t i = 0; i < channel->values.count; i++)
        if (strcmp(channel->values.data[i].option->name, option) == 0)
            return &channel->values.data[i];
    return NULL;
}
