/*
 * person.c - whom the state file is about. Several persons may use one account of a machine, one token after the other; the
 * view that one of them left is not for the next one.
 */
#include "tui/console/console_state.h"

#include <ctype.h>
#include <stdlib.h>

#include "db/dsn.h"

/* It stands on a line of the state file. */
static char *on_one_line(char *person_take)
{
    for (const char *at = person_take; at && *at; at++)
        if (iscntrl((unsigned char)*at) || *at == '#')
            nb_free(&person_take);
    return person_take;
}

static char *of_login(const char *login)
{
    return login ? on_one_line(nb_asprintf("login %s", login)) : NULL;
}

/* Before the database has answered, only the token's own claims are known. They are not verified: they choose a view and
 * nothing else. */
static char *of_token(const char *text)
{
    struct nb_token *token = NULL;
    struct nb_error err;
    char *person = NULL;

    if (nb_token_decode(&token, text, &err) == 0 && nb_token_text(token, "sub") && nb_token_text(token, "tenant"))
        person = nb_asprintf("%s@%s", nb_token_text(token, "sub"), nb_token_text(token, "tenant"));
    nb_token_free(&token);
    return on_one_line(person);
}

char *person_at_start(const struct console_options *options)
{
    char *login, *person;

    if (options->token)
        return of_token(options->token);
    login = nb_dsn_login(options->dsn);
    person = of_login(login);
    nb_free(&login);
    return person;
}

char *person_now(const struct console *console)
{
    const struct nb_identity *identity = &console->host.identity;
    char user[NB_UUID_TEXT_SIZE], tenant[NB_UUID_TEXT_SIZE];

    if (!console->host.identified || nb_uuid_is_nil(&identity->user_id))
        return NULL;
    if (console->login)
        return of_login(console->login);
    return nb_asprintf("%s@%s", nb_uuid_format(&identity->user_id, user),
                       identity->is_global ? "*" : nb_uuid_format(&identity->tenant_id, tenant));
}
