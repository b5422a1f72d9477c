/*
 * compile.c - a Mustache template's text to an array of operations.
 *
 * A tag that is alone on its line takes the line with it, as the specification wants; variables never do. For a partial
 * alone on its line the blanks before it are kept as its indentation.
 */
#include "config.h"

#include <string.h>

#include "base/limits.h"
#include "base/text.h"
#include "template/mustache_internal.h"

#define BLANKS     " \t\r\n"
#define MAX_MARKER 16 /* bytes of a delimiter */

struct marker {
    char text[MAX_MARKER + 1];
    size_t length;
};

struct compiler {
    struct nb_mustache *template;
    const char *text;
    size_t length;
    size_t at; /* what is before it is compiled */
    struct marker open, close;
    bool starts_line; /* a tag that left no operation stood first on this line */
    size_t sections[NB_TEMPLATE_SECTIONS];
    size_t depth;
    /* where position_of() counted to: it only goes forward */
    size_t counted;
    unsigned line, column;
};

/* A tag as it stands in the text. */
struct tag {
    size_t from, to; /* the whole of it */
    char sigil;      /* '\0' for a variable */
    const char *content;
    size_t content_length;
};

/* Sets line and column of the offset, which must not be before the last one asked for. Columns count characters. */
static void position_of(struct compiler *compiler, size_t offset)
{
    for (; compiler->counted < offset; compiler->counted++) {
        char c = compiler->text[compiler->counted];

        if (c == '\n') {
            compiler->line++;
            compiler->column = 1;
        } else if (((unsigned char)c & 0xc0) != 0x80) {
            compiler->column++;
        }
    }
}

static int refuse(struct compiler *compiler, const struct tag *tag, struct nb_error *err, const char *format, ...)
    NB_PRINTF(4, 5);
static int refuse(struct compiler *compiler, const struct tag *tag, struct nb_error *err, const char *format, ...)
{
    va_list args;

    position_of(compiler, tag->from);
    va_start(args, format);
    char *what = nb_vasprintf(format, args);
    va_end(args);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%u:%u: %s", compiler->line, compiler->column, what);
    free(what);
    if (err)
        err->column = compiler->column;
    return NB_EINVALID;
}

/* ---- operations ---- */

static struct op *push_op(struct compiler *compiler, enum op_kind kind, bool starts_line)
{
    struct op op = {.kind = kind, .starts_line = starts_line || compiler->starts_line};

    compiler->starts_line = false;
    op.line = compiler->line;
    op.column = compiler->column;
    nb_vec_push(&compiler->template->ops, op);
    return nb_vec_last(&compiler->template->ops);
}

static bool begins_line(const struct compiler *compiler, size_t offset)
{
    return offset == 0 || compiler->text[offset - 1] == '\n';
}

static void push_text(struct compiler *compiler, size_t from, size_t to)
{
    struct op *op;

    if (from >= to)
        return;
    position_of(compiler, from);
    op = push_op(compiler, OP_TEXT, begins_line(compiler, from));
    op->text = nb_arena_strndup(compiler->template->arena, compiler->text + from, to - from);
    op->length = to - from;
}

static void split_name(struct compiler *compiler, struct op *op)
{
    struct nb_arena *arena = compiler->template->arena;
    const char *part = op->text;

    for (const char *c = op->text; *c; c++)
        op->part_count += *c == '.';
    op->part_count++;
    op->parts = nb_arena_alloc(arena, op->part_count * sizeof(*op->parts));
    for (size_t i = 0; i < op->part_count; i++) {
        size_t length = strcspn(part, ".");

        op->parts[i] = (struct op_part){nb_arena_strndup(arena, part, length), length};
        part += length + 1;
    }
    if (op->kind != OP_END && strcmp(op->parts[0].text, "user") == 0)
        compiler->template->names_user = true;
}

/* ---- names ---- */

static int check_name(struct compiler *compiler, const struct tag *tag, struct nb_error *err)
{
    const char *name = tag->content;
    size_t length = tag->content_length;

    if (length == 0)
        return refuse(compiler, tag, err, "a tag without a name");
    for (size_t i = 0; i < length; i++)
        if (strchr(BLANKS, name[i]))
            return refuse(compiler, tag, err, "a name has no blanks: \"%.*s\"", length > 100 ? 100 : (int)length, name);
    if (tag->sigil == '>' || (length == 1 && *name == '.'))
        return 0;
    if (*name == '.' || name[length - 1] == '.' || memmem(name, length, "..", 2))
        return refuse(compiler, tag, err, "nothing stands before or behind a dot of \"%.*s\"",
                      length > 100 ? 100 : (int)length, name);
    return 0;
}

static struct op *push_named(struct compiler *compiler, const struct tag *tag, enum op_kind kind, bool starts_line)
{
    struct op *op;

