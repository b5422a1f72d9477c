/*
 * call.c - what a command asks of its call: options and arguments. Unlike command.c, it does not know which commands there are.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "cli/frame/command.h"

int command_hint_help(struct nb_error *err, const struct command_call *call)
{
    if (call->group && call->command && call->command->name)
        return nb_error_hint(err, "see nightbell %s %s --help", call->group->name, call->command->name);
    if (call->group)
        return nb_error_hint(err, "see nightbell %s --help", call->group->name);
    return nb_error_hint(err, "see nightbell --help");
}

void command_call_clear(struct command_call *call)
{
    nb_free(&call->values);
    nb_free(&call->arguments);
    call->value_count = call->argument_count = 0;
}

const char *command_text(const struct command_call *call, const char *option)
{
    for (size_t i = call->value_count; i > 0; i--)
        if (strcmp(call->values[i - 1].option->name, option) == 0)
            return call->values[i - 1].text;
    return NULL;
}

bool command_has(const struct command_call *call, const char *option)
{
    return command_text(call, option) != NULL;
}

const char **command_texts(const struct command_call *call, const char *option, size_t *count)
{
    const char **texts = nb_calloc(call->value_count + 1, sizeof(*texts));
    *count = 0;
    for (size_t i = 0; i < call->value_count; i++)
        if (strcmp(call->values[i].option->name, option) == 0)
            texts[(*count)++] = call->values[i].text;
    return texts;
}

int command_number(long *out, const struct command_call *call, const char *option, long minimum, long maximum,
                   long otherwise, struct nb_error *err)
{
    const char *text = command_text(call, option);
    *out = otherwise;
    if (!text)
        return NB_OK;
    char *end;
    errno = 0;
    long number = strtol(text, &end, 10);
    bool starts_well = text[0] == '-' ? (text[1] >= '0' && text[1] <= '9') : (text[0] >= '0' && text[0] <= '9');
    if (!starts_well || *end || errno || number < minimum || number > maximum) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--%s %s: not a whole number between %ld and %ld", option, text,
                     minimum, maximum);
        return command_hint_help(err, call);
    }
    *out = number;
    return NB_OK;
}

char *command_join(const struct command_call *call, size_t first)
{
    struct nb_strbuf text;
    nb_strbuf_init(&text, SIZE_MAX / 2);
    for (size_t i = first; i < call->argument_count; i++) {
        if (i > first)
            nb_strbuf_append_char(&text, ' ');
        nb_strbuf_append(&text, call->arguments[i]);
    }
    return nb_strbuf_take(&text);
}

const char *command_tenant(const struct command_call *call)
{
    const char *tenant = command_text(call, "tenant");
    if (!tenant)
        tenant = getenv("NIGHTBELL_TENANT");
    return tenant && *tenant ? tenant : NULL;
}
