/*
 * term.c - the terminal: the only file that includes curses, and the only one that writes to the terminal.
 *
 * - curses handles the terminal's modes, keys and capabilities. After newterm() it writes nothing, because it would
 *   wait for a terminal that does not read (writer.h).
 * - The content of the screen is in the grid (cell.h).
 * - painter.c finds the bytes from one screen to the next, half as many as curses would send.
 * - On a terminal that cannot move its cursor, the screen is printed as lines whenever it changes.
 */
#include "config.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/term/decoder.h"
#include "tui/term/key_curses.h"
#include "tui/term/writer.h"
#include "tui/term/painter.h"
#include "tui/term/rescue.h"
#include "tui/term/surroundings.h"
#include "tui/term/term_internal.h"

#define ESCAPE_MS 25
/* How long closing waits for an answer that is still on its way; otherwise the shell would read it as typed text. */
#define LATE_ANSWER_MS 150
#define ASK_MEMORY_MS  2000

struct term {
    struct term_options options;
    SCREEN *screen;
    WINDOW *keys;         /* a pad: reading from it never refreshes the screen */
    FILE *in, *out;       /* those of curses */
    struct writer writer; /* those of ours */
    char *type;
    char *clear, *show_cursor, *hide_cursor;
    bool ascii, can_move, xterm_like, left, flashing;
    int colors;
    enum multiplexer multiplexer;
    struct decoder decoder;
    struct painter painter;
    char *title;
    struct termios modes, own_modes; /* as they were at the start, and as we need them */
    int64_t asked_ms;                /* when the background was asked for; 0: not asked */
};

/* ---- writing ---- */

bool term_offer(struct term *term, const char *text, size_t length)
{
    return writer_offer(&term->writer, text, length);
}

static void term_puts(struct term *term, const char *text)
{
    writer_write(&term->writer, text, strlen(text));
}

/* ---- opening ---- */

/* A capability's string, "" where the terminal lacks it. */
static const char *capability(const char *name)
{
    const char *text = tigetstr(name);

    return text && text != (char *)-1 ? text : "";
}

/* Removes delays ("$<5>") from a capability: only old terminals need them, and here they would be written as text. */
static char *without_delays(const char *name)
{
    char *text = nb_strdup(capability(name));
    char *delay;

    while ((delay = strstr(text, "$<")) != NULL && strchr(delay, '>'))
        memmove(delay, strchr(delay, '>') + 1, strlen(strchr(delay, '>')));
    return text;
}

static void put_capability(struct term *term, const char *name)
{
    char *text = without_delays(name);

    term_puts(term, text);
    free(text);
}

/* Prepares the text that restores the terminal; a signal handler may only write it. */
static void arm_rescue(const struct term *term)
{
    static const char *const capabilities[] = {"sgr0", "cnorm", "rmkx", "rmcup"};
    struct nb_strbuf text;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    if (term->xterm_like)
        nb_strbuf_append(&text, SEQUENCE_MOUSE_OFF SEQUENCE_PASTE_OFF);
    for (size_t i = 0; term->can_move && i < NB_ARRAY_SIZE(capabilities); i++)
        nb_strbuf_append(&text, capability(capabilities[i]));
    nb_strbuf_append(&text, "\r\n");
    rescue_arm(term->writer.fd, &term->modes, text.data);
    nb_strbuf_clear(&text);
}

static int open_streams(struct term *term, struct nb_error *err)
{
    bool standard = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

    int fd = standard ? dup(STDOUT_FILENO) : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

    if (fd < 0) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "there is no terminal to open the console on");
        return nb_error_hint(err, "run it in a terminal, or use `nightbell inbox` and `nightbell events`");
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    term->out = fdopen(fd, "w");
    term->in = fdopen(dup(standard ? STDIN_FILENO : fd), "r");
    if (!term->out || !term->in)
        return nb_error_errno(err, errno, "open the terminal");
    fcntl(fileno(term->in), F_SETFD, FD_CLOEXEC);
    writer_init(&term->writer, fd);
    if (term->writer.fd < 0)
        return nb_error_errno(err, errno, "open the terminal");
    return 0;
}

static int choose_colors(const struct term *term)
{
    int wanted = term->options.colors;
    int has = tigetnum("colors");

    if (has >= 1 << 24 || (has >= 256 && surroundings_true_color() && term->multiplexer != MULTIPLEXER_SCREEN))
        has = 1 << 24;
    else
        has = has >= 256 ? 256 : has >= 16 ? 16 : has >= 8 ? 8 : 0;
    if ((wanted < 0 && surroundings_no_color()) || !term->can_move)
        return 0;
    return wanted >= 0 && wanted < has ? wanted : has;
}

