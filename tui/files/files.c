/*
 * files.c - finds, reads and writes a person's files, on top of the shipped ones.
 */
#include "config.h"

#include "tui/files/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "base/xdg.h"
#include "base/clock.h"
#include "tui/files/shipped.h"

#define LOCK_WAIT_MS 500
#define LOCK_TRY_MS  5

static const struct {
    const char *folder;
    const char *suffix;
    const char *word;
} kinds[] = {
    [FILES_KEYMAP] = {"keymaps", ".keys", "keymap"},
    [FILES_THEME] = {"themes", ".theme", "theme"},
};

static bool own_closed;

void files_close_own(void)
{
    own_closed = true;
}

bool files_own_closed(void)
{
    return own_closed;
}

char *files_config_path(const char *name)
{
    return own_closed ? NULL : nb_xdg_path(NB_XDG_CONFIG, name);
}

char *files_state_path(const char *name)
{
    return own_closed ? NULL : nb_xdg_path(NB_XDG_STATE, name);
}

static char *own_path(enum files_kind kind, const char *name)
{
    char *relative = nb_asprintf("%s/%s%s", kinds[kind].folder, name, kinds[kind].suffix);
    char *path = files_config_path(relative);

    nb_free(&relative);
    return path;
}

static const struct shipped_file *shipped_find(enum files_kind kind, const char *name)
{
    for (size_t i = 0; i < shipped_file_count; i++)
        if (shipped_files[i].kind == kind && strcmp(shipped_files[i].name, name) == 0)
            return &shipped_files[i];
    return NULL;
}

bool files_are_shipped(enum files_kind kind, const char *name)
{
    return shipped_find(kind, name) != NULL;
}

bool files_are_own(enum files_kind kind, const char *name)
{
    char *path = own_path(kind, name);
    bool there = path && access(path, F_OK) == 0;

    nb_free(&path);
    return there;
}

/* Sends a file's lines to the caller and its complaints to problems. */
struct relay {
    nb_ini_handler *handler;
    void *arg;
    struct problems *problems;
};

static int relay_line(void *arg, const struct nb_ini_line *line, struct nb_error *err)
{
    struct relay *relay = arg;

    return relay->handler(relay->arg, line, err);
}

static void relay_complaint(void *arg, const char *file, unsigned line, const char *message)
{
    struct relay *relay = arg;

    problems_complaint(relay->problems, file, line, message);
}

static int read_path(struct relay *relay, const char *path, struct nb_error *err)
{
    return nb_ini_read_file(path, relay_line, relay_complaint, relay, err);
}

/* Reads a file beside another of the same name; a failure is a problem. False when the file does not exist. */
static bool read_beside(struct relay *relay, const char *path)
{
    struct nb_error err;
    int rc = read_path(relay, path, &err);

    if (rc < 0 && rc != NB_ENOTFOUND)
        problems_add(relay->problems, NULL, 0, "%s", err.message);
    return rc != NB_ENOTFOUND;
}

static bool read_shipped(struct relay *relay, enum files_kind kind, const char *name)
{
    const struct shipped_file *shipped = shipped_find(kind, name);
    struct nb_error err;
    char *path;
    bool installed;

    if (!shipped)
        return false;
    path = nb_asprintf("%s/%s/%s%s", NB_PKGDATADIR, kinds[kind].folder, name, kinds[kind].suffix);
    installed = read_beside(relay, path);
    nb_free(&path);
    if (installed)
        return true;
    path = nb_asprintf("%s%s", name, kinds[kind].suffix);
    if (nb_ini_read_text(path, shipped->text, strlen(shipped->text), relay_line, relay_complaint, relay, &err) < 0)
        problems_add(relay->problems, path, 0, "%s", err.message);
    nb_free(&path);
    return true;
}

static int name_unknown(enum files_kind kind, const char *name, struct nb_error *err)
{
    struct file_names names = {0};
    char *known = nb_strdup("");

    files_list(kind, &names);
    for (size_t i = 0; i < names.list.count; i++) {
        char *longer = nb_asprintf("%s%s%s", known, i ? ", " : "", names.list.data[i]);

        nb_free(&known);
        known = longer;
    }
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_CONFIG, "there is no %s %s", kinds[kind].word, name);
    nb_error_hint(err, "there are %s", known);
    nb_free(&known);
    file_names_clear(&names);
    return NB_ENOTFOUND;
}

