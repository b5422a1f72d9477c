/*
 * files.h - where a person's files and the shipped ones are, and how they are written.
 */
#ifndef TUI_FILES_H
#define TUI_FILES_H

#include "base/error.h"
#include "base/ini.h"
#include "base/vec.h"
#include "tui/files/problem.h"

enum files_kind { FILES_KEYMAP, FILES_THEME };

/* From now on there are only the shipped files: a person has no configuration, keymaps, themes and state of their own, and
 * no path is read. For a console that lets nobody out. */
void files_close_own(void);
bool files_own_closed(void);

/* malloc'd paths: $XDG_CONFIG_HOME/nightbell/…, $XDG_STATE_HOME/nightbell/… (or below $HOME). NULL
 * without a home, and after files_close_own(). */
char *files_config_path(const char *name);
char *files_state_path(const char *name);

/* Reads the shipped file NAME of a kind (the installed one, else the embedded text) and, over it,
 * the user's. A name with a slash in it is the path of a file. NB_ENOTFOUND when there is neither;
 * the hint lists what there is. What cannot be read of them goes to problems. */
NB_MUSTCHECK int files_read(enum files_kind kind, const char *name, nb_ini_handler *handler, struct problems *problems,
                            void *arg, struct nb_error *err);
/* Whether a file of that name is shipped, or the user has one. */
bool files_are_shipped(enum files_kind kind, const char *name);
bool files_are_own(enum files_kind kind, const char *name);
/* The names there are, sorted, each once; the caller frees strings and array. */
struct file_names {
    NB_VEC(char *) list;
};
void files_list(enum files_kind kind, struct file_names *out);
void file_names_clear(struct file_names *names);

/* A lock beside path, against other programs that read, change and write it: waits a moment for them. */
NB_MUSTCHECK int files_lock(int *out, const char *path, struct nb_error *err);
void files_unlock(int lock);
/* Writes beside it, syncs, renames; makes missing directories (0700). A link is followed, the mode
 * is kept. */
NB_MUSTCHECK int files_write(const char *path, const char *text, size_t length, struct nb_error *err);

#endif
