/*
 * log.c - logfmt lines, passed to the sink if one is set.
 */
#include "config.h"

#include "base/log.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

#define LINE_LIMIT  4096
#define QUOTE_SIZE  512
#define QUOTE_COUNT 8

static struct {
    nb_log_sink *sink;
    void *arg;
    enum nb_log_level minimum;
} target;

static const char *const level_names[] = {
    [NB_LOG_DEBUG] = "debug", [NB_LOG_INFO] = "info", [NB_LOG_WARN] = "warn", [NB_LOG_ERROR] = "error"};

void nb_log_set_sink(nb_log_sink *sink, void *arg, enum nb_log_level minimum)
{
    target.sink = sink;
    target.arg = arg;
    target.minimum = minimum;
}

bool nb_log_enabled(enum nb_log_level level)
{
    return target.sink && level >= target.minimum;
}

void nb_log(enum nb_log_level level, const char *format, ...)
{
    char time[NB_TIME_TEXT_SIZE];
    char line[LINE_LIMIT];
    va_list args;

    if (!nb_log_enabled(level))
        return;
    int length = snprintf(line, sizeof(line), "time=%s level=%s event=", nb_time_format_rfc3339(nb_now(), time),
                          level_names[level]);
    va_start(args, format);
    (void)nb_text_vformat(line + length, sizeof(line) - (size_t)length, format, args);
    va_end(args);
    /* One event is one line, even where a caller forgot to quote a value. */
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7F)
            *at = ' ';
    target.sink(target.arg, level, line);
}

static bool needs_quotes(const char *value)
{
    if (!*value)
        return true;
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at <= ' ' || *at == '"' || *at == '=' || *at == '\\' || *at == 0x7F)
            return true;
    return false;
}

const char *nb_log_quote(const char *value)
{
    static _Thread_local char buffers[QUOTE_COUNT][QUOTE_SIZE];
    static _Thread_local unsigned next;
    char *text = buffers[next++ % QUOTE_COUNT];
    size_t used = 0;

    if (!value)
        value = "";
    bool quotes = needs_quotes(value);
    if (quotes)
        text[used++] = '"';
    /* 8 bytes hold the longest escape, the closing quote and the NUL. A longer value is cut; nb_log() mends the cut. */
    for (const char *at = value; *at && used < QUOTE_SIZE - 8; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\') {
            text[used++] = '\\';
            text[used++] = *at;
        } else if (byte < 0x20 || byte == 0x7F) {
            used += (size_t)snprintf(text + used, QUOTE_SIZE - used, "\\x%02x", byte);
        } else {
            text[used++] = *at;
        }
    }
    if (quotes)
        text[used++] = '"';
    text[used] = '\0';
    return text;
}
