/*
 * config_import.c - `nightbell KIND import`: every line gets its result, a bad one never stops the others. On a terminal
 * it shows first what would change, and asks.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/text.h"
#include "cli/commands/config.h"
#include "cli/frame/session.h"

#define MEMBERS_MAX 65536
#define KEY_MAX     4096

const struct command_option config_import_options[] = {
    {"dry-run", NULL, "change nothing: only show what would change"},
    {"format", "FORMAT", "how the file is written (default: as its name ends: .csv, .yaml, .yml, else ndjson)",
     .values = "ndjson csv yaml"},
    {"yes", NULL, "do not ask on a terminal"},
    {NULL},
};

struct importing {
    struct output *output;
    const struct nb_config_kind *kind;
    struct config_file *file;
    size_t added, changed, same, refused;
};

/* ---- results ---- */

static void count_taken(struct importing *importing, const char *change)
{
    if (strcmp(change, "added") == 0)
        importing->added++;
    else if (strcmp(change, "changed") == 0)
        importing->changed++;
    else
        importing->same++;
}

/* Its columns are separated by tabs, so only the key, which somebody else wrote, is sanitised. */
static void print_line(struct output *output, size_t line, const char *key, const char *change, const char *members)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, KEY_MAX);
    nb_text_sanitize(&text, key, SIZE_MAX, NB_TEXT_LINE, output_is_ascii(output));
    output_raw_line(output, "%zu\t%s\t%s%s%s", line, text.data, change, members ? "\t" : "", members ? members : "");
    nb_strbuf_clear(&text);
}

static void say_taken(struct importing *importing, size_t line, const char *key, const char *change)
{
    count_taken(importing, change);
    if (output_is_json(importing->output))
        output_json_take(importing->output, json_pack("{s:I, s:s, s:s}", "line", (json_int_t)line, importing->kind->key,
                                                      key, "change", change));
    else if (!output_is_quiet(importing->output))
        print_line(importing->output, line, key, change, NULL);
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

static void say_result(void *arg, size_t line, const char *key, const char *change, const struct nb_error *err)
{
    if (err)
        say_refused(arg, line, err);
    else
        say_taken(arg, line, key, change);
}

/* ---- differences ---- */

static void append_names(void *arg, const char *member, const char *before, const char *after)
{
    struct nb_strbuf *names = arg;

    (void)before;
    (void)after;
    nb_strbuf_appendf(names, "%s%s", names->length > 0 ? "," : "", member);
}

static void say_difference(void *arg, size_t line, const char *key, const char *change, const char *before,
                           const char *after, const struct nb_error *err)
{
    struct importing *importing = arg;
    struct nb_strbuf names;

    if (err) {
        say_refused(importing, line, err);
        return;
    }
    count_taken(importing, change);
    if (output_is_json(importing->output)) {
        output_json_take(importing->output,
                         json_pack("{s:I, s:s, s:s, s:o}", "line", (json_int_t)line, importing->kind->key, key,
                                   "change", change, "members", config_difference_members(before, after)));
    } else if (output_is_terminal(importing->output)) {
        config_difference_print(importing->output, key, change, before, after);
    } else {
        nb_strbuf_init(&names, MEMBERS_MAX);
        nb_config_compare(before, after, append_names, &names);
        print_line(importing->output, line, key, change, names.length > 0 ? names.data : "-");
        nb_strbuf_clear(&names);
    }
}

/* ---- the file ---- */

static int send_all(struct importing *importing, struct nb_config_import *import, bool is_silent, struct nb_error *err)
{
    struct config_file_item item;
    int rc;

    while ((rc = config_file_next(importing->file, &item, err)) == 1) {
        rc = item.refused.code != NB_OK ? nb_config_import_refused(import, item.line, &item.refused, err)
                                        : nb_config_import_one(import, item.line, item.text, item.length, err);
        if (rc != NB_OK)
            break;
        if (is_silent || !output_is_terminal(importing->output)) /* else the results themselves show the progress */
            output_progress(importing->output, "bytes", config_file_bytes(importing->file),
                            config_file_total(importing->file));
    }
    if (rc == NB_OK)
        rc = nb_config_import_flush(import, err);
    output_progress_end(importing->output);
    return rc;
}

/* ---- the command ---- */

static int summarize(const struct importing *importing, bool is_preview, struct nb_error *err)
{
    size_t taken = importing->added + importing->changed + importing->same;

    if (is_preview || output_is_terminal(importing->output))
        output_note(importing->output, "%s%zu added, %zu changed, %zu the same", is_preview ? "would be: " : "",
                    importing->added, importing->changed, importing->same);
    if (importing->refused == 0)
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "%zu of %zu lines were refused", importing->refused,
                 importing->refused + taken);
    if (is_preview)
        return nb_error_hint(err, "nothing was changed; correct them before you import");
    return nb_error_hint(err, taken > 0 ? "correct them and import them again; the others are in"
                                        : "correct them and import them again; none is in");
}

