/*
 * decoder.c - escape sequences to keys, mouse events and pastes.
 */
#include "config.h"

#include "tui/term/decoder.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "tui/term/sequence.h"

#define ESCAPE          0x1B
#define SEQUENCE_MAX    64
#define REPLY_MAX       256
#define PASTE_MAX       (64 * 1024)
#define PASTE_END       "\033[201~"
#define DOUBLE_CLICK_MS 400
/* A paste or answer that stops in the middle is given up after this time: its end was lost, and keys must work
 * again. */
#define STALLED_MS 2000

void decoder_init(struct decoder *decoder)
{
    *decoder = (struct decoder){0};
    nb_strbuf_init(&decoder->text, PASTE_MAX + SEQUENCE_MAX);
}

void decoder_clear(struct decoder *decoder)
{
    nb_strbuf_clear(&decoder->text);
}

static bool next_item(struct decoder *decoder, decoder_source *source, void *arg, struct decoder_item *item)
{
    if (decoder->has_held) {
        decoder->has_held = false;
        *item = decoder->held;
        return true;
    }
    return source(arg, item);
}

static void hold_item(struct decoder *decoder, const struct decoder_item *item)
{
    decoder->has_held = true;
    decoder->held = *item;
}

static bool give_key(struct input *input, struct key key)
{
    *input = (struct input){.kind = INPUT_KEY, .key = key};
    return key.code != 0;
}

/* A character that a terminal reports by its code point. */
static bool give_character(struct input *input, int code, uint8_t modifiers)
{
    if (code <= 0 || !utf8proc_codepoint_valid(code))
        return false;
    return give_key(input, key_canonical((uint32_t)code, modifiers));
}

/* xterm's number for modifiers is 1 + shift 1 + alt 2 + control 4. */
static uint8_t modifiers_of(int number)
{
    return number >= 2 && number <= 16 ? (uint8_t)((number - 1) & 7) : 0;
}

static uint32_t final_key(char final)
{
    static const struct {
        char final;
        uint32_t code;
    } finals[] = {
        {'A', NAMED_UP}, {'B', NAMED_DOWN}, {'C', NAMED_RIGHT}, {'D', NAMED_LEFT}, {'H', NAMED_HOME},  {'F', NAMED_END},
        {'P', NAMED_F1}, {'Q', NAMED_F2},   {'R', NAMED_F3},    {'S', NAMED_F4},   {'M', NAMED_ENTER},
    };

    for (size_t i = 0; i < NB_ARRAY_SIZE(finals); i++)
        if (finals[i].final == final)
            return finals[i].code;
    return 0;
}

static uint32_t tilde_key(int number)
{
    static const uint32_t keys[] = {
        [1] = NAMED_HOME,      [2] = NAMED_INSERT, [3] = NAMED_DELETE, [4] = NAMED_END,  [5] = NAMED_PAGE_UP,
        [6] = NAMED_PAGE_DOWN, [7] = NAMED_HOME,   [8] = NAMED_END,    [11] = NAMED_F1,  [12] = NAMED_F2,
        [13] = NAMED_F3,       [14] = NAMED_F4,    [15] = NAMED_F5,    [17] = NAMED_F6,  [18] = NAMED_F7,
        [19] = NAMED_F8,       [20] = NAMED_F9,    [21] = NAMED_F10,   [23] = NAMED_F11, [24] = NAMED_F12,
    };

    return number > 0 && (size_t)number < NB_ARRAY_SIZE(keys) ? keys[number] : 0;
}

/* Reads up to four numbers separated by semicolons. */
static size_t read_numbers(const char *text, int numbers[4])
{
    size_t count = 0;

    while (count < 4 && *text) {
        char *end = NULL;
        long value = strtol(text, &end, 10);

        numbers[count++] = value >= 0 && value < 100000 ? (int)value : -1;
        if (*end != ';')
            break;
        text = end + 1;
    }
    return count;
}

