/*
 * error.c - filling the caller's struct nb_error.
 */
#include "config.h"

#include "base/error.h"

#include <string.h>

#include "base/utf8.h"

static const char *const code_names[] = {
    [-NB_OK] = "ok",
    [-NB_EFAILED] = "failed",
    [-NB_EUSAGE] = "usage",
    [-NB_ENOTFOUND] = "not-found",
    [-NB_EDENIED] = "denied",
    [-NB_EUNREACHABLE] = "unreachable",
    [-NB_EINVALID] = "invalid",
    [-NB_ECONFLICT] = "conflict",
    [-NB_ECANCELLED] = "cancelled",
    [-NB_EVERSION] = "version",
};

const char *nb_code_name(int code)
{
    if (code > 0 || code <= -(int)NB_ARRAY_SIZE(code_names))
        return "failed";
    return code_names[-code];
}

/* A message is always one line of valid UTF-8, even where a precision ("%.40s") or a library cut a character in two. */
static void format_into(char *text, size_t size, const char *format, va_list args)
{
    (void)nb_text_vformat(text, size, format, args);
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            *text = ' ';
}

void nb_error_clear(struct nb_error *err)
{
    if (err)
        memset(err, 0, sizeof(*err));
}

int nb_error_set(struct nb_error *err, int code, enum nb_domain domain, const char *format, ...)
{
    if (!err)
        return code;

    /* The arguments may point into the old message, so it is kept until the new one is made. */
    char message[sizeof(err->message)];
    va_list args;
    va_start(args, format);
    format_into(message, sizeof(message), format, args);
    va_end(args);

    nb_error_clear(err);
    err->code = code;
    err->domain = domain;
    memcpy(err->message, message, sizeof(message));
    return code;
}

int nb_error_errno(struct nb_error *err, int errnum, const char *format, ...)
{
    char what[512];
    char reason[128];
    va_list args;

    va_start(args, format);
    format_into(what, sizeof(what), format, args);
    va_end(args);
    return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s: %s", what, strerror_r(errnum, reason, sizeof(reason)));
}

int nb_error_hint(struct nb_error *err, const char *format, ...)
{
    va_list args;

    if (!err)
        return NB_EFAILED;
    char hint[sizeof(err->hint)];
    va_start(args, format);
    format_into(hint, sizeof(hint), format, args);
    va_end(args);
    memcpy(err->hint, hint, sizeof(hint));
    return err->code;
}
