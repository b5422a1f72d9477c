/*
 * console.c - the order in which things begin and end, and the one loop between.
 */
#include "tui/console/console.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "db/dsn.h"
#include "tui/console/console_state.h"
#include "tui/files/files.h"

#define PAINT_EVERY_MS   110 /* a burst of some seconds is painted ten times a second … */
#define PAINTS_AT_ONCE   3   /* … with the first few, which are painted at once … */
#define PAINTS_FOR_BELLS 1   /* … of which the last are left to rows that a doorbell told of */
#define QUIT_WAIT_MS     3000
#define QUIT_STILL_MS    30000 /* for an act on many rows, since it last went on */
#define SCREEN_TEXT_MAX  (4 << 20)

/* ---- what the other files ask for ---- */

void console_refresh(struct console *console)
{
    if (!link_is_ready(&console->host)) {
        nb_connection_retry_now(console->host.connection);
        return;
    }
    console->current->kind->ops->enter(console->current);
    message_show(&console->host, ROLE_MESSAGE, "fetched again");
}

void console_quit(struct console *console)
{
    if (acts_busy(&console->acts) && console->quit_by_ms == 0 && link_is_ready(&console->host)) {
        console->quit_by_ms = nb_monotonic_ms() + QUIT_WAIT_MS;
        console->quit_done = -1;
        message_show(&console->host, ROLE_MESSAGE, "finishing what is under way …");
        nb_timer_start(console->paint_timer, QUIT_WAIT_MS);
        return;
    }
    nb_loop_stop(console->host.loop);
}

void console_suspend(struct console *console)
{
    nb_feed_suspend(console->host.feed);
    term_suspend(console->term);
    nb_feed_resume(console->host.feed);
    if (term_resize(console->term)) {
        int columns, rows;

        term_size(console->term, &columns, &rows);
        grid_resize(&console->grid, columns, rows);
    }
    term_redraw(console->term);
    screens_bell(console, NB_SUBJECT_ALL, true);
    console->host.urgent = true;
    host_dirty(&console->host);
}

void console_run_command(struct console *console, const struct command *command)
{
    const struct action_info *info = action_info(command->action);
    action_handler *handler = console->handlers[command->action];

    if (!(info->contexts & (1u << console->current->kind->context))) {
        message_show(&console->host, ROLE_WARNING, "%s makes no sense here", info->name);
        return;
    }
    if ((info->flags & ACTION_FLAG_OUTSIDE) && outside_refuses(&console->host))
        return;
    if (handler && !held_command(console, command))
        handler(console, command);
}

void console_run_text(struct console *console, const char *text)
{
    struct command command;
    struct nb_error err;

    if (command_parse(&command, text, &err) < 0) {
        message_error(&console->host, &err);
        return;
    }
    console_run_command(console, &command);
    command_clear(&command);
}

/* ---- files of the person ---- */

static void tell_problems(struct console *console, size_t before)
{
    size_t count = console->host.problems.list.count;

    if (count == before + 1)
        message_show(&console->host, ROLE_WARNING, "%s", console->host.problems.list.data[before].text);
    else if (count > before)
        message_show(&console->host, ROLE_WARNING, "%s (and %zu more: :messages)",
                     console->host.problems.list.data[before].text, count - before - 1);
}

int console_load_keymap(struct console *console, const char *name, struct nb_error *err)
{
    struct keymap *keymap = NULL;
    size_t before = console->host.problems.list.count;
    int rc;

    if ((rc = keymap_load(&keymap, name, &console->host.problems, err)) < 0)
        return rc;
    keymap_free(&console->host.keymap);
    console->host.keymap = keymap;
    console->keys = (struct key_state){0};
    for (size_t i = 0; i < SCREEN_COUNT; i++)
        if (console->screens[i])
            screen_keys_changed(console->screens[i]);
    tell_problems(console, before);
    host_dirty(&console->host);
    return 0;
}

int console_load_theme(struct console *console, const char *name, struct nb_error *err)
{
    struct theme *theme = NULL;
    size_t before = console->host.problems.list.count;
    bool light = console->term && term_background(console->term) == BACKGROUND_LIGHT;
    int rc;

    if (strcmp(name, "auto") == 0)
        name = light ? "light" : "dark";
    if (console->theme && strcmp(theme_name(console->theme), name) == 0)
        return 0;
    if ((rc = theme_load(&theme, name, &console->host.problems, err)) < 0)
        return rc;
    theme_free(&console->theme);
    console->theme = theme;
    if (console->term)
        term_redraw(console->term);
    tell_problems(console, before);
    host_dirty(&console->host);
    return 0;
}