static bool give_mouse(struct decoder *decoder, int button, int x, int y, bool pressed, int64_t now,
                       struct input *input)
{
    *input = (struct input){.kind = INPUT_MOUSE, .x = x, .y = y};
    if (button < 0 || x < 0 || y < 0 || !pressed)
        return false;
    button &= ~(4 | 8 | 16); /* shift, alt, control */
    if (button == 64 || button == 65) {
        input->mouse = button == 64 ? MOUSE_WHEEL_UP : MOUSE_WHEEL_DOWN;
        return true;
    }
    if (button != 0)
        return false;
    input->mouse = MOUSE_PRESS;
    if (now - decoder->press_ms < DOUBLE_CLICK_MS && x == decoder->press_x && y == decoder->press_y) {
        input->mouse = MOUSE_DOUBLE;
        now = 0; /* a third press starts a new count */
    }
    decoder->press_ms = now;
    decoder->press_x = x;
    decoder->press_y = y;
    return true;
}

/* Decodes a whole CSI sequence: its parameters are in text, its last character is final. False: it is no input
 * event. */
static bool finish_csi(struct decoder *decoder, char final, int64_t now, struct input *input)
{
    const char *text = decoder->text.data;
    int numbers[4] = {0};
    size_t count;

    if (text[0] == '<' && (final == 'M' || final == 'm')) {
        count = read_numbers(text + 1, numbers);
        return count == 3 && give_mouse(decoder, numbers[0], numbers[1] - 1, numbers[2] - 1, final == 'M', now, input);
    }
    count = read_numbers(text, numbers);
    if (final == '~' && numbers[0] == 27 && count == 3) /* modifyOtherKeys */
        return give_character(input, numbers[2], modifiers_of(numbers[1]));
    if (final == '~')
        return give_key(input, (struct key){tilde_key(numbers[0]), modifiers_of(numbers[1])});
    if (final == 'u')
        return give_character(input, numbers[0], modifiers_of(numbers[1]));
    if (final == 'Z')
        return give_key(input, key_canonical(NAMED_TAB, MOD_SHIFT));
    /* answers to questions, and reports that nobody asked for */
    if (text[0] == '?' || text[0] == '>' || final == 'M' || numbers[0] > 1)
        return false;
    return give_key(input, (struct key){final_key(final), modifiers_of(numbers[1])});
}

/* Reads a mouse event in the old form: three characters, each 32 above its value. */
static bool read_old_mouse(struct decoder *decoder, decoder_source *source, void *arg, int64_t now, struct input *input)
{
    int values[3] = {0};

    for (int i = 0; i < 3; i++) {
        struct decoder_item item;

        if (!next_item(decoder, source, arg, &item) || item.is_key)
            return false;
        values[i] = (int)item.character - 32;
    }
    return give_mouse(decoder, values[0], values[1] - 1, values[2] - 1, (values[0] & 3) != 3, now, input);
}

static bool add_csi(struct decoder *decoder, const struct decoder_item *item, decoder_source *source, void *arg,
                    int64_t now, struct input *input)
{
    uint32_t c = item->character;

    /* the Linux console's F1 to F5 (ESC [ [ A) are the only exception to the form */
    if (!item->is_key && c == '[' && decoder->text.length == 0) {
        nb_strbuf_append_char(&decoder->text, '[');
        return false;
    }
    if (!item->is_key && c >= 0x20 && c < 0x40 && decoder->text.length < SEQUENCE_MAX) {
        nb_strbuf_append_char(&decoder->text, (char)c);
        return false;
    }
    decoder->state = DECODER_GROUND;
    if (item->is_key || c < 0x40 || c > 0x7E) {
        hold_item(decoder, item); /* the sequence was broken off: this character starts anew */
        return false;
    }
    if (strcmp(decoder->text.data, "[") == 0)
        return c >= 'A' && c <= 'E' && give_key(input, (struct key){NAMED_F1 + (c - 'A'), 0});
    if (c == 'M' && decoder->text.length == 0)
        return read_old_mouse(decoder, source, arg, now, input);
    if (c == '~' && strcmp(decoder->text.data, "200") == 0) {
        decoder->state = DECODER_PASTE;
        nb_strbuf_reset(&decoder->text);
        return false;
    }
    return finish_csi(decoder, (char)c, now, input);
}

static void append_character(struct nb_strbuf *out, uint32_t c)
{
    utf8proc_uint8_t encoded[4];

    if (c > 0 && utf8proc_codepoint_valid((utf8proc_int32_t)c))
        nb_strbuf_append_n(out, (const char *)encoded, (size_t)utf8proc_encode_char((utf8proc_int32_t)c, encoded));
}

