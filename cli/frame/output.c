/*
 * output.c - the only code that writes to stdout and stderr.
 */
#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "base/json_text.h"
#include "base/text.h"
#include "cli/frame/output.h"

#define OUTPUT_TEXT_LIMIT    (64 * 1024 * 1024)
#define PROGRESS_WIDTH       24
#define PROGRESS_INTERVAL_MS 100

struct output {
    struct output_options options;
    bool terminal;       /* stdout is one */
    bool error_terminal; /* stderr is one */
    bool ascii;
    bool error_ascii; /* the same for stderr */
    int columns;
    bool closed;
    int write_error; /* errno of the first write that failed for another reason */
    bool progress_shown;
    int64_t progress_at;
    struct nb_strbuf scratch;
};

static int terminal_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *text = getenv("COLUMNS");
    long columns = text ? strtol(text, NULL, 10) : 0;
    return columns >= 20 && columns <= 1000 ? (int)columns : 80;
}

struct output *output_new(void)
{
    struct output *output = nb_calloc(1, sizeof(*output));
    output->terminal = isatty(STDOUT_FILENO) == 1;
    output->error_terminal = isatty(STDERR_FILENO) == 1;
    /* a pipe gets the whole text, whatever the locale */
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    output->ascii = output->terminal && !utf8;
    output->error_ascii = output->error_terminal && !utf8;
    output->columns = terminal_columns();
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    output->options.no_color = (no_color && *no_color) || !term || strcmp(term, "dumb") == 0;
    nb_strbuf_init(&output->scratch, OUTPUT_TEXT_LIMIT);
    return output;
}

void output_free(struct output **output)
{
    if (!*output)
        return;
    nb_strbuf_clear(&(*output)->scratch);
    nb_free(output);
}

void output_configure(struct output *output, const struct output_options *options)
{
    bool no_color = output->options.no_color || options->no_color;
    output->options = *options;
    output->options.no_color = no_color;
}

bool output_is_json(const struct output *output)
{
    return output->options.json;
}

bool output_is_terminal(const struct output *output)
{
    return output->terminal;
}

bool output_is_quiet(const struct output *output)
{
    return output->options.quiet;
}

bool output_is_ascii(const struct output *output)
{
    return output->ascii;
}

bool output_has_color(const struct output *output)
{
    return output->terminal && !output->options.no_color;
}

int output_columns(const struct output *output)
{
    return output->columns;
}

bool output_closed(const struct output *output)
{
    return output->closed;
}

static void note_write_error(struct output *output)
{
    if (errno == EPIPE)
        output->closed = true;
    else if (!output->write_error)
        output->write_error = errno ? errno : EIO;
    clearerr(stdout);
}

void output_raw(struct output *output, const char *text, size_t length)
{
    if (output->closed || output->write_error)
        return;
    errno = 0;
    if (fwrite(text, 1, length, stdout) != length)
        note_write_error(output);
}

void output_flush(struct output *output)
{
    errno = 0;
    if (!output->closed && !output->write_error && fflush(stdout) != 0)
        note_write_error(output);
}

static void print_sanitized(struct output *output, const char *text, enum nb_text_mode mode)
{
    nb_strbuf_reset(&output->scratch);
    nb_text_sanitize(&output->scratch, text, SIZE_MAX, mode, output->ascii);
    if (output->scratch.length == 0 || output->scratch.data[output->scratch.length - 1] != '\n')
        nb_strbuf_append_char(&output->scratch, '\n');
    output_raw(output, output->scratch.data, output->scratch.length);
}

void output_line(struct output *output, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    print_sanitized(output, text, NB_TEXT_LINE);
    free(text);
}

void output_note(struct output *output, const char *format, ...)
{
    if (output->options.quiet || output->options.json)
        return;
    va_list args;
    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    print_sanitized(output, text, NB_TEXT_LINE);
    free(text);
}

void output_block(struct output *output, const char *text)
{
    print_sanitized(output, text, NB_TEXT_BLOCK);
}

void output_raw_line(struct output *output, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    output_raw(output, text, strlen(text));
    output_raw(output, "\n", 1);
    free(text);
}

/* ---- JSON ---- */

static char *dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        nb_fatal("out of memory while writing JSON");
    return text;
}

