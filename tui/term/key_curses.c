/*
 * key_curses.c - translates curses' names of keys, terminfo's extended names included.
 */
#include "config.h"

#include "tui/term/key_curses.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    uint32_t key;
    uint8_t modifiers;
} keys[] = {
    {"KEY_UP", NAMED_UP, 0},
    {"KEY_DOWN", NAMED_DOWN, 0},
    {"KEY_LEFT", NAMED_LEFT, 0},
    {"KEY_RIGHT", NAMED_RIGHT, 0},
    {"KEY_HOME", NAMED_HOME, 0},
    {"KEY_FIND", NAMED_HOME, 0},
    {"KEY_A1", NAMED_HOME, 0},
    {"KEY_END", NAMED_END, 0},
    {"KEY_LL", NAMED_END, 0},
    {"KEY_SELECT", NAMED_END, 0},
    {"KEY_C1", NAMED_END, 0},
    {"KEY_PPAGE", NAMED_PAGE_UP, 0},
    {"KEY_A3", NAMED_PAGE_UP, 0},
    {"KEY_NPAGE", NAMED_PAGE_DOWN, 0},
    {"KEY_C3", NAMED_PAGE_DOWN, 0},
    {"KEY_IC", NAMED_INSERT, 0},
    {"KEY_DC", NAMED_DELETE, 0},
    {"KEY_BACKSPACE", NAMED_BACKSPACE, 0},
    {"KEY_ENTER", NAMED_ENTER, 0},
    {"KEY_BTAB", NAMED_TAB, MOD_SHIFT},
    {"KEY_SR", NAMED_UP, MOD_SHIFT},
    {"KEY_SF", NAMED_DOWN, MOD_SHIFT},
    {"KEY_SLEFT", NAMED_LEFT, MOD_SHIFT},
    {"KEY_SRIGHT", NAMED_RIGHT, MOD_SHIFT},
    {"KEY_SHOME", NAMED_HOME, MOD_SHIFT},
    {"KEY_SEND", NAMED_END, MOD_SHIFT},
    {"KEY_SPREVIOUS", NAMED_PAGE_UP, MOD_SHIFT},
    {"KEY_SNEXT", NAMED_PAGE_DOWN, MOD_SHIFT},
    {"KEY_SIC", NAMED_INSERT, MOD_SHIFT},
    {"KEY_SDC", NAMED_DELETE, MOD_SHIFT},
};

/* Extended capabilities: kRIT5 is the right arrow with xterm's modifier number 5 (control). Without a number the
 * modifier is shift. */
static const struct {
    const char *name;
    uint32_t key;
} extended[] = {
    {"kUP", NAMED_UP},     {"kDN", NAMED_DOWN},   {"kLFT", NAMED_LEFT},    {"kRIT", NAMED_RIGHT},
    {"kHOM", NAMED_HOME},  {"kEND", NAMED_END},   {"kPRV", NAMED_PAGE_UP}, {"kNXT", NAMED_PAGE_DOWN},
    {"kIC", NAMED_INSERT}, {"kDC", NAMED_DELETE},
};

/* Function keys above F12 are F1 to F12 with shift, control, both, and alt, as xterm numbers them. */
static struct key function_key(int number)
{
    static const uint8_t modifiers[] = {0, MOD_SHIFT, MOD_CONTROL, MOD_SHIFT | MOD_CONTROL, MOD_ALT};

    if (number < 1 || number > 60)
        return (struct key){0, 0};
    return (struct key){NAMED_F1 + (uint32_t)(number - 1) % 12, modifiers[(number - 1) / 12]};
}

struct key key_of_curses(const char *name)
{
    if (!name)
        return (struct key){0, 0};
    if (strncmp(name, "KEY_F(", 6) == 0)
        return function_key((int)strtol(name + 6, NULL, 10));
    for (size_t i = 0; i < NB_ARRAY_SIZE(keys); i++)
        if (strcmp(keys[i].name, name) == 0)
            return (struct key){keys[i].key, keys[i].modifiers};
    for (size_t i = 0; i < NB_ARRAY_SIZE(extended); i++) {
        size_t length = strlen(extended[i].name);
        int number = 2;

        if (strncmp(name, extended[i].name, length) != 0 || strlen(name) > length + 1)
            continue;
        if (name[length] >= '2' && name[length] <= '8')
            number = name[length] - '0';
        return (struct key){extended[i].key, (uint8_t)((number - 1) & 7)};
    }
    return (struct key){0, 0};
}
