/*
 * private_file.h - files that hold a token, a secret or a key: read once, bounded, and with the
 * permissions of what was really read.
 */
#ifndef NB_IDENTITY_PRIVATE_FILE_H
#define NB_IDENTITY_PRIVATE_FILE_H

#include "base/error.h"

struct nb_private_file {
    char *data; /* followed by a NUL that is not counted */
    size_t length;
    bool others_read;   /* or change: group or world */
    bool others_change; /* for a public key, which everybody may read */
};

/* what: "token file", for messages. Only regular files of at most `limit` bytes. */
NB_MUSTCHECK int nb_private_file_read(struct nb_private_file *out, const char *path, const char *what, size_t limit,
                                      struct nb_error *err);
/* Overwrites what was read before it is freed. */
void nb_private_file_clear(struct nb_private_file *file);
/* NB_EDENIED when others can read it (secret), or when others can change it (a public key). */
NB_MUSTCHECK int nb_private_file_check(const struct nb_private_file *file, const char *path, const char *what,
                                       bool secret, struct nb_error *err);

#endif
