/*
 * algorithm.h - the algorithms that tokens are signed with.
 */
#ifndef NB_IDENTITY_ALGORITHM_H
#define NB_IDENTITY_ALGORITHM_H

#include "base/error.h"

enum nb_family { NB_FAMILY_HS, NB_FAMILY_RS, NB_FAMILY_PS, NB_FAMILY_ES };

struct nb_algorithm {
    const char *name;
    enum nb_family family;
    const char *digest;
    size_t digest_size;
    const char *curve; /* ES only: its name as JWK and in OpenSSL */
    const char *group;
    size_t coordinate_size;
};

const struct nb_algorithm *nb_algorithm_find(const char *name);
/* NB_EUSAGE for an unknown algorithm. */
NB_MUSTCHECK int nb_algorithm_check(const char *name, struct nb_error *err);
/* The algorithm for a JWK's crv; NULL for a curve that no algorithm here uses. */
const struct nb_algorithm *nb_algorithm_of_curve(const char *curve);
/* The same for OpenSSL's name of a curve. */
const struct nb_algorithm *nb_algorithm_of_group(const char *group);

#endif
