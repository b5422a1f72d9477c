/*
 * ini.c - reads config, keymap and theme files line by line.
 */
#include "config.h"

#include "base/ini.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/strbuf.h"
#include "base/text.h"

#define MAX_FILE (1024 * 1024)
#define MAX_LINE 4096

struct reader {
    const char *name;
    unsigned number;
    char section[MAX_LINE + 1];
    char line[MAX_LINE + 1];
    nb_ini_handler *handler;
    nb_ini_complaint *complaint;
    void *arg;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char *skip_blanks(char *text)
{
    while (is_blank(*text))
        text++;
    return text;
}

static void trim_end(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && is_blank(text[length - 1]))
        length--;
    text[length] = '\0';
}

static int complain(struct reader *reader, const char *message, struct nb_error *err)
{
    if (!reader->complaint)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s:%u: %s", reader->name, reader->number, message);
    reader->complaint(reader->arg, reader->name, reader->number, message);
    return 0;
}

/* Why a line is not valid text; NULL when it is. */
static const char *bad_text(const char *line, size_t length)
{
    if (length > MAX_LINE)
        return "longer than 4096 bytes";
    for (size_t i = 0; i < length; i++)
        if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7F)
            return "contains a control character";
    if (!nb_utf8_valid(line, length))
        return "is not valid UTF-8";
    return NULL;
}

/* Cuts the note off `text` and returns it ("" for none). A note begins at a # with blanks around it. */
static char *split_note(char *text)
{
    for (char *at = text; *at; at++) {
        bool after_blank = at == text || is_blank(at[-1]);
        if (*at != '#' || !after_blank || !is_blank(at[1]))
            continue;
        char *note = skip_blanks(at + 1);
        *at = '\0';
        trim_end(note);
        return note;
    }
    return text + strlen(text);
}

/* A `=` with blanks around it wins, so a key may itself contain one ("<M-=> = :zoom"). */
static char *find_equals(char *text)
{
    for (char *at = text + 1; *at; at++)
        if (*at == '=' && is_blank(at[-1]) && (is_blank(at[1]) || at[1] == '\0'))
            return at;
    return strchr(text, '=');
}

static int read_section(struct reader *reader, char *text, struct nb_error *err)
{
    char *end = strchr(text, ']');

    if (!end)
        return complain(reader, "section without ]", err);
    char *rest = skip_blanks(end + 1);
    if (*rest && *rest != '#')
        return complain(reader, "text after [section]", err);
    *end = '\0';
    char *name = skip_blanks(text + 1);
    trim_end(name);
    if (!*name)
        return complain(reader, "section without a name", err);
    memcpy(reader->section, name, strlen(name) + 1);
    return 0;
}

static int read_pair(struct reader *reader, char *text, struct nb_error *err)
{
    char *equals = find_equals(text);

    if (!equals)
        return complain(reader, "expected [section] or key = value", err);
    if (equals == text)
        return complain(reader, "no key before =", err);
    *equals = '\0';
    trim_end(text);
    char *value = equals + 1;
    /* " = # note" has an empty value. */
    const char *note = split_note(value);
    value = skip_blanks(value);
    trim_end(value);

    const struct nb_ini_line line = {
        .file = reader->name,
        .number = reader->number,
        .section = reader->section,
        .key = text,
        .value = value,
        .note = note,
    };
    return reader->handler(reader->arg, &line, err);
}

static int read_line(struct reader *reader, const char *line, size_t length, struct nb_error *err)
{
    if (length > 0 && line[length - 1] == '\r')
        length--;
    const char *problem = bad_text(line, length);
    if (problem)
        return complain(reader, problem, err);
    memcpy(reader->line, line, length);
    reader->line[length] = '\0';

    char *text = skip_blanks(reader->line);
    if (*text == '\0' || *text == '#')
        return 0;
    return *text == '[' && !strchr(text, '=') ? read_section(reader, text, err) : read_pair(reader, text, err);
}

int nb_ini_read_text(const char *name, const char *text, size_t length, nb_ini_handler *handler,
                     nb_ini_complaint *complaint, void *arg, struct nb_error *err)
{
    if (length > MAX_FILE)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s: longer than 1 MiB", name);
    struct reader *reader = nb_calloc(1, sizeof(*reader));
    *reader = (struct reader){.name = name, .handler = handler, .complaint = complaint, .arg = arg};

    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* a byte order mark */
        text += 3;
        length -= 3;
    }
    int rc = 0;
    while (length > 0 && rc == 0) {
        const char *end = memchr(text, '\n', length);
        size_t line_length = end ? (size_t)(end - text) : length;
        size_t step = line_length + (end ? 1 : 0);
        reader->number++;
        rc = read_line(reader, text, line_length, err);
        text += step;
        length -= step;
    }
    nb_free(&reader);
    return rc;
}

int nb_ini_read_file(const char *path, nb_ini_handler *handler, nb_ini_complaint *complaint, void *arg,
                     struct nb_error *err)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, MAX_FILE);
    int rc = nb_file_read(&text, path, path, err);
    if (rc == 0 && text.overflowed)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s: longer than 1 MiB", path);
    if (rc == 0)
        rc = nb_ini_read_text(path, text.data, text.length, handler, complaint, arg, err);
    nb_strbuf_clear(&text);
    return rc;
}