static bool can(const char *name)
{
    return capability(name)[0] != '\0';
}

static bool says(const char *name, const char *text)
{
    return strncmp(capability(name), text, strlen(text)) == 0;
}

static void append_move(struct nb_strbuf *out, int x, int y)
{
    nb_strbuf_append(out, tparm(capability("cup"), y, x));
}

/* Sets a style with terminfo alone, for terminals that do not speak ECMA-48. */
static void append_style(struct nb_strbuf *out, const struct style *style, int colors)
{
    static const struct {
        uint8_t attribute;
        const char *capability;
    } attributes[] = {{STYLE_BOLD, "bold"}, {STYLE_DIM, "dim"}, {STYLE_UNDERLINE, "smul"}, {STYLE_REVERSE, "rev"}};

    nb_strbuf_append(out, capability("sgr0"));
    for (size_t i = 0; i < NB_ARRAY_SIZE(attributes); i++)
        if (style->attributes & attributes[i].attribute)
            nb_strbuf_append(out, capability(attributes[i].capability));
    if (colors >= 8 && style->foreground.kind == COLOR_KIND_INDEX && can("setaf"))
        nb_strbuf_append(out, tparm(capability("setaf"), style->foreground.red));
    if (colors >= 8 && style->background.kind == COLOR_KIND_INDEX && can("setab"))
        nb_strbuf_append(out, tparm(capability("setab"), style->background.red));
}

static void open_paint(struct term *term)
{
    term->clear = without_delays("clear");
    term->show_cursor = without_delays("cnorm");
    term->hide_cursor = without_delays("civis");
    painter_init(&term->painter,
                 &(struct painter_terminal){
                     .colors = term->colors,
                     .ecma = says("cup", "\033[%i%p1%d;%p2%dH"),
                     .partial_off = says("rmul", "\033[24m") && (term->colors == 0 || says("op", "\033[39;49m")),
                     .erase_line = says("el", "\033[K"),
                     .erase_characters = says("ech", "\033[%p1%dX"),
                     .back_color_erase = tigetflag("bce") == 1,
                     .spoils_corner = tigetflag("am") == 1 && tigetflag("xenl") != 1,
                     .clear = term->clear,
                     .show_cursor = term->show_cursor,
                     .hide_cursor = term->hide_cursor,
                     .move = append_move,
                     .set_style = append_style,
                 },
                 term->ascii);
}

static void take_modes(struct term *term)
{
    raw();
    noecho();
    nonl();
    keypad(term->keys, TRUE);
    nodelay(term->keys, TRUE);
    set_escdelay(ESCAPE_MS);
}

static void switch_modes(struct term *term, bool on)
{
    if (!term->xterm_like)
        return;
    if (term->options.mouse)
        term_puts(term, on ? SEQUENCE_MOUSE_ON : SEQUENCE_MOUSE_OFF);
    term_puts(term, on ? SEQUENCE_PASTE_ON : SEQUENCE_PASTE_OFF);
}

static void ask_background(struct term *term)
{
    term->decoder.background = surroundings_background();
    if (term->decoder.background != BACKGROUND_UNKNOWN || !term->options.ask_background || !term->xterm_like ||
        term->multiplexer == MULTIPLEXER_SCREEN)
        return;
    term->decoder.expects_background = true;
    term->asked_ms = nb_monotonic_ms();
    term_puts(term, SEQUENCE_ASK_BACKGROUND);
}

static int open_screen(struct term *term, struct nb_error *err)
{
    term->type = nb_strdup(surroundings_type());
    term->ascii = !surroundings_locale(term->type) || term->options.force_ascii;
    term->screen = newterm(term->type, term->out, term->in);
    if (!term->screen)
        term->screen = newterm("dumb", term->out, term->in);
    if (!term->screen) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "nothing is known about the terminal %s, nor about dumb",
                     term->type);
        return nb_error_hint(err, "install ncurses-base, or set TERM to a terminal that is installed");
    }
    term->can_move = capability("cup")[0] != '\0';
    term->xterm_like = term->can_move && (surroundings_like_xterm(term->type) || tigetflag("XT") == 1);
    term->multiplexer = surroundings_multiplexer(term->type);
    return 0;
}

