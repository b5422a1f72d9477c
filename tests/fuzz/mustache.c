/* mustache.c - fuzzes a template and its context: NUL separates the template, a partial p and the context. */
#include "template/mustache.h"
#include "base/limits.h"
#include "tests/fuzz/fuzz.h"

struct texts {
    struct nb_mustache *partial;
    size_t missing;
};

static int find_partial(void *arg, const struct nb_mustache **out, const char *name, struct nb_error *err)
{
    const struct texts *texts = arg;

    (void)err;
    *out = strcmp(name, "p") == 0 ? texts->partial : NULL;
    return 0;
}

static void count_missing(void *arg, enum nb_mustache_lack lack, const char *name)
{
    PROMISE(lack == NB_LACK_VARIABLE || lack == NB_LACK_PARTIAL);
    PROMISE(name && *name);
    ((struct texts *)arg)->missing++;
}

static void count_use(void *arg, enum nb_mustache_use use, const char *name, unsigned line, unsigned column)
{
    int *depth = arg;

    PROMISE(name && *name && line > 0 && column > 0);
    *depth += use == NB_USE_SECTION || use == NB_USE_INVERTED ? 1 : use == NB_USE_END ? -1 : 0;
    PROMISE(*depth >= 0 && *depth <= NB_TEMPLATE_SECTIONS);
}

static void render(const struct nb_mustache *template, struct texts *texts, const json_t *context,
                   enum nb_mustache_escape escape)
{
    struct nb_mustache_options options = {.escape = escape,
                                          .context = context,
                                          .user = context,
                                          .partial = find_partial,
                                          .missing = count_missing,
                                          .arg = texts};
    struct nb_strbuf out;
    struct nb_error err = {0};

    nb_strbuf_init(&out, 20000);
    if (nb_mustache_render(&out, template, &options, &err) < 0)
        PROMISE(err.message[0]);
    else
        PROMISE(out.length <= 20000 && !out.overflowed);
    nb_strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *parts[3] = {(const char *)data, "", "{}"};
    size_t lengths[3] = {size, 0, 2};
    struct nb_mustache *template = NULL;
    struct texts texts = {0};
    struct nb_error err = {0};
    json_t *context = NULL;
    int depth = 0;

    for (int i = 0; i < 2; i++) {
        const char *nul = memchr(parts[i], '\0', lengths[i]);

        if (!nul)
            break;
        parts[i + 1] = nul + 1;
        lengths[i + 1] = lengths[i] - (size_t)(nul + 1 - parts[i]);
        lengths[i] = (size_t)(nul - parts[i]);
    }
    if (nb_mustache_compile(&texts.partial, parts[1], lengths[1], &err) < 0)
        PROMISE(err.message[0] && !texts.partial);
    if (nb_mustache_context(&context, parts[2], lengths[2], &err) < 0)
        PROMISE(err.message[0] && !context);
    if (nb_mustache_compile(&template, parts[0], lengths[0], &err) < 0) {
        PROMISE(err.message[0] && !template);
    } else {
        nb_mustache_uses(template, count_use, &depth);
        PROMISE(depth == 0);
        render(template, &texts, context, NB_ESCAPE_NONE);
        render(template, &texts, context, NB_ESCAPE_HTML);
    }
    nb_mustache_free(&template);
    nb_mustache_free(&texts.partial);
    json_decref(context);
    return 0;
}
