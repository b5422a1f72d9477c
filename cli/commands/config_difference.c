/*
 * config_difference.c - how one document differs from another, for people and as JSON.
 */
#include <string.h>

#include "base/text.h"
#include "cli/commands/config.h"

#define SHOWN_MAX 60 /* bytes of a value */

static void pack_member(void *arg, const char *member, const char *before, const char *after)
{
    json_object_set_new(arg, member,
                        json_pack("{s:o, s:o}", "from", json_loads(before, JSON_DECODE_ANY, NULL), "to",
                                  json_loads(after, JSON_DECODE_ANY, NULL)));
}

json_t *config_difference_members(const char *before, const char *after)
{
    json_t *members = json_object();

    nb_config_compare(before, after, pack_member, members);
    return members;
}

/* Of long values what differs is shown: up to there they are the same. */
static size_t same_start(const char *before, const char *after)
{
    size_t same = 0;

    if (strlen(before) <= SHOWN_MAX && strlen(after) <= SHOWN_MAX)
        return 0;
    while (before[same] && before[same] == after[same])
        same++;
    same = same > SHOWN_MAX / 3 ? same - SHOWN_MAX / 3 : 0;
    while (same > 0 && ((unsigned char)before[same] & 0xc0) == 0x80)
        same--;
    return same;
}

static void append_shown(struct nb_strbuf *line, const char *value, size_t from, const char *cut)
{
    size_t length = strlen(value + from);

    nb_strbuf_append(line, from > 0 ? cut : "");
    if (length <= SHOWN_MAX) {
        nb_strbuf_append(line, value + from);
        return;
    }
    length = SHOWN_MAX;
    while (length > 0 && ((unsigned char)value[from + length] & 0xc0) == 0x80)
        length--;
    nb_strbuf_append_n(line, value + from, length);
    nb_strbuf_append(line, cut);
}

static void print_member(void *arg, const char *member, const char *before, const char *after)
{
    struct output *output = arg;
    const char *cut = output_is_ascii(output) ? "..." : "…";
    size_t from = same_start(before, after);
    struct nb_strbuf line;

    nb_strbuf_init(&line, 4096);
    nb_strbuf_appendf(&line, "      %.200s: ", member);
    append_shown(&line, before, from, cut);
    nb_strbuf_append(&line, output_is_ascii(output) ? " -> " : " → ");
    append_shown(&line, after, from, cut);
    output_line(output, "%s", line.data);
    nb_strbuf_clear(&line);
}

void config_difference_print(struct output *output, const char *key, const char *change, const char *before,
                             const char *after)
{
    if (strcmp(change, "same") == 0)
        return;
    output_line(output, "  %s %s",
                strcmp(change, "added") == 0     ? "+"
                : strcmp(change, "deleted") == 0 ? "-"
                                                 : "~",
                key);
    nb_config_compare(before, after, print_member, output);
}
