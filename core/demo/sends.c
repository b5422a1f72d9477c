/*
 * sends.c - the files that the demonstration sends by: its program and its channels.conf, in the local cluster's directory.
 */
#include "demo/demo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/strbuf.h"
#include "base/write.h"
#include "demo/files.h"

/* Mails are nobody else's to read. */
static int make_private(const char *path, struct nb_error *err)
{
    struct stat st;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return nb_error_errno(err, errno, "make the directory %s", path);
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 077) != 0)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s is not a directory of yours alone", path);
    return NB_OK;
}

/* As channels.conf has a program's path: within quotes, where a backslash stands before a quote or another one. */
static char *quoted(const char *path)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, SIZE_MAX / 2);
    nb_strbuf_append_char(&out, '"');
    for (; *path; path++) {
        if (*path == '"' || *path == '\\')
            nb_strbuf_append_char(&out, '\\');
        nb_strbuf_append_char(&out, *path);
    }
    nb_strbuf_append_char(&out, '"');
    return nb_strbuf_take(&out);
}

static char *replaced(const char *text, const char *word, const char *by)
{
    struct nb_strbuf out;
    const char *at;

    nb_strbuf_init(&out, SIZE_MAX / 2);
    for (; (at = strstr(text, word)) != NULL; text = at + strlen(word)) {
        nb_strbuf_append_n(&out, text, (size_t)(at - text));
        nb_strbuf_append(&out, by);
    }
    nb_strbuf_append(&out, text);
    return nb_strbuf_take(&out);
}

/* A line of channels.conf ends at a line's end, and a value at " # ". */
static int check_name(const char *directory, struct nb_error *err)
{
    if (directory[strcspn(directory, "\r\n")] == '\0' && !strstr(directory, " #"))
        return NB_OK;
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: channels.conf cannot have such a path", directory);
}

int nb_demo_sender_write(char **channels, char **sent, const char *directory, struct nb_error *err)
{
    char *here = nb_asprintf("%s/demo", directory);
    char *program = nb_asprintf("%s/send", here), *word = quoted(program);
    char *text = replaced(demo_channels_conf, "@SEND@", word);
    int rc;

    *channels = nb_asprintf("%s/channels.conf", here);
    *sent = nb_asprintf("%s/sent", here);
    if ((rc = check_name(directory, err)) == NB_OK && (rc = make_private(here, err)) == NB_OK &&
        (rc = make_private(*sent, err)) == NB_OK &&
        (rc = nb_file_replace(program, demo_send_sh, strlen(demo_send_sh), 0700, err)) == NB_OK)
        rc = nb_file_replace(*channels, text, strlen(text), 0600, err);
    if (rc < 0) {
        nb_free(channels);
        nb_free(sent);
    }
    free(text);
    free(word);
    free(program);
    free(here);
    return rc;
}
