/*
 * algorithm.c - the table of algorithms.
 */
#include "identity/algorithm.h"

#include <string.h>

static const struct nb_algorithm algorithms[] = {
    {"HS256", NB_FAMILY_HS, "SHA256", 32, NULL, NULL, 0},
    {"HS384", NB_FAMILY_HS, "SHA384", 48, NULL, NULL, 0},
    {"HS512", NB_FAMILY_HS, "SHA512", 64, NULL, NULL, 0},
    {"RS256", NB_FAMILY_RS, "SHA256", 32, NULL, NULL, 0},
    {"RS384", NB_FAMILY_RS, "SHA384", 48, NULL, NULL, 0},
    {"RS512", NB_FAMILY_RS, "SHA512", 64, NULL, NULL, 0},
    {"PS256", NB_FAMILY_PS, "SHA256", 32, NULL, NULL, 0},
    {"PS384", NB_FAMILY_PS, "SHA384", 48, NULL, NULL, 0},
    {"PS512", NB_FAMILY_PS, "SHA512", 64, NULL, NULL, 0},
    {"ES256", NB_FAMILY_ES, "SHA256", 32, "P-256", "prime256v1", 32},
    {"ES384", NB_FAMILY_ES, "SHA384", 48, "P-384", "secp384r1", 48},
    {"ES512", NB_FAMILY_ES, "SHA512", 64, "P-521", "secp521r1", 66},
};

const struct nb_algorithm *nb_algorithm_find(const char *name)
{
    for (size_t i = 0; name && i < NB_ARRAY_SIZE(algorithms); i++)
        if (strcmp(algorithms[i].name, name) == 0)
            return &algorithms[i];
    return NULL;
}

const struct nb_algorithm *nb_algorithm_of_curve(const char *curve)
{
    for (size_t i = 0; curve && i < NB_ARRAY_SIZE(algorithms); i++)
        if (algorithms[i].curve && strcmp(algorithms[i].curve, curve) == 0)
            return &algorithms[i];
    return NULL;
}

const struct nb_algorithm *nb_algorithm_of_group(const char *group)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(algorithms); i++)
        if (algorithms[i].group && strcmp(algorithms[i].group, group) == 0)
            return &algorithms[i];
    return NULL;
}

int nb_algorithm_check(const char *name, struct nb_error *err)
{
    if (nb_algorithm_find(name))
        return 0;
    return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY,
                        "there is no algorithm \"%.20s\": expected HS, RS, ES or PS with 256, 384 "
                        "or 512",
                        name);
}
