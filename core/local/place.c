/*
 * place.c - the private cluster's directories.
 *
 * For root, the directory itself belongs to root and only data/, log/ and run/ to the server's account. Root writes
 * only where nobody else can, so the server's account cannot make it follow a planted link.
 */
#include "config.h"

#include "local/place.h"

#include "base/write.h"
#include "base/xdg.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MARKER         "nightbell-local"
#define LOCK           "lock"
#define NEW            ".new" /* suffix of a file until it is renamed into place */
#define ROOT_DIRECTORY "/var/lib/nightbell/local"

static const char marker_text[] =
    "A private PostgreSQL cluster of nightbell, made by `nightbell local start`.\n"
    "`nightbell local stop` stops it, `nightbell local destroy` removes it with all its data.\n";

/* What is created here besides marker and lock; destroying removes only these. */
static const char *const own_names[] = {"run", "data", "data.new", "log", "settings", "startup.log", "tokens", "demo"};

/* ---- names ---- */

static int data_home(char **out, struct nb_error *err)
{
    struct nb_account *account = NULL;
    int rc;

    *out = geteuid() == 0 ? nb_strdup(ROOT_DIRECTORY) : nb_xdg_path(NB_XDG_DATA, "local");
    if (*out)
        return 0;
    if ((rc = nb_account_by_uid(&account, geteuid(), err)) != 0) {
        nb_error_hint(err, "set HOME, XDG_DATA_HOME or NIGHTBELL_LOCAL_DIR");
        return rc;
    }
    *out = nb_xdg_path_below(NB_XDG_DATA, account->home, "local");
    nb_account_free(&account);
    return 0;
}

static int absolute(char **out, const char *path, struct nb_error *err)
{
    char *here;
    size_t length;

    if (path[0] == '/') {
        *out = nb_strdup(path);
    } else {
        if ((here = getcwd(NULL, 0)) == NULL)
            return nb_error_errno(err, errno, "find the current directory");
        *out = nb_asprintf("%s/%s", here, path);
        free(here);
    }
    for (length = strlen(*out); length > 1 && (*out)[length - 1] == '/'; length--)
        (*out)[length - 1] = '\0';
    return 0;
}

/* FNV-1a. Only makes the name distinct; the directory's owner is checked when it is used. */
static uint64_t name_hash(const char *text)
{
    uint64_t hash = 14695981039346656037u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 1099511628211u;
    return hash;
}

/* Whether PostgreSQL and libpq accept the name: short enough for a socket, and without the separators of their
 * lists. */
static bool socket_fits(const char *directory)
{
    size_t longest = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
    int length = snprintf(NULL, 0, "%s/.s.PGSQL.%d", directory, NB_LOCAL_PORT);

    if (length < 0 || (size_t)length > longest)
        return false;
    for (const char *c = directory; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || strchr(",\"'\\", *c) != NULL)
            return false;
    }
    return true;
}

static char *socket_directory(const char *directory)
{
    const char *runtime = nb_xdg_runtime();
    char *path = nb_asprintf("%s/run", directory);

    if (socket_fits(path))
        return path;
    free(path);
    /* The server's account cannot enter root's runtime directory. */
    if (geteuid() != 0 && runtime) {
        path = nb_asprintf("%s/nightbell-%016llx", runtime, (unsigned long long)name_hash(directory));
        if (socket_fits(path))
            return path;
        free(path);
    }
    return nb_asprintf("/tmp/nightbell-%lu-%016llx", (unsigned long)geteuid(),
                       (unsigned long long)name_hash(directory));
}

/* PostgreSQL refuses to run as root, so root uses Debian's postgres account if there is one, else nobody. */
static int server_account(struct nb_account **out, struct nb_error *err)
{
    static const char *const names[] = {"postgres", "nobody"};

    *out = NULL;
    if (geteuid() != 0)
        return 0;
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        if (nb_account_by_name(out, names[i], NULL) == 0)
            return 0;
    }
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM,
                 "PostgreSQL does not run as root, and there is no account postgres or nobody");
    return nb_error_hint(err, "add one of the two, or run nightbell as an ordinary user");
}

int nb_local_place_new(struct nb_local_place **out, const char *directory, struct nb_error *err)
{
    const char *wanted = directory != NULL ? directory : getenv("NIGHTBELL_LOCAL_DIR");
    struct nb_local_place *place = nb_calloc(1, sizeof(*place));
    char *standard = NULL;
    int rc;

    *out = NULL;
    place->lock = -1;
    if (wanted == NULL || wanted[0] == '\0') {
        if ((rc = data_home(&standard, err)) != 0)
            goto out;
        wanted = standard;
    }
    if ((rc = absolute(&place->directory, wanted, err)) != 0)
        goto out;
    if (strlen(place->directory) > 400) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the directory's name is longer than 400 bytes");
        goto out;
    }
    if ((rc = server_account(&place->account, err)) != 0)
        goto out;
    place->data = nb_local_place_path(place, "data");
    place->settings = nb_local_place_path(place, "settings");
    place->socket_directory = socket_directory(place->directory);
    *out = place;
    place = NULL;
