/*
 * held.c - keys that wait: for the rows that the screen promises, or for a question that is on its way.
 *
 * A key means what the screen says. After a filter, a jump or an undo the rows of the new screen are not here yet, so an act
 * on a row waits for them, and the keys behind it wait in their turn.
 */
#include "tui/console/console_state.h"

#define PATIENCE_MS 10000

static bool rows_are_here(const struct console *console)
{
    return !acts_is_undoing(&console->acts) && screen_is_settled(console->current);
}

/* A list moves among rows that it is still fetching. What is read as a whole has none at first: a key that moves there would
 * do nothing, and the act behind it would mean another row. */
static bool means_a_row(const struct console *console, enum action action)
{
    unsigned flags = ACTION_FLAG_ROW | (console_view(console) ? 0 : ACTION_FLAG_MOVES | ACTION_FLAG_WRITES);

    return (action_info(action)->flags & flags) != 0;
}

static bool is_waiting(const struct console *console)
{
    return console->held.has_command || acts_is_asking(&console->acts);
}

static void drop(struct console *console, const char *why)
{
    struct held *held = &console->held;

    if (held->has_command)
        message_show(&console->host, ROLE_WARNING, "%s was not done: %s", action_info(held->command.action)->name, why);
    else if (held->keys.count > 0)
        message_show(&console->host, ROLE_WARNING, "%zu keys were dropped: %s", held->keys.count, why);
    if (held->has_command)
        command_clear(&held->command);
    held->has_command = false;
    held->keys.count = 0;
    nb_timer_stop(held->timer);
}

static void on_timer(void *arg)
{
    drop(arg, "the rows that it means have not come");
}

void held_init(struct console *console)
{
    console->held.timer = nb_loop_add_timer(console->host.loop, on_timer, console);
}

void held_clear(struct console *console)
{
    struct held *held = &console->held;

    if (held->has_command)
        command_clear(&held->command);
    held->has_command = false;
    nb_vec_clear(&held->keys);
    nb_timer_remove(&held->timer);
}

bool held_key(struct console *console, struct key key)
{
    struct held *held = &console->held;

    if (!is_waiting(console))
        return false;
    if (key.code == NAMED_ESCAPE || (key.code == 'c' && key.modifiers == MOD_CONTROL)) {
        drop(console, "cancelled");
        return !acts_is_asking(&console->acts);
    }
    nb_vec_push(&held->keys, key);
    if (!nb_timer_active(held->timer))
        nb_timer_start(held->timer, PATIENCE_MS);
    return true;
}

bool held_command(struct console *console, const struct command *command)
{
    struct held *held = &console->held;

    if (!means_a_row(console, command->action) || held->has_command || rows_are_here(console) ||
        !link_is_ready(&console->host))
        return false;
    command_copy(&held->command, command);
    held->has_command = true;
    nb_timer_start(held->timer, PATIENCE_MS);
    return true;
}

void held_release(struct console *console)
{
    struct held *held = &console->held;

    if (held->has_command && !link_is_ready(&console->host))
        drop(console, "the connection to the database was lost");
    if (held->has_command && rows_are_here(console)) {
        struct command command = held->command;

        held->has_command = false;
        nb_timer_stop(held->timer);
        console_run_command(console, &command);
        command_clear(&command);
    }
    while (held->keys.count > 0 && !is_waiting(console)) {
        struct key key = held->keys.data[0];

        nb_vec_remove(&held->keys, 0);
        input_key(console, key);
    }
    if (!held->has_command && held->keys.count == 0)
        nb_timer_stop(held->timer); /* those that wait next have all of its time */
}
