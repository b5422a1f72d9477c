/*
 * prompt.c - the one-line editor: text, cursor, kill and yank, history, completion.
 */
#include "config.h"

#include "tui/modal/prompt.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/limits.h"
#include "base/text.h"
#include "tui/modal/prompt_internal.h"

#define LIMIT_DEFAULT NB_NOTE_MAX
#define HISTORY_MAX   200

void prompt_history_add(struct prompt_history *history, const char *line)
{
    char *copy;

    if (*line == '\0')
        return;
    copy = nb_strdup(line);
    for (size_t i = 0; i < history->lines.count; i++)
        if (strcmp(history->lines.data[i], copy) == 0) {
            nb_free(&history->lines.data[i]);
            nb_vec_remove(&history->lines, i);
            break;
        }
    if (history->lines.count >= HISTORY_MAX) {
        nb_free(&history->lines.data[0]);
        nb_vec_remove(&history->lines, 0);
    }
    nb_vec_push(&history->lines, copy);
}

void prompt_history_clear(struct prompt_history *history)
{
    for (size_t i = 0; i < history->lines.count; i++)
        nb_free(&history->lines.data[i]);
    nb_vec_clear(&history->lines);
}

struct prompt *prompt_new(const struct prompt_options *options)
{
    struct prompt *prompt = nb_calloc(1, sizeof(*prompt));

    prompt->label = nb_strdup(options->label ? options->label : "");
    prompt->history = options->history;
    prompt->complete = options->complete;
    prompt->arg = options->arg;
    prompt->limit = options->limit ? options->limit : LIMIT_DEFAULT;
    prompt->past = prompt->history ? prompt->history->lines.count : 0;
    nb_strbuf_init(&prompt->text, SIZE_MAX / 2);
    nb_strbuf_init(&prompt->killed, SIZE_MAX / 2);
    prompt_set_text(prompt, options->text ? options->text : "");
    return prompt;
}

static void forget_candidates(struct prompt *prompt)
{
    for (size_t i = 0; i < prompt->candidates.list.count; i++)
        nb_free(&prompt->candidates.list.data[i]);
    nb_vec_clear(&prompt->candidates.list);
    prompt->candidates.awaited = false;
    prompt->candidates.lack = NULL;
    prompt->said = NULL;
}

void prompt_free(struct prompt **out)
{
    struct prompt *prompt = *out;

    if (!prompt)
        return;
    forget_candidates(prompt);
    nb_strbuf_clear(&prompt->text);
    nb_strbuf_clear(&prompt->killed);
    nb_free(&prompt->label);
    nb_free(&prompt->draft);
    nb_free(out);
}

const char *prompt_text(const struct prompt *prompt)
{
    return prompt->text.data;
}

void prompt_set_text(struct prompt *prompt, const char *text)
{
    nb_strbuf_reset(&prompt->text);
    nb_strbuf_append_n(&prompt->text, text, strnlen(text, prompt->limit));
    prompt->cursor = prompt->text.length;
    prompt->error.code = 0;
}

void prompt_set_error(struct prompt *prompt, const struct nb_error *err)
{
    prompt->error = err ? *err : (struct nb_error){0};
}

/* ---- changing the text ---- */

static size_t next_cluster(const struct prompt *prompt, size_t at)
{
    int width = 0;
    size_t length = nb_text_grapheme(prompt->text.data + at, &width);

    return at + length;
}

/* Inserted text may have joined the text after it into one cluster: moves the cursor out of it. */
static void leave_cluster(struct prompt *prompt)
{
    size_t at = 0;

    while (at < prompt->cursor && at < prompt->text.length)
        at = next_cluster(prompt, at);
    prompt->cursor = at;
}

/* Replaces the bytes from..to by text and puts the cursor after it. */
static void replace(struct prompt *prompt, size_t from, size_t to, const char *text, size_t length)
{
    char *tail = nb_strdup(prompt->text.data + to);

    nb_strbuf_truncate(&prompt->text, from);
    if (from + length + strlen(tail) > prompt->limit)
        length = 0;
    nb_strbuf_append_n(&prompt->text, text, length);
    prompt->cursor = prompt->text.length;
    nb_strbuf_append(&prompt->text, tail);
    nb_free(&tail);
    leave_cluster(prompt);
    prompt->error.code = 0;
}

