/*
 * xdg.c - the variables and their defaults.
 */
#include "base/xdg.h"

#include <stdlib.h>

static const struct {
    const char *variable;
    const char *below_home; /* NULL: no default */
} directories[] = {
    [NB_XDG_CONFIG] = {"XDG_CONFIG_HOME", ".config"},
    [NB_XDG_STATE] = {"XDG_STATE_HOME", ".local/state"},
    [NB_XDG_DATA] = {"XDG_DATA_HOME", ".local/share"},
    [NB_XDG_RUNTIME] = {"XDG_RUNTIME_DIR", NULL},
};

static const char *absolute(const char *variable)
{
    const char *value = getenv(variable);

    return value && value[0] == '/' ? value : NULL;
}

static char *join(const char *base, const char *name)
{
    return name ? nb_asprintf("%s/nightbell/%s", base, name) : nb_asprintf("%s/nightbell", base);
}

char *nb_xdg_path_below(enum nb_xdg directory, const char *home, const char *name)
{
    char *base = nb_asprintf("%s/%s", home, directories[directory].below_home);
    char *path = join(base, name);

    free(base);
    return path;
}

char *nb_xdg_path(enum nb_xdg directory, const char *name)
{
    const char *base = absolute(directories[directory].variable), *home = absolute("HOME");

    if (base)
        return join(base, name);
    return home && directories[directory].below_home ? nb_xdg_path_below(directory, home, name) : NULL;
}

const char *nb_xdg_runtime(void)
{
    return absolute(directories[NB_XDG_RUNTIME].variable);
}