int term_open(struct term **out, const struct term_options *options, struct nb_error *err)
{
    struct term *term = nb_calloc(1, sizeof(*term));
    int rc;

    term->options = *options;
    term->writer.fd = -1;
    decoder_init(&term->decoder);
    if ((rc = open_streams(term, err)) < 0)
        goto out;
    if (tcgetattr(term->writer.fd, &term->modes) < 0) {
        rc = nb_error_errno(err, errno, "ask for the terminal's modes");
        goto out;
    }
    rescue_install();
    if ((rc = open_screen(term, err)) < 0)
        goto out;
    arm_rescue(term);
    term->keys = newpad(1, 1);
    take_modes(term);
    keyok(KEY_MOUSE, FALSE); /* decoder.c decodes it, alike on every terminal */
    delay_output(0);         /* makes curses send its initial text, the last that it writes */
    tcgetattr(term->writer.fd, &term->own_modes);
    term->colors = choose_colors(term);
    open_paint(term);
    term_resize(term);
    switch_modes(term, true);
    ask_background(term);
    *out = term;
    return 0;
out:
    term_close(&term);
    return rc;
}

/* Waits for an answer that would otherwise arrive after the program has ended and be typed into the shell. */
static void await_late_answer(struct term *term)
{
    struct input input;
    int64_t end = nb_monotonic_ms() + LATE_ANSWER_MS;

    while (term->decoder.expects_background && nb_monotonic_ms() < end &&
           end - LATE_ANSWER_MS - term->asked_ms < ASK_MEMORY_MS) {
        struct pollfd pollfd = {.fd = fileno(term->in), .events = POLLIN};

        if (poll(&pollfd, 1, (int)(end - nb_monotonic_ms())) <= 0)
            break;
        if (!term_read(term, &input, NULL) && term->decoder.state == DECODER_GROUND)
            break;
    }
}

void term_leave(struct term *term)
{
    if (term->left)
        return;
    term_flash(term, false);
    await_late_answer(term);
    term->left = true;
    writer_finish(&term->writer);
    switch_modes(term, false);
    if (term->can_move) {
        char *bottom = nb_strdup(tparm(capability("cup"), term->painter.shown.rows - 1, 0));

        put_capability(term, "sgr0");
        put_capability(term, "cnorm");
        term_puts(term, bottom); /* where there is no alternate screen to leave */
        put_capability(term, "rmkx");
        put_capability(term, "rmcup");
        free(bottom);
    }
    writer_finish(&term->writer);
    tcsetattr(term->writer.fd, TCSANOW, &term->modes);
    rescue_disarm();
}

void term_enter(struct term *term)
{
    if (!term->left)
        return;
    term->left = false;
    if (tcgetattr(term->writer.fd, &term->modes) == 0)
        arm_rescue(term);
    tcsetattr(term->writer.fd, TCSANOW, &term->own_modes);
    if (term->can_move) {
        put_capability(term, "smcup");
        put_capability(term, "smkx");
    }
    term_resize(term);
    switch_modes(term, true);
    term_redraw(term);
}

void term_close(struct term **out)
{
    struct term *term = *out;

    if (!term)
        return;
    if (term->keys) {
        if (term->title && term->xterm_like)
            (void)term_title(term, "");
        term_leave(term);
        delwin(term->keys);
    }
    if (term->screen)
        delscreen(term->screen);
    rescue_disarm();
    if (term->out)
        fclose(term->out);
    if (term->in)
        fclose(term->in);
    writer_clear(&term->writer);
    decoder_clear(&term->decoder);
    painter_clear(&term->painter);
    nb_free(&term->clear);
    nb_free(&term->show_cursor);
    nb_free(&term->hide_cursor);
    nb_free(&term->type);
    nb_free(&term->title);
    nb_free(out);
}

void term_suspend(struct term *term)
{
    struct sigaction former, standard = {.sa_handler = SIG_DFL};

    term_leave(term);
    sigemptyset(&standard.sa_mask);
    sigaction(SIGTSTP, &standard, &former);
    kill(0, SIGTSTP);
    sigaction(SIGTSTP, &former, NULL);
    term_enter(term);
}

void term_set_mouse(struct term *term, bool on)
{
    if (term->options.mouse == on)
        return;
    term->options.mouse = on;
    if (term->xterm_like && !term->left)
        term_puts(term, on ? SEQUENCE_MOUSE_ON : SEQUENCE_MOUSE_OFF);
}

/* ---- asking ---- */

int term_fd(const struct term *term)
{
    return fileno(term->in);
}

void term_size(const struct term *term, int *width, int *height)
{
    *width = term->painter.shown.columns;
    *height = term->painter.shown.rows;
}

bool term_ascii(const struct term *term)
{
    return term->ascii;
}

enum term_background term_background(const struct term *term)
{
    return term->decoder.background;
}