    position_of(compiler, tag->from);
    op = push_op(compiler, kind, starts_line);
    op->text = nb_arena_strndup(compiler->template->arena, tag->content, tag->content_length);
    op->length = tag->content_length;
    if (kind != OP_PARTIAL && strcmp(op->text, ".") != 0)
        split_name(compiler, op);
    return op;
}

/* ---- tags ---- */

static void trim(const char **text, size_t *length)
{
    while (*length && strchr(BLANKS, **text)) {
        (*text)++;
        (*length)--;
    }
    while (*length && strchr(BLANKS, (*text)[*length - 1]))
        (*length)--;
}

/* Reads the tag that opens at tag->from. */
static int read_tag(struct compiler *compiler, struct tag *tag, struct nb_error *err)
{
    const char *end = compiler->text + compiler->length;
    const char *content = compiler->text + tag->from + compiler->open.length;
    char closing[MAX_MARKER + 3];
    size_t closing_length = compiler->close.length;
    const char *close;

    tag->sigil = content < end && strchr("#^/>!=&{", *content) ? *content++ : '\0';
    memcpy(closing, compiler->close.text, closing_length + 1);
    if (tag->sigil == '{' || tag->sigil == '=') {
        memmove(closing + 1, closing, closing_length + 1);
        closing[0] = tag->sigil == '{' ? '}' : '=';
        closing_length++;
    }
    close = memmem(content, (size_t)(end - content), closing, closing_length);
    if (!close)
        return refuse(compiler, tag, err, "the tag is not closed: \"%s\" is missing", closing);
    tag->content = content;
    tag->content_length = (size_t)(close - content);
    tag->to = (size_t)(close + closing_length - compiler->text);
    if (tag->sigil != '!')
        trim(&tag->content, &tag->content_length);
    return 0;
}

static int set_marker(struct marker *marker, const char *text, size_t length)
{
    if (length == 0 || length > MAX_MARKER || memchr(text, '=', length))
        return -1;
    for (size_t i = 0; i < length; i++)
        if (strchr(BLANKS, text[i]))
            return -1;
    memcpy(marker->text, text, length);
    marker->text[length] = '\0';
    marker->length = length;
    return 0;
}

static int set_delimiters(struct compiler *compiler, const struct tag *tag, struct nb_error *err)
{
    const char *open = tag->content, *close;
    size_t open_length = 0, close_length;

    while (open_length < tag->content_length && !strchr(BLANKS, open[open_length]))
        open_length++;
    close = open + open_length;
    close_length = tag->content_length - open_length;
    trim(&close, &close_length);
    if (set_marker(&compiler->open, open, open_length) < 0 || set_marker(&compiler->close, close, close_length) < 0)
        return refuse(compiler, tag, err,
                      "expected two delimiters of at most %d bytes, without = in them, between the =", MAX_MARKER);
    return 0;
}

static int open_section(struct compiler *compiler, const struct tag *tag, bool starts_line, struct nb_error *err)
{
    if (compiler->depth == NB_TEMPLATE_SECTIONS)
        return refuse(compiler, tag, err, "more than %d sections within each other", NB_TEMPLATE_SECTIONS);
    push_named(compiler, tag, tag->sigil == '#' ? OP_SECTION : OP_INVERTED, starts_line);
    compiler->sections[compiler->depth++] = compiler->template->ops.count - 1;
    return 0;
}

static int close_section(struct compiler *compiler, const struct tag *tag, bool starts_line, struct nb_error *err)
{
    struct op *section;

    if (compiler->depth == 0)
        return refuse(compiler, tag, err, "the section \"%.*s\" is closed, but none is open",
                      tag->content_length > 100 ? 100 : (int)tag->content_length, tag->content);
    section = &compiler->template->ops.data[compiler->sections[compiler->depth - 1]];
    if (section->length != tag->content_length || memcmp(section->text, tag->content, section->length) != 0)
        return refuse(compiler, tag, err, "the section \"%.*s\" is closed where \"%.100s\" of %u:%u is open",
                      tag->content_length > 100 ? 100 : (int)tag->content_length, tag->content, section->text,
                      section->line, section->column);
    section->end = compiler->template->ops.count;
    compiler->depth--;
    push_named(compiler, tag, OP_END, starts_line);
    return 0;
}

static void push_partial(struct compiler *compiler, const struct tag *tag, size_t line_from, bool alone,
                         bool starts_line)
{
    struct nb_arena *arena = compiler->template->arena;
    struct op *op = push_named(compiler, tag, OP_PARTIAL, starts_line);

    if (!alone)
        return;
    op->parts = nb_arena_alloc(arena, sizeof(*op->parts));
    op->part_count = 1;
    op->parts[0].length = tag->from - line_from;
    op->parts[0].text = nb_arena_strndup(arena, compiler->text + line_from, op->parts[0].length);
}

