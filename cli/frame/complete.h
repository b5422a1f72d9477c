/*
 * complete.h - what can stand where the cursor is on a command line that is being typed. It asks the command table and
 * nothing else, so the shells' completion cannot disagree with the parser.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include "cli/frame/command.h"

enum complete_kind {
    COMPLETE_GROUP,    /* a group's name, or an option of the console */
    COMPLETE_COMMAND,  /* a command's name, or an argument of the group's own command */
    COMPLETE_ARGUMENT, /* `argument` says which */
    COMPLETE_VALUE,    /* of `option` */
    COMPLETE_NOTHING,
};

struct complete_place {
    enum complete_kind kind;
    const struct command_group *group;   /* NULL: none yet */
    const struct command *command;       /* the one that was named, or the group's own; NULL: none yet */
    const struct command_option *option; /* COMPLETE_VALUE */
    const char *current;                 /* what has been typed of the word (of the value, behind --option=) */
    size_t prefix;                       /* how much of the word stands before `current` ("--severity=") */
    bool options;                        /* options may stand here too */
    char argument[32];                   /* "ID" "FILTER" "inbox|events"; "" where there is none */
    const char *first_argument;          /* of the command; NULL: none yet */
};

/* words: what stands behind the program's name, the last one being the word at the cursor (it may be empty). */
void complete_look(struct complete_place *out, const char *const *words, size_t count);

#endif
