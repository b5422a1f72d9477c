/*
 * input.c - keys, pastes and the mouse: to the modal that is open, or through the keymap to an action.
 */
#include <stdlib.h>

#include "tui/console/console_state.h"

static void fire(struct console *console, const struct binding *binding, int count)
{
    struct command command;

    command_copy(&command, &binding->command);
    command.count = count;
    console_run_command(console, &command);
    command_clear(&command);
}

static void after_feed(struct console *console, enum key_result result, const struct binding *binding, int count)
{
    bool wait;

    nb_timer_stop(console->key_timer);
    switch (result) {
    case KEY_FIRE:
        fire(console, binding, count);
        break;
    case KEY_PENDING:
        wait = keymap_waits(console->host.keymap, &console->host.scope, &console->keys);
        if (wait)
            nb_timer_start(console->key_timer, settings_number(&console->host.settings, OPTION_KEY_TIMEOUT));
        break;
    default:
        break;
    }
    host_dirty(&console->host);
}

void input_key(struct console *console, struct key key)
{
    const struct binding *binding = NULL;
    int count = 0;
    enum key_result result;
    struct key again;

    if (held_key(console, key) || modal_key(&console->modal, key))
        return;
    message_dismiss(&console->host);
    result = keymap_feed(console->host.keymap, &console->host.scope, &console->keys, key, &binding, &count);
    if (result == KEY_UNBOUND) {
        struct nb_strbuf name;

        nb_strbuf_init(&name, 64);
        key_format(&name, key);
        message_show(&console->host, ROLE_WARNING, "%s does nothing here", name.data);
        nb_strbuf_clear(&name);
    }
    after_feed(console, result, binding, count);
    /* A shorter sequence ran because this key did not go on with a longer one: it is still to be obeyed. */
    again = console->keys.replay;
    console->keys.replay = (struct key){0, 0};
    if (again.code != 0)
        input_key(console, again);
}

void input_key_timeout(struct console *console)
{
    const struct binding *binding = NULL;
    int count = 0;
    enum key_result result =
        keymap_timeout(console->host.keymap, &console->host.scope, &console->keys, &binding, &count);

    console->host.urgent = true;
    after_feed(console, result, binding, count);
}

/* What a second click does with what the first one has chosen. */
static const char *second_click(const struct console *console)
{
    return console->current->kind->context == CONTEXT_PREFS ? "switch" : "open";
}

static void press(struct console *console, const struct input *input)
{
    struct screen *tab = status_tab_at(console, input->x);

    if (!rect_has(console->layout.header, input->x, input->y))
        tab = NULL;
    if (tab)
        console_show(console, tab);
    else if (screen_mouse(console->current, input, &console->layout) && input->mouse == MOUSE_DOUBLE)
        console_run_text(console, second_click(console));
}

static void on_mouse(struct console *console, const struct input *input)
{
    if (modal_active(&console->modal))
        modal_mouse(&console->modal, input);
    else
        press(console, input);
}

static void on_background(struct console *console)
{
    struct nb_error err;

    if (settings_is(&console->host.settings, OPTION_THEME, "auto") && console_load_theme(console, "auto", &err) < 0)
        message_error(&console->host, &err);
}

void input_read(struct console *console)
{
    struct input input;
    bool lost = false;

    while (term_read(console->term, &input, &lost)) {
        console->host.urgent = true;
        switch (input.kind) {
        case INPUT_KEY:
            input_key(console, input.key);
            break;
        case INPUT_MOUSE:
            on_mouse(console, &input);
            break;
        case INPUT_PASTE:
            modal_paste(&console->modal, input.text);
            break;
        case INPUT_BACKGROUND:
            on_background(console);
            break;
        }
        if (!console->term)
            return;
    }
    if (lost) {
        console->lost = true;
        nb_loop_stop(console->host.loop);
    }
}
