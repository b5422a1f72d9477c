/*
 * xdg.h - where a person's files are, as the XDG base directory specification says.
 */
#ifndef NB_BASE_XDG_H
#define NB_BASE_XDG_H

#include "base/base.h"

enum nb_xdg { NB_XDG_CONFIG, NB_XDG_STATE, NB_XDG_DATA, NB_XDG_RUNTIME };

/* DIRECTORY/nightbell/NAME, or DIRECTORY/nightbell when name is NULL. DIRECTORY is the variable's value if that is an
 * absolute path, else the default below the home directory. NULL when there is neither; NB_XDG_RUNTIME has no default.
 * The caller frees it. */
char *nb_xdg_path(enum nb_xdg directory, const char *name);
/* The same below the given home directory. Not for NB_XDG_RUNTIME. */
char *nb_xdg_path_below(enum nb_xdg directory, const char *home, const char *name);
/* $XDG_RUNTIME_DIR itself; NULL when not set. Borrowed from the environment. */
const char *nb_xdg_runtime(void);

#endif
