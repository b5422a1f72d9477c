/*
 * programs.c - finds initdb and postgres: where the environment says, where Debian installs them, or on the PATH.
 */
#include "config.h"

#include "local/programs.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/process.h"

#define DEBIAN_ROOT "/usr/lib/postgresql"

const char *const nb_local_environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", NULL};

void nb_local_programs_clear(struct nb_local_programs *programs)
{
    nb_free(&programs->initdb);
    nb_free(&programs->postgres);
    programs->version = 0;
}

/* "postgres (PostgreSQL) 15.10 (Debian …)" -> 15 */
static int program_version(const char *postgres)
{
    const char *argv[] = {postgres, "--version", NULL};
    struct nb_process_options options = {.argv = argv, .environment = nb_local_environment};
    struct nb_strbuf output;
    const char *number;
    int version = 0;

    nb_strbuf_init(&output, 4096);
    if (nb_process_run(&options, &output, NULL) == 0 && (number = strstr(output.data, "(PostgreSQL) ")) != NULL)
        version = (int)strtol(number + strlen("(PostgreSQL) "), NULL, 10);
    nb_strbuf_clear(&output);
    return version;
}

/* Uses the programs of a directory if it has them and, unless wanted is 0, their version matches. */
static bool try_directory(struct nb_local_programs *programs, const char *directory, int wanted)
{
    programs->initdb = nb_asprintf("%s/initdb", directory);
    programs->postgres = nb_asprintf("%s/postgres", directory);
    if (access(programs->initdb, X_OK) == 0 && access(programs->postgres, X_OK) == 0)
        programs->version = program_version(programs->postgres);
    if (programs->version >= NB_LOCAL_OLDEST_VERSION && (wanted == 0 || programs->version == wanted))
        return true;
    nb_local_programs_clear(programs);
    return false;
}

/* Debian has a directory for each version; the newest that matches wins. */
static bool try_debian(struct nb_local_programs *programs, int wanted)
{
    DIR *root = opendir(DEBIAN_ROOT);
    struct dirent *entry;
    long newest = 0;

    while (root != NULL && (entry = readdir(root)) != NULL) {
        long version = strtol(entry->d_name, NULL, 10);
        char *initdb = nb_asprintf(DEBIAN_ROOT "/%ld/bin/initdb", version);

        if (version > newest && (wanted == 0 || version == wanted) && access(initdb, X_OK) == 0)
            newest = version;
        free(initdb);
    }
    if (root != NULL)
        closedir(root);
    if (newest > 0) {
        char *directory = nb_asprintf(DEBIAN_ROOT "/%ld/bin", newest);
        bool found = try_directory(programs, directory, wanted);

        free(directory);
        return found;
    }
    return false;
}

static bool try_path(struct nb_local_programs *programs, int wanted)
{
    const char *path = getenv("PATH");
    bool found = false;

    while (path != NULL && *path != '\0' && !found) {
        size_t length = strcspn(path, ":");
        char *directory = nb_strndup(path, length);

        found = directory[0] == '/' && try_directory(programs, directory, wanted);
        free(directory);
        path += length;
        path += *path == ':';
    }
    return found;
}

int nb_local_programs_find(struct nb_local_programs *programs, int wanted, struct nb_error *err)
{
    const char *chosen = getenv("NIGHTBELL_PG_BINDIR");

    *programs = (struct nb_local_programs){0};
    if (chosen != NULL && chosen[0] != '\0') {
        if (try_directory(programs, chosen, wanted))
            return 0;
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM,
                     "NIGHTBELL_PG_BINDIR=%s has no initdb and postgres of version %d%s", chosen,
                     wanted != 0 ? wanted : NB_LOCAL_OLDEST_VERSION, wanted != 0 ? "" : " or newer");
        return nb_error_hint(err, "set it to the directory with PostgreSQL's programs, or unset it");
    }
    if (try_debian(programs, wanted) || try_path(programs, wanted))
        return 0;
    if (wanted != 0) {
        nb_error_set(err, NB_EVERSION, NB_DOMAIN_SYSTEM,
                     "the local cluster was made by PostgreSQL %d, which is not installed", wanted);
        return nb_error_hint(err,
                             "install it (apt-get install postgresql-%d), or remove the cluster with "
                             "all its data: nightbell local destroy",
                             wanted);
    }
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "no PostgreSQL server is installed");
    return nb_error_hint(err,
                         "apt-get install postgresql, or set NIGHTBELL_PG_BINDIR to the "
                         "directory with initdb and postgres (%d or newer)",
                         NB_LOCAL_OLDEST_VERSION);
}