static char *escape(const char *json, bool ascii)
{
    struct nb_strbuf escaped;
    nb_strbuf_init(&escaped, OUTPUT_TEXT_LIMIT);
    nb_json_append_escaped(&escaped, json, ascii);
    return nb_strbuf_take(&escaped);
}

void output_json_text_line(struct output *output, const char *json)
{
    char *text = escape(json, output->terminal);
    output_raw(output, text, strlen(text));
    output_raw(output, "\n", 1);
    free(text);
}

void output_json_take(struct output *output, json_t *value)
{
    char *text = dump(value);
    json_decref(value);
    output_json_text_line(output, text);
    free(text);
}

/* ---- stderr ---- */

static void print_to_stderr(struct output *output, const char *text)
{
    output_progress_end(output);
    nb_strbuf_reset(&output->scratch);
    nb_text_sanitize(&output->scratch, text, SIZE_MAX, NB_TEXT_LINE, output->error_ascii);
    fprintf(stderr, "%s\n", output->scratch.data);
}

void output_error(struct output *output, const struct nb_error *err)
{
    output_flush(output); /* keeps the order where stdout and stderr are one terminal */
    char *text = err->hint[0] ? nb_asprintf("nightbell: %s: %s", err->message, err->hint)
                              : nb_asprintf("nightbell: %s", err->message);
    print_to_stderr(output, text);
    free(text);
    if (!output->options.json)
        return;
    json_t *object = json_pack("{s:{s:s,s:s,s:s}}", "error", "code", nb_code_name(err->code), "message", err->message,
                               "hint", err->hint);
    if (!object) /* a message that is not UTF-8 */
        object = json_pack("{s:{s:s,s:s,s:s}}", "error", "code", nb_code_name(err->code), "message",
                           output->scratch.data, "hint", "");
    if (object && err->column > 0)
        json_object_set_new(json_object_get(object, "error"), "column", json_integer(err->column));
    char *plain = dump(object);
    text = escape(plain, output->error_terminal);
    fprintf(stderr, "%s\n", text);
    free(text);
    free(plain);
    json_decref(object);
}

void output_remark(struct output *output, const char *format, ...)
{
    if (output->options.quiet || !output->error_terminal)
        return;
    output_flush(output);
    va_list args;
    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    print_to_stderr(output, text);
    free(text);
}

void output_log_line(struct output *output, const char *line)
{
    print_to_stderr(output, line);
}

bool output_shows_progress(const struct output *output)
{
    return output->error_terminal && !output->options.quiet;
}

void output_progress(struct output *output, const char *what, int64_t done, int64_t total)
{
    if (!output_shows_progress(output))
        return;
    int64_t now = nb_monotonic_ms();
    if (output->progress_shown && now - output->progress_at < PROGRESS_INTERVAL_MS && done != total)
        return;
    output->progress_shown = true;
    output->progress_at = now;
    fprintf(stderr, "\r%s ", what);
    if (total > 0) {
        int filled = (int)(PROGRESS_WIDTH * (done > total ? total : done) / total);
        fputc('[', stderr);
        for (int i = 0; i < PROGRESS_WIDTH; i++)
            fputc(i < filled ? '#' : '.', stderr);
        fprintf(stderr, "] %3d %% ", (int)(100 * (done > total ? total : done) / total));
    }
    fprintf(stderr, "%" PRId64, done);
    if (total > 0)
        fprintf(stderr, " of %" PRId64, total);
    fputs("\x1b[K", stderr);
    fflush(stderr);
}

void output_progress_end(struct output *output)
{
    if (!output->progress_shown)
        return;
    fputs("\r\x1b[K", stderr);
    fflush(stderr);
    output->progress_shown = false;
}

int output_finish(struct output *output, struct nb_error *err)
{
    output_progress_end(output);
    output_flush(output);
    if (output->write_error) {
        nb_error_errno(err, output->write_error, "writing to standard output");
        return nb_error_hint(err, "what was printed is incomplete");
    }
    return NB_OK;
}

int output_exit_code(const struct nb_error *err)
{
    switch (err->code) {
    case NB_OK:
        return 0;
    case NB_EUSAGE:
        return 2;
    case NB_EINVALID: /* a bad word on the command line, or a value that the database refused */
        return err->domain == NB_DOMAIN_DATABASE ? 1 : 2;
    case NB_ENOTFOUND:
        return 3;
    case NB_EDENIED:
        return 4;
    case NB_EUNREACHABLE:
        return 5;
    default:
        return 1;
    }
}
