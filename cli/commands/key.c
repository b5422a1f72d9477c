/*
 * key.c - `nightbell key`: the keys that sign tokens, and their rotation.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/rows/listing.h"
#include "cli/commands/private_input.h"
#include "cli/frame/session.h"
#include "identity/signing_key.h"

static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};

/* ---- add ---- */

static int run_add(struct command_call *call, struct nb_error *err)
{
    const char *file = command_text(call, "secret-file");
    struct nb_signing_key key = {.kid = nb_strdup(command_text(call, "id")),
                                 .algorithm = nb_strdup(command_text(call, "algorithm")),
                                 .issuer = nb_strdup(command_text(call, "issuer")),
                                 .audience = nb_strdup(command_text(call, "audience"))};
    struct nb_connection *connection = NULL;
    int rc = NB_OK;

    if (file)
        rc = private_input_secret(&key.secret, &key.secret_size, file, err);
    if (rc == NB_OK && (rc = session_connect(&connection, call, &administrator, err)) == NB_OK &&
        (rc = session_explain_denied(nb_signing_key_add(&key, connection, err), err)) == NB_OK) {
        if (output_is_json(call->output))
            output_json_take(call->output, json_pack("{s:s, s:s, s:s?, s:s}", "kid", key.kid, "algorithm",
                                                     key.algorithm, "issuer", key.issuer, "audience", key.audience));
        else
            output_line(call->output, "%s", key.kid);
    }
    nb_signing_key_clear(&key);
    return rc;
}

/* ---- list ---- */

static const struct listing_column columns[] = {
    {.title = "ID", .minimum = 8},
    {.title = "ALGORITHM", .minimum = 9},
    {.title = "STATE", .minimum = 7},
    {.title = "CREATED", .minimum = 16, .drop = 1},
    {.title = "RETIRED", .minimum = 1, .drop = 2},
    {.title = "ISSUER", .minimum = 6, .drop = 3, .flexible = true},
    {.title = "AUDIENCE", .minimum = 8, .maximum = 40, .drop = 4},
};

struct list {
    struct output *output;
    struct listing *listing; /* NULL: print JSON */
};

static const char *state_of(const struct nb_signing_key_info *key)
{
    if (key->retired_at == NB_TIME_NONE)
        return "active";
    return key->retired_at > nb_now() ? "retiring" : "retired";
}

static void time_cell(const struct list *list, int64_t time)
{
    char text[NB_TIME_TEXT_SIZE];

    if (time == NB_TIME_NONE)
        listing_cell(list->listing, NULL, LISTING_PLAIN);
    else
        listing_cell(list->listing,
                     output_is_terminal(list->output) ? nb_time_format_local(time, text)
                                                      : nb_time_format_rfc3339(time, text),
                     LISTING_PLAIN);
}

static void list_key(void *arg, const struct nb_signing_key_info *key)
{
    const struct list *list = arg;
    char created[NB_TIME_TEXT_SIZE], retired[NB_TIME_TEXT_SIZE];
    bool ends = key->retired_at != NB_TIME_NONE;

    if (!list->listing) {
        output_json_take(list->output, json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s}", "kid", key->kid, "algorithm",
                                                 key->algorithm, "state", state_of(key), "created_at",
                                                 nb_time_format_rfc3339(key->created_at, created), "retired_at",
                                                 ends ? nb_time_format_rfc3339(key->retired_at, retired) : NULL,
                                                 "issuer", key->issuer, "audience", key->audience));
        return;
    }
    listing_cell(list->listing, key->kid, LISTING_PLAIN);
    listing_cell(list->listing, key->algorithm, LISTING_PLAIN);
    listing_cell(list->listing, state_of(key), ends ? LISTING_DIM : LISTING_STRONG);
    time_cell(list, key->created_at);
    time_cell(list, key->retired_at);
    listing_cell(list->listing, key->issuer, LISTING_PLAIN);
    listing_cell(list->listing, key->audience, LISTING_PLAIN);
    listing_end_row(list->listing);
}

