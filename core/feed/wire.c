/*
 * wire.c - writes, splits and parses the lines of the hub's protocol.
 */
#include "feed/wire.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    bool has_key;
    bool has_text;
} grammar[] = {
    [NB_HUB_HELLO] = {"hello", false, true},       [NB_HUB_LISTEN] = {"listen", true, false},
    [NB_HUB_UNLISTEN] = {"unlisten", true, false}, [NB_HUB_LISTENING] = {"listening", true, false},
    [NB_HUB_BELL] = {"bell", true, true},          [NB_HUB_RESYNC] = {"resync", false, false},
    [NB_HUB_LOST] = {"lost", false, false},        [NB_HUB_ERROR] = {"error", false, true},
};

bool nb_hub_is_key(const char *text)
{
    return strlen(text) == NB_HUB_KEY_LENGTH && strncmp(text, "nb_", 3) == 0 &&
           strspn(text + 3, "0123456789abcdef") == NB_HUB_KEY_LENGTH - 3;
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

/* Cuts the next word off *rest, which is "" after the last. */
static char *take_word(char **rest)
{
    char *word = *rest;
    char *end = strchr(word, ' ');

    if (end) {
        *end = '\0';
        *rest = end + 1;
    } else {
        *rest = word + strlen(word);
    }
    return word;
}

static int malformed(struct nb_error *err)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not a line of the hub's protocol");
}

int nb_hub_parse(struct nb_hub_message *out, char *line, struct nb_error *err)
{
    const char *word;

    *out = (struct nb_hub_message){.text = ""};
    if (!is_plain(line))
        return malformed(err);
    word = take_word(&line);
    while (out->word < NB_ARRAY_SIZE(grammar) && strcmp(grammar[out->word].word, word) != 0)
        out->word++;
    if (out->word == NB_ARRAY_SIZE(grammar))
        return malformed(err);
    if (grammar[out->word].has_key) {
        out->key = take_word(&line);
        if (!nb_hub_is_key(out->key))
            return malformed(err);
    }
    if (!grammar[out->word].has_text && *line != '\0')
        return malformed(err);
    out->text = line;
    if (out->word == NB_HUB_HELLO) {
        if (*line == '\0' || strlen(line) > 4 || line[strspn(line, "0123456789")] != '\0')
            return malformed(err);
        for (; *line != '\0'; line++)
            out->version = out->version * 10 + (*line - '0');
    }
    return 0;
}

size_t nb_hub_format(char *buffer, enum nb_hub_word word, const char *key, const char *text)
{
    int length;

    if (!text || strlen(text) > NB_HUB_PAYLOAD_MAX || !is_plain(text))
        text = word == NB_HUB_BELL ? "{}" : "";
    length = snprintf(buffer, NB_HUB_LINE_MAX, "%s%s%s%s%s\n", grammar[word].word, grammar[word].has_key ? " " : "",
                      grammar[word].has_key ? key : "", grammar[word].has_text ? " " : "",
                      grammar[word].has_text ? text : "");
    return length < 0 || length >= NB_HUB_LINE_MAX ? 0 : (size_t)length;
}

/* ---- lines ---- */

size_t nb_hub_lines_room(struct nb_hub_lines *lines, char **where)
{
    lines->length -= lines->taken;
    memmove(lines->data, lines->data + lines->taken, lines->length);
    lines->taken = 0;
    *where = lines->data + lines->length;
    return sizeof(lines->data) - lines->length;
}

void nb_hub_lines_added(struct nb_hub_lines *lines, size_t count)
{
    lines->length += count;
}

char *nb_hub_lines_next(struct nb_hub_lines *lines)
{
    char *line = lines->data + lines->taken;
    char *end = memchr(line, '\n', lines->length - lines->taken);

    if (!end)
        return NULL;
    lines->taken = (size_t)(end + 1 - lines->data);
    /* A NUL would hide the rest of the line. */
    for (char *byte = line; byte < end; byte++)
        if (*byte == '\0')
            *byte = '\x01';
    *end = '\0';
    return line;
}
