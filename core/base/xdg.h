/*
 * xdg.h - where a person's files are, as the XDG base directory specification says.
 */
#ifndef NB_BASE_XDG_H
#define NB_BASE_XDG_H

#include "base/base.h"

enum nb_xdg { NB_XDG_CONFIG, NB_XDG_STATE, NB_XDG_DATA, NB_XDG_RUNTIME };

/* DIRECTORY/nightbell/NAME, or DIRECTORY/nightbell where name is NULL. The directory is what the variable says when that is
 * an absolute path, else its default below the home; NULL where there is neither, and for a runtime directory that no
 * variable names. The caller frees it. */
char *nb_xdg_path(enum nb_xdg directory, const char *name);
/* The same below a home that is known otherwise. Not for NB_XDG_RUNTIME. */
char *nb_xdg_path_below(enum nb_xdg directory, const char *home, const char *name);
/* $XDG_RUNTIME_DIR itself; NULL: it is not set. Borrowed from the environment. */
const char *nb_xdg_runtime(void);

#endif
