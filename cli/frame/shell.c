/*
 * shell.c - lines for a shell's eval, and the private files that they name.
 */
#include "cli/frame/shell.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/write.h"
#include "base/xdg.h"
#include "cli/frame/output.h"

void shell_print_export(struct output *output, const char *name, const char *value)
{
    struct nb_strbuf line;

    nb_strbuf_init(&line, 64 * 1024);
    nb_strbuf_appendf(&line, "export %s='", name);
    for (; *value != '\0'; value++) {
        if (*value == '\'')
            nb_strbuf_append(&line, "'\\''");
        else
            nb_strbuf_append_char(&line, *value);
    }
    nb_strbuf_append(&line, "'\n");
    output_raw(output, line.data, line.length);
    nb_strbuf_clear(&line);
}

/* The runtime directory, which is deleted when the login session ends, as a token should be; where there is none, the
 * data directory. */
static char *token_directory(void)
{
    const char *runtime = nb_xdg_runtime();
    struct stat st;
    char *data;

    if (runtime && stat(runtime, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 022) == 0)
        return nb_xdg_path(NB_XDG_RUNTIME, NULL);
    if (geteuid() == 0)
        return nb_strdup("/var/lib/nightbell/tokens");
    data = nb_xdg_path(NB_XDG_DATA, "tokens");
    return data ? data : nb_xdg_path_below(NB_XDG_DATA, "", "tokens");
}

static int make_private(const char *directory, struct nb_error *err)
{
    char *prefix = nb_strdup(directory);
    struct stat st;
    int rc = NB_OK;

    for (char *slash = strchr(prefix + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(prefix, geteuid() == 0 ? 0755 : 0700); /* only the result of the last mkdir() counts */
        *slash = '/';
    }
    free(prefix);
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return nb_error_errno(err, errno, "make the directory %s", directory);
    if (lstat(directory, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s is not a directory of yours", directory);
    else if ((st.st_mode & 077) != 0 && chmod(directory, 0700) != 0)
        rc = nb_error_errno(err, errno, "make %s private", directory);
    return rc;
}

/* Refuses to replace a device or a directory, even as root. */
static int check_target(const char *path, struct nb_error *err)
{
    struct stat st;

    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s is there and not a regular file: it is not replaced",
                            path);
    return NB_OK;
}

int shell_write_private(const char *path, const char *text, struct nb_error *err)
{
    int rc = check_target(path, err);

    return rc == NB_OK ? nb_file_replace(path, text, strlen(text), 0600, err) : rc;
}

int shell_write_token(char **path, const char *directory, const char *person, const char *token, struct nb_error *err)
{
    char *wanted = directory != NULL ? nb_strdup(directory) : token_directory();
    int rc = make_private(wanted, err);

    *path = NULL;
    if (rc == NB_OK) {
        *path = nb_asprintf("%s/%s.token", wanted, person);
        if ((rc = shell_write_private(*path, token, err)) != NB_OK)
            nb_free(path);
    }
    free(wanted);
    return rc;
}
