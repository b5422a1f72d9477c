/*
 * token_user.c - finds the user that an administrator or an identity provider names.
 */
#include "identity/token.h"

#include <string.h>

#include "base/text.h"

/* Searches by one form only, so that one user's name is never mistaken for another's address or id. */
static struct nb_params *search_for(enum nb_token_user_by by, const char *user, const char *tenant)
{
    struct nb_params *params = nb_params_new();
    struct nb_uuid id;
    bool is_id = by != NB_USER_BY_ADDRESS && nb_uuid_parse(&id, user, NULL) == 0;
    bool is_address = by == NB_USER_BY_ADDRESS || (by == NB_USER_BY_FORM && !is_id && strchr(user, '@'));

    nb_params_uuid(params, is_id ? &id : NULL);
    nb_params_text(params, is_address ? user : NULL);
    nb_params_text(params, is_id || is_address ? NULL : user);
    is_id = tenant && nb_uuid_parse(&id, tenant, NULL) == 0;
    nb_params_uuid(params, is_id ? &id : NULL);
    nb_params_text(params, is_id ? NULL : tenant);
    return params;
}

static int none_found(const char *user, const char *tenant, struct nb_error *err)
{
    if (tenant)
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "nobody at \"%.100s\" is \"%.100s\"", tenant, user);
    else
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "nobody is \"%.100s\"", user);
    return nb_error_hint(err, "expected a user's UUID, e-mail address or whole name");
}

static int several_found(const struct nb_result *found, const char *user, struct nb_error *err)
{
    struct nb_strbuf names;

    nb_strbuf_init(&names, 200);
    for (size_t i = 0; i < nb_result_rows(found); i++)
        nb_strbuf_appendf(&names, "%s%s at %s", i > 0 ? ", " : "", nb_result_text(found, i, 1),
                          nb_result_text(found, i, 3));
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY, "\"%.100s\" may mean several people: %s", user, names.data);
    nb_strbuf_clear(&names);
    return nb_error_hint(err, "name the tenant too, or give the user's UUID");
}

int nb_token_user_find(struct nb_token_user *out, struct nb_connection *admin, enum nb_token_user_by by,
                       const char *user, const char *tenant, struct nb_error *err)
{
    struct nb_result *found = NULL;
    int rc = nb_query_wait(admin, NB_SQL_TOKEN_USER, search_for(by, user, tenant), &found, err);

    if (rc == 0 && nb_result_rows(found) == 0) {
        rc = none_found(user, tenant, err);
    } else if (rc == 0 && nb_result_rows(found) > 1) {
        rc = several_found(found, user, err);
    } else if (rc == 0) {
        out->id = nb_result_uuid(found, 0, 0);
        nb_text_copy(out->name, sizeof(out->name), nb_result_text(found, 0, 1));
        out->tenant_id = nb_result_uuid(found, 0, 2);
        nb_text_copy(out->tenant_name, sizeof(out->tenant_name), nb_result_text(found, 0, 3));
    }
    nb_result_free(&found);
    return rc;
}