void console_apply_option(struct console *console, enum option option)
{
    struct nb_error err;
    int rc = 0;

    if (option == OPTION_THEME)
        rc = console_load_theme(console, settings_text(&console->host.settings, option), &err);
    else if (option == OPTION_KEYMAP)
        rc = console_load_keymap(console, settings_text(&console->host.settings, option), &err);
    else if (option == OPTION_MOUSE)
        term_set_mouse(console->term, settings_bool(&console->host.settings, option));
    else if (option == OPTION_DETAIL)
        console->pane_on = console->pane_off = false;
    else
        screens_apply_option(console, option);
    if (rc < 0)
        message_error(&console->host, &err);
    host_dirty(&console->host);
}

/* A file that cannot be used never stops the start: the shipped default takes its place. */
static int load_files(struct console *console, struct nb_error *err)
{
    int rc;

    if (console_load_theme(console, settings_text(&console->host.settings, OPTION_THEME), err) < 0) {
        message_error(&console->host, err);
        if ((rc = console_load_theme(console, "dark", err)) < 0)
            return rc;
    }
    if (console_load_keymap(console, settings_text(&console->host.settings, OPTION_KEYMAP), err) < 0) {
        message_error(&console->host, err);
        if ((rc = console_load_keymap(console, "default", err)) < 0)
            return rc;
    }
    return 0;
}

/* ---- the loop ---- */

static void prepare_input(void *arg, struct nb_interest *interest)
{
    struct console *console = arg;

    interest->fd = term_fd(console->term);
    interest->events = POLLIN;
}

static void input_ready(void *arg, short revents)
{
    (void)revents;
    input_read(arg);
}

/* ---- a terminal that does not read ---- */

static void prepare_output(void *arg, struct nb_interest *interest)
{
    struct console *console = arg;

    interest->fd = term_output_fd(console->term);
    interest->events = POLLOUT;
}

static void output_ready(void *arg, short revents)
{
    (void)revents;
    (void)arg; /* the hook before sleep sends */
}

/* Nobody has looked for a while: the server need not ring us meanwhile. */
static void on_still_timer(void *arg)
{
    struct console *console = arg;

    if (term_still_ms(console->term) > 0 && !console->feed_let_go) {
        console->feed_let_go = true;
        nb_feed_suspend(console->host.feed);
    }
}

static void take_feed_again(struct console *console)
{
    console->feed_let_go = false;
    nb_feed_resume(console->host.feed);
    host_rang(&console->host, NB_SUBJECT_ALL, true);
}

/* Whether a frame can be sent; what comes meanwhile is drawn in the next one. */
static bool terminal_reads(struct console *console)
{
    if (!term_takes_frames(console->term)) {
        int64_t still = term_still_ms(console->term);
        int64_t limit = INT64_C(1000) * settings_number(&console->host.settings, OPTION_STILL_SECONDS);

        if (!console->feed_let_go)
            nb_timer_start(console->still_timer, still < limit ? limit - still : 0);
        return false;
    }
    nb_timer_stop(console->still_timer);
    if (console->feed_let_go)
        take_feed_again(console);
    return true;
}

static void on_key_timer(void *arg)
{
    input_key_timeout(arg);
}

static void on_paint_timer(void *arg)
{
    (void)arg; /* the hook before sleep does the rest */
}

static void start_minute(struct console *console)
{
    int64_t now = nb_now() / 1000;

    nb_timer_start(console->minute_timer, 60000 - now % 60000 + 5);
}

/* The clock, and the ages in the rows. */
static void on_minute(void *arg)
{
    struct console *console = arg;

    link_tick(&console->host);
    for (size_t i = 0; i < SCREEN_COUNT; i++)
        screen_aged(console->screens[i]);
    host_dirty(&console->host);
    start_minute(console);
}

/* Whether a frame may be sent now; otherwise the paint timer asks again when it may. Figures and details wait while there
 * is but one paint left: the rows of the next doorbell would have to wait for it. */
static bool may_paint(struct console *console)
{
    int64_t now = nb_monotonic_ms();
    int keep = console->host.fresh ? 0 : PAINTS_FOR_BELLS;

    if (console->host.urgent || nb_ration_take_above(&console->paints, keep, now)) {
        nb_timer_stop(console->paint_timer);
        return true;
    }
    nb_timer_start(console->paint_timer, nb_ration_wait_above_ms(&console->paints, keep, now));
    return false;
}

