/*
 * recurring.c - imports what recurs, and works out when.
 */
#include "cli/commands/recurring.h"

#include "cli/commands/config.h"
#include "cli/frame/session.h"
#include "recur/occurrences.h"

struct working {
    struct command_call *call;
    bool failed;
};

static void rule_failed(void *arg, const char *kind, const char *key, const struct nb_error *cause)
{
    struct working *working = arg;
    struct nb_error err = *cause;

    nb_error_set(&err, cause->code, cause->domain, "%s %s: %s", kind, key, cause->message);
    if (cause->hint[0])
        nb_error_hint(&err, "%s", cause->hint);
    output_error(working->call->output, &err);
    working->failed = true;
}

int config_work_out_recurring(struct command_call *call, int imported, struct nb_error *err)
{
    struct working working = {.call = call};
    static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};
    struct nb_connection *connection = NULL;
    int rc;

    /* A manager by token leaves it to the worker: a session of the database's administrator works it out at once. */
    if (session_connect(&connection, call, &administrator, NULL) < 0)
        return imported;
    rc = nb_occurrences_update(connection, rule_failed, &working, imported == NB_OK ? err : NULL);
    if (rc == NB_EDENIED)
        rc = NB_OK;
    if (imported != NB_OK)
        return imported;
    if (rc == NB_OK && working.failed)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "what recurs by a rule that fails was stored, but does not recur");
    return rc;
}

int config_import_recurring(struct command_call *call, struct nb_error *err)
{
    int imported = config_import(call, err);

    if (imported == NB_EUSAGE || command_has(call, "dry-run"))
        return imported;
    return config_work_out_recurring(call, imported, err);
}