static bool finish_paste(struct decoder *decoder, struct input *input)
{
    decoder->state = DECODER_GROUND;
    *input = (struct input){.kind = INPUT_PASTE, .text = decoder->text.data};
    return true;
}

static bool add_paste(struct decoder *decoder, const struct decoder_item *item, struct input *input)
{
    static const size_t end = sizeof(PASTE_END) - 1;
    struct nb_strbuf *text = &decoder->text;

    if (item->is_key)
        return false;
    append_character(text, item->character);
    if (text->length >= end && strcmp(text->data + text->length - end, PASTE_END) == 0) {
        nb_strbuf_truncate(text, text->length - end);
        return finish_paste(decoder, input);
    }
    return text->length >= PASTE_MAX && finish_paste(decoder, input);
}

static bool add_reply(struct decoder *decoder, const struct decoder_item *item, struct input *input)
{
    struct nb_strbuf *text = &decoder->text;
    uint32_t c = item->is_key ? 0 : item->character;
    bool ended = c == '\a' || (c == '\\' && text->length > 0 && text->data[text->length - 1] == ESCAPE);
    bool light = false;

    if (!ended && text->length < REPLY_MAX) {
        append_character(text, c);
        return false;
    }
    decoder->state = DECODER_GROUND;
    if (!sequence_read_background(text->data, &light))
        return false;
    decoder->expects_background = false;
    decoder->background = light ? BACKGROUND_LIGHT : BACKGROUND_DARK;
    *input = (struct input){.kind = INPUT_BACKGROUND};
    return true;
}

/* After Esc: the key by itself, Alt with another key, or the start of a sequence. */
static bool begin_sequence(struct decoder *decoder, decoder_source *source, void *arg, struct input *input)
{
    struct decoder_item item, second;

    if (!next_item(decoder, source, arg, &item))
        return give_key(input, (struct key){NAMED_ESCAPE, 0});
    if (item.is_key) {
        item.key.modifiers |= MOD_ALT;
        return give_key(input, item.key);
    }
    if (item.character == ESCAPE) {
        hold_item(decoder, &item);
        return give_key(input, (struct key){NAMED_ESCAPE, 0});
    }
    if ((item.character == '[' || item.character == 'O') && next_item(decoder, source, arg, &second)) {
        if (item.character == 'O' && !second.is_key && second.character < 0x7F && final_key((char)second.character))
            return give_key(input, (struct key){final_key((char)second.character), 0});
        hold_item(decoder, &second);
        if (item.character == '[') {
            nb_strbuf_reset(&decoder->text);
            decoder->state = DECODER_CSI;
            return false;
        }
    }
    if (item.character == ']' && decoder->expects_background) {
        nb_strbuf_reset(&decoder->text);
        decoder->state = DECODER_REPLY;
        return false;
    }
    return give_key(input, key_canonical(item.character, MOD_ALT));
}

static bool take_item(struct decoder *decoder, const struct decoder_item *item, decoder_source *source, void *arg,
                      int64_t now, struct input *input)
{
    switch (decoder->state) {
    case DECODER_CSI:
        return add_csi(decoder, item, source, arg, now, input);
    case DECODER_PASTE:
        return add_paste(decoder, item, input);
    case DECODER_REPLY:
        return add_reply(decoder, item, input);
    case DECODER_GROUND:
        break;
    }
    if (item->is_key)
        return give_key(input, item->key);
    if (item->character == ESCAPE)
        return begin_sequence(decoder, source, arg, input);
    return give_key(input, key_canonical(item->character, 0));
}

bool decoder_read(struct decoder *decoder, decoder_source *source, void *arg, int64_t now, struct input *input)
{
    struct decoder_item item;

    if (decoder->state != DECODER_GROUND && now - decoder->last_ms > STALLED_MS) {
        enum decoder_state stalled = decoder->state;

        decoder->state = DECODER_GROUND;
        if (stalled == DECODER_PASTE && decoder->text.length > 0)
            return finish_paste(decoder, input);
    }
    while (next_item(decoder, source, arg, &item)) {
        decoder->last_ms = now;
        if (take_item(decoder, &item, source, arg, now, input))
            return true;
    }
    return false;
}