/* Writes what has just been painted. */
static void save_screen(struct console *console)
{
    struct nb_strbuf text;
    struct nb_error err;

    nb_strbuf_init(&text, SCREEN_TEXT_MAX);
    grid_dump(&console->grid, &text);
    if (files_write(console->screen_file, text.data, text.length, &err) < 0)
        message_error(&console->host, &err);
    else
        message_show(&console->host, ROLE_OK, "the screen is in %s", console->screen_file);
    nb_strbuf_clear(&text);
    nb_free(&console->screen_file);
}

/* Whoever quits waits for what is under way, for an act on many rows as long as it goes on: half of it would be neither what
 * they asked for nor what they see. To quit again leaves the rest. */
static bool may_end(struct console *console)
{
    const char *verb;
    int64_t done, total, now = nb_monotonic_ms();

    if (console->quit_by_ms == 0)
        return false;
    if (acts_progress(&console->acts, &verb, &done, &total) && done != console->quit_done) {
        console->quit_done = done;
        console->quit_by_ms = now + QUIT_STILL_MS;
        nb_timer_start(console->paint_timer, QUIT_STILL_MS);
    }
    return !acts_busy(&console->acts) || now >= console->quit_by_ms;
}

static void before_sleep(void *arg)
{
    struct console *console = arg;
    bool reads; /* the terminal takes a frame; a picture for a file needs none */

    if (may_end(console))
        nb_loop_stop(console->host.loop);
    held_release(console);
    link_before_sleep(&console->host);
    reads = terminal_reads(console);
    if (!console->host.dirty || (!reads && !console->screen_file) || !may_paint(console))
        return;
    paint_layout(console); /* it may find that there is more to fetch */
    console->host.dirty = console->host.urgent = !reads;
    console->host.fresh = false;
    paint(console, &console->grid);
    if (console->screen_file) {
        save_screen(console);
        paint(console, &console->grid); /* with what became of it */
    }
    if (reads)
        attention_title(console);
    term_flush(console->term, &console->grid, console->theme);
}

static void on_signal(void *arg, int signo)
{
    struct console *console = arg;
    int columns, rows;

    switch (signo) {
    case SIGWINCH:
    case SIGCONT:
        term_resize(console->term);
        term_size(console->term, &columns, &rows);
        if (columns != console->grid.columns || rows != console->grid.rows)
            grid_resize(&console->grid, columns, rows);
        term_redraw(console->term); /* also at the same size: it may have been another one in between */
        console->host.urgent = true;
        host_dirty(&console->host);
        break;
    case SIGTSTP:
        console_suspend(console);
        break;
    default:
        nb_loop_stop(console->host.loop);
        break;
    }
}

static int add_signals(struct console *console, struct nb_error *err)
{
    static const int numbers[CONSOLE_SIGNALS] = {SIGWINCH, SIGCONT, SIGTSTP, SIGTERM, SIGHUP, SIGINT};
    int rc;

    for (size_t i = 0; i < CONSOLE_SIGNALS; i++)
        if ((rc = nb_loop_add_signal(&console->signals[i], console->host.loop, numbers[i], on_signal, console, err)) <
            0)
            return rc;
    return 0;
}

/* ---- beginning and end ---- */

static int open_term(struct console *console, struct nb_error *err)
{
    static const struct {
        const char *choice;
        int colors;
    } choices[] = {{"truecolor", 1 << 24}, {"256", 256}, {"16", 16}, {"8", 8}, {"none", 0}};
    const char *no_color = getenv("NO_COLOR");
    struct term_options options = {
        .colors = -1,
        .mouse = settings_bool(&console->host.settings, OPTION_MOUSE),
        .ask_background = settings_bool(&console->host.settings, OPTION_ASK_BACKGROUND) &&
                          settings_is(&console->host.settings, OPTION_THEME, "auto"),
        .title = settings_bool(&console->host.settings, OPTION_TITLE),
        .force_ascii = settings_is(&console->host.settings, OPTION_SYMBOLS, "ascii"),
    };
    int columns, rows, rc;

    for (size_t i = 0; i < NB_ARRAY_SIZE(choices); i++)
        if (settings_is(&console->host.settings, OPTION_COLORS, choices[i].choice))
            options.colors = choices[i].colors;
    if (console->no_color || (no_color && no_color[0] != '\0'))
        options.colors = 0;
    if ((rc = term_open(&console->term, &options, err)) < 0)
        return rc;
    term_size(console->term, &columns, &rows);
    console->host.ascii = term_ascii(console->term);
    grid_init(&console->grid, columns, rows, console->host.ascii);
    return 0;
}

