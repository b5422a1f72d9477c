/*
 * endpoints.c - `nightbell endpoints`: where channels such as webhooks reach people. As documents for administrators, and each person's
 * own, which a code confirms.
 */
#include "base/clock.h"
#include "cli/commands/config.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "db/query.h"

static const struct config_column endpoint_columns[] = {
    {{.title = "ID", .minimum = 36, .drop = 3}, "id", .is_key = true},
    {{.title = "USER", .minimum = 8, .maximum = 30}, "user"},
    {{.title = "CHANNEL", .minimum = 8}, "channel"},
    {{.title = "ADDRESS", .minimum = 16, .flexible = true}, "address"},
    {{.title = "LABEL", .minimum = 5, .maximum = 30, .drop = 4}, "label"},
    {{.title = "VERIFIED", .minimum = 8, .drop = 1}, "verified", .alarm = "no"},
    {{.title = "DISABLED", .minimum = 8, .drop = 2}, "disabled", .alarm = "yes"},
};

const struct config_view config_view_endpoints = {"endpoints", endpoint_columns, NB_ARRAY_SIZE(endpoint_columns)};

/* ---- a person's own ---- */

static bool is_for_somebody(const struct command_call *call)
{
    return command_text(call, "user") != NULL;
}

/* Connects, and begins the parameters with whose endpoints they are. */
static int begin(struct nb_connection **connection, struct nb_params **params, struct command_call *call,
                 struct nb_error *err)
{
    const struct session_options options = {.login = is_for_somebody(call) ? SESSION_MANAGER : SESSION_CLIENT};
    int rc = is_for_somebody(call) ? session_connect(connection, call, &options, err)
                                   : session_connect_known(connection, NULL, call, &options, err);

    if (rc < 0)
        return rc;
    *params = nb_params_new();
    nb_params_text(*params, command_tenant(call));
    nb_params_text(*params, command_text(call, "user"));
    return NB_OK;
}

static int ask(struct nb_result **result, struct nb_connection *connection, enum nb_sql query,
               struct nb_params *params_take, const struct command_call *call, struct nb_error *err)
{
    int rc = nb_query_wait(connection, query, params_take, result, err);

    return is_for_somebody(call) ? session_explain_denied(rc, err) : rc;
}

enum { ID, CHANNEL, ADDRESS, LABEL, CREATED, VERIFIED, DISABLED, REASON, SUCCESS, FAILING, VERSION, FORMER };

static const struct listing_column own_columns[] = {
    {.title = "ID", .minimum = 36, .drop = 2},
    {.title = "CHANNEL", .minimum = 8},
    {.title = "ADDRESS", .minimum = 16, .flexible = true},
    {.title = "LABEL", .minimum = 5, .maximum = 30, .drop = 3},
    {.title = "STATE", .minimum = 12},
    {.title = "LAST SENT", .minimum = 12, .drop = 1},
};

static json_t *own_json(const struct nb_result *result, size_t row)
{
    static const char *const names[] = {
        "id",          "channel",         "address",         "label",         "created_at",     "verified_at",
        "disabled_at", "disabled_reason", "last_success_at", "failing_since", "secret_version", "former_until"};
    json_t *object = json_object();
    char text[NB_TIME_TEXT_SIZE], id[NB_UUID_TEXT_SIZE];

    for (int i = 0; i < (int)NB_ARRAY_SIZE(names); i++) {
        json_t *value = json_null();

        if (i == ID) {
            const struct nb_uuid uuid = nb_result_uuid(result, row, ID);

            value = json_string(nb_uuid_format(&uuid, id));
        } else if (nb_result_is_null(result, row, i)) {
            value = json_null();
        } else if (i == VERSION) {
            value = json_integer(nb_result_int(result, row, i));
        } else if (i == CHANNEL || i == ADDRESS || i == LABEL || i == REASON) {
            value = json_string(nb_result_text(result, row, i));
        } else {
            value = json_string(nb_time_format_rfc3339(nb_result_time(result, row, i), text));
        }
        json_object_set_new(object, names[i], value);
    }
    return object;
}

