/*
 * private_file.h - files that hold a token, a secret or a key. Read once and bounded; the permissions are those of the
 * file that was opened, not of its path.
 */
#ifndef NB_BASE_PRIVATE_FILE_H
#define NB_BASE_PRIVATE_FILE_H

#include "base/error.h"

struct nb_private_file {
    char *data; /* followed by a NUL that is not counted */
    size_t length;
    bool others_read;   /* group or others may read or change it */
    bool others_change; /* group or others may change it: what matters for a public key */
};

/* what names the file in messages: "token file". Refuses anything but a regular file of at most `limit` bytes. */
NB_MUSTCHECK int nb_private_file_read(struct nb_private_file *out, const char *path, const char *what, size_t limit,
                                      struct nb_error *err);
/* Overwrites the data before freeing it. */
void nb_private_file_clear(struct nb_private_file *file);
/* NB_EDENIED when others can read it (secret is true) or change it (secret is false: a public key). */
NB_MUSTCHECK int nb_private_file_check(const struct nb_private_file *file, const char *path, const char *what,
                                       bool secret, struct nb_error *err);

#endif
