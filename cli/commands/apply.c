/*
 * apply.c - `nightbell apply` and `nightbell export-config`: the configuration as files.
 */
#include "apply/apply.h"

#include "cli/commands/config.h"
#include "cli/commands/recurring.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"

struct applying {
    struct output *output;
    const struct nb_config_kind *shown; /* whose name was printed last */
    size_t refused;
};

static void say_complaint(void *arg, const struct nb_error *err)
{
    struct applying *applying = arg;

    applying->refused++;
    output_error(applying->output, err);
}

static void say_difference(void *arg, const struct nb_config_kind *kind, const char *key, const char *change,
                           const char *before, const char *after)
{
    struct applying *applying = arg;

    if (output_is_json(applying->output)) {
        output_json_take(applying->output, json_pack("{s:s, s:s, s:s, s:o}", "kind", kind->name, "key", key, "change",
                                                     change, "members", config_difference_members(before, after)));
        return;
    }
    if (applying->shown != kind)
        output_line(applying->output, "%s", kind->name);
    applying->shown = kind;
    config_difference_print(applying->output, key, change, before, after);
}

static void say_counts(const struct applying *applying, const struct nb_apply_counts *counts, bool dry_run)
{
    output_note(applying->output, "%s%zu added, %zu changed, %zu deleted, %zu the same", dry_run ? "would be: " : "",
                counts->added, counts->changed, counts->deleted, counts->same);
}

/* Drift is a failure of a dry run, so that a script sees it. */
static int tell_drift(const struct nb_apply_counts *counts, struct nb_error *err)
{
    if (counts->added + counts->changed + counts->deleted == 0)
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_NONE, "the database differs from the files");
    return nb_error_hint(err, "nothing was changed; without --dry-run it becomes what they say");
}

static int run_apply(struct command_call *call, struct nb_error *err)
{
    static const struct session_options manager = {.login = SESSION_MANAGER, .takes_long = true};
    struct applying applying = {.output = call->output};
    struct nb_apply_options options = {.tenant = command_tenant(call),
                                       .dry_run = command_has(call, "dry-run"),
                                       .prune = command_has(call, "prune"),
                                       .check_of = config_check_of,
                                       .difference = say_difference,
                                       .complaint = say_complaint,
                                       .arg = &applying};
    struct nb_apply_folder *folder = NULL;
    struct nb_connection *connection = NULL;
    struct nb_apply_counts counts;
    int rc = nb_apply_read(&folder, call->arguments[0], say_complaint, &applying, err);

    if (rc == NB_OK)
        rc = session_connect(&connection, call, &manager, err);
    if (rc == NB_OK)
        rc = session_explain_denied(nb_apply_run(&counts, connection, folder, &options, err), err);
    if (rc == NB_OK) {
        say_counts(&applying, &counts, options.dry_run);
        rc = options.dry_run ? tell_drift(&counts, err) : config_work_out_recurring(call, NB_OK, err);
    }
    nb_apply_folder_free(&folder);
    return rc;
}

static const struct command_option apply_options[] = {
    {"dry-run", NULL, "change nothing: show what would change; exit 1 when anything would"},
    {"prune", NULL,
     "delete what an earlier apply of these files' owner brought and the files have no more; nothing else is deleted"},
    {NULL},
};

static const struct command apply_commands[] = {
    {.arguments = "DIR",
     .summary = "make the configuration what the files of a folder say",
     .description =
         "Every file *.yaml, *.yml or *.json in the folder or below it is a mapping from kinds (types, "
         "templates, ...) to lists of documents, which are what `nightbell KIND export` writes and "
         "export-config puts into files. A member NAME_file stands for NAME with the text of that file, "
         "beside the one that names it.\n"
         "docs/schema/nightbell.json, installed beside the keymaps, is a JSON Schema of such a file, by which "
         "editors complete it.\n"
         "YAML is read by the core schema of version 1.2; tags, anchors and keys that stand twice are "
         "refused. What is wrong is told by file and line.\n"
         "Shows what changes, member by member, and does it all in one transaction or not at all.",
     .options = apply_options,
     .run = run_apply},
    {NULL},
};

const struct command_group apply_group = {
    .name = "apply", .summary = "the configuration as files, in", .commands = apply_commands};

static void say_written(void *arg, const char *path, size_t documents)
{
    struct output *output = arg;

    if (output_is_json(output))
        output_json_take(output, json_pack("{s:s, s:I}", "file", path, "documents", (json_int_t)documents));
    else if (!output_is_quiet(output))
        output_line(output, "%s: %zu", path, documents);
}

static int find_kind(const struct nb_config_kind **out, const struct command_call *call, struct nb_error *err)
{
    const char *name = command_text(call, "kind");

    *out = name ? nb_config_kind_find(name) : NULL;
    if (!name || *out)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--kind %s: there is no such kind", name);
    return nb_error_hint(err, "expected the name of a command with export, such as types or templates");
}

static int run_export_config(struct command_call *call, struct nb_error *err)
{
    static const struct session_options manager = {.login = SESSION_MANAGER, .takes_long = true};
    const struct nb_config_kind *kind;
    struct nb_connection *connection = NULL;
    int rc = find_kind(&kind, call, err);

    if (rc == NB_OK)
        rc = session_connect(&connection, call, &manager, err);
    if (rc == NB_OK)
        rc = session_explain_denied(nb_apply_export(connection, command_tenant(call), kind, call->arguments[0],
                                                    command_has(call, "replace"), say_written, call->output, err),
                                    err);
    return rc;
}

static const struct command_option export_options[] = {
    {"kind", "KIND", "this kind only"},
    {"replace", NULL, "into a folder that has files: replace KIND.yaml of each kind, leave the others"},
    {NULL},
};

static const struct command export_commands[] = {
    {.arguments = "DIR",
     .summary = "write the configuration into a folder, one YAML file a kind",
     .description = "apply reads it back and changes nothing; on an empty database it builds the same installation.",
     .options = export_options,
     .run = run_export_config},
    {NULL},
};

const struct command_group export_config_group = {
    .name = "export-config", .summary = "the configuration as files, out", .commands = export_commands};
