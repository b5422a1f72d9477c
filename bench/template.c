/*
 * template.c - measures rendering: one round of each side.
 *
 *   template TEMPLATE CONTEXT    compiles the file TEMPLATE once, and renders it with the JSON file CONTEXT; against
 *                                snprintf() of the same text, whose values need no look-up and are escaped already
 *
 * Prints "render a" and "render b" and, for template.cjs to be compared with, "render_js a".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/limits.h"
#include "bench/sample.h"
#include "template/mustache.h"

#define AT_ONCE 200   /* renderings between two looks at the clock */
#define LONG_MS 300.0 /* of one measurement */

static char *read_file(const char *path, size_t *length)
{
    FILE *file = fopen(path, "r");
    char *text = nb_calloc(1, NB_TEMPLATE_MAX);

    *length = file ? fread(text, 1, NB_TEMPLATE_MAX - 1, file) : 0;
    if (*length == 0)
        sample_give_up("template: cannot read %s", path);
    fclose(file);
    return text;
}

/* ---- the floor ---- */

struct line {
    int quantity;
    const char *article;
    double price;
};

static const struct line lines[] = {
    {2, "lathe", 60000.5},
    {1, "mill", 29999.25},
    {100, "bolt &lt;M8&gt;", 0.25},
    {100, "nut &lt;M8&gt;", 0.15},
    {4, "oil, 5 l", 19.95},
    {1, "&quot;quick&quot; chuck", 310.5},
    {12, "drill", 3.75},
    {2, "vice", 88.25},
    {1, "bench", 450.5},
    {6, "lamp", 35.75},
};

static size_t print_same(char *out, size_t size)
{
    const char *approved_by = "carol", *link = "https://shop.example/orders/1042";
    int length = snprintf(out, size, "<p>Hello %s,</p>\n<p>Order %s with %s is approved: %.10g %s, by %s.</p>\n<ul>\n",
                          "Ada", "PO-1042", "Müller &amp; Söhne", 150000.25, "EUR", approved_by);

    for (size_t i = 0; i < NB_ARRAY_SIZE(lines); i++)
        length += snprintf(out + length, size - (size_t)length, "<li>%d &times; %s: %.10g</li>\n", lines[i].quantity,
                           lines[i].article, lines[i].price);
    length += snprintf(out + length, size - (size_t)length, "</ul>\n<p><a href=\"%s\">See the order</a></p>\n", link);
    return (size_t)length;
}

/* ---- measuring ---- */

struct side {
    const struct nb_mustache *template;
    struct nb_mustache_options options;
    struct nb_strbuf out;
};

static void render(struct side *side)
{
    struct nb_error err;

    nb_strbuf_reset(&side->out);
    if (nb_mustache_render(&side->out, side->template, &side->options, &err) < 0)
        sample_give_up("template: %s", err.message);
}

/* Renderings a second. */
static double time_rendering(struct side *side)
{
    double begin = sample_clock_ms(), now = begin;
    size_t count = 0;

    for (; now - begin < LONG_MS; now = sample_clock_ms(), count += AT_ONCE)
        for (int i = 0; i < AT_ONCE; i++)
            render(side);
    return (double)count * 1e3 / (now - begin);
}

static double time_printing(char *out, size_t size)
{
    double begin = sample_clock_ms(), now = begin;
    size_t count = 0;

    for (; now - begin < LONG_MS; now = sample_clock_ms(), count += AT_ONCE)
        for (int i = 0; i < AT_ONCE; i++)
            print_same(out, size);
    return (double)count * 1e3 / (now - begin);
}

int main(int argc, char *argv[])
{
    struct nb_mustache *template = NULL;
    struct nb_error err;
    json_t *context = NULL;
    char printed[8192];
    size_t length;
    char *text;

    if (argc != 3)
        sample_give_up("usage: template TEMPLATE CONTEXT");
    text = read_file(argv[1], &length);
    if (nb_mustache_compile(&template, text, length, &err) < 0)
        sample_give_up("template: %s", err.message);
    free(text);
    text = read_file(argv[2], &length);
    if (nb_mustache_context(&context, text, length, &err) < 0)
        sample_give_up("template: %s", err.message);
    free(text);

    struct side side = {.template = template, .options = {.escape = NB_ESCAPE_HTML, .context = context}};

    nb_strbuf_init(&side.out, NB_TEMPLATE_OUTPUT_MAX);
    render(&side);
    if (print_same(printed, sizeof(printed)) != side.out.length || strcmp(printed, side.out.data) != 0)
        sample_give_up("template: both sides write something else:\n%s\n%s", printed, side.out.data);

    double rate = time_rendering(&side);

    sample_print("render", 'a', rate);
    sample_print("render", 'b', time_printing(printed, sizeof(printed)));
    sample_print("render_js", 'a', rate);
    nb_strbuf_clear(&side.out);
    nb_mustache_free(&template);
    json_decref(context);
    return 0;
}
