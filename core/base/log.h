/*
 * log.h - structured log lines (logfmt) for long-running commands, and a debug log to a file.
 * The library itself prints nothing: without a sink every call is a no-op.
 */
#ifndef NB_BASE_LOG_H
#define NB_BASE_LOG_H

#include "base/error.h"

enum nb_log_level { NB_LOG_DEBUG, NB_LOG_INFO, NB_LOG_WARN, NB_LOG_ERROR };

typedef void nb_log_sink(void *arg, enum nb_log_level level, const char *line);
void nb_log_set_sink(nb_log_sink *sink, void *arg, enum nb_log_level minimum);
bool nb_log_enabled(enum nb_log_level level);
/* format is an event word plus key=value pairs; values that need it are quoted by nb_log_quote(). */
void nb_log(enum nb_log_level level, const char *format, ...) NB_PRINTF(2, 3);
/* The logfmt form of a value, quoted and escaped where needed, in one of a few rotating static buffers. */
const char *nb_log_quote(const char *value);

#endif
