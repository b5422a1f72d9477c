/*
 * mustache_cases.c - renders templates, for comparing with another program: reads lines of JSON with template, partials,
 * context and expected, and prints each case that reads differently. The last line says how many were read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/limits.h"
#include "template/mustache.h"

struct texts {
    const json_t *partials;
    struct nb_mustache *compiled[2];
    const char *names[2];
    size_t count;
};

static int find_partial(void *arg, const struct nb_mustache **out, const char *name, struct nb_error *err)
{
    struct texts *texts = arg;
    const char *text = json_string_value(json_object_get(texts->partials, name));
    int rc;

    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->names[i], name) == 0)
            *out = texts->compiled[i];
    if (*out || !text)
        return 0;
    if ((rc = nb_mustache_compile(&texts->compiled[texts->count], text, strlen(text), err)) == 0) {
        texts->names[texts->count] = name;
        *out = texts->compiled[texts->count++];
    }
    return rc;
}

/* The caller frees it: the text, or what is wrong. */
static char *render(const json_t *test, const json_t *context)
{
    const char *template = json_string_value(json_object_get(test, "template"));
    struct texts texts = {.partials = json_object_get(test, "partials")};
    struct nb_mustache_options options = {
        .escape = NB_ESCAPE_HTML, .context = context, .partial = find_partial, .arg = &texts};
    struct nb_mustache *compiled = NULL;
    struct nb_strbuf out;
    struct nb_error err;
    char *text;

    nb_strbuf_init(&out, NB_TEMPLATE_OUTPUT_MAX);
    if (nb_mustache_compile(&compiled, template, strlen(template), &err) == 0 &&
        nb_mustache_render(&out, compiled, &options, &err) == 0)
        text = nb_strbuf_take(&out);
    else
        text = nb_asprintf("refused: %s", err.message);
    nb_strbuf_clear(&out);
    nb_mustache_free(&compiled);
    while (texts.count > 0)
        nb_mustache_free(&texts.compiled[--texts.count]);
    return text;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0, cases = 0;

    while (getline(&line, &size, stdin) > 0) {
        json_t *test = json_loads(line, 0, NULL), *context = NULL;
        char *values = json_dumps(json_object_get(test, "context"), JSON_COMPACT);
        const char *expected = json_string_value(json_object_get(test, "expected"));
        char *text;

        if (!test || !values || nb_mustache_context(&context, values, strlen(values), NULL) < 0)
            return 1;
        text = render(test, context);
        cases++;
        if (strcmp(text, expected) != 0) {
            json_object_set_new(test, "got", json_string(text));
            json_dumpf(test, stdout, JSON_COMPACT);
            putchar('\n');
        }
        free(text);
        free(values);
        json_decref(context);
        json_decref(test);
    }
    free(line);
    printf("%zu cases\n", cases);
    return 0;
}