static void own_row(struct listing *listing, const struct nb_result *result, size_t row)
{
    const struct nb_uuid uuid = nb_result_uuid(result, row, ID);
    const char *state = "sends", *reason = nb_result_text(result, row, REASON);
    enum listing_style style = LISTING_PLAIN;
    char id[NB_UUID_TEXT_SIZE], sent[NB_TIME_TEXT_SIZE] = "", *disabled = NULL;

    if (!nb_result_is_null(result, row, DISABLED)) {
        disabled = nb_asprintf("disabled%s%s", reason ? ": " : "", reason ? reason : "");
        state = disabled;
        style = LISTING_ALARM;
    } else if (nb_result_is_null(result, row, VERIFIED)) {
        state = "to be confirmed";
        style = LISTING_WARNING;
    } else if (!nb_result_is_null(result, row, FAILING)) {
        state = "fails";
        style = LISTING_WARNING;
    }
    if (!nb_result_is_null(result, row, SUCCESS))
        nb_time_format_local(nb_result_time(result, row, SUCCESS), sent);
    listing_cell(listing, nb_uuid_format(&uuid, id), LISTING_STRONG);
    listing_cell(listing, nb_result_text(result, row, CHANNEL), LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, ADDRESS), LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, LABEL), LISTING_PLAIN);
    listing_cell(listing, state, style);
    listing_cell(listing, sent, LISTING_PLAIN);
    listing_end_row(listing);
    free(disabled);
}

static int run_mine(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    struct listing *listing = NULL;
    int rc = begin(&connection, &params, call, err);

    if (rc == NB_OK)
        rc = ask(&result, connection, NB_SQL_ENDPOINTS_OF, params, call, err);
    if (rc == NB_OK && !output_is_json(call->output))
        listing = listing_new(call->output, own_columns, NB_ARRAY_SIZE(own_columns));
    for (size_t i = 0; rc == NB_OK && i < nb_result_rows(result); i++) {
        if (listing)
            own_row(listing, result, i);
        else
            output_json_take(call->output, own_json(result, i));
    }
    if (listing)
        listing_print(listing);
    listing_free(&listing);
    nb_result_free(&result);
    return rc;
}

static int run_add(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    char text[NB_UUID_TEXT_SIZE];
    int rc = begin(&connection, &params, call, err);

    if (rc < 0)
        return rc;
    nb_params_text(params, call->arguments[0]);
    nb_params_text(params, call->arguments[1]);
    nb_params_text(params, command_text(call, "label"));
    if ((rc = ask(&result, connection, NB_SQL_ENDPOINT_ADD, params, call, err)) == NB_OK) {
        const struct nb_uuid id = nb_result_uuid(result, 0, 0);

        if (output_is_json(call->output))
            output_json_take(call->output, json_pack("{s:s}", "id", nb_uuid_format(&id, text)));
        else
            output_line(call->output, "%s", nb_uuid_format(&id, text));
        if (!is_for_somebody(call))
            output_remark(call->output, "a code was sent there: nightbell endpoints confirm %s CODE", text);
    }
    nb_result_free(&result);
    return rc;
}

/* What acts on one endpoint: `said` is what was done, with its id. argument: a further one, or NULL. */
static int act(struct command_call *call, enum nb_sql query, const char *argument, const char *said,
               struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    int rc = begin(&connection, &params, call, err);

    if (rc < 0)
        return rc;
    nb_params_text(params, call->arguments[0]);
    if (argument)
        nb_params_text(params, argument);
    rc = ask(&result, connection, query, params, call, err);
    if (rc == NB_OK && query == NB_SQL_ENDPOINT_CONFIRM && !nb_result_is_null(result, 0, 0)) {
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_INPUT, "%s", nb_result_text(result, 0, 0));
        nb_error_hint(err, "nightbell endpoints code %s sends another one", call->arguments[0]);
        rc = NB_EFAILED;
    }
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s, s:s}", "id", call->arguments[0], "done", said));
    else if (rc == NB_OK)
        output_note(call->output, "%s: %s", call->arguments[0], said);
    nb_result_free(&result);
    return rc;
}

static int run_confirm(struct command_call *call, struct nb_error *err)
{
    return act(call, NB_SQL_ENDPOINT_CONFIRM, call->arguments[1], "confirmed", err);
}

static int run_code(struct command_call *call, struct nb_error *err)
{
    return act(call, NB_SQL_ENDPOINT_CODE, NULL, "another code was sent there", err);
}

static int run_remove(struct command_call *call, struct nb_error *err)
{
    return act(call, NB_SQL_ENDPOINT_REMOVE, NULL, "removed", err);
}

/* former_until: NB_TIME_NONE: the former secret holds no longer. */
static void say_rotated(const struct command_call *call, int64_t version, int64_t former_until)
{
    const char *id = call->arguments[0];
    char until[NB_TIME_TEXT_SIZE];

    if (output_is_json(call->output))
        output_json_take(call->output,
                         json_pack("{s:s, s:I, s:I, s:o}", "id", id, "secret_version", (json_int_t)version,
                                   "former_version", (json_int_t)(version - 1), "former_until",
                                   former_until == NB_TIME_NONE
                                       ? json_null()
                                       : json_string(nb_time_format_rfc3339(former_until, until))));
    else if (former_until == NB_TIME_NONE)
        output_line(call->output, "%s: version %lld of its secret signs, and no other", id, (long long)version);
    else
        output_line(call->output, "%s: version %lld of its secret signs, and until %s version %lld beside it", id,
                    (long long)version, nb_time_format_local(former_until, until), (long long)version - 1);
}