static void kill_range(struct prompt *prompt, size_t from, size_t to)
{
    nb_strbuf_reset(&prompt->killed);
    nb_strbuf_append_n(&prompt->killed, prompt->text.data + from, to - from);
    replace(prompt, from, to, "", 0);
}

/* ---- positions in the text ---- */

static size_t previous_cluster(const struct prompt *prompt, size_t at)
{
    size_t last = 0, next;

    for (next = 0; next < at; next = next_cluster(prompt, next)) {
        if (next_cluster(prompt, next) == next)
            break;
        last = next;
    }
    return last;
}

static bool is_word(char c)
{
    return (unsigned char)c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           c == '_';
}

static size_t word_end(const struct prompt *prompt, size_t at)
{
    while (prompt->text.data[at] && !is_word(prompt->text.data[at]))
        at++;
    while (prompt->text.data[at] && is_word(prompt->text.data[at]))
        at++;
    return at;
}

static size_t word_start(const struct prompt *prompt, size_t at)
{
    while (at > 0 && !is_word(prompt->text.data[at - 1]))
        at--;
    while (at > 0 && is_word(prompt->text.data[at - 1]))
        at--;
    return at;
}

static size_t blank_start(const struct prompt *prompt, size_t at)
{
    while (at > 0 && prompt->text.data[at - 1] == ' ')
        at--;
    while (at > 0 && prompt->text.data[at - 1] != ' ')
        at--;
    return at;
}

/* ---- keys ---- */

static enum prompt_result move_to(struct prompt *prompt, size_t at)
{
    prompt->cursor = at;
    return PROMPT_MOVED;
}

static enum prompt_result to_start(struct prompt *prompt)
{
    return move_to(prompt, 0);
}

static enum prompt_result to_end(struct prompt *prompt)
{
    return move_to(prompt, prompt->text.length);
}

static enum prompt_result left(struct prompt *prompt)
{
    return move_to(prompt, previous_cluster(prompt, prompt->cursor));
}

static enum prompt_result right(struct prompt *prompt)
{
    return move_to(prompt, next_cluster(prompt, prompt->cursor));
}

static enum prompt_result word_left(struct prompt *prompt)
{
    return move_to(prompt, word_start(prompt, prompt->cursor));
}

static enum prompt_result word_right(struct prompt *prompt)
{
    return move_to(prompt, word_end(prompt, prompt->cursor));
}

static enum prompt_result erase_before(struct prompt *prompt)
{
    if (prompt->text.length == 0)
        return PROMPT_CANCEL;
    if (prompt->cursor == 0)
        return PROMPT_IGNORED;
    replace(prompt, previous_cluster(prompt, prompt->cursor), prompt->cursor, "", 0);
    return PROMPT_CHANGED;
}

static enum prompt_result erase_at(struct prompt *prompt)
{
    if (prompt->cursor == prompt->text.length)
        return PROMPT_IGNORED;
    replace(prompt, prompt->cursor, next_cluster(prompt, prompt->cursor), "", 0);
    return PROMPT_CHANGED;
}

static enum prompt_result kill_to_end(struct prompt *prompt)
{
    kill_range(prompt, prompt->cursor, prompt->text.length);
    return PROMPT_CHANGED;
}

static enum prompt_result kill_to_start(struct prompt *prompt)
{
    kill_range(prompt, 0, prompt->cursor);
    return PROMPT_CHANGED;
}

static enum prompt_result kill_blank_word(struct prompt *prompt)
{
    kill_range(prompt, blank_start(prompt, prompt->cursor), prompt->cursor);
    return PROMPT_CHANGED;
}

static enum prompt_result kill_word_before(struct prompt *prompt)
{
    kill_range(prompt, word_start(prompt, prompt->cursor), prompt->cursor);
    return PROMPT_CHANGED;
}

static enum prompt_result kill_word(struct prompt *prompt)
{
    kill_range(prompt, prompt->cursor, word_end(prompt, prompt->cursor));
    return PROMPT_CHANGED;
}

static enum prompt_result yank(struct prompt *prompt)
{
    replace(prompt, prompt->cursor, prompt->cursor, prompt->killed.data, prompt->killed.length);
    return PROMPT_CHANGED;
}

/* Swaps the clusters before and after the cursor. */
static enum prompt_result transpose(struct prompt *prompt)
{
    size_t middle, start, end;
    char *swapped;

