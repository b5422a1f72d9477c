/*
 * why.c - `nightbell why`: why somebody heard of something, or did not, and what would change it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "page/ids.h"
#include "why/why.h"

#define DIGITS_MAX    19
#define APP_EVENT     "app:"
#define APP_EVENT_LEN (sizeof(APP_EVENT) - 1)

struct asking {
    struct command_call *call;
    size_t count;
    bool done;
    struct nb_error err;
};

static void print_json(struct output *output, const struct nb_decision *decision, const char *sentence,
                       const char *change)
{
    char at[NB_TIME_TEXT_SIZE], user[NB_UUID_TEXT_SIZE];
    const char *user_id = nb_uuid_is_nil(&decision->user_id) ? NULL : nb_uuid_format(&decision->user_id, user);
    json_t *row = json_pack("{s:s,s:s,s:s,s:s?,s:s?,s:s?,s:s?,s:s?,s:s,s:s,s:O?,s:b,s:s,s:s}", "at",
                            nb_time_format_rfc3339(decision->at, at), "subject", decision->subject, "subject_id",
                            decision->subject_id, "event_type", decision->event_type, "user_id", user_id, "user_name",
                            decision->user_name, "channel", decision->channel, "rule_id", decision->rule_id, "code",
                            decision->code, "outcome", decision->outcome, "detail", decision->detail, "is_own",
                            (int)decision->is_own, "sentence", sentence, "change", change);

    json_object_set_new(row, "app_event", decision->app_event ? json_integer(decision->app_event) : json_null());
    output_json_take(output, row);
}

static void print_text(struct output *output, const struct nb_decision *decision, const char *sentence,
                       const char *change)
{
    char at[NB_TIME_TEXT_SIZE];

    output_line(output, "%s  %-5s  %s", nb_time_format_local(decision->at, at), decision->outcome, sentence);
    if (*change)
        output_line(output, "    %s%s", nb_decision_changes, change);
}

static void print_decisions(void *arg, const struct nb_decision *decisions, size_t count, const struct nb_error *err)
{
    struct asking *asking = arg;
    struct output *output = asking->call->output;
    struct nb_strbuf sentence, change;

    asking->done = true;
    asking->count = count;
    if (err) {
        asking->err = *err;
        return;
    }
    nb_strbuf_init(&sentence, NB_DECISION_TEXT_MAX);
    nb_strbuf_init(&change, NB_DECISION_TEXT_MAX);
    for (size_t i = 0; i < count && !output_closed(output); i++) {
        nb_strbuf_reset(&sentence);
        nb_strbuf_reset(&change);
        nb_decision_say(&sentence, &decisions[i]);
        nb_decision_say_change(&change, &decisions[i]);
        (output_is_json(output) ? print_json : print_text)(output, &decisions[i], sentence.data, change.data);
    }
    nb_strbuf_clear(&sentence);
    nb_strbuf_clear(&change);
}

static bool is_number(const char *text)
{
    size_t digits = strspn(text, "0123456789");

    return digits > 0 && digits <= DIGITS_MAX && text[digits] == '\0' && text[0] != '0';
}

/* *kind is NULL for a UUID, which only one thing has, and for a short id. uuid is room for it. */
static int read_id(const char **kind, const char **id, char uuid[NB_UUID_TEXT_SIZE], const char *text,
                   struct nb_error *err)
{
    bool of_app = strncmp(text, APP_EVENT, APP_EVENT_LEN) == 0;
    const char *number = of_app ? text + APP_EVENT_LEN : text;
    struct nb_uuid parsed;

    *kind = NULL;
    *id = number;
    if (!is_number(number) && nb_key_is_short(NB_SUBJECT_INBOX, text))
        return NB_OK;
    if (nb_uuid_parse(&parsed, text, NULL) == NB_OK) {
        *id = nb_uuid_format(&parsed, uuid);
        return NB_OK;
    }
    if (!is_number(number)) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" is no id", text);
        return nb_error_hint(err, "give the UUID of a notification or delivery, the end of a notification's, the "
                                  "number of a system event, or "
                                  "app:NUMBER for what an application published");
    }
    *kind = of_app ? "app_event" : "event";
    return NB_OK;
}

/* Puts the whole id in the place of a short one, which is of a notification in the reader's inbox. */
static int find_short(const char **id, char uuid[NB_UUID_TEXT_SIZE], struct command_call *call,
                      struct nb_connection *connection, struct nb_error *err)
{
    struct nb_key key;
    struct nb_uuid whole;
    int rc = ids_find_one(&key, call, connection, NB_SUBJECT_INBOX, *id, err);

    if (rc != NB_OK)
        return rc;
    whole = nb_key_to_uuid(&key);
    *id = nb_uuid_format(&whole, uuid);
    return NB_OK;
}

static int run_why(struct command_call *call, struct nb_error *err)
{
    struct asking asking = {.call = call};
    struct nb_connection *connection = NULL;
    char uuid[NB_UUID_TEXT_SIZE];
    const char *kind = NULL, *id = NULL;
    int rc = read_id(&kind, &id, uuid, call->arguments[0], err);

    if (rc == NB_OK)
        rc = session_connect_known(&connection, NULL, call, NULL, err);
    if (rc == NB_OK && !kind && nb_key_is_short(NB_SUBJECT_INBOX, id))
        rc = find_short(&id, uuid, call, connection, err);
    if (rc != NB_OK)
        return rc;
    nb_why(connection, kind, id, NB_WHY_ALL, print_decisions, &asking);
    rc = fetch_wait(&asking.done, connection, err);
    if (rc == NB_OK && asking.err.code != NB_OK) {
        rc = asking.err.code;
        *err = asking.err;
    }
    if (rc == NB_OK && asking.count == 0) {
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "%s: nothing was decided that you may see",
                          call->arguments[0]);
        if (kind && strcmp(kind, "event") == 0)
            nb_error_hint(err, "that is the number of a system event; what an application published is app:%s", id);
        else
            nb_error_hint(err, "what waits for the worker is not decided yet; an operator sees what was decided for "
                               "others, and decisions are kept for 90 days");
    }
    return rc;
}

static const struct command why_commands[] = {
    {.arguments = "ID",
     .summary = "tell why somebody heard of it, or did not, and what would change it",
     .description =
         "ID is the UUID of a notification or delivery, or the end of that of a notification in your inbox, the number "
         "of a system event, or app:NUMBER for what an "
         "application published (the number it got when it was published). You see what was decided about you; an "
         "operator sees what was decided about everybody in the tenant, and which rules did not apply.\n"
         "A line a decision: when, the outcome (yes, no, later, note), what was decided; below it what would "
         "change it. With --json also its code, rule, channel, person and detail. Fails with 3 where nothing "
         "was decided that you may see.",
     .run = run_why},
    {NULL},
};

const struct command_group why_group = {
    .name = "why", .summary = "why somebody heard, or did not", .commands = why_commands};
