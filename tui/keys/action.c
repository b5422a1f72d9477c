/*
 * action.c - the action table, generated from action.def.
 */
#include "config.h"

#include "tui/keys/action.h"

#include <string.h>

#define ROW     ACTION_FLAG_ROW
#define MOVES   ACTION_FLAG_MOVES
#define WRITES  ACTION_FLAG_WRITES
#define COUNT   ACTION_FLAG_COUNT
#define BULK    ACTION_FLAG_BULK
#define PLAIN   ACTION_FLAG_PLAIN
#define OUTSIDE ACTION_FLAG_OUTSIDE

static const struct action_info actions[ACTION_COUNT] = {
#define ACTION(identifier, name, arguments, contexts, flags, help) {name, arguments, help, contexts, flags},
#include "tui/keys/action.def"
#undef ACTION
};

const struct action_info *action_info(enum action action)
{
    return &actions[action];
}

enum action action_find(const char *name, size_t length)
{
    for (int i = 0; i < ACTION_COUNT; i++)
        if (strlen(actions[i].name) == length && memcmp(actions[i].name, name, length) == 0)
            return (enum action)i;
    return ACTION_COUNT;
}

bool action_fits(enum action action, enum context context)
{
    if (context == CONTEXT_GLOBAL)
        return true;
    if (context == CONTEXT_LIST)
        return (actions[action].contexts & IN_LISTS) != 0;
    return (actions[action].contexts & 1u << context) != 0;
}