bool term_resize(struct term *term)
{
    struct winsize size = {0};
    int height = LINES, width = COLS;

    if (ioctl(term->writer.fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        height = size.ws_row;
        width = size.ws_col;
    }
    if (height == term->painter.shown.rows && width == term->painter.shown.columns)
        return false;
    painter_resize(&term->painter, width, height);
    return true;
}

/* ---- reading ---- */

static bool read_item(void *arg, struct decoder_item *item)
{
    struct term *term = arg;

    for (;;) {
        wint_t code = 0;
        int kind = wget_wch(term->keys, &code);

        *item = (struct decoder_item){.character = (uint32_t)code};
        if (kind == ERR)
            return false;
        if (kind == OK)
            return true;
        if (code == KEY_RESIZE)
            continue;
        item->is_key = true;
        item->key = key_of_curses(keyname((int)code));
        if (item->key.code != 0)
            return true;
    }
}

/* Nothing was read: is there no input, or is the terminal gone? */
static bool terminal_lost(const struct term *term)
{
    struct pollfd pollfd = {.fd = fileno(term->in), .events = POLLIN};
    int waiting = 0;

    if (poll(&pollfd, 1, 0) <= 0)
        return false;
    if (pollfd.revents & (POLLHUP | POLLERR | POLLNVAL))
        return true;
    return (pollfd.revents & POLLIN) && (ioctl(fileno(term->in), FIONREAD, &waiting) < 0 || waiting == 0);
}

bool term_read(struct term *term, struct input *input, bool *lost)
{
    if (decoder_read(&term->decoder, read_item, term, nb_monotonic_ms(), input))
        return true;
    if (lost)
        *lost = terminal_lost(term);
    return false;
}

/* ---- drawing ---- */

/* For a terminal that cannot move its cursor: prints the whole screen as lines. The last line gets no newline, so that
 * nothing scrolls out of view. */
static void print_screen(struct term *term, const struct grid *grid)
{
    struct nb_strbuf text, page;
    char *rest, *line;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    nb_strbuf_init(&page, SIZE_MAX / 2);
    grid_dump(grid, &text);
    nb_strbuf_truncate(&text, text.length > 0 ? text.length - 1 : 0);
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL)
        nb_strbuf_appendf(&page, "\r\n%s", line);
    writer_write(&term->writer, page.data, page.length);
    nb_strbuf_clear(&page);
    nb_strbuf_clear(&text);
}

static bool same_picture(const struct grid *a, const struct grid *b)
{
    return memcmp(a->cells, b->cells, (size_t)a->columns * (size_t)a->rows * sizeof(*a->cells)) == 0;
}

bool term_takes_frames(struct term *term)
{
    writer_resume(&term->writer);
    if (writer_recovered(&term->writer))
        term_redraw(term);
    return writer_is_empty(&term->writer);
}

int term_output_fd(const struct term *term)
{
    return writer_is_empty(&term->writer) ? -1 : term->writer.fd;
}

int64_t term_still_ms(const struct term *term)
{
    return writer_still_ms(&term->writer);
}

void term_flush(struct term *term, const struct grid *grid, const struct theme *theme)
{
    const struct nb_strbuf *bytes;
    bool same;

    if (term->left || grid->columns != term->painter.shown.columns || grid->rows != term->painter.shown.rows)
        return; /* the next frame is drawn at the new size */
    same = !term->can_move && !term->painter.blank && same_picture(grid, &term->painter.shown);
    bytes = painter_frame(&term->painter, grid, theme);
    if (term->can_move)
        writer_write(&term->writer, bytes->data, bytes->length);
    else if (!same)
        print_screen(term, grid);
}

void term_redraw(struct term *term)
{
    painter_forget(&term->painter);
}

/* The capability is two sequences with a delay between them. Without the delay it cannot be split, so nothing is
 * reversed. */
void term_flash(struct term *term, bool on)
{
    const char *text = capability("flash"), *delay = strstr(text, "$<");
    const char *rest = delay ? strchr(delay, '>') : NULL;

    if (!term->can_move || !rest || term->left || term->flashing == on)
        return;
    if (!on)
        term_puts(term, rest + 1);
    else if (!term_offer(term, text, (size_t)(delay - text)))
        return;
    term->flashing = on;
}

/* ---- for term_say.c ---- */

struct term_kind term_kind(const struct term *term)
{
    return (struct term_kind){term->type,  term->can_move,      term->xterm_like,
                              !term->left, term->options.title, term->multiplexer};
}

const char *term_last_title(const struct term *term)
{
    return term->title;
}

void term_keep_title(struct term *term, const char *title)
{
    nb_free(&term->title);
    term->title = nb_strdup(title);
}
