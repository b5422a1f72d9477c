/*
 * output.h - everything that a command prints: text for people, tab-separated lines for pipes, JSON
 * for programs.
 *
 * One choke point: text for people goes through nb_text_sanitize(); JSON is escaped so that no
 * control character, bidi override or invisible character reaches a terminal raw. A closed pipe is
 * no error: output_closed() tells a loop that it may end.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <jansson.h>

#include "base/error.h"

struct output;

struct output_options {
    bool json;
    bool quiet;
    bool verbose;
    bool no_color;
};

struct output *output_new(void);
void output_free(struct output **output);
void output_configure(struct output *output, const struct output_options *options);

bool output_is_json(const struct output *output);
bool output_is_terminal(const struct output *output); /* stdout is one: tables, colour, people's times */
bool output_is_quiet(const struct output *output);
bool output_is_ascii(const struct output *output);  /* the locale is not UTF-8: glyphs fall back */
bool output_has_color(const struct output *output); /* a terminal, and neither NO_COLOR nor --no-color */
int output_columns(const struct output *output);    /* width of the terminal; 80 where unknown */

/* What a command found out: its result, printed also with --quiet. The formatted text is sanitised,
 * and gets a newline. */
void output_line(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* What a command did ("3 notifications read"): not with --quiet, not with --json. */
void output_note(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* Text of several lines whose newlines are kept; otherwise sanitised as output_line() does. */
void output_block(struct output *output, const char *text);
/* The same without sanitising and with tabs kept: only for text that we made ourselves (numbers,
 * ids). */
void output_raw_line(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* Bytes as they are: only for text that is made harmless already. */
void output_raw(struct output *output, const char *text, size_t length);
void output_flush(struct output *output);
/* One object a line (NDJSON); takes value. */
void output_json_take(struct output *output, json_t *value);
/* JSON text that is one line already, with a newline; nothing hidden is left raw in it, on a terminal nothing beyond ASCII. */
void output_json_text_line(struct output *output, const char *json);

/* "nightbell: what went wrong: what to do about it" to stderr; with --json an error object too, as
 * a line of its own. */
void output_error(struct output *output, const struct nb_error *err);
/* A remark on stderr that is no error: only where stderr is a terminal, and not with --quiet. */
void output_remark(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* What --verbose tells, on stderr wherever that goes. */
void output_log_line(struct output *output, const char *line);
/* The progress bar on a terminal's stderr; total < 0: unknown. output_progress_end() takes it away. */
void output_progress(struct output *output, const char *what, int64_t done, int64_t total);
void output_progress_end(struct output *output);
bool output_shows_progress(const struct output *output);

bool output_closed(const struct output *output); /* the reader has gone */
/* Flushes; NB_EFAILED when something could not be written (disk full). A closed pipe is no error. */
NB_MUSTCHECK int output_finish(struct output *output, struct nb_error *err);

/* The exit code of 01-product for an error. */
int output_exit_code(const struct nb_error *err);

#endif