static int preview(struct importing *importing, const struct nb_config *config, struct nb_error *err)
{
    struct nb_config_preview *looking = NULL;
    int rc = nb_config_preview_begin(&looking, config, err);

    if (rc == NB_OK)
        rc = send_all(importing, nb_config_preview_import(looking), true, err);
    if (rc == NB_OK)
        rc = nb_config_preview_end(looking, say_difference, importing, err);
    nb_config_preview_free(&looking);
    rc = session_explain_denied(rc, err);
    return rc == NB_OK ? summarize(importing, true, err) : rc;
}

static int import_all(struct importing *importing, const struct nb_config *config, struct nb_error *err)
{
    struct nb_config_import *import = nb_config_import_new(config, say_result, importing);
    int rc = session_explain_denied(send_all(importing, import, false, err), err);

    nb_config_import_free(&import);
    return rc == NB_OK ? summarize(importing, false, err) : rc;
}

/* A person is asked where the file can be read twice. */
static bool asks(const struct importing *importing, const struct command_call *call)
{
    return !command_has(call, "yes") && !output_is_json(call->output) && output_is_terminal(call->output) &&
           isatty(STDIN_FILENO) && config_file_rewinds(importing->file);
}

static bool agreed(const struct importing *importing)
{
    char answer[16];

    output_flush(importing->output);
    fprintf(stderr, "Type yes to import: ");
    return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

static int import_after_looking(struct importing *importing, const struct nb_config *config, struct nb_error *err)
{
    struct nb_error refused = {0};
    int rc = preview(importing, config, &refused);

    if (rc != NB_OK && importing->refused == 0) {
        *err = refused;
        return rc;
    }
    if (importing->added + importing->changed == 0) {
        *err = refused;
        return rc;
    }
    if (rc != NB_OK)
        output_error(importing->output, &refused);
    if (!agreed(importing))
        return nb_error_set(err, NB_ECANCELLED, NB_DOMAIN_NONE, "nothing was imported");
    config_file_rewind(importing->file);
    importing->added = importing->changed = importing->same = importing->refused = 0;
    return import_all(importing, config, err);
}

int config_import(struct command_call *call, struct nb_error *err)
{
    struct importing importing = {.output = call->output, .kind = nb_config_kind_find(call->group->name)};
    struct nb_config config;
    int rc = config_file_open(&importing.file, importing.kind, call->arguments[0], command_text(call, "format"), err);

    if (rc == NB_OK && (rc = config_open(&config, call, true, err)) == NB_OK) {
        if (command_has(call, "dry-run"))
            rc = preview(&importing, &config, err);
        else if (asks(&importing, call))
            rc = import_after_looking(&importing, &config, err);
        else
            rc = import_all(&importing, &config, err);
    }
    config_file_free(&importing.file);
    return rc;
}