    if (prompt->cursor == prompt->text.length)
        prompt->cursor = previous_cluster(prompt, prompt->cursor);
    middle = prompt->cursor;
    if (middle == 0)
        return PROMPT_IGNORED;
    start = previous_cluster(prompt, middle);
    end = next_cluster(prompt, middle);
    swapped = nb_asprintf("%.*s%.*s", (int)(end - middle), prompt->text.data + middle, (int)(middle - start),
                          prompt->text.data + start);
    replace(prompt, start, end, swapped, end - start);
    nb_free(&swapped);
    return PROMPT_CHANGED;
}

/* Steps through those lines of the history that begin with what was typed. */
static enum prompt_result recall(struct prompt *prompt, int step)
{
    size_t count = prompt->history ? prompt->history->lines.count : 0;
    size_t at = prompt->past;

    if (at >= count) {
        at = count;
        nb_free(&prompt->draft);
        prompt->draft = nb_strdup(prompt->text.data);
    }
    do {
        if ((step < 0 && at == 0) || (step > 0 && at >= count))
            return PROMPT_IGNORED;
        at += (size_t)step;
    } while (at < count && strncmp(prompt->history->lines.data[at], prompt->draft, strlen(prompt->draft)) != 0);
    prompt->past = at;
    prompt_set_text(prompt, at < count ? prompt->history->lines.data[at] : prompt->draft);
    return PROMPT_CHANGED;
}

static enum prompt_result older(struct prompt *prompt)
{
    return recall(prompt, -1);
}

static enum prompt_result newer(struct prompt *prompt)
{
    return recall(prompt, 1);
}

static enum prompt_result accept(struct prompt *prompt)
{
    (void)prompt;
    return PROMPT_ACCEPT;
}

static enum prompt_result cancel(struct prompt *prompt)
{
    (void)prompt;
    return PROMPT_CANCEL;
}

/* ---- completion ---- */

/* How many bytes at the start all candidates have in common. */
static size_t common_prefix(const struct prompt_candidates *candidates)
{
    const char *first = candidates->list.data[0];
    size_t length = strlen(first);

    for (size_t i = 1; i < candidates->list.count; i++) {
        size_t same = 0;

        while (same < length && first[same] == candidates->list.data[i][same])
            same++;
        length = same;
    }
    while (length > 0 && ((unsigned char)first[length] & 0xC0) == 0x80)
        length--;
    return length;
}

/* The first Tab inserts what all candidates have in common; further ones step through them. */
static enum prompt_result complete(struct prompt *prompt, int step)
{
    struct prompt_candidates *candidates = &prompt->candidates;
    size_t typed, shared, count = candidates->list.count;

    if (!prompt->complete)
        return PROMPT_IGNORED;
    if (count > 1 && !candidates->awaited) {
        prompt->chosen =
            prompt->chosen == SIZE_MAX ? (step > 0 ? 0 : count - 1) : (prompt->chosen + count + (size_t)step) % count;
        replace(prompt, prompt->word, prompt->cursor, candidates->list.data[prompt->chosen],
                strlen(candidates->list.data[prompt->chosen]));
        return PROMPT_CHANGED;
    }
    forget_candidates(prompt);
    prompt->word = prompt->cursor;
    while (prompt->word > 0 && prompt->text.data[prompt->word - 1] != ' ')
        prompt->word--;
    prompt->complete(prompt->arg, prompt->text.data, prompt->cursor, &prompt->word, candidates);
    prompt->chosen = SIZE_MAX;
    if (candidates->awaited) {
        prompt->said = "looking up what there is …";
        return PROMPT_MOVED;
    }
    if (candidates->list.count == 0) {
        prompt->said = candidates->lack ? candidates->lack : "nothing begins so";
        return PROMPT_MOVED;
    }
    typed = prompt->cursor - prompt->word;
    shared = common_prefix(candidates);
    if (shared >= typed)
        replace(prompt, prompt->word, prompt->cursor, candidates->list.data[0], shared);
    if (candidates->list.count == 1) {
        bool goes_on = strchr(":<>=,.", prompt->text.data[prompt->cursor - 1]) != NULL; /* "type:" expects a value */

        forget_candidates(prompt);
        replace(prompt, prompt->cursor, prompt->cursor, " ",
                goes_on || prompt->text.data[prompt->cursor] == ' ' ? 0 : 1);
    }
    return PROMPT_CHANGED;
}

enum prompt_result prompt_resume(struct prompt *prompt)
{
    return prompt->candidates.awaited ? complete(prompt, 1) : PROMPT_IGNORED;
}

