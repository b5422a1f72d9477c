/*
 * files.h - finds a person's files and the shipped ones, and writes the former.
 */
#ifndef TUI_FILES_H
#define TUI_FILES_H

#include "base/error.h"
#include "base/ini.h"
#include "base/vec.h"
#include "tui/files/problem.h"

enum files_kind { FILES_KEYMAP, FILES_THEME };

/* Allows only the shipped files from now on: no configuration, keymaps, themes and state of the person's own, and no
 * file is read by its path. For a restricted console, which must not let its user out. */
void files_close_own(void);
bool files_own_closed(void);

/* Allocated paths: $XDG_CONFIG_HOME/nightbell/…, $XDG_STATE_HOME/nightbell/… (or below $HOME). NULL without a home
 * directory, and after files_close_own(). */
char *files_config_path(const char *name);
char *files_state_path(const char *name);

/* Reads the shipped file NAME of a kind (the installed one, else the embedded text), and then the user's file of that
 * name. A name with a slash is the path of a file. NB_ENOTFOUND when there is neither; the hint lists the names there
 * are. A file without a shipped one beside it that cannot be read is an error; what else is wrong goes to problems. */
NB_MUSTCHECK int files_read(enum files_kind kind, const char *name, nb_ini_handler *handler, struct problems *problems,
                            void *arg, struct nb_error *err);
/* Whether a file of that name is shipped, or the user has one. */
bool files_are_shipped(enum files_kind kind, const char *name);
bool files_are_own(enum files_kind kind, const char *name);
/* The available names, sorted and without duplicates; the caller frees strings and array. */
struct file_names {
    NB_VEC(char *) list;
};
void files_list(enum files_kind kind, struct file_names *out);
void file_names_clear(struct file_names *names);

/* Takes a lock beside path against other programs that update it; waits a moment for them. */
NB_MUSTCHECK int files_lock(int *out, const char *path, struct nb_error *err);
void files_unlock(int lock);
/* Writes a temporary file, syncs and renames it; makes missing directories (0700). Follows a link, keeps the mode. */
NB_MUSTCHECK int files_write(const char *path, const char *text, size_t length, struct nb_error *err);

#endif
