/*
 * dsn.c - looks into a connection string without connecting.
 */
#include <libpq-fe.h>
#include <string.h>

#include "base/base.h"
#include "db/dsn.h"

int nb_dsn_check_public(const char *dsn, struct nb_error *err)
{
    char *message = NULL;
    PQconninfoOption *options = PQconninfoParse(dsn, &message);
    int rc = NB_OK;

    if (!options) {
        size_t length = message ? strcspn(message, "\n") : 0;

        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "the database's address: %.*s", (int)length,
                     message ? message : "malformed");
        rc = nb_error_hint(err, "expected \"host=… dbname=… user=…\" or "
                                "postgresql://user@host/database");
    }
    for (PQconninfoOption *option = options; option && option->keyword; option++) {
        if (option->val && option->val[0] && strcmp(option->dispchar, "*") == 0) {
            nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT,
                         "the database's address contains a secret (%s), which other users can "
                         "see",
                         option->keyword);
            rc = nb_error_hint(err, "keep it in ~/.pgpass, a service file or NIGHTBELL_DSN");
        }
    }
    PQconninfoFree(options);
    PQfreemem(message);
    return rc;
}

static char *user_of(PQconninfoOption *options)
{
    char *user = NULL;

    for (PQconninfoOption *option = options; option && option->keyword; option++)
        if (strcmp(option->keyword, "user") == 0 && option->val && option->val[0])
            user = nb_strdup(option->val);
    PQconninfoFree(options);
    return user;
}

char *nb_dsn_login(const char *dsn)
{
    char *user = dsn ? user_of(PQconninfoParse(dsn, NULL)) : NULL;

    return user ? user : user_of(PQconndefaults());
}
