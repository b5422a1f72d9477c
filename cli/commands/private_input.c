/*
 * private_input.c - reads tokens and secrets without showing them.
 */
#include "cli/commands/private_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/private_file.h"
#include "identity/secret.h"
#include "identity/token.h"

#define SECRET_FILE_MAX (4 * 1024)

struct typed {
    char *data;
    size_t length;
    size_t limit;
};

static void forget(struct typed *typed)
{
    if (typed->data)
        explicit_bzero(typed->data, typed->limit + 1);
    nb_free(&typed->data);
}

/* Handles one key that is typed without echo. False: the line is complete. */
static bool take_key(struct typed *typed, char key, bool *cancelled)
{
    enum { INTERRUPT = 3, END = 4, BACKSPACE = 8, KILL_LINE = 21, DELETE = 127 };

    *cancelled = key == INTERRUPT;
    if (key == '\n' || key == '\r' || key == INTERRUPT || key == END)
        return false;
    if (key == KILL_LINE)
        typed->length = 0;
    else if (key == BACKSPACE || key == DELETE)
        typed->length -= typed->length > 0;
    else if (typed->length <= typed->limit)
        typed->data[typed->length++] = key;
    return true;
}

/* Reads key by key, not line by line: a terminal's line is limited to 4095 bytes, fewer than a token may have, and
 * after ^C the terminal must get its echo back. */
static int ask(struct typed *typed, const char *what, struct nb_error *err)
{
    struct termios before, silent;
    bool cancelled = false, more = true;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return nb_error_errno(err, errno, "ask for the %s", what);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) != 0)
        return nb_error_errno(err, errno, "ask for the %s", what);
    fprintf(stderr, "%s (what you type is not shown): ", what);
    while (more) {
        char key = 0;
        ssize_t got = read(STDIN_FILENO, &key, 1);

        if (got == 1)
            more = take_key(typed, key, &cancelled);
        else if (got == 0 || errno != EINTR)
            more = false;
    }
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return cancelled ? nb_error_set(err, NB_ECANCELLED, NB_DOMAIN_INPUT, "nothing was done") : NB_OK;
}

static int read_stdin(struct typed *typed, struct nb_error *err)
{
    ssize_t got = 1;

    while (got != 0 && typed->length <= typed->limit) {
        got = read(STDIN_FILENO, typed->data + typed->length, typed->limit + 1 - typed->length);
        if (got < 0 && errno != EINTR)
            return nb_error_errno(err, errno, "read standard input");
        if (got > 0)
            typed->length += (size_t)got;
    }
    return NB_OK;
}

static int type_in(struct typed *typed, const char *what, size_t limit, struct nb_error *err)
{
    int rc;

    *typed = (struct typed){.data = nb_calloc(1, limit + 2), .limit = limit};
    rc = isatty(STDIN_FILENO) ? ask(typed, what, err) : read_stdin(typed, err);
    if (rc == NB_OK && typed->length > limit)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the %s is larger than %zu KiB", what, limit / 1024);
    return rc;
}

int private_input_token(char **out, const char *file, struct nb_error *err)
{
    struct typed typed;
    int rc;

    *out = NULL;
    if (strcmp(file, "-") != 0)
        return nb_token_read_file(out, file, err);
    rc = type_in(&typed, "token", NB_TOKEN_MAX, err);
    if (rc == NB_OK)
        rc = nb_token_from_text(out, typed.data, typed.length, "standard input", err);
    forget(&typed);
    return rc;
}

static void copy_secret(unsigned char **out, size_t *size, const char *text, size_t length)
{
    *size = nb_secret_length(text, length);
    *out = nb_malloc(*size + 1);
    memcpy(*out, text, *size);
}

int private_input_secret(unsigned char **out, size_t *size, const char *file, struct nb_error *err)
{
    struct nb_private_file from_file;
    struct typed typed;
    int rc;

    *out = NULL;
    *size = 0;
    if (strcmp(file, "-") == 0) {
        if ((rc = type_in(&typed, "secret", SECRET_FILE_MAX, err)) == NB_OK)
            copy_secret(out, size, typed.data, typed.length);
        forget(&typed);
        return rc;
    }
    if ((rc = nb_private_file_read(&from_file, file, "secret file", SECRET_FILE_MAX, err)) == NB_OK &&
        (rc = nb_private_file_check(&from_file, file, "secret file", true, err)) == NB_OK)
        copy_secret(out, size, from_file.data, from_file.length);
    nb_private_file_clear(&from_file);
    return rc;
}