static int run_rotate(struct command_call *call, struct nb_error *err)
{
    const char *text = command_text(call, "keep");
    int64_t keep = INT64_C(24) * 3600 * 1000000;
    char *milliseconds;
    struct nb_connection *connection = NULL;
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    int rc = text && strcmp(text, "0") == 0 ? (keep = 0, NB_OK) : text ? nb_duration_parse(&keep, text, err) : NB_OK;

    if (rc < 0 || (rc = begin(&connection, &params, call, err)) < 0)
        return rc;
    milliseconds = nb_asprintf("%lld", (long long)(keep / 1000));
    nb_params_text(params, call->arguments[0]);
    nb_params_text(params, milliseconds);
    if ((rc = ask(&result, connection, NB_SQL_ENDPOINT_ROTATE, params, call, err)) == NB_OK)
        say_rotated(call, nb_result_int(result, 0, 0), keep > 0 ? nb_result_time(result, 0, 1) : NB_TIME_NONE);
    nb_result_free(&result);
    free(milliseconds);
    return rc;
}

/* ---- the table ---- */

static const struct command_option own_options[] = {
    {"user", "USER", "whose they are (administrators; default: your own)"},
    {NULL},
};
static const struct command_option add_options[] = {
    {"label", "TEXT", "what you call it"},
    {"user", "USER", "whose it is (administrators; default: your own)"},
    {NULL},
};
static const struct command_option rotate_options[] = {
    {"keep", "DURATION", "so long the former secret holds beside it (default: 1d; 0: no longer)"},
    {"user", "USER", "whose it is (administrators; default: your own)"},
    {NULL},
};

static const struct command endpoint_commands[] = {
    CONFIG_COMMANDS(
        "ENDPOINT", "endpoints", "an endpoint", "Columns: id, user, channel, address, label, verified, disabled.",
        "id (a UUID), user (a name, an e-mail address or a UUID), channel (webhook, or one of channels.conf), "
        "address (a URL, or what the channel's program takes), and where wanted label, verified (true where it "
        "is left out: the application vouches for it) and disabled",
        "", "take an endpoint away"),
    {.name = "mine",
     .arguments = "",
     .synopsis = "[--user USER]",
     .summary = "list your own endpoints",
     .description = "Columns: id, channel, address, label, state, when something last arrived there.",
     .options = own_options,
     .run = run_mine},
    {.name = "add",
     .arguments = "CHANNEL ADDRESS",
     .synopsis = "CHANNEL ADDRESS [--label TEXT] [--user USER]",
     .summary = "be reached there too, once a code has confirmed it",
     .description =
         "Sends a code of six digits to the address by that channel, which endpoints confirm takes; until then nothing "
         "else is sent there. What an administrator adds for somebody needs no code. Prints the endpoint's id.",
     .options = add_options,
     .run = run_add},
    {.name = "confirm",
     .arguments = "ENDPOINT CODE",
     .synopsis = "ENDPOINT CODE [--user USER]",
     .summary = "confirm an endpoint by the code that arrived there",
     .description = "A code is good for 15 minutes and five tries.",
     .options = own_options,
     .run = run_confirm},
    {.name = "code",
     .arguments = "ENDPOINT",
     .synopsis = "ENDPOINT [--user USER]",
     .summary = "send another code, once a minute and ten times a day",
     .options = own_options,
     .run = run_code},
    {.name = "remove",
     .arguments = "ENDPOINT",
     .synopsis = "ENDPOINT [--user USER]",
     .summary = "be reached there no more",
     .options = own_options,
     .run = run_remove},
    {.name = "rotate",
     .arguments = "ENDPOINT",
     .synopsis = "ENDPOINT [--keep DURATION] [--user USER]",
     .summary = "sign with a new secret what goes there",
     .description =
         "Until --keep is over every message is signed by the former secret too, so that the receiver can change over. "
         "Prints the new version, which channels webhook-secret makes the secret of, and until when the former one "
         "holds.",
     .options = rotate_options,
     .run = run_rotate},
    {NULL},
};

const struct command_group endpoints_group = {
    .name = "endpoints",
    .summary = "where webhooks and the channels of programs reach people",
    .commands = endpoint_commands,
};
