/*
 * key.c - names of keys: parsing and formatting.
 */
#include "config.h"

#include "tui/keys/key.h"

#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#define KEY_NAME_MAX 24

static const char *const named[NAMED_LIMIT - NAMED_FIRST] = {
#define NAMED(identifier, name) name,
#include "tui/keys/key.def"
#undef NAMED
};

/* Other names of keys, and characters that have a meaning in a keymap file. A character is written by its first
 * name. */
static const struct {
    const char *name;
    uint32_t code;
} spellings[] = {
    {"Space", ' '},
    {"Hash", '#'},
    {"Equal", '='},
    {"Comma", ','},
    {"Less", '<'},
    {"Greater", '>'},
    {"Bar", '|'},
    {"Backslash", '\\'},
    {"Colon", ':'},
    {"Semicolon", ';'},
    {"Quote", '"'},
    {"Apostrophe", '\''},
    {"Minus", '-'},
    {"Plus", '+'},
    {"Escape", NAMED_ESCAPE},
    {"Return", NAMED_ENTER},
    {"CR", NAMED_ENTER},
    {"BS", NAMED_BACKSPACE},
    {"Del", NAMED_DELETE},
    {"Ins", NAMED_INSERT},
    {"PgUp", NAMED_PAGE_UP},
    {"PgDn", NAMED_PAGE_DOWN},
};
/* the first entries, characters that a file must spell out */
#define SPELLED_OUT 6

struct key key_canonical(uint32_t code, uint8_t modifiers)
{
    struct key key = {code, modifiers};

    if (code < 0x20) {
        key.modifiers |= MOD_CONTROL;
        key.code = code == 0 ? ' ' : code + (code <= 26 ? 0x60 : 0x40);
    } else if (code == 0x7F) {
        key.code = NAMED_BACKSPACE;
    }
    if (key.code < NAMED_FIRST) {
        if ((key.modifiers & MOD_CONTROL) && key.code >= 'A' && key.code <= 'Z')
            key.code += 'a' - 'A';
        key.modifiers &= (uint8_t)~MOD_SHIFT;
    }
    if (key.modifiers & MOD_CONTROL) {
        uint32_t same = 0; /* the key that terminals cannot tell from the control character */

        switch (key.code) {
        case 'i':
            same = NAMED_TAB;
            break;
        case 'm':
            same = NAMED_ENTER;
            break;
        case '[':
            same = NAMED_ESCAPE;
            break;
        case '?':
            same = NAMED_BACKSPACE;
            break;
        case '@':
            key.code = ' ';
            break;
        default:
            break;
        }
        if (same) {
            key.code = same;
            key.modifiers &= (uint8_t)~MOD_CONTROL;
        }
    }
    return key;
}

bool key_is_text(struct key key)
{
    return key.modifiers == 0 && key.code >= 0x20 && key.code < NAMED_FIRST && key.code != 0x7F;
}

static uint32_t code_find(const char *name)
{
    utf8proc_int32_t code = 0;

    for (uint32_t i = 0; i < NB_ARRAY_SIZE(named); i++)
        if (strcasecmp(named[i], name) == 0)
            return NAMED_FIRST + i;
    for (size_t i = 0; i < NB_ARRAY_SIZE(spellings); i++)
        if (strcasecmp(spellings[i].name, name) == 0)
            return spellings[i].code;
    if (utf8proc_iterate((const utf8proc_uint8_t *)name, -1, &code) == (utf8proc_ssize_t)strlen(name) && code > 0x20)
        return (uint32_t)code;
    return 0;
}

/* The reason why no terminal can send this key, or NULL. */
static const char *key_impossible(uint32_t code, uint8_t modifiers)
{
    bool fixed = code == NAMED_ENTER || code == NAMED_ESCAPE || code == NAMED_BACKSPACE || code == ' ';

    if ((modifiers & MOD_SHIFT) && fixed)
        return "terminals do not report shift with this key";
    if ((modifiers & MOD_CONTROL) && fixed && code != ' ')
        return "terminals do not report control with this key";
    if ((modifiers & MOD_CONTROL) && code == NAMED_TAB)
        return "terminals do not report control with Tab";
    if (code >= NAMED_FIRST)
        return NULL;
    if ((modifiers & MOD_CONTROL) && (modifiers & MOD_SHIFT))
        return "terminals do not report control with shift and a character";
    if ((modifiers & MOD_SHIFT) && !(code >= 'a' && code <= 'z') && !(code >= 'A' && code <= 'Z'))
        return "write the character that shift makes instead";
    if ((modifiers & MOD_CONTROL) &&
        (code > 0x7E || !strchr(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ@[\\]^_?", (int)code)))
        return "terminals do not report control with this character";
    return NULL;
}

static uint8_t modifier_find(char letter)
{
    switch (letter) {
    case 'C':
    case 'c':
        return MOD_CONTROL;
    case 'M':
    case 'm':
    case 'A':
    case 'a':
        return MOD_ALT;
    case 'S':
    case 's':
        return MOD_SHIFT;
    default:
        return 0;
    }
}

/* Parses the text between < and >: modifiers and a name. */
static int parse_named(struct key *out, const char *name, struct nb_error *err)
{
    const char *rest = name;
    uint8_t modifiers = 0;
    uint32_t code;
    const char *reason;

    while (modifier_find(rest[0]) && rest[1] == '-' && rest[2] != '\0') {
        modifiers |= modifier_find(rest[0]);
        rest += 2;
    }
    code = code_find(rest);
    if (code == 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "there is no key <%s>", name);
    reason = key_impossible(code, modifiers);
    if (reason)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "impossible key <%s>: %s", name, reason);
    if ((modifiers & MOD_SHIFT) && code >= 'a' && code <= 'z')
        code -= 'a' - 'A';
    *out = key_canonical(code, modifiers);
    return 0;
}

int key_parse(struct key *out, const char **text, struct nb_error *err)
{
    utf8proc_int32_t code = 0;
    utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)*text, -1, &code);
    char name[KEY_NAME_MAX + 1] = "";
    const char *end;

    if (**text == '<' && (*text)[1] != '\0' && (*text)[1] != ' ') {
        end = strchr(*text, '>');
        if (!end || end - *text - 1 > KEY_NAME_MAX)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "a key that begins with < must end with >");
        memcpy(name, *text + 1, (size_t)(end - *text - 1));
        *text = end + 1;
        return parse_named(out, name, err);
    }
    if (length <= 0 || code <= 0x20 || code == 0x7F)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "expected a key");
    *text += length;
    *out = key_canonical((uint32_t)code, 0);
    return 0;
}

static const char *spelling_of(uint32_t code)
{
    if (code >= NAMED_FIRST && code < NAMED_LIMIT)
        return named[code - NAMED_FIRST];
    for (size_t i = 0; i < SPELLED_OUT; i++)
        if (spellings[i].code == code)
            return spellings[i].name;
    return NULL;
}

void key_format(struct nb_strbuf *out, struct key key)
{
    const char *name = spelling_of(key.code);
    utf8proc_uint8_t encoded[5] = {0};

    if (!name) {
        utf8proc_encode_char((utf8proc_int32_t)key.code, encoded);
        name = (const char *)encoded;
    }
    if (name == (const char *)encoded && key.modifiers == 0) {
        nb_strbuf_append(out, name);
        return;
    }
    nb_strbuf_appendf(out, "<%s%s%s%s>", key.modifiers & MOD_CONTROL ? "C-" : "", key.modifiers & MOD_ALT ? "M-" : "",
                      key.modifiers & MOD_SHIFT ? "S-" : "", name);
}
