/*
 * place.h - where a private cluster is, which account owns it, and its directories. Private to local/.
 */
#ifndef NB_LOCAL_PLACE_H
#define NB_LOCAL_PLACE_H

#include "base/process.h"

#define NB_LOCAL_PORT 5432 /* only names the socket: there is no TCP */

struct nb_local_place {
    char *directory;
    char *data;
    char *settings;
    char *socket_directory;
    struct nb_account *account; /* runs the server when the caller is root; NULL otherwise */
    int lock;                   /* -1: not held */
};

/* Computes the names without touching the disk. directory NULL: the default, or $NIGHTBELL_LOCAL_DIR. */
NB_MUSTCHECK int nb_local_place_new(struct nb_local_place **out, const char *directory, struct nb_error *err);
/* Releases the lock, too. */
void nb_local_place_free(struct nb_local_place **place);
/* The path of a name inside the directory; the caller frees it. */
char *nb_local_place_path(const struct nb_local_place *place, const char *name);
/* The user id that the server runs under. */
uid_t nb_local_place_server_uid(const struct nb_local_place *place);

bool nb_local_place_is_marked(const struct nb_local_place *place);
/* Makes the directory, takes its lock (waits while another process has it), and marks it as ours. Refuses a directory
 * with other contents or another owner. */
NB_MUSTCHECK int nb_local_place_claim(struct nb_local_place *place, struct nb_error *err);
/* Takes the lock of a marked directory; NB_ENOTFOUND when there is none. */
NB_MUSTCHECK int nb_local_place_lock(struct nb_local_place *place, struct nb_error *err);
/* Makes the subdirectories that the server writes to, the socket's included. */
NB_MUSTCHECK int nb_local_place_make_directories(struct nb_local_place *place, struct nb_error *err);
/* Makes one directory for the server's account, 0700; keeps one that the account owns already. */
NB_MUSTCHECK int nb_local_place_make_private(struct nb_local_place *place, const char *path, struct nb_error *err);
/* Replaces a file of the directory atomically; the server's account may read it. */
NB_MUSTCHECK int nb_local_place_write(struct nb_local_place *place, const char *name, const char *text,
                                      struct nb_error *err);
/* Removes everything that nightbell made in the directory, and the directory itself unless other files are in it. */
NB_MUSTCHECK int nb_local_place_remove(struct nb_local_place *place, struct nb_error *err);
/* Removes a directory with all that is in it, without following links. 0 when it was not there. */
NB_MUSTCHECK int nb_local_place_remove_tree(const char *path, struct nb_error *err);

#endif
