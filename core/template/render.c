/*
 * render.c - writes a compiled Mustache template with a context, within bounds.
 */
#include <string.h>

#include "base/limits.h"
#include "template/mustache_internal.h"

/* Values that names are looked up in, innermost last: one a section that is open, in a template and its partials. */
#define MAX_FRAMES 128

struct renderer {
    struct nb_strbuf *out;
    const struct nb_mustache_options *options;
    const json_t *frames[MAX_FRAMES];
    size_t depth;
    struct nb_strbuf indentation; /* of the partials that are open, one behind the other */
    size_t indented_from;         /* where the current template's own begins: a partial inside a line has none */
    size_t partials, iterations, steps;
};

static int refuse(const struct op *op, struct nb_error *err, const char *format, ...) NB_PRINTF(3, 4);
static int refuse(const struct op *op, struct nb_error *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *what = nb_vasprintf(format, args);
    va_end(args);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%u:%u: %s", op->line, op->column, what);
    free(what);
    if (err)
        err->column = op->column;
    return NB_EINVALID;
}

/* ---- names ---- */

/* What the whole name means where its first part means value; NULL where it means nothing. */
static const json_t *follow(const json_t *value, const struct op *op)
{
    for (size_t i = 1; value && i < op->part_count; i++)
        value = json_object_getn(value, op->parts[i].text, op->parts[i].length);
    return value;
}

static const json_t *find_in_frames(const struct renderer *renderer, const struct op *op)
{
    const struct op_part *first = op->parts;

    for (size_t i = renderer->depth; i > 0; i--) {
        const json_t *value;

        if (i == 1 && renderer->options->user && first->length == 4 && memcmp(first->text, "user", 4) == 0)
            return follow(renderer->options->user, op);
        value = json_object_getn(renderer->frames[i - 1], first->text, first->length);
        if (value)
            return follow(value, op);
    }
    return NULL;
}

/* The innermost value of the first part decides, also where the rest is not in it. */
static const json_t *find(const struct renderer *renderer, const struct op *op)
{
    const json_t *value, *other = NULL;

    if (op->part_count == 0)
        return renderer->frames[renderer->depth - 1];
    value = find_in_frames(renderer, op);
    if ((!value || json_is_null(value)) && renderer->options->defaults)
        other = json_object_getn(renderer->options->defaults, op->text, op->length);
    return other ? other : value;
}

static void tell_missing(const struct renderer *renderer, enum nb_mustache_lack lack, const struct op *op)
{
    if (renderer->options->missing)
        renderer->options->missing(renderer->options->arg, lack, op->text);
}

/* ---- writing ---- */

static bool is_blank_line(const char *text, const char *end)
{
    return text == end || *text == '\n' || (*text == '\r' && text + 1 < end && text[1] == '\n');
}

static void indent(struct renderer *renderer)
{
    nb_strbuf_append_n(renderer->out, renderer->indentation.data + renderer->indented_from,
                       renderer->indentation.length - renderer->indented_from);
}

static void write_text(struct renderer *renderer, const struct op *op)
{
    const char *text = op->text, *end = op->text + op->length, *newline;
    bool starts_line = op->starts_line;

    if (renderer->indentation.length == renderer->indented_from) {
        nb_strbuf_append_n(renderer->out, text, op->length);
        return;
    }
    while (text < end) {
        if (starts_line && !is_blank_line(text, end))
            indent(renderer);
        newline = memchr(text, '\n', (size_t)(end - text));
        newline = newline ? newline + 1 : end;
        nb_strbuf_append_n(renderer->out, text, (size_t)(newline - text));
        text = newline;
        starts_line = true;
    }
}

static void write_variable(struct renderer *renderer, const struct op *op)
{
    const json_t *value = find(renderer, op);

    if (value)
        value_append(renderer->out, value, op->kind == OP_ESCAPED && renderer->options->escape == NB_ESCAPE_HTML);
    else
        tell_missing(renderer, NB_LACK_VARIABLE, op);
}

/* ---- sections and partials ---- */

static int render_range(struct renderer *renderer, const struct nb_mustache *template, size_t from, size_t to,
                        struct nb_error *err);

