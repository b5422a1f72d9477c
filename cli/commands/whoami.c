/*
 * whoami.c - `nightbell whoami`: which person the database takes the session for, why, and until when.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"

static void print_json(struct output *output, const struct nb_identity *identity, struct nb_connection *connection)
{
    char user[NB_UUID_TEXT_SIZE], tenant[NB_UUID_TEXT_SIZE], until[NB_TIME_TEXT_SIZE];
    bool by_token = identity->expires_at != NB_TIME_NONE;
    char *roles = nb_role_names(identity->roles);

    output_json_take(output,
                     json_pack("{s:s,s:s,s:s?,s:s,s:b,s:s,s:s,s:s?,s:s}", "user_id",
                               nb_uuid_format(&identity->user_id, user), "user_name", identity->user_name, "tenant_id",
                               identity->is_global ? NULL : nb_uuid_format(&identity->tenant_id, tenant), "tenant_name",
                               identity->tenant_name, "is_global", (int)identity->is_global, "roles", roles, "by",
                               by_token ? "token" : "login", "expires_at",
                               by_token ? nb_time_format_rfc3339(identity->expires_at, until) : NULL, "database",
                               nb_connection_target(connection)));
    free(roles);
}

static void print_text(struct output *output, const struct nb_identity *identity, struct nb_connection *connection)
{
    char text[NB_UUID_TEXT_SIZE], until[NB_TIME_TEXT_SIZE];
    char *roles = nb_role_names(identity->roles);

    output_line(output, "%s", identity->user_name);
    output_line(output, "tenant      %s", identity->is_global ? "every one" : identity->tenant_name);
    output_line(output, "roles       %s", *roles ? roles : "none");
    if (identity->expires_at == NB_TIME_NONE)
        output_line(output, "identity    by the PostgreSQL login, without an end");
    else
        output_line(output, "identity    by a token, until %s", nb_time_format_local(identity->expires_at, until));
    output_line(output, "database    %s", nb_connection_target(connection));
    output_line(output, "id          %s", nb_uuid_format(&identity->user_id, text));
    free(roles);
}

static int run_whoami(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_identity identity;
    int rc = session_connect_known(&connection, &identity, call, NULL, err);

    if (rc != NB_OK)
        return rc;
    if (output_is_json(call->output))
        print_json(call->output, &identity, connection);
    else
        print_text(call->output, &identity, connection);
    return NB_OK;
}

static const struct command whoami_commands[] = {
    {.arguments = "",
     .summary = "tell who the database takes you for, by what, and until when",
     .description = "Fails with 4 where the database does not know you, and says why.",
     .run = run_whoami},
    {NULL},
};

const struct command_group whoami_group = {
    .name = "whoami", .summary = "who you are to the database", .commands = whoami_commands};