static enum prompt_result complete_next(struct prompt *prompt)
{
    return complete(prompt, 1);
}

static enum prompt_result complete_previous(struct prompt *prompt)
{
    return complete(prompt, -1);
}

/* ---- input ---- */

static const struct {
    struct key key;
    enum prompt_result (*act)(struct prompt *prompt);
} acts[] = {
    {{NAMED_ENTER, 0}, accept},
    {{'j', MOD_CONTROL}, accept},
    {{NAMED_ESCAPE, 0}, cancel},
    {{'g', MOD_CONTROL}, cancel},
    {{'c', MOD_CONTROL}, cancel},
    {{'a', MOD_CONTROL}, to_start},
    {{NAMED_HOME, 0}, to_start},
    {{'e', MOD_CONTROL}, to_end},
    {{NAMED_END, 0}, to_end},
    {{'b', MOD_CONTROL}, left},
    {{NAMED_LEFT, 0}, left},
    {{'f', MOD_CONTROL}, right},
    {{NAMED_RIGHT, 0}, right},
    {{'b', MOD_ALT}, word_left},
    {{NAMED_LEFT, MOD_CONTROL}, word_left},
    {{NAMED_LEFT, MOD_ALT}, word_left},
    {{'f', MOD_ALT}, word_right},
    {{NAMED_RIGHT, MOD_CONTROL}, word_right},
    {{NAMED_RIGHT, MOD_ALT}, word_right},
    {{NAMED_BACKSPACE, 0}, erase_before},
    {{'h', MOD_CONTROL}, erase_before},
    {{'d', MOD_CONTROL}, erase_at},
    {{NAMED_DELETE, 0}, erase_at},
    {{'k', MOD_CONTROL}, kill_to_end},
    {{'u', MOD_CONTROL}, kill_to_start},
    {{'w', MOD_CONTROL}, kill_blank_word},
    {{NAMED_BACKSPACE, MOD_ALT}, kill_word_before},
    {{'d', MOD_ALT}, kill_word},
    {{'y', MOD_CONTROL}, yank},
    {{'t', MOD_CONTROL}, transpose},
    {{NAMED_UP, 0}, older},
    {{'p', MOD_CONTROL}, older},
    {{NAMED_DOWN, 0}, newer},
    {{'n', MOD_CONTROL}, newer},
    {{NAMED_TAB, 0}, complete_next},
    {{NAMED_TAB, MOD_SHIFT}, complete_previous},
};

static void leave_history(struct prompt *prompt)
{
    prompt->past = prompt->history ? prompt->history->lines.count : 0;
}

enum prompt_result prompt_key(struct prompt *prompt, struct key key)
{
    utf8proc_uint8_t encoded[4];
    utf8proc_ssize_t length;

    if (key.code != NAMED_TAB)
        forget_candidates(prompt);
    for (size_t i = 0; i < NB_ARRAY_SIZE(acts); i++)
        if (key_equal(acts[i].key, key)) {
            if (acts[i].act != older && acts[i].act != newer)
                leave_history(prompt);
            return acts[i].act(prompt);
        }
    if (!key_is_text(key) || (key.code >= 0x80 && key.code < 0xA0))
        return PROMPT_IGNORED;
    leave_history(prompt);
    length = utf8proc_encode_char((utf8proc_int32_t)key.code, encoded);
    replace(prompt, prompt->cursor, prompt->cursor, (const char *)encoded, (size_t)length);
    return PROMPT_CHANGED;
}

enum prompt_result prompt_paste(struct prompt *prompt, const char *text)
{
    struct nb_strbuf clean;

    nb_strbuf_init(&clean, SIZE_MAX / 2);
    forget_candidates(prompt);
    leave_history(prompt);
    while (*text) {
        utf8proc_int32_t code = 0;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &code);

        if (length <= 0) {
            text++;
            continue;
        }
        if (code == '\n' || code == '\t' || code == '\r')
            nb_strbuf_append_char(&clean, ' ');
        else if (code >= 0x20 && !(code >= 0x7F && code < 0xA0))
            nb_strbuf_append_n(&clean, text, (size_t)length);
        text += length;
    }
    while (clean.length > 0 && clean.data[clean.length - 1] == ' ')
        nb_strbuf_truncate(&clean, clean.length - 1);
    replace(prompt, prompt->cursor, prompt->cursor, clean.data, clean.length);
    nb_strbuf_clear(&clean);
    return PROMPT_CHANGED;
}