/* Whether nothing but blanks stands beside the tag on its line. *from and *to get the line's bounds. */
static bool is_alone(const struct compiler *compiler, const struct tag *tag, size_t *from, size_t *to)
{
    const char *text = compiler->text;
    size_t begin = tag->from, end = tag->to;

    if (!tag->sigil || strchr("&{", tag->sigil))
        return false;
    while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t'))
        begin--;
    while (end < compiler->length && (text[end] == ' ' || text[end] == '\t'))
        end++;
    if (!begins_line(compiler, begin))
        return false;
    if (end < compiler->length) {
        if (text[end] == '\r' && end + 1 < compiler->length && text[end + 1] == '\n')
            end++;
        if (text[end] != '\n')
            return false;
        end++;
    }
    *from = begin;
    *to = end;
    return true;
}

/* Compiles the tag, and the text between compiler->at and it. */
static int take_tag(struct compiler *compiler, const struct tag *tag, struct nb_error *err)
{
    size_t line_from = tag->from, line_to = tag->to;
    bool alone = is_alone(compiler, tag, &line_from, &line_to);
    bool starts_line = !alone && begins_line(compiler, tag->from);

    if (!strchr("!=", tag->sigil) || !tag->sigil) {
        int rc = check_name(compiler, tag, err);

        if (rc < 0)
            return rc;
    }
    push_text(compiler, compiler->at, line_from);
    compiler->at = line_to;
    switch (tag->sigil) {
    case '#':
    case '^':
        return open_section(compiler, tag, starts_line, err);
    case '/':
        return close_section(compiler, tag, starts_line, err);
    case '>':
        push_partial(compiler, tag, line_from, alone, starts_line);
        return 0;
    case '=':
        compiler->starts_line |= starts_line;
        return set_delimiters(compiler, tag, err);
    case '!':
        compiler->starts_line |= starts_line;
        return 0;
    default:
        push_named(compiler, tag, tag->sigil ? OP_RAW : OP_ESCAPED, starts_line);
        return 0;
    }
}

static int compile_all(struct compiler *compiler, struct nb_error *err)
{
    const char *open;
    int rc;

    while ((open = memmem(compiler->text + compiler->at, compiler->length - compiler->at, compiler->open.text,
                          compiler->open.length))) {
        struct tag tag = {.from = (size_t)(open - compiler->text)};

        if ((rc = read_tag(compiler, &tag, err)) < 0 || (rc = take_tag(compiler, &tag, err)) < 0)
            return rc;
    }
    push_text(compiler, compiler->at, compiler->length);
    if (compiler->depth == 0)
        return 0;

    const struct op *section = &compiler->template->ops.data[compiler->sections[compiler->depth - 1]];

    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%u:%u: the section \"%.100s\" is not closed", section->line,
                 section->column, section->text);
    if (err)
        err->column = section->column;
    return NB_EINVALID;
}

int nb_mustache_compile(struct nb_mustache **out, const char *text, size_t length, struct nb_error *err)
{
    struct compiler compiler = {
        .text = text, .length = length, .open = {"{{", 2}, .close = {"}}", 2}, .line = 1, .column = 1};
    int rc;

    *out = NULL;
    if (length > NB_TEMPLATE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "1:1: the template is longer than %d KiB",
                            NB_TEMPLATE_KIB);
    if (memchr(text, '\0', length) || !nb_utf8_valid(text, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "1:1: the template is not valid UTF-8 text");
    compiler.template = nb_calloc(1, sizeof(*compiler.template));
    compiler.template->arena = nb_arena_new();
    if ((rc = compile_all(&compiler, err)) < 0)
        nb_mustache_free(&compiler.template);
    *out = compiler.template;
    return rc;
}

void nb_mustache_free(struct nb_mustache **template)
{
    if (!*template)
        return;
    nb_arena_free(&(*template)->arena);
    nb_vec_clear(&(*template)->ops);
    nb_free(template);
}

bool nb_mustache_names_user(const struct nb_mustache *template)
{
    return template->names_user;
}

void nb_mustache_uses(const struct nb_mustache *template, nb_mustache_use_seen *seen, void *arg)
{
    static const enum nb_mustache_use uses[] = {
        [OP_ESCAPED] = NB_USE_VARIABLE,  [OP_RAW] = NB_USE_VARIABLE, [OP_SECTION] = NB_USE_SECTION,
        [OP_INVERTED] = NB_USE_INVERTED, [OP_END] = NB_USE_END,      [OP_PARTIAL] = NB_USE_PARTIAL,
    };

    for (size_t i = 0; i < template->ops.count; i++) {
        const struct op *op = &template->ops.data[i];

        if (op->kind != OP_TEXT)
            seen(arg, uses[op->kind], op->text, op->line, op->column);
    }
}
