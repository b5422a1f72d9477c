/*
 * problem.h - what is wrong with a person's files: collected while they are read, shown together, never fatal.
 */
#ifndef TUI_PROBLEM_H
#define TUI_PROBLEM_H

#include "base/error.h"
#include "base/vec.h"

struct problem {
    char *text; /* "file:line: reason"; without line where there is none */
};

struct problems {
    NB_VEC(struct problem) list;
};

/* A zeroed struct is an empty list. Keeps a few hundred problems at most, and none where `problems` is NULL. file NULL:
 * the message names the file itself. */
void problems_add(struct problems *problems, const char *file, unsigned line, const char *format, ...) NB_PRINTF(4, 5);
void problems_clear(struct problems *problems);
/* An nb_ini_complaint whose arg is a struct problems. */
void problems_complaint(void *arg, const char *file, unsigned line, const char *message);

#endif