static void add_timers(struct console *console)
{
    console->input = nb_loop_add_source(console->host.loop, prepare_input, input_ready, console);
    console->output = nb_loop_add_source(console->host.loop, prepare_output, output_ready, console);
    console->still_timer = nb_loop_add_timer(console->host.loop, on_still_timer, console);
    console->key_timer = nb_loop_add_timer(console->host.loop, on_key_timer, console);
    console->paint_timer = nb_loop_add_timer(console->host.loop, on_paint_timer, console);
    console->minute_timer = nb_loop_add_timer(console->host.loop, on_minute, console);
    held_init(console);
    nb_loop_set_before_sleep(console->host.loop, before_sleep, console);
    start_minute(console);
}

static void save_state(struct console *console)
{
    char *person = person_now(console);
    struct nb_error err;

    if (person)
        (void)!settings_save_state(&console->host.settings, console->beneath->kind->context, person, &err);
    nb_free(&person);
}

static void clear(struct console *console)
{
    modal_close(&console->modal);
    held_clear(console);
    acts_clear(&console->acts);
    export_stop(&console->exporter);
    waking_clear(console);
    attention_clear(console);
    screens_close(console);
    link_close(&console->host);
    for (size_t i = 0; i < CONSOLE_SIGNALS; i++)
        nb_signal_remove(&console->signals[i]);
    nb_source_remove(&console->input);
    nb_source_remove(&console->output);
    nb_timer_remove(&console->still_timer);
    nb_timer_remove(&console->key_timer);
    nb_timer_remove(&console->paint_timer);
    nb_timer_remove(&console->minute_timer);
    nb_free(&console->screen_file);
    nb_free(&console->login);
    term_close(&console->term);
    grid_clear(&console->grid);
    theme_free(&console->theme);
    modal_clear(&console->modal);
    host_clear(&console->host);
}

/* ---- what the host tells ---- */

static void on_rang(void *arg, unsigned subjects, bool resync)
{
    screens_bell(arg, subjects, resync);
}

static void on_identified(void *arg)
{
    screens_identified(arg);
}

static void on_learned(void *arg)
{
    struct console *console = arg;

    modal_learned(&console->modal);
}

int console_run(const struct console_options *options, action_handler *const handlers[ACTION_COUNT],
                struct nb_error *err)
{
    struct console *console = nb_calloc(1, sizeof(*console));
    const struct link_options link = {.dsn = options->dsn, .token = options->token, .token_file = options->token_file};
    int rc;

    modal_init(&console->modal, &console->host);
    acts_init(&console->acts, &console->host, &console->modal);
    console->exporter.host = &console->host;
    console->handlers = handlers;
    console->no_color = options->no_color;
    nb_ration_init(&console->paints, PAINTS_AT_ONCE, PAINT_EVERY_MS, nb_monotonic_ms());
    console->host.dirty = console->host.urgent = true;
    if ((rc = nb_loop_new(&console->host.loop, err)) < 0)
        goto out;
    console->host.restricted = options->restricted;
    if (options->restricted)
        files_close_own();
    settings_load(&console->host.settings, &console->host.problems);
    if (options->view && (rc = settings_set(&console->host.settings, OPTION_VIEW, options->view, err)) < 0)
        goto out;
    if ((rc = open_term(console, err)) < 0)
        goto out;
    if ((rc = load_files(console, err)) < 0)
        goto out;
    tell_problems(console, 0);
    add_timers(console);
    if ((rc = add_signals(console, err)) < 0)
        goto out;
    console->login = options->token ? NULL : nb_dsn_login(options->dsn);
    screens_open(console, options);
    console->observer =
        (struct host_observer){.rang = on_rang, .identified = on_identified, .learned = on_learned, .arg = console};
    host_observe(&console->host, &console->observer);
    attention_init(console);
    waking_init(console);
    if ((rc = link_open(&console->host, &link, err)) < 0)
        goto out;
    rc = nb_loop_run(console->host.loop, err);
    save_state(console);
out:
    clear(console);
    free(console);
    return rc;
}