static int render_once(struct renderer *renderer, const struct nb_mustache *template, size_t section,
                       const json_t *value, struct nb_error *err)
{
    const struct op *op = &template->ops.data[section];
    int rc;

    if (renderer->depth == MAX_FRAMES)
        return refuse(op, err, "more than %d sections within each other", MAX_FRAMES);
    renderer->frames[renderer->depth++] = value;
    rc = render_range(renderer, template, section + 1, op->end + 1, err);
    renderer->depth--;
    return rc;
}

static int render_section(struct renderer *renderer, const struct nb_mustache *template, size_t section,
                          struct nb_error *err)
{
    const struct op *op = &template->ops.data[section];
    const json_t *value = find(renderer, op), *item;
    size_t i;
    int rc = 0;

    if (!value_is_true(value))
        return 0;
    if (!json_is_array(value))
        return render_once(renderer, template, section, value, err);
    json_array_foreach((json_t *)value, i, item)
    {
        if (++renderer->iterations > NB_TEMPLATE_ITERATIONS)
            return refuse(op, err, "the lists have more than %d items", NB_TEMPLATE_ITERATIONS);
        if ((rc = render_once(renderer, template, section, item, err)) < 0)
            break;
    }
    return rc;
}

static int render_partial(struct renderer *renderer, const struct op *op, struct nb_error *err)
{
    const struct nb_mustache *partial = NULL;
    size_t length = renderer->indentation.length, from = renderer->indented_from;
    int rc = 0;

    if (renderer->options->partial)
        rc = renderer->options->partial(renderer->options->arg, &partial, op->text, err);
    if (rc < 0)
        return rc;
    if (!partial) {
        tell_missing(renderer, NB_LACK_PARTIAL, op);
        return 0;
    }
    if (renderer->partials == NB_TEMPLATE_PARTIALS)
        return refuse(op, err, "more than %d partials within each other, the last of them \"%.100s\"",
                      NB_TEMPLATE_PARTIALS, op->text);
    if (op->part_count == 0)
        renderer->indented_from = length;
    else
        nb_strbuf_append_n(&renderer->indentation, op->parts[0].text, op->parts[0].length);
    renderer->partials++;
    rc = render_range(renderer, partial, 0, partial->ops.count, err);
    renderer->partials--;
    nb_strbuf_truncate(&renderer->indentation, length);
    renderer->indented_from = from;
    return rc;
}

static int render_range(struct renderer *renderer, const struct nb_mustache *template, size_t from, size_t to,
                        struct nb_error *err)
{
    int rc = 0;

    for (size_t i = from; rc == 0 && i < to; i++) {
        const struct op *op = &template->ops.data[i];

        if (++renderer->steps > NB_TEMPLATE_STEPS)
            return refuse(op, err, "rendering takes more than %d steps", NB_TEMPLATE_STEPS);
        if (op->starts_line && op->kind != OP_TEXT)
            indent(renderer);
        switch (op->kind) {
        case OP_TEXT:
            write_text(renderer, op);
            break;
        case OP_ESCAPED:
        case OP_RAW:
            write_variable(renderer, op);
            break;
        case OP_SECTION:
            rc = render_section(renderer, template, i, err);
            i = op->end;
            break;
        case OP_INVERTED:
            if (value_is_true(find(renderer, op)))
                i = op->end;
            break;
        case OP_END:
            break;
        case OP_PARTIAL:
            rc = render_partial(renderer, op, err);
            break;
        }
        if (rc == 0 && (renderer->out->overflowed || renderer->indentation.overflowed))
            return refuse(op, err, "the text is longer than %zu bytes", renderer->out->limit);
    }
    return rc;
}

int nb_mustache_render(struct nb_strbuf *out, const struct nb_mustache *template,
                       const struct nb_mustache_options *options, struct nb_error *err)
{
    struct renderer renderer = {.out = out, .options = options, .frames = {options->context}, .depth = 1};
    int rc;

    nb_strbuf_init(&renderer.indentation, NB_TEMPLATE_MAX);
    rc = render_range(&renderer, template, 0, template->ops.count, err);
    nb_strbuf_clear(&renderer.indentation);
    return rc;
}
