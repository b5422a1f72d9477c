/*
 * token_file.c - reads one token from a file or from other text and checks its characters.
 */
#include "identity/token.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"

int nb_token_from_text(char **out, const char *text, size_t length, const char *what, struct nb_error *err)
{
    *out = NULL;
    while (length > 0 && isspace((unsigned char)*text)) {
        text++;
        length--;
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length == 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "%s is empty", what);
    if (length > NB_TOKEN_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "%s is larger than %d KiB", what,
                            NB_TOKEN_MAX / 1024);
    for (size_t i = 0; i < length; i++) {
        if (!text[i] || (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i])))
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "%s holds something that is not one token", what);
    }
    *out = nb_strndup(text, length);
    return 0;
}

int nb_token_read_file(char **out, const char *path, struct nb_error *err)
{
    struct nb_private_file file;
    char *what = nb_asprintf("token file %s", path);
    int rc;

    *out = NULL;
    if ((rc = nb_private_file_read(&file, path, "token file", NB_TOKEN_MAX, err)) == 0 &&
        (rc = nb_private_file_check(&file, path, "token file", true, err)) == 0)
        rc = nb_token_from_text(out, file.data, file.length, what, err);
    nb_private_file_clear(&file);
    free(what);
    return rc;
}