/* Without a shipped file the user's file is all there is to the name: what is wrong with it is the caller's error. */
static int read_own(struct relay *relay, enum files_kind kind, const char *name, struct nb_error *err)
{
    char *path = own_path(kind, name);
    int rc = path ? read_path(relay, path, err) : NB_ENOTFOUND;

    nb_free(&path);
    return rc == NB_ENOTFOUND ? name_unknown(kind, name, err) : rc;
}

int files_read(enum files_kind kind, const char *name, nb_ini_handler *handler, struct problems *problems, void *arg,
               struct nb_error *err)
{
    struct relay relay = {handler, arg, problems};
    char *path;
    int rc;

    if (strchr(name, '/') && own_closed)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "not in this restricted console: %s", name);
    if (strchr(name, '/')) {
        rc = read_path(&relay, name, err);
        return rc == NB_ENOTFOUND ? name_unknown(kind, name, err) : rc;
    }
    if (name[0] == '\0' || name[0] == '.')
        return name_unknown(kind, name, err);
    if (!read_shipped(&relay, kind, name))
        return read_own(&relay, kind, name, err);
    path = own_path(kind, name);
    if (path)
        read_beside(&relay, path);
    nb_free(&path);
    return 0;
}

static void names_add(struct file_names *names, const char *name, size_t length)
{
    size_t at = 0;
    int order = 1;
    char *copy = nb_strndup(name, length);

    while (at < names->list.count && (order = strcmp(copy, names->list.data[at])) > 0)
        at++;
    if (at < names->list.count && order == 0)
        nb_free(&copy);
    else
        nb_vec_insert(&names->list, at, copy);
}

void files_list(enum files_kind kind, struct file_names *out)
{
    char *path = files_config_path(kinds[kind].folder);
    DIR *folder = path ? opendir(path) : NULL;
    size_t suffix = strlen(kinds[kind].suffix);

    for (size_t i = 0; i < shipped_file_count; i++)
        if (shipped_files[i].kind == kind)
            names_add(out, shipped_files[i].name, strlen(shipped_files[i].name));
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        size_t length = strlen(entry->d_name);

        if (length > suffix && entry->d_name[0] != '.' &&
            strcmp(entry->d_name + length - suffix, kinds[kind].suffix) == 0)
            names_add(out, entry->d_name, length - suffix);
    }
    if (folder)
        closedir(folder);
    nb_free(&path);
}

void file_names_clear(struct file_names *names)
{
    for (size_t i = 0; i < names->list.count; i++)
        nb_free(&names->list.data[i]);
    nb_vec_clear(&names->list);
}

/* Makes the directories above path. */
static int make_folders(const char *path, struct nb_error *err)
{
    char *copy = nb_strdup(path);
    int rc = 0;

    for (char *slash = strchr(copy + 1, '/'); slash && rc == 0; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0700) < 0 && errno != EEXIST)
            rc = nb_error_errno(err, errno, "make the folder %s", copy);
        *slash = '/';
    }
    nb_free(&copy);
    return rc;
}

int files_lock(int *out, const char *path, struct nb_error *err)
{
    int64_t end = nb_monotonic_ms() + LOCK_WAIT_MS;
    char *beside = nb_asprintf("%s.lock", path);
    int rc;

    *out = -1;
    if ((rc = make_folders(beside, err)) < 0)
        goto out;
    *out = open(beside, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (*out < 0) {
        rc = nb_error_errno(err, errno, "open %s", beside);
        goto out;
    }
    while (flock(*out, LOCK_EX | LOCK_NB) < 0 && rc == 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            rc = nb_error_errno(err, errno, "lock %s", beside);
        else if (nb_monotonic_ms() >= end)
            rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s is being written by another program", path);
        else
            poll(NULL, 0, LOCK_TRY_MS);
    }
    if (rc < 0) {
        close(*out);
        *out = -1;
    }
out:
    nb_free(&beside);
    return rc;
}

void files_unlock(int lock)
{
    if (lock >= 0)
        close(lock);
}

int files_write(const char *path, const char *text, size_t length, struct nb_error *err)
{
    char *target = realpath(path, NULL); /* follows links; NULL where there is no file yet */
    int rc;

    if (!target)
        target = nb_strdup(path);
    if ((rc = make_folders(target, err)) == 0)
        rc = nb_file_replace(target, text, length, 0, err);
    nb_free(&target);
    return rc;
}