static int run_list(struct command_call *call, struct nb_error *err)
{
    struct list list = {.output = call->output};
    struct nb_connection *connection = NULL;
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        return rc;
    if (!output_is_json(call->output))
        list.listing = listing_new(call->output, columns, NB_ARRAY_SIZE(columns));
    rc = session_explain_denied(nb_signing_keys_list(connection, list_key, &list, err), err);
    if (list.listing && rc == NB_OK)
        listing_print(list.listing);
    listing_free(&list.listing);
    return rc;
}

/* ---- retire ---- */

static void say_retired(struct output *output, const char *kid, int64_t at, int left)
{
    char text[NB_TIME_TEXT_SIZE];

    if (output_is_json(output)) {
        output_json_take(output, json_pack("{s:s, s:s, s:i}", "kid", kid, "retired_at",
                                           nb_time_format_rfc3339(at, text), "keys_left", left));
        return;
    }
    if (at > nb_now() + 1000000)
        output_note(output, "tokens of the key %s are accepted until %s", kid, nb_time_format_local(at, text));
    else
        output_note(output, "tokens of the key %s are not accepted any more", kid);
    if (left == 0)
        output_note(output, "no other key is left: the next token that is minted makes one");
}

static int run_retire(struct command_call *call, struct nb_error *err)
{
    const char *kid = call->arguments[0], *text = command_text(call, "after");
    struct nb_connection *connection = NULL;
    struct nb_error why = {0};
    int64_t after = 0, at = NB_TIME_NONE;
    int rc, left = 0;

    if (text && nb_duration_parse(&after, text, &why) != NB_OK)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--after %.40s: %s", text, why.message);
    if ((rc = session_connect(&connection, call, &administrator, err)) == NB_OK &&
        (rc = session_explain_denied(nb_signing_key_retire(&at, &left, connection, kid, after, err), err)) == NB_OK)
        say_retired(call->output, kid, at, left);
    return rc;
}

static const struct command_option add_options[] = {
    {"algorithm", "NAME", "HS256, HS384 or HS512 (default: HS256)", .values = "HS256 HS384 HS512"},
    {"issuer", "TEXT", "what its tokens must say of their issuer (default: anything)"},
    {"audience", "TEXT", "whom its tokens must be for (default: nightbell)"},
    {"id", "KID", "its id (default: a new UUID)"},
    {"secret-file", "FILE",
     "take the secret from a file of yours alone, - from standard input, where a terminal is asked "
     "without echo (default: a random one, which nobody sees)"},
    {NULL},
};
static const struct command_option retire_options[] = {
    {"after", "DURATION", "accept its tokens that long still (default: end them at once)"},
    {NULL},
};

static const struct command commands[] = {
    {"add", "", .summary = "add a key and print its id; tokens are minted with it from now on",
     .description = "Give a secret of your own only where another program signs tokens with it as well: it "
                    "must have 32 bytes or more (48 for HS384, 64 for HS512), and not be a public key. A "
                    "newline at the end of a text does not count.",
     .options = add_options, .run = run_add},
    {"list", "", .summary = "list the keys, newest first, without their secrets",
     .description = "A key is active, retiring (its tokens are still accepted) or retired. "
                    "Columns: id, algorithm, state, created, retired, issuer, audience.",
     .is_default = true, .run = run_list},
    {"retire", "KID", "KID [--after DURATION]", .summary = "end a key, and every token that was signed with it",
     .description = "To rotate keys without locking anybody out: nightbell key add, then nightbell key retire "
                    "of the old one with --after the lifetime of the tokens that you mint. What is settled "
                    "can be made earlier, not later.",
     .options = retire_options, .run = run_retire},
    {NULL},
};

const struct command_group key_group = {
    .name = "key",
    .summary = "the keys that tokens are signed with (administrators)",
    .commands = commands,
};
