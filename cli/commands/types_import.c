/*
 * types_import.c - `nightbell types import`: every line gets its result, a bad one never stops the others.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "cli/frame/command.h"
#include "cli/frame/session.h"
#include "cli/commands/types.h"
#include "types/types.h"

struct importing {
    struct output *output;
    const char *path;
    FILE *file;
    int64_t bytes, total; /* total < 0: a pipe, size unknown */
    size_t taken, refused;
};

static void say_taken(struct importing *importing, size_t line, const char *type, const char *change)
{
    importing->taken++;
    if (output_is_json(importing->output))
        output_json_take(importing->output,
                         json_pack("{s:I, s:s, s:s}", "line", (json_int_t)line, "type", type, "change", change));
    else if (!output_is_quiet(importing->output))
        output_raw_line(importing->output, "%zu\t%s\t%s", line, type, change);
}

static void say_refused(struct importing *importing, size_t line, const struct nb_error *why)
{
    struct nb_error err = *why;

    importing->refused++;
    if (output_is_json(importing->output)) {
        output_json_take(importing->output,
                         json_pack("{s:I, s:{s:s, s:s, s:s}}", "line", (json_int_t)line, "error", "code",
                                   nb_code_name(why->code), "message", why->message, "hint", why->hint));
        return;
    }
    nb_error_set(&err, why->code, why->domain, "line %zu: %s", line, why->message);
    if (why->hint[0])
        nb_error_hint(&err, "%s", why->hint);
    output_error(importing->output, &err);
}

static void say_result(void *arg, size_t line, const char *type, const char *change, const struct nb_error *err)
{
    if (err)
        say_refused(arg, line, err);
    else
        say_taken(arg, line, type, change);
}

static int open_file(struct importing *importing, struct nb_error *err)
{
    struct stat status;

    importing->total = -1;
    importing->file = strcmp(importing->path, "-") == 0 ? stdin : fopen(importing->path, "re");
    if (!importing->file) {
        int errnum = errno;

        nb_error_errno(err, errnum, "open %s", importing->path);
        if (errnum == ENOENT)
            err->code = NB_ENOTFOUND;
        return nb_error_hint(err, "name a file, or - for standard input");
    }
    if (fstat(fileno(importing->file), &status) == 0 && S_ISREG(status.st_mode))
        importing->total = status.st_size;
    return NB_OK;
}

/* Reads to the end of the line, keeping at most the limit and one byte: enough to refuse a longer one. */
static bool read_line(struct importing *importing, struct nb_strbuf *line)
{
    int c;

    nb_strbuf_reset(line);
    while ((c = getc_unlocked(importing->file)) != EOF) {
        importing->bytes++;
        if (c == '\n')
            return true;
        if (line->length <= NB_TYPE_LINE_MAX)
            nb_strbuf_append_char(line, (char)c);
    }
    return line->length > 0;
}

static int send_all(struct importing *importing, struct nb_types_import *import, struct nb_error *err)
{
    struct nb_strbuf line;
    int rc = NB_OK;

    nb_strbuf_init(&line, NB_TYPE_LINE_MAX + 2);
    for (size_t number = 1; rc == NB_OK && read_line(importing, &line); number++) {
        if (strspn(line.data, " \t\r") < line.length)
            rc = nb_types_import_one(import, number, line.data, line.length, err);
        if (!output_is_terminal(importing->output)) /* the results themselves show the progress there */
            output_progress(importing->output, "bytes", importing->bytes, importing->total);
    }
    if (rc == NB_OK && ferror(importing->file))
        rc = nb_error_errno(err, errno, "reading %s", importing->path);
    if (rc == NB_OK)
        rc = nb_types_import_flush(import, err);
    output_progress_end(importing->output);
    nb_strbuf_clear(&line);
    return rc;
}

static int summarize(const struct importing *importing, struct nb_error *err)
{
    if (importing->refused == 0)
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "%zu of %zu lines were refused", importing->refused,
                 importing->refused + importing->taken);
    return nb_error_hint(err, importing->taken > 0 ? "correct them and import them again; the others are in"
                                                   : "correct them and import them again; none is in");
}

int types_import(struct command_call *call, struct nb_error *err)
{
    static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};
    struct importing importing = {.output = call->output, .path = call->arguments[0]};
    struct nb_connection *connection = NULL;
    struct nb_types_import *import = NULL;
    int rc;

    if ((rc = open_file(&importing, err)) != NB_OK ||
        (rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        goto out;
    import = nb_types_import_new(connection, say_result, &importing);
    rc = session_explain_denied(send_all(&importing, import, err), err);
    if (rc == NB_OK)
        rc = summarize(&importing, err);
out:
    nb_types_import_free(&import);
    if (importing.file && importing.file != stdin)
        fclose(importing.file);
    return rc;
}