out:
    free(standard);
    nb_local_place_free(&place);
    return rc;
}

void nb_local_place_free(struct nb_local_place **place)
{
    if (*place == NULL)
        return;
    if ((*place)->lock >= 0)
        close((*place)->lock);
    free((*place)->directory);
    free((*place)->data);
    free((*place)->settings);
    free((*place)->socket_directory);
    nb_account_free(&(*place)->account);
    nb_free(place);
}

char *nb_local_place_path(const struct nb_local_place *place, const char *name)
{
    return nb_asprintf("%s/%s", place->directory, name);
}

uid_t nb_local_place_server_uid(const struct nb_local_place *place)
{
    return place->account != NULL ? place->account->uid : geteuid();
}

/* ---- claiming ---- */

bool nb_local_place_is_marked(const struct nb_local_place *place)
{
    char *marker = nb_local_place_path(place, MARKER);
    struct stat st;
    bool marked = lstat(marker, &st) == 0 && S_ISREG(st.st_mode);

    free(marker);
    return marked;
}

static int make_parents(const char *path, struct nb_error *err)
{
    mode_t mode = geteuid() == 0 ? 0755 : 0700;
    char *prefix = nb_strdup(path);
    int rc = 0;

    for (char *slash = strchr(prefix + 1, '/'); slash != NULL && rc == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(prefix, mode) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            rc = nb_error_errno(err, errno, "make the directory %s", prefix);
        *slash = '/';
    }
    free(prefix);
    return rc;
}

static int check_owner(const struct nb_local_place *place, struct nb_error *err)
{
    struct stat st;

    if (lstat(place->directory, &st) != 0)
        return nb_error_errno(err, errno, "look at %s", place->directory);
    if (!S_ISDIR(st.st_mode)) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s is not a directory", place->directory);
        return nb_error_hint(err, "choose another with NIGHTBELL_LOCAL_DIR");
    }
    if (st.st_uid != geteuid()) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s belongs to user id %lu, not to you", place->directory,
                     (unsigned long)st.st_uid);
        return nb_error_hint(err, "run nightbell as that user, or choose another directory with "
                                  "NIGHTBELL_LOCAL_DIR");
    }
    return 0;
}

static bool is_harmless(const char *name)
{
    static const char *const names[] = {".", "..", LOCK, MARKER, MARKER NEW};

    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* A directory without our marker is accepted only if it is empty, or has what a concurrent start makes before its
 * marker. */
static int check_unmarked(const struct nb_local_place *place, struct nb_error *err)
{
    DIR *directory = opendir(place->directory);
    struct dirent *entry;
    int rc = 0;

    if (directory == NULL)
        return nb_error_errno(err, errno, "read %s", place->directory);
    while ((entry = readdir(directory)) != NULL && rc == 0) {
        if (is_harmless(entry->d_name))
            continue;
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s has other things in it (%s) and was not made by nightbell",
                     place->directory, entry->d_name);
        rc = nb_error_hint(err, "choose an empty directory with NIGHTBELL_LOCAL_DIR");
    }
    closedir(directory);
    return rc;
}

/* The lock file may be removed with the directory while we wait for it; the lock we then get is stale. */
static int take_lock(struct nb_local_place *place, bool create, bool *stale, struct nb_error *err)
{
    char *path = nb_local_place_path(place, LOCK);
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0);
    struct stat st;
    int rc = 0;

    *stale = false;
    place->lock = open(path, flags, 0600);
    if (place->lock < 0) {
        *stale = errno == ENOENT;
        rc = nb_error_errno(err, errno, "open %s", path);
        goto out;
    }
    while (flock(place->lock, LOCK_EX) != 0) {
        if (errno != EINTR) {
            rc = nb_error_errno(err, errno, "lock %s", path);
            goto out;
        }
    }
    if (fstat(place->lock, &st) != 0 || st.st_nlink == 0) {
        *stale = true;
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s was removed meanwhile", path);
    }
out:
    if (rc != 0 && place->lock >= 0) {
        close(place->lock);
        place->lock = -1;
    }
    free(path);
    return rc;
}

int nb_local_place_claim(struct nb_local_place *place, struct nb_error *err)
{
    bool stale;
    int rc;

    do {
        if ((rc = make_parents(place->directory, err)) != 0)
            return rc;
        if (mkdir(place->directory, 0700) != 0 && errno != EEXIST) {
            nb_error_errno(err, errno, "make the directory %s", place->directory);
            return nb_error_hint(err, "choose another with NIGHTBELL_LOCAL_DIR");
        }
        if ((rc = check_owner(place, err)) != 0)
            return rc;
        if (!nb_local_place_is_marked(place) && (rc = check_unmarked(place, err)) != 0 &&
            !nb_local_place_is_marked(place)) /* another start may have marked it in between */
            return rc;
        rc = take_lock(place, true, &stale, err);
    } while (stale);
    if (rc != 0)
        return rc;
    if (place->account != NULL &&
        (chmod(place->directory, 0710) != 0 || lchown(place->directory, 0, place->account->gid) != 0))
        return nb_error_errno(err, errno, "open %s to %s", place->directory, place->account->name);
    if (place->account == NULL && chmod(place->directory, 0700) != 0)
        return nb_error_errno(err, errno, "close %s to others", place->directory);
    if (nb_local_place_is_marked(place))
        return 0;
    return nb_local_place_write(place, MARKER, marker_text, err);
}

