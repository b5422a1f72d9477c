/*
 * ini.h - the one reader of line-based text files: config, keymaps, themes.
 *
 * Lines are `[section]`, `key = value   # note`, empty, or a comment (first non-blank character #).
 * The first `=` that is surrounded by blanks, or else the first `=`, separates key and value. A note starts at
 * ` #` followed by a blank. Bounded: 1 MiB a file, 4096 bytes a line, UTF-8 without NUL.
 */
#ifndef NB_BASE_INI_H
#define NB_BASE_INI_H

#include "base/error.h"

struct nb_ini_line {
    const char *file;    /* as given to the reader */
    unsigned number;     /* 1-based */
    const char *section; /* "" before the first section */
    const char *key;
    const char *value; /* "" when empty */
    const char *note;  /* "" when there is none */
};

/* Returns 0 to go on. A negative code stops reading and is returned by the reader. */
typedef int nb_ini_handler(void *arg, const struct nb_ini_line *line, struct nb_error *err);
/* Reports one line that cannot be read; reading goes on. */
typedef void nb_ini_complaint(void *arg, const char *file, unsigned line, const char *message);

NB_MUSTCHECK int nb_ini_read_text(const char *name, const char *text, size_t length, nb_ini_handler *handler,
                                  nb_ini_complaint *complaint, void *arg, struct nb_error *err);
/* NB_ENOTFOUND when there is no such file. */
NB_MUSTCHECK int nb_ini_read_file(const char *path, nb_ini_handler *handler, nb_ini_complaint *complaint, void *arg,
                                  struct nb_error *err);

#endif
