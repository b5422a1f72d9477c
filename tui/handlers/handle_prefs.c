/*
 * handle_prefs.c - what changes preferences: switches under the cursor, and what is typed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/handlers/handlers.h"
#include "tui/handlers/pick_time.h"
#include "tui/views/prefs.h"

#define DISTURB "dnd" /* the key of do not disturb */

/* What a prompt is about. */
struct asking {
    struct console *console;
    char *key;
};

static struct prefs *prefs_now(const struct console *console)
{
    return prefs_of(screens_find(console, CONTEXT_PREFS));
}

static void asking_free(void *arg)
{
    struct asking *asking = arg;

    free(asking->key);
    free(asking);
}

static int check_value(void *arg, const char *text, struct nb_error *err)
{
    const struct asking *asking = arg;
    json_auto_t *changes = json_object();

    return nb_preference_change(changes, asking->key, text, nb_now(), err);
}

static void on_value(void *arg, const char *text, int64_t id)
{
    const struct asking *asking = arg;

    (void)id;
    prefs_wish(prefs_now(asking->console), asking->key, text);
}

static void on_disturb(void *arg, int64_t time)
{
    char when[NB_TIME_TEXT_SIZE];

    prefs_wish(prefs_now(arg), DISTURB, time == NB_TIME_NONE ? "off" : nb_time_format_local(time, when));
}

static void ask_disturb(struct console *console)
{
    static const struct time_short_cut short_cuts[] = {
        {"1h", "1 hour"},     {"4h", "4 hours"},         {"tonight", "tonight"}, {"tomorrow", "tomorrow"},
        {"monday", "monday"}, {"none", "disturb again"}, {NULL, NULL},
    };
    const struct time_question question = {.title = "do not disturb",
                                           .verb = "do not disturb",
                                           .short_cuts = short_cuts,
                                           .none = "at once",
                                           .chosen = on_disturb,
                                           .arg = console};

    pick_time(console, &question);
}

static void collect_values(void *arg, const char *text, const char *about)
{
    struct nb_strbuf *out = arg;
    const char *value = strchr(text, '=');

    (void)about;
    nb_strbuf_appendf(out, "%s%s", out->length > 0 ? " " : "", value ? value + 1 : text);
}

/* "quiet hours (22:00-07:00 off): " with what it is now. */
static void ask_setting(struct console *console, const char *key)
{
    struct asking *asking = nb_calloc(1, sizeof(*asking));
    const struct modal_calls calls = {
        .check = check_value, .accepted = on_value, .release = asking_free, .arg = asking};
    char *now = prefs_setting(prefs_now(console), key);
    char *question = nb_asprintf("%s=", key), *label;
    struct nb_strbuf values;

    *asking = (struct asking){console, nb_strdup(key)};
    nb_strbuf_init(&values, 1024);
    nb_preference_suggest(question, NULL, collect_values, &values);
    label = nb_asprintf("%s (%s): ", prefs_label(key), values.data);
    modal_prompt(&console->modal, label, strcmp(now, "off") == 0 ? "" : now, HISTORY_OTHER, &calls);
    nb_strbuf_clear(&values);
    free(label);
    free(question);
    free(now);
}

static void ask_for(struct console *console, const char *key)
{
    if (strcmp(key, DISTURB) == 0)
        ask_disturb(console);
    else
        ask_setting(console, key);
}

static bool may_change(struct console *console)
{
    return prefs_now(console)->known && host_may_write(&console->host);
}

void handle_switch(struct console *console, const struct command *command)
{
    const struct prefs_row *row = prefs_row(prefs_now(console));

    (void)command;
    if (!may_change(console) || !row)
        return;
    if (row->setting)
        ask_for(console, row->setting);
    else
        prefs_turn(prefs_now(console));
}

void handle_switch_default(struct console *console, const struct command *command)
{
    (void)command;
    if (may_change(console))
        prefs_default(prefs_now(console));
}

void handle_left(struct console *console, const struct command *command)
{
    (void)command;
    prefs_move_channel(prefs_now(console), -1);
}

void handle_right(struct console *console, const struct command *command)
{
    (void)command;
    prefs_move_channel(prefs_now(console), 1);
}

/* "quiet=22:00-07:00"; a key alone asks for its value. */
static void prefer(struct console *console, const char *text)
{
    const char *equals = strchr(text, '=');
    char *key = nb_strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    json_auto_t *changes = json_object();
    struct nb_error err;

    if (equals && nb_preference_change_text(changes, text, nb_now(), &err) < 0)
        message_error(&console->host, &err);
    else if (equals)
        prefs_wish(prefs_now(console), key, equals + 1);
    else
        ask_for(console, key);
    free(key);
}

static int check_change(void *arg, const char *text, struct nb_error *err)
{
    json_auto_t *changes = json_object();

    (void)arg;
    return nb_preference_change_text(changes, text, nb_now(), err);
}

static void on_change(void *arg, const char *text, int64_t id)
{
    (void)id;
    prefer(arg, text);
}

void handle_prefer(struct console *console, const struct command *command)
{
    const struct modal_calls calls = {.check = check_change, .accepted = on_change, .arg = console};

    if (!may_change(console))
        return;
    if (command->argc > 0)
        prefer(console, command->argv[0]);
    else
        modal_prompt(&console->modal, "prefer (email=off, quiet=22:00-07:00, …): ", "", HISTORY_OTHER, &calls);
}