int nb_local_place_lock(struct nb_local_place *place, struct nb_error *err)
{
    bool stale;
    int rc;

    if (!nb_local_place_is_marked(place)) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "there is no local cluster in %s", place->directory);
        return nb_error_hint(err, "start one with: nightbell local start");
    }
    if ((rc = check_owner(place, err)) != 0)
        return rc;
    if ((rc = take_lock(place, false, &stale, err)) != 0 && stale)
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_SYSTEM, "there is no local cluster in %s", place->directory);
    return rc;
}

/* ---- directories that the server writes to ---- */

int nb_local_place_make_private(struct nb_local_place *place, const char *path, struct nb_error *err)
{
    uid_t uid = nb_local_place_server_uid(place);
    struct stat st;
    int rc = 0, fd;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return nb_error_errno(err, errno, "make the directory %s", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return nb_error_errno(err, errno, "open the directory %s", path);
    if (fstat(fd, &st) != 0) {
        rc = nb_error_errno(err, errno, "look at %s", path);
    } else if (st.st_uid != uid && st.st_uid != geteuid()) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s belongs to somebody else", path);
        rc = nb_error_hint(err, "choose a directory with a shorter name with NIGHTBELL_LOCAL_DIR");
    } else if ((st.st_uid != uid && fchown(fd, uid, place->account->gid) != 0) || fchmod(fd, 0700) != 0) {
        rc = nb_error_errno(err, errno, "make %s private", path);
    }
    close(fd);
    return rc;
}

int nb_local_place_make_directories(struct nb_local_place *place, struct nb_error *err)
{
    char *log = nb_local_place_path(place, "log");
    int rc = nb_local_place_make_private(place, log, err);

    free(log);
    if (rc != 0)
        return rc;
    if (mkdir(place->settings, 0700) != 0 && errno != EEXIST)
        return nb_error_errno(err, errno, "make the directory %s", place->settings);
    if (place->account != NULL &&
        (chmod(place->settings, 0710) != 0 || lchown(place->settings, 0, place->account->gid) != 0))
        return nb_error_errno(err, errno, "open %s to %s", place->settings, place->account->name);
    return nb_local_place_make_private(place, place->socket_directory, err);
}

int nb_local_place_write(struct nb_local_place *place, const char *name, const char *text, struct nb_error *err)
{
    char *path = nb_local_place_path(place, name);
    char *fresh = nb_asprintf("%s" NEW, path);
    size_t length = strlen(text);
    int fd, rc = 0;

    if (unlink(fresh) != 0 && errno != ENOENT) {
        rc = nb_error_errno(err, errno, "replace %s", fresh);
        goto out;
    }
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rc = nb_error_errno(err, errno, "write %s", fresh);
        goto out;
    }
    if (!nb_write_all(fd, text, length) ||
        (place->account != NULL && (fchown(fd, 0, place->account->gid) != 0 || fchmod(fd, 0640) != 0)))
        rc = nb_error_errno(err, errno, "write %s", fresh);
    close(fd);
    if (rc == 0 && rename(fresh, path) != 0)
        rc = nb_error_errno(err, errno, "write %s", path);
out:
    free(path);
    free(fresh);
    return rc;
}

/* ---- removing ---- */

static int remove_inside(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory;
    struct dirent *entry;
    int rc = 0;

    if (fd < 0)
        return errno == ENOTDIR || errno == ELOOP ? unlinkat(parent, name, 0) : -1;
    if ((directory = fdopendir(fd)) == NULL) {
        close(fd);
        return -1;
    }
    while (rc == 0 && (entry = readdir(directory)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        rc = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN ? remove_inside(fd, entry->d_name)
                                                                    : unlinkat(fd, entry->d_name, 0);
    }
    closedir(directory);
    return rc != 0 ? rc : unlinkat(parent, name, AT_REMOVEDIR);
}

int nb_local_place_remove_tree(const char *path, struct nb_error *err)
{
    if (remove_inside(AT_FDCWD, path) != 0 && errno != ENOENT)
        return nb_error_errno(err, errno, "remove %s", path);
    return 0;
}

int nb_local_place_remove(struct nb_local_place *place, struct nb_error *err)
{
    static const char *const last[] = {MARKER, LOCK};
    int rc = nb_local_place_remove_tree(place->socket_directory, err);

    for (size_t i = 0; rc == 0 && i < NB_ARRAY_SIZE(own_names) + NB_ARRAY_SIZE(last); i++) {
        const char *name = i < NB_ARRAY_SIZE(own_names) ? own_names[i] : last[i - NB_ARRAY_SIZE(own_names)];
        char *path = nb_local_place_path(place, name);

        rc = nb_local_place_remove_tree(path, err);
        free(path);
    }
    if (rc == 0)
        rmdir(place->directory); /* fails, as it should, when somebody else's files are in it */
    return rc;
}
