/*
 * place.c - finds the directory of the hub's socket.
 */
#include "config.h"

#include "feed/place.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xdg.h"

#define SYSTEM_DIRECTORY "/run/nightbell"

const char *nb_hub_named(void)
{
    const char *named = getenv("NIGHTBELL_HUB");

    return named && *named ? named : NULL;
}

size_t nb_hub_places(char *paths[NB_HUB_PLACES], const char *installation, const char *server_directory)
{
    char *personal = nb_xdg_path(NB_XDG_RUNTIME, NULL);
    const char *directories[NB_HUB_PLACES] = {SYSTEM_DIRECTORY, server_directory, personal};
    size_t count = 0;

    for (size_t i = 0; i < NB_HUB_PLACES; i++)
        if (directories[i] && directories[i][0] == '/')
            paths[count++] = nb_asprintf("%s/hub-%s", directories[i], installation);
    free(personal);
    return count;
}

void nb_hub_places_clear(char *paths[NB_HUB_PLACES], size_t count)
{
    for (size_t i = 0; i < count; i++)
        nb_free(&paths[i]);
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return nb_strdup(".");
    return slash == path ? nb_strdup("/") : nb_strndup(path, (size_t)(slash - path));
}

static bool can_be_used(const char *path)
{
    char *directory = directory_of(path);
    struct stat info;
    bool usable = stat(directory, &info) == 0 && S_ISDIR(info.st_mode) && access(directory, W_OK | X_OK) == 0;

    free(directory);
    return usable;
}

int nb_hub_choose_place(char **out, const char *installation, const char *server_directory, struct nb_error *err)
{
    char *paths[NB_HUB_PLACES];
    char *personal = nb_xdg_path(NB_XDG_RUNTIME, NULL);
    size_t count = nb_hub_places(paths, installation, server_directory);

    *out = NULL;
    if (personal)
        (void)mkdir(personal, 0700);
    free(personal);
    for (size_t i = 0; i < count && !*out; i++)
        if (can_be_used(paths[i]))
            *out = nb_strdup(paths[i]);
    nb_hub_places_clear(paths, count);
    if (*out)
        return 0;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "no directory for the hub's socket");
    return nb_error_hint(err, "make " SYSTEM_DIRECTORY " for the hub's account, or name a place by "
                              "--socket and, for the consoles, by NIGHTBELL_HUB");
}

bool nb_hub_is_trusted(int fd, const char *path)
{
    char *directory = directory_of(path);
    struct stat info;
    struct ucred peer;
    socklen_t size = sizeof(peer);
    bool trusted = false;

    if (stat(directory, &info) == 0)
        trusted = !(info.st_mode & S_IWOTH) || (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
                                                (peer.uid == 0 || peer.uid == geteuid() || peer.uid == info.st_uid));
    free(directory);
    return trusted;
}
