/*
 * templates.c - `nightbell templates`: the texts of what is sent (administrators).
 */
#include "cli/commands/templates.h"
#include "cli/frame/groups.h"
#include "template/template.h"

static const struct config_column columns[] = {
    {{.title = "CODE", .minimum = 12}, "template_code", .is_key = true},
    {{.title = "CHANNELS", .minimum = 8, .maximum = 30, .drop = 2}, "texts", .of = "channel"},
    {{.title = "LOCALES", .minimum = 8, .maximum = 30, .drop = 3}, "texts", .of = "locale"},
    {{.title = "DESCRIPTION", .minimum = 10, .drop = 1, .flexible = true}, "description"},
};

const struct config_view config_view_templates = {"templates", columns, NB_ARRAY_SIZE(columns),
                                                  nb_template_check_syntax};

static const struct command commands[] = {
    CONFIG_COMMANDS("CODE", "templates", "a template", "Columns: code, channels, locales, description.",
                    "template_code, description, variables, texts",
                    "\ntexts is a list: channel (in_app, email, push, sms, webhook, one of your own, or * for every "
                    "channel that has no "
                    "text of its own), locale (default where it is left out; for pt-BR first pt-BR is taken, then pt, "
                    "then default), subject, body_template, and for email html_template, cc, bcc. All of them are "
                    "Mustache; values are escaped in HTML, and {{> CODE}} takes in the same text of another template.\n"
                    "variables is a list of what the texts mention: name (po.amount), type (string, number, boolean, "
                    "list, object), required, default, description.\n"
                    "Each change makes a version; the last ten are kept.",
                    "take a template away, with all its versions"),
    {"preview", "CODE", .summary = "render a template as it would be sent, and send nothing",
     .description =
         "For every channel that the template has a text for. Prints channel, locale, version, subject, what "
         "the context has not got (missing) or has got of another type than declared, then the text, and "
         "for email the HTML. Without --user, what the texts say of the recipient is missing.",
     .options = templates_preview_options, .run = templates_preview},
    {"check", "[CODE]", .summary = "find what is wrong with the templates, or one of them",
     .description = "Prints a line for each: code, problem, where, what. Problems: syntax (no Mustache; with line and "
                    "column), undeclared (a variable that is not declared, each once), partial (there is no such "
                    "template), locale (a text that another channel has in this language, or the default one). Exit "
                    "code 1 where there is any.",
     .run = templates_check},
    {NULL},
};

const struct command_group templates_group = {
    .name = "templates",
    .summary = "the texts of what is sent, by channel and language (administrators)",
    .commands = commands,
};
