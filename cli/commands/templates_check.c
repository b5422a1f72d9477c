/*
 * templates_check.c - `nightbell templates check`: what is wrong with templates, before somebody gets them.
 */
#include <string.h>

#include "base/vec.h"
#include "cli/commands/templates.h"
#include "cli/frame/session.h"
#include "template/mustache.h"
#include "template/template.h"

static const struct listing_column columns[] = {
    {.title = "CODE", .minimum = 12, .maximum = 40},
    {.title = "PROBLEM", .minimum = 10},
    {.title = "WHERE", .minimum = 12, .maximum = 50, .drop = 1},
    {.title = "WHAT", .minimum = 20, .flexible = true},
};

struct checking {
    struct output *output;
    struct listing *listing; /* NULL: print JSON */
    json_t *documents;       /* by code */
    const char *code;        /* of the template that is checked now */
    size_t checked, found;
};

static void keep_document(void *arg, const char *key, const char *document)
{
    struct checking *checking = arg;
    json_t *parsed = NULL;

    if (nb_mustache_context(&parsed, document, strlen(document), NULL) == NB_OK)
        json_object_set_new(checking->documents, key, parsed);
}

static void print_finding(void *arg, enum nb_template_finding finding, const char *where, const char *what)
{
    struct checking *checking = arg;
    const char *word = nb_template_finding_word(finding);

    checking->found++;
    if (!checking->listing) {
        output_json_take(checking->output, json_pack("{s:s, s:s, s:s, s:s}", "template_code", checking->code, "problem",
                                                     word, "where", where, "what", what));
        return;
    }
    listing_cell(checking->listing, checking->code, LISTING_STRONG);
    listing_cell(checking->listing, word, finding == NB_FINDING_SYNTAX ? LISTING_ALARM : LISTING_WARNING);
    listing_cell(checking->listing, where, LISTING_PLAIN);
    listing_cell(checking->listing, what, LISTING_PLAIN);
    listing_end_row(checking->listing);
}

static int check_all(struct checking *checking, const char *only, struct nb_error *err)
{
    const char *code;
    json_t *document;

    json_object_foreach(checking->documents, code, document)
    {
        if (only && strcmp(code, only) != 0)
            continue;
        checking->code = code;
        checking->checked++;
        nb_template_check(document, checking->documents, print_finding, checking);
    }
    if (checking->listing && checking->found > 0)
        listing_print(checking->listing);
    if (only && checking->checked == 0)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no template \"%.100s\"", only);
    if (checking->found > 0)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "%zu problem%s in %zu template%s", checking->found,
                            checking->found == 1 ? "" : "s", checking->checked, checking->checked == 1 ? "" : "s");
    output_note(checking->output, "%zu template%s checked, nothing found", checking->checked,
                checking->checked == 1 ? "" : "s");
    return NB_OK;
}

int templates_check(struct command_call *call, struct nb_error *err)
{
    struct checking checking = {.output = call->output, .documents = json_object()};
    struct nb_config config;
    int rc;

    if (!output_is_json(call->output))
        checking.listing = listing_new(call->output, columns, NB_ARRAY_SIZE(columns));
    if ((rc = config_open(&config, call, false, err)) == NB_OK)
        rc = session_explain_denied(nb_config_list(&config, NULL, keep_document, &checking, err), err);
    if (rc == NB_OK)
        rc = check_all(&checking, call->argument_count > 0 ? call->arguments[0] : NULL, err);
    listing_free(&checking.listing);
    json_decref(checking.documents);
    return rc;
}
