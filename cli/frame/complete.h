/*
 * complete.h - finds what can stand at the cursor of a command line that is being typed. It reads only the table of
 * commands, so the shell's completion cannot disagree with the parser.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/frame/command.h"

enum complete_kind {
    COMPLETE_GROUP,    /* a group's name, or an option of the console */
    COMPLETE_COMMAND,  /* a command's name, or an argument of the group's own command */
    COMPLETE_ARGUMENT, /* which one: see `argument` */
    COMPLETE_VALUE,    /* of `option` */
    COMPLETE_NOTHING,
};

struct complete_place {
    enum complete_kind kind;
    const struct command_group *group;   /* NULL: none yet */
    const struct command *command;       /* the one that was typed, or the group's own; NULL: none yet */
    const struct command_option *option; /* for COMPLETE_VALUE */
    const char *current;                 /* what has been typed of the word (with --option=, of the value) */
    size_t prefix;                       /* length of the word before `current` ("--severity=") */
    bool options;                        /* options are possible too */
    char argument[32];                   /* "ID" "FILTER" "inbox|events"; "" where there is no argument */
    const char *first_argument;          /* of the command; NULL: none was typed yet */
};

/* words: those after the program's name; the last one is the word at the cursor, and may be empty. */
void complete_look(struct complete_place *out, const char *const *words, size_t count);

#endif
