/*
 * detail_text.c - sanitise, wrap, colour.
 */
#include "tui/view/detail_text.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define TEXT_LIMIT  (256 * 1024)
#define LABEL_WIDTH 12

void detail_text_init(struct detail_text *text, int width, bool ascii)
{
    *text = (struct detail_text){.arena = nb_arena_new(), .width = width > 4 ? width : 4, .ascii = ascii};
}

void detail_text_clear(struct detail_text *text)
{
    nb_arena_free(&text->arena);
    nb_vec_clear(&text->spans);
    nb_vec_clear(&text->lines);
}

static void begin_line(struct detail_text *text, int indent)
{
    struct detail_line line = {.first = text->spans.count, .indent = indent};

    nb_vec_push(&text->lines, line);
}

static void push_span(struct detail_text *text, struct look look, const char *content, size_t length)
{
    struct span span = {.look = look, .text = nb_arena_strndup(text->arena, content, length)};

    nb_vec_push(&text->spans, span);
    nb_vec_last(&text->lines)->count++;
}

void detail_text_blank(struct detail_text *text)
{
    begin_line(text, 0);
}

static char *harmless(struct detail_text *text, const char *content)
{
    struct nb_strbuf buffer;
    char *copy;

    nb_strbuf_init(&buffer, TEXT_LIMIT);
    nb_text_sanitize(&buffer, content, SIZE_MAX, NB_TEXT_BLOCK, text->ascii);
    copy = nb_arena_strdup(text->arena, buffer.data);
    nb_strbuf_clear(&buffer);
    return copy;
}

static void json_line(struct detail_text *text, struct look look, const char *line, size_t length, int indent);

typedef void line_sink(struct detail_text *text, struct look look, const char *line, size_t length, int indent);

/* Calls sink for each screen line of one line of text. `hanging`: what follows the first stands further in than its blanks. */
static void wrap_line(struct detail_text *text, struct look look, char *line, int indent, bool hanging, line_sink *sink)
{
    int inner = hanging ? indent + (int)strspn(line, " ") + 2 : indent;

    if (inner > text->width / 2)
        inner = indent;
    do {
        size_t next = 0;
        int room = text->width - indent > 8 ? text->width - indent : 8;
        size_t length = nb_text_wrap(line, room, &next);

        sink(text, look, line, length, indent);
        if (next == 0)
            break;
        line += next;
        indent = inner;
    } while (*line != '\0');
}

static void wrap_block(struct detail_text *text, struct look look, const char *content, int indent, line_sink *sink)
{
    bool hanging = sink == json_line;
    char *line = harmless(text, content);

    while (line) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        wrap_line(text, look, line, indent, hanging, sink);
        line = end && end[1] != '\0' ? end + 1 : NULL;
    }
}

static void plain_line(struct detail_text *text, struct look look, const char *line, size_t length, int indent)
{
    begin_line(text, indent);
    push_span(text, look, line, length);
}

void detail_text_paragraph(struct detail_text *text, struct look look, const char *content, int indent)
{
    wrap_block(text, look, content, indent, plain_line);
}

void detail_text_item(struct detail_text *text, const char *label, struct look label_look, int label_width,
                      struct look look, const char *value)
{
    size_t first = text->lines.count;
    struct span span = {.look = label_look};
    struct detail_line *line;

    if (!value || value[0] == '\0')
        return;
    wrap_block(text, look, value, label_width, plain_line);
    if (first == text->lines.count)
        return;
    /* the label goes before the first line of the value */
    span.text = nb_arena_printf(text->arena, "%-*s", label_width, label);
    line = &text->lines.data[first];
    nb_vec_insert(&text->spans, line->first, span);
    line->count++;
    line->indent = 0;
    for (size_t i = first + 1; i < text->lines.count; i++)
        text->lines.data[i].first++;
}

void detail_text_field(struct detail_text *text, const char *label, struct look look, const char *value)
{
    detail_text_item(text, label, LOOK(ROLE_DETAIL_LABEL, 0), LABEL_WIDTH, look, value);
}

void detail_text_fieldf(struct detail_text *text, const char *label, struct look look, const char *format, ...)
{
    va_list args;
    char *value;

    va_start(args, format);
    value = nb_vasprintf(format, args);
    va_end(args);
    detail_text_field(text, label, look, value);
    nb_free(&value);
}

void detail_text_spans(struct detail_text *text, const struct span *spans, size_t count)
{
    begin_line(text, 0);
    for (size_t i = 0; i < count; i++)
        if (spans[i].text)
            push_span(text, spans[i].look, spans[i].text, strlen(spans[i].text));
}

/* ---- JSON ---- */

static size_t string_length(const char *text, size_t most)
{
    size_t i = 1;

    while (i < most && text[i] != '"')
        i += text[i] == '\\' && i + 1 < most ? 2 : 1;
    return i < most ? i + 1 : most;
}

/* The length of the token at text, and its role. A string is a member's name when a colon follows it. */
static size_t json_token(const char *text, size_t most, enum role *role)
{
    size_t length = 1;

    if (text[0] == '"') {
        length = string_length(text, most);
        *role = length < most && text[length] == ':' ? ROLE_JSON_KEY : ROLE_JSON_STRING;
    } else if (isdigit((unsigned char)text[0]) || text[0] == '-') {
        while (length < most && strchr("0123456789.eE+-", text[length]))
            length++;
        *role = ROLE_JSON_NUMBER;
    } else if (isalpha((unsigned char)text[0])) {
        while (length < most && isalpha((unsigned char)text[length]))
            length++;
        *role = ROLE_JSON_WORD;
    } else {
        *role = ROLE_JSON_PUNCTUATION;
        while (length < most && strchr(" {}[],:", text[length]))
            length++;
    }
    return length;
}

static void json_line(struct detail_text *text, struct look look, const char *line, size_t length, int indent)
{
    size_t done = 0;

    (void)look;
    begin_line(text, indent);
    while (done < length) {
        enum role role;
        size_t token = json_token(line + done, length - done, &role);

        push_span(text, LOOK((uint8_t)role, 0), line + done, token);
        done += token;
    }
}

void detail_text_json(struct detail_text *text, const char *json)
{
    wrap_block(text, LOOK(ROLE_DETAIL, 0), json, 0, json_line);
}

/* ---- drawing ---- */

void detail_text_draw(const struct detail_text *text, struct grid *grid, struct rect rect, size_t first_line)
{
    for (int y = 0; y < rect.height; y++) {
        size_t index = first_line + (size_t)y;
        const struct detail_line *line;

        if (index >= text->lines.count)
            break;
        line = &text->lines.data[index];
        if (line->count > 0)
            grid_spans(grid, rect.x + line->indent, rect.y + y, rect.width - line->indent,
                       &text->spans.data[line->first], line->count);
    }
}
