/*
 * output.h - everything that a command prints: text for people, tab-separated lines for pipes, JSON for programs.
 *
 * All output goes through here. Text for people is sanitised by nb_text_sanitize(); JSON is escaped so that no control
 * character, bidi override or invisible character reaches a terminal raw. A closed pipe is no error: output_closed()
 * tells a loop to stop.
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
bool output_is_terminal(const struct output *output); /* stdout is one: tables, colour, times as people read them */
bool output_is_quiet(const struct output *output);
bool output_is_ascii(const struct output *output);  /* the locale is not UTF-8: use ASCII instead of glyphs */
bool output_has_color(const struct output *output); /* a terminal, with neither NO_COLOR nor --no-color */
int output_columns(const struct output *output);    /* width of the terminal; 80 where unknown */

/* The command's result, printed with --quiet as well. The formatted text is sanitised, and gets a newline. */
void output_line(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* What the command did ("3 notifications read"). Not printed with --quiet or --json. */
void output_note(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* Text with several lines, whose newlines are kept; sanitised otherwise, like output_line(). */
void output_block(struct output *output, const char *text);
/* A line that is not sanitised and keeps its tabs: only for text of our own (numbers, ids). */
void output_raw_line(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* Writes the bytes unchanged: only for text that was sanitised already. */
void output_raw(struct output *output, const char *text, size_t length);
void output_flush(struct output *output);
/* Prints one object on a line (NDJSON); takes value. */
void output_json_take(struct output *output, json_t *value);
/* Prints JSON text that is one line already, and a newline. Invisible characters are escaped; on a terminal everything
 * beyond ASCII is. */
void output_json_text_line(struct output *output, const char *json);

/* Prints "nightbell: what went wrong: what to do about it" on stderr; with --json also an error object on a line of its
 * own. */
void output_error(struct output *output, const struct nb_error *err);
/* A remark on stderr that is no error. Printed only when stderr is a terminal, and not with --quiet. */
void output_remark(struct output *output, const char *format, ...) NB_PRINTF(2, 3);
/* A line of --verbose, on stderr even if that is no terminal. */
void output_log_line(struct output *output, const char *line);
/* The progress bar on stderr, when that is a terminal; total < 0: unknown. output_progress_end() removes it. */
void output_progress(struct output *output, const char *what, int64_t done, int64_t total);
void output_progress_end(struct output *output);
bool output_shows_progress(const struct output *output);

bool output_closed(const struct output *output); /* the reader of the pipe is gone */
/* Flushes; NB_EFAILED when a write failed (disk full). A closed pipe is no error. */
NB_MUSTCHECK int output_finish(struct output *output, struct nb_error *err);

/* The exit code for an error, as listed in 01-product. */
int output_exit_code(const struct nb_error *err);

#endif
