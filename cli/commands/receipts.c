/*
 * receipts.c - `nightbell receipts import`: what became of deliveries after they were sent, from lines of JSON or from a mail that
 * came back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "cli/commands/config.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "receipts/report.h"

/* Receipts are imported like documents, but they are none: nothing lists or exports them. */
static const struct nb_config_kind receipts_kind = {.name = "receipts",
                                                    .one = "receipt",
                                                    .key = "delivery",
                                                    .document_max = NB_DOCUMENT_LINE_MAX,
                                                    .import = NB_SQL_RECEIPTS_IMPORT};

struct importing {
    struct output *output;
    size_t taken, history, unknown, refused;
};

static void say_refused(struct importing *importing, size_t line, const struct nb_error *why)
{
    struct nb_error err = *why;

    importing->refused++;
    if (output_is_json(importing->output)) {
        output_json_take(importing->output, json_pack("{s:I, s:{s:s, s:s}}", "line", (json_int_t)line, "error", "code",
                                                      nb_code_name(why->code), "message", why->message));
        return;
    }
    nb_error_set(&err, why->code, why->domain, "line %zu: %s", line, why->message);
    output_error(importing->output, &err);
}

static void say_result(void *arg, size_t line, const char *key, const char *change, const struct nb_error *err)
{
    struct importing *importing = arg;

    if (err) {
        say_refused(importing, line, err);
        return;
    }
    if (strcmp(change, "taken") == 0)
        importing->taken++;
    else if (strcmp(change, "unknown") == 0)
        importing->unknown++;
    else
        importing->history++;
    if (output_is_json(importing->output))
        output_json_take(importing->output,
                         json_pack("{s:I, s:s, s:s}", "line", (json_int_t)line, "id", key, "change", change));
    else if (!output_is_quiet(importing->output))
        output_line(importing->output, "%zu  %s  %s", line, change, key);
}

/* ---- where they come from ---- */

static int import_lines(struct importing *importing, struct nb_config_import *import, const char *path,
                        struct nb_error *err)
{
    struct config_file_item item;
    struct config_file *file = NULL;
    int rc = config_file_open(&file, &receipts_kind, path, "ndjson", err);

    while (rc == NB_OK && (rc = config_file_next(file, &item, err)) == 1) {
        rc = item.refused.code != NB_OK ? nb_config_import_refused(import, item.line, &item.refused, err)
                                        : nb_config_import_one(import, item.line, item.text, item.length, err);
        output_progress(importing->output, "bytes", config_file_bytes(file), config_file_total(file));
    }
    output_progress_end(importing->output);
    config_file_free(&file);
    return rc;
}

/* What is behind the limit is the mail that came back; it is read, so that who writes it gets no broken pipe. */
static int read_mail(struct nb_strbuf *mail, const char *path, struct nb_error *err)
{
    FILE *stream = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    char buffer[16 * 1024];
    size_t size;
    int rc = NB_OK;

    if (!stream) {
        int errnum = errno;

        nb_error_errno(err, errnum, "open %s", path);
        if (errnum == ENOENT)
            err->code = NB_ENOTFOUND;
        return nb_error_hint(err, "name a file, or - for standard input");
    }
    while ((size = fread(buffer, 1, sizeof(buffer), stream)) > 0) {
        size_t room = mail->limit - mail->length;

        nb_strbuf_append_n(mail, buffer, size < room ? size : room);
    }
    if (ferror(stream))
        rc = nb_error_errno(err, errno, "read %s", path);
    if (stream != stdin)
        fclose(stream);
    return rc;
}

static int import_report(struct nb_config_import *import, const struct nb_strbuf *mail, struct nb_error *err)
{
    json_t *receipts = NULL, *receipt;
    size_t i;
    int rc = nb_report_read(&receipts, mail->data, mail->length, err);

    json_array_foreach(receipts, i, receipt)
    {
        char *text = json_dumps(receipt, JSON_COMPACT);

        if (rc == NB_OK)
            rc = nb_config_import_one(import, i + 1, text, strlen(text), err);
        free(text);
    }
    json_decref(receipts);
    return rc;
}

/* ---- the command ---- */

static int summarize(const struct importing *importing, struct nb_error *err)
{
    if (output_is_terminal(importing->output))
        output_note(importing->output, "%zu taken, %zu known already, %zu unknown", importing->taken,
                    importing->history, importing->unknown);
    if (importing->refused + importing->unknown == 0)
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT,
                 "of %zu receipts %zu were refused, and %zu are of no delivery that there is",
                 importing->taken + importing->history + importing->unknown + importing->refused, importing->refused,
                 importing->unknown);
    return nb_error_hint(err, "the others are in");
}

/* A mail is read before anything is asked of the database: who sends it waits. */
static int run_import(struct command_call *call, struct nb_error *err)
{
    static const struct session_options options = {.login = SESSION_ADMINISTRATOR};
    struct importing importing = {.output = call->output};
    struct nb_config config = {.kind = &receipts_kind};
    const bool is_mail = command_has(call, "mail");
    struct nb_config_import *import = NULL;
    struct nb_strbuf mail;
    int rc = NB_OK;

    nb_strbuf_init(&mail, NB_REPORT_MAX);
    if (is_mail)
        rc = read_mail(&mail, call->arguments[0], err);
    if (rc == NB_OK)
        rc = session_connect(&config.connection, call, &options, err);
    if (rc == NB_OK) {
        import = nb_config_import_new(&config, say_result, &importing);
        rc = is_mail ? import_report(import, &mail, err) : import_lines(&importing, import, call->arguments[0], err);
    }
    if (rc == NB_OK)
        rc = session_explain_denied(nb_config_import_flush(import, err), err);
    nb_config_import_free(&import);
    nb_strbuf_clear(&mail);
    return rc == NB_OK ? summarize(&importing, err) : rc;
}

static const struct command_option options[] = {
    {"mail", NULL,
     "FILE is a mail: a delivery status (RFC 3464) or a complaint (RFC 5965), as a mail server hands it to a program"},
    {NULL},
};

static const char description[] =
    "A line is a JSON object: delivery (the delivery's id) or message_id (what the provider calls it, with channel "
    "where two "
    "could use the same), status (queued, sending, sent, deferred, delivered, opened, clicked, bounced, failed or "
    "complained), "
    "and where wanted at (a time), code, detail, recipients, ends_address.\n"
    "A rank decides, not the order in which they come: what is behind what is known already is kept as history. "
    "bounced, failed "
    "and complained end it; an address that is not there, or whose owner complained, is disabled: nightbell addresses "
    "list.\n"
    "Prints what became of each: taken, history, copy (it is of somebody whom the mail was copied to) or unknown "
    "(there is no such "
    "delivery). With --mail FILE is one mail; the delivery is found by the address that it came to, or the Message-ID "
    "of the mail "
    "that came back. The exit status is 5 where the database cannot be reached: a mail server is then to try again.";

static const struct command commands[] = {
    {.name = "import",
     .arguments = "FILE",
     .synopsis = "FILE|- [--mail]",
     .summary = "take what became of deliveries",
     .description = description,
     .options = options,
     .run = run_import},
    {NULL},
};

const struct command_group receipts_group = {
    .name = "receipts",
    .summary = "what became of what was sent (administrators, mail servers)",
    .commands = commands,
};
