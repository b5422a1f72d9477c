/*
 * rules_test.c - `nightbell rules test`: who would hear of an app event, how, and who would not and why; before it is published.
 */
#include "cli/commands/rules_test.h"

#include <string.h>

#include "base/json.h"
#include "cli/frame/session.h"
#include "engine/engine.h"

#define NO_MODULE "-"

const struct command_option rules_test_options[] = {
    {"event", "EVENT_TYPE", "the app event, such as po_approved"},
    {"context", "JSON", "what would be published with it: an object (default: {})"},
    {"module", "M", "the module that would publish it (default: none, and rules for one module do not apply)"},
    {"user", "USER", "only what concerns this person: a name, address or UUID"},
    {NULL},
};

const char rules_test_description[] =
    "Runs what a worker would run if it were published now (rules, recipients, windows, preferences, quiet hours, "
    "rate, repetitions, templates), the very functions, and takes it back: nothing is stored, nobody hears.\n"
    "A line a decision: yes, later, no or note, and what it is; below it the text that the person would get, or what "
    "would change it. With --json one object a line, with the whole text. Audiences are asked for up to a thousand "
    "people.";

struct testing {
    struct output *output;
    size_t count;
};

static void print_json(struct output *output, const struct nb_decision *decision, const struct nb_engine_text *text,
                       const char *sentence, const char *change)
{
    char user[NB_UUID_TEXT_SIZE];
    const char *user_id = nb_uuid_is_nil(&decision->user_id) ? NULL : nb_uuid_format(&decision->user_id, user);
    json_t *row =
        json_pack("{s:s,s:s,s:s?,s:s?,s:s?,s:s?,s:O?,s:s,s:s}", "outcome", decision->outcome, "code", decision->code,
                  "user_id", user_id, "user_name", decision->user_name, "channel", decision->channel, "rule_id",
                  decision->rule_id, "detail", decision->detail, "sentence", sentence, "change", change);

    json_object_set_new(row, "text",
                        text ? json_pack("{s:s?,s:s?,s:s?,s:s?}", "subject", text->subject, "body", text->body, "html",
                                         text->html, "locale", text->locale)
                             : json_null());
    output_json_take(output, row);
}

static void print_text(struct output *output, const struct nb_decision *decision, const struct nb_engine_text *text,
                       const char *sentence, const char *change)
{
    bool gets = strcmp(decision->outcome, "yes") == 0 || strcmp(decision->outcome, "later") == 0;

    output_line(output, "%-5s  %s", decision->outcome, sentence);
    if (gets && text && text->subject)
        output_line(output, "       | %s", text->subject);
    if (gets && text && text->body && (!text->subject || strcmp(text->body, text->subject) != 0))
        for (const char *line = text->body; *line;) {
            size_t length = strcspn(line, "\n");

            output_line(output, "       | %.*s", (int)length, line);
            line += length + (line[length] == '\n');
        }
    if (strcmp(decision->outcome, "no") == 0)
        output_line(output, "       %s%s", nb_decision_changes, change);
}

static void say(void *arg, const struct nb_decision *decision, const struct nb_engine_text *text)
{
    struct testing *testing = arg;
    struct nb_strbuf sentence, change;

    testing->count++;
    nb_strbuf_init(&sentence, NB_DECISION_TEXT_MAX);
    nb_strbuf_init(&change, NB_DECISION_TEXT_MAX);
    nb_decision_say(&sentence, decision);
    nb_decision_say_change(&change, decision);
    (output_is_json(testing->output) ? print_json : print_text)(testing->output, decision, text, sentence.data,
                                                                change.data);
    nb_strbuf_clear(&sentence);
    nb_strbuf_clear(&change);
}

int rules_test(struct command_call *call, struct nb_error *err)
{
    static const struct session_options manager = {.login = SESSION_MANAGER};
    const char *context = command_text(call, "context"), *module = command_text(call, "module");
    const struct nb_engine_trial trial = {.tenant = command_tenant(call),
                                          .event_type = command_text(call, "event"),
                                          .module = module ? module : NO_MODULE,
                                          .context = context ? context : "{}",
                                          .person = command_text(call, "user")};
    struct testing testing = {.output = call->output};
    struct nb_connection *connection = NULL;
    json_t *parsed = NULL;
    bool more = false;
    int rc;

    if (!trial.event_type) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "rules test needs --event");
        return nb_error_hint(err, "write it like --event po_approved");
    }
    /* for an error with a column, before the database says less */
    if (context && (rc = nb_json_parse(&parsed, context, strlen(context), err)) != NB_OK)
        return rc;
    json_decref(parsed);
    if ((rc = session_connect(&connection, call, &manager, err)) == NB_OK)
        rc = session_explain_denied(nb_engine_try(connection, &trial, say, &testing, &more, err), err);
    if (rc == NB_OK && testing.count == 0)
        output_note(call->output, "nobody would hear of it: no rule is for %s", trial.event_type);
    if (rc == NB_OK && more)
        output_note(call->output, "there are more recipients than the thousand that were asked for");
    return rc;
}
