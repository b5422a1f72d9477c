/*
 * action.h - the actions (action.def), and the command language that keys and the `:` prompt share.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include "base/error.h"
#include "base/strbuf.h"
#include "tui/keys/context.h"

/* Where an action makes sense: the set of contexts in which it can be bound or run. */
enum action_place {
    IN_DETAIL = 1 << CONTEXT_DETAIL,
#define SCREEN(identifier, name, title) IN_##identifier = 1 << CONTEXT_##identifier,
#include "tui/keys/screen.def"
    IN_LISTS = 0
#define SCREEN_LIST(identifier, name, title, subject, filter) | IN_##identifier
#include "tui/keys/screen.def"
    ,
    IN_TABLES = 0
#define SCREEN(identifier, name, title)
#define SCREEN_TABLE(identifier, name, title) | IN_##identifier
#include "tui/keys/screen.def"
    ,
    IN_ANYWHERE = IN_DETAIL
#define SCREEN(identifier, name, title) | IN_##identifier
#include "tui/keys/screen.def"
    ,
    IN_BODY = IN_ANYWHERE,
};

enum action_flag {
    ACTION_FLAG_ROW = 1,
    ACTION_FLAG_WRITES = 2,
    ACTION_FLAG_COUNT = 4,
    ACTION_FLAG_BULK = 8,
    ACTION_FLAG_PLAIN = 16,
    ACTION_FLAG_OUTSIDE = 32,
    ACTION_FLAG_MOVES = 64,
};

enum action {
#define ACTION(identifier, name, arguments, contexts, flags, help) ACTION_##identifier,
#include "tui/keys/action.def"
#undef ACTION
    ACTION_COUNT
};

struct action_info {
    const char *name;
    const char *arguments;
    const char *help;
    unsigned contexts; /* enum action_place */
    unsigned flags;    /* enum action_flag */
};

const struct action_info *action_info(enum action action);
enum action action_find(const char *name, size_t length); /* ACTION_COUNT when there is none */
/* Whether the action can be bound or run there. */
bool action_fits(enum action action, enum context context);

/* One action with its arguments, as its handler gets it. */
struct command {
    enum action action;
    int count;   /* typed before the key; 0: none */
    bool option; /* the action's one --option was given */
    size_t argc; /* the option not included */
    char **argv; /* a WORD... argument is the rest of the line as typed */
    char *text;  /* the whole command as written, without the colon */
};

/* Parses "resolve --note", with or without the colon. The name may be shortened while it stays unique. Blanks separate
 * words; "…" and '…' quote, and \ escapes inside "…". NB_EINVALID: err->column points into text (from 1), err->hint
 * says what was expected. */
NB_MUSTCHECK int command_parse(struct command *out, const char *text, struct nb_error *err);
/* The name of the argument at the end of text ("THEME"), "" for the action's own name, NULL for none: what completion
 * offers. *start: the byte where that argument begins. */
const char *command_argument_at(const char *text, size_t *start);
/* The words that an argument of that name may be: "a b c"; NULL: any text, or a number. */
const char *command_choices(const char *argument);
/* A text as one word of a command, in quotes where it needs them; and a word, perhaps still open, as the text that it means. The caller
 * frees both. */
char *command_quote(const char *text);
char *command_unquote(const char *word);
void command_clear(struct command *command);
void command_copy(struct command *to, const struct command *from);
/* The first argument as a number, or else the count, or else fallback. At least 1. */
int command_amount(const struct command *command, int fallback);

#endif
