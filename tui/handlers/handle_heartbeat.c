/*
 * handle_heartbeat.c - heartbeats are paused, resumed and deleted.
 */
#include <stdlib.h>
#include <string.h>

#include "events/heartbeats.h"
#include "tui/handlers/handlers.h"
#include "tui/view/table.h"

/* An act on one heartbeat: it is captured when the key is pressed. */
struct beat_act {
    struct console *console;
    char *name;
    const char *done; /* what is said of it then */
};

static void beat_act_free(void *arg)
{
    struct beat_act *act = arg;

    free(act->name);
    free(act);
}

static struct table *heartbeats_table(const struct console *console)
{
    return table_of(screens_find(console, CONTEXT_HEARTBEATS));
}

static struct beat_act *beat_act_new(struct console *console, const char *name, const char *done)
{
    struct beat_act *act = nb_calloc(1, sizeof(*act));

    *act = (struct beat_act){console, nb_strdup(name), done};
    return act;
}

static void on_done(void *arg, bool found, const struct nb_error *err)
{
    struct beat_act *act = arg;
    struct host *host = &act->console->host;

    if (err)
        message_error(host, err);
    else if (!found)
        message_show(host, ROLE_WARNING, "there is no heartbeat %s any more", act->name);
    else
        message_show(host, ROLE_OK, "%s %s", act->name, act->done);
    table_again(heartbeats_table(act->console));
    beat_act_free(act);
}

/* The one that is named, else the one under the cursor; NULL, and a word about it, where there is none of that name. */
static const struct nb_heartbeat *meant(struct console *console, const struct command *command)
{
    const struct table *table = heartbeats_table(console);

    if (command->argc == 0)
        return table_current(table);
    for (size_t i = 0; i < table->shown.count; i++) {
        const struct nb_heartbeat *heartbeat = table_row(table, i);

        if (strcmp(heartbeat->name, command->argv[0]) == 0)
            return heartbeat;
    }
    message_show(&console->host, ROLE_WARNING, "there is no heartbeat %s", command->argv[0]);
    return NULL;
}

void handle_pause(struct console *console, const struct command *command)
{
    struct table *table = heartbeats_table(console);
    const struct nb_heartbeat *heartbeat = meant(console, command);
    bool paused = heartbeat && strcmp(heartbeat->state, "paused") == 0;

    if (heartbeat && host_may_write(&console->host))
        nb_heartbeat_switch(console->host.connection, table->tenant, heartbeat->name, paused, on_done,
                            beat_act_new(console, heartbeat->name, paused ? "is expected again" : "is paused"));
}

static void on_sure(void *arg, const char *text, int64_t id)
{
    const struct beat_act *act = arg;
    struct console *console = act->console;

    (void)text;
    (void)id;
    if (host_may_write(&console->host))
        nb_heartbeat_delete(console->host.connection, heartbeats_table(console)->tenant, act->name, on_done,
                            beat_act_new(console, act->name, act->done));
}

void handle_delete_heartbeat(struct console *console, const struct command *command)
{
    const struct nb_heartbeat *heartbeat = meant(console, command);
    struct modal_calls calls = {.accepted = on_sure, .release = beat_act_free};

    if (!heartbeat || !host_may_write(&console->host))
        return;
    calls.arg = beat_act_new(console, heartbeat->name, "is deleted");
    modal_question(&console->modal, nb_asprintf("delete %s with all its instances?", heartbeat->name), &calls);
}
