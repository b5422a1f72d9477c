/*
 * term.c - the terminal: the only file that includes curses, and the only one that writes to the
 * terminal.
 *
 * curses knows the terminal and finds the shortest way from one screen to the next; what is on the
 * screen is decided in the grid (cell.h). A terminal that cannot move its cursor gets the screen
 * printed as lines whenever it changes.
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
#include <wchar.h>
#include <wctype.h>

#include "base/clock.h"
#include "tui/decoder.h"
#include "tui/key_curses.h"
#include "tui/rescue.h"
#include "tui/surroundings.h"
#include "tui/term_internal.h"

#define ESCAPE_MS 25
/* How long the end waits for an answer that is still on its way, so that it is not typed into the
 * shell. */
#define LATE_ANSWER_MS 150
#define ASK_MEMORY_MS  2000

struct drawn_look {
    bool known;
    attr_t attributes;
    int pair;
};

struct term {
    struct term_options options;
    SCREEN *screen;
    WINDOW *keys; /* a pad: reading from it never refreshes the screen */
    FILE *in, *out;
    int fd;
    char *type;
    bool ascii, can_move, xterm_like, left;
    int colors;
    enum multiplexer multiplexer;
    struct decoder decoder;
    struct grid shown; /* what the terminal shows */
    bool redraw;
    const struct theme *theme; /* whose looks are cached; compared only */
    struct drawn_look looks[ROLE_COUNT][STATE_LIMIT];
    bool cursor_shown;
    char *title;
    struct termios modes; /* as they were before us */
    int64_t asked_ms;     /* when the background was asked for, 0: not */
};

/* ---- writing ---- */

void term_write(struct term *term, const char *text, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t written = write(term->fd, text + done, length - done);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return; /* a terminal that has gone is noticed when it is read */
        done += (size_t)written;
    }
}

static void term_puts(struct term *term, const char *text)
{
    term_write(term, text, strlen(text));
}

/* ---- opening ---- */

/* A capability's string, "" where the terminal has none. */
static const char *capability(const char *name)
{
    const char *text = tigetstr(name);

    return text && text != (char *)-1 ? text : "";
}

/* What puts the terminal back, ready for a handler that may not do more than write it. */
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
    rescue_arm(term->fd, &term->modes, text.data);
    nb_strbuf_clear(&text);
}

static int open_streams(struct term *term, struct nb_error *err)
{
    bool standard = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);

    term->fd = standard ? dup(STDOUT_FILENO) : open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    if (term->fd < 0) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM,
                     "there is no terminal to open the console on");
        return nb_error_hint(
            err, "run it in a terminal, or use `nightbell inbox` and `nightbell events`");
    }
    fcntl(term->fd, F_SETFD, FD_CLOEXEC);
    term->out = fdopen(dup(term->fd), "w");
    term->in = fdopen(dup(standard ? STDIN_FILENO : term->fd), "r");
    if (!term->out || !term->in)
        return nb_error_errno(err, errno, "open the terminal");
    fcntl(fileno(term->out), F_SETFD, FD_CLOEXEC);
    fcntl(fileno(term->in), F_SETFD, FD_CLOEXEC);
    return 0;
}

/* Terminals that say they show 24-bit colours have an entry of their own for it, where it is
 * installed. */
static SCREEN *open_direct_color(struct term *term)
{
    char *type = NULL;
    SCREEN *screen = NULL;

    if (term->options.colors < 0 || term->options.colors >= 1 << 24)
        type = surroundings_direct_type(term->type);
    if (type)
        screen = newterm(type, term->out, term->in);
    nb_free(&type);
    return screen;
}

static void open_colors(struct term *term)
{
    int wanted = term->options.colors;

    term->colors = 0;
    if (wanted == 0 || (wanted < 0 && surroundings_no_color()) || !term->can_move ||
        !has_colors() || start_color() == ERR)
        return;
    use_default_colors();
    if (COLORS >= 1 << 24)
        term->colors = 1 << 24;
    else
        term->colors = COLORS >= 256 ? 256 : COLORS >= 16 ? 16 : COLORS >= 8 ? 8 : 0;
    if (wanted >= 0 && wanted < term->colors)
        term->colors = wanted;
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
    if (term->decoder.background != BACKGROUND_UNKNOWN || !term->options.ask_background ||
        !term->xterm_like || term->multiplexer == MULTIPLEXER_SCREEN)
        return;
    term->decoder.expects_background = true;
    term->asked_ms = nb_monotonic_ms();
    term_puts(term, SEQUENCE_ASK_BACKGROUND);
}

static int open_screen(struct term *term, struct nb_error *err)
{
    term->type = nb_strdup(surroundings_type());
    term->ascii = !surroundings_locale(term->type) || term->options.force_ascii;
    term->screen = open_direct_color(term);
    if (!term->screen)
        term->screen = newterm(term->type, term->out, term->in);
    if (!term->screen)
        term->screen = newterm("dumb", term->out, term->in);
    if (!term->screen) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM,
                     "nothing is known about the terminal %s, nor about dumb", term->type);
        return nb_error_hint(err,
                             "install ncurses-base, or set TERM to a terminal that is installed");
    }
    term->can_move = capability("cup")[0] != '\0';
    term->xterm_like =
        term->can_move && (surroundings_like_xterm(term->type) || tigetflag("XT") == 1);
    term->multiplexer = surroundings_multiplexer(term->type);
    return 0;
}

int term_open(struct term **out, const struct term_options *options, struct nb_error *err)
{
    struct term *term = nb_calloc(1, sizeof(*term));
    int rc;

    term->options = *options;
    decoder_init(&term->decoder);
    if ((rc = open_streams(term, err)) < 0)
        goto out;
    if (tcgetattr(term->fd, &term->modes) < 0) {
        rc = nb_error_errno(err, errno, "ask for the terminal's modes");
        goto out;
    }
    rescue_install();
    if ((rc = open_screen(term, err)) < 0)
        goto out;
    arm_rescue(term);
    term->keys = newpad(1, 1);
    take_modes(term);
    keyok(KEY_MOUSE, FALSE); /* decoded in decoder.c, the same on every terminal */
    open_colors(term);
    grid_init(&term->shown, 0, 0, term->ascii);
    term_resize(term);
    term->redraw = true;
    term->cursor_shown = true;
    switch_modes(term, true);
    ask_background(term);
    *out = term;
    return 0;
out:
    term_close(&term);
    return rc;
}

/* An answer that comes after the program has ended would be typed into the shell. */
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
    await_late_answer(term);
    term->left = true;
    switch_modes(term, false);
    if (term->can_move)
        endwin();
    tcsetattr(term->fd, TCSADRAIN, &term->modes);
    rescue_disarm();
}

void term_enter(struct term *term)
{
    if (!term->left)
        return;
    term->left = false;
    if (tcgetattr(term->fd, &term->modes) == 0)
        arm_rescue(term);
    reset_prog_mode();
    take_modes(term);
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
            term_title(term, "");
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
    if (term->fd >= 0)
        close(term->fd);
    decoder_clear(&term->decoder);
    grid_clear(&term->shown);
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
    *width = term->shown.columns;
    *height = term->shown.rows;
}

bool term_ascii(const struct term *term)
{
    return term->ascii;
}

int term_colors(const struct term *term)
{
    return term->colors;
}

enum term_background term_background(const struct term *term)
{
    return term->decoder.background;
}

bool term_resize(struct term *term)
{
    struct winsize size = {0};
    int height = LINES, width = COLS;

    if (ioctl(term->fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        height = size.ws_row;
        width = size.ws_col;
    }
    if (height == term->shown.rows && width == term->shown.columns)
        return false;
    resizeterm(height, width);
    grid_resize(&term->shown, width, height);
    term->redraw = true;
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

/* Nothing could be read: because there is nothing, or because the terminal has gone? */
static bool terminal_lost(const struct term *term)
{
    struct pollfd pollfd = {.fd = fileno(term->in), .events = POLLIN};
    int waiting = 0;

    if (poll(&pollfd, 1, 0) <= 0)
        return false;
    if (pollfd.revents & (POLLHUP | POLLERR | POLLNVAL))
        return true;
    return (pollfd.revents & POLLIN) &&
           (ioctl(fileno(term->in), FIONREAD, &waiting) < 0 || waiting == 0);
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

static int color_number(const struct term *term, struct color color, bool light, bool foreground)
{
    color = color_reduce(color, term->colors);
    if (color.kind == COLOR_KIND_DEFAULT)
        return -1;
    /* Direct-colour terminals keep the first eight numbers for the palette. */
    if (term->colors >= 1 << 24 && (color.kind == COLOR_KIND_RGB || color.red >= 8)) {
        uint32_t rgb = color_rgb(color, foreground, light);

        return rgb < 8 ? 0 : (int)rgb;
    }
    return color.red;
}

static attr_t attributes_of(uint8_t style)
{
    return (style & STYLE_BOLD ? WA_BOLD : 0) | (style & STYLE_DIM ? WA_DIM : 0) |
           (style & STYLE_ITALIC ? WA_ITALIC : 0) | (style & STYLE_UNDERLINE ? WA_UNDERLINE : 0) |
           (style & STYLE_REVERSE ? WA_REVERSE : 0);
}

static const struct drawn_look *look_drawn(struct term *term, const struct theme *theme,
                                           struct look look)
{
    struct drawn_look *drawn = &term->looks[look.role][look.states & (STATE_LIMIT - 1)];
    bool light = theme_is_light(theme);
    struct style style;
    int foreground, background;

    if (drawn->known)
        return drawn;
    style = style_reduce(theme_style(theme, look), term->colors, light);
    drawn->known = true;
    drawn->attributes = attributes_of(style.attributes);
    drawn->pair = 0;
    if (term->colors == 0)
        return drawn;
    foreground = color_number(term, style.foreground, light, true);
    background = color_number(term, style.background, light, false);
    if (foreground != -1 || background != -1)
        drawn->pair = alloc_pair(foreground, background);
    if (drawn->pair < 0)
        drawn->pair = 0;
    return drawn;
}

/* What curses can hold in one cell: a spacing character and marks of no width. What follows a
 * joiner is left out, so that every terminal agrees on the columns, whether it knows how to join or
 * not. */
static size_t cell_characters(const char *text, wchar_t characters[CCHARW_MAX + 1])
{
    mbstate_t state = {0};
    size_t count = 0;

    while (*text && count < CCHARW_MAX) {
        wchar_t character = 0;
        size_t length = mbrtowc(&character, text, strlen(text), &state);

        if (length == (size_t)-1 || length == (size_t)-2 || length == 0)
            break;
        text += length;
        if (count == 0 ? wcwidth(character) < 1 : wcwidth(character) != 0)
            break;
        if (character == 0x200D)
            break;
        if (character != 0xFE0F && character != 0xFE0E)
            characters[count++] = character;
    }
    if (count == 0)
        characters[count++] = L'?';
    characters[count] = L'\0';
    return count;
}

/* A flag is two regional letters: one in each of its columns. */
static bool is_flag(const char *text)
{
    return strlen(text) == 8 && memcmp(text, "\xF0\x9F\x87", 3) == 0 &&
           memcmp(text + 4, "\xF0\x9F\x87", 3) == 0;
}

static void draw_characters(int x, int y, const char *text, const struct drawn_look *look, int room)
{
    wchar_t characters[CCHARW_MAX + 1];
    int pair = look->pair;
    cchar_t cell;

    cell_characters(text, characters);
    if (wcwidth(characters[0]) > room)
        wcscpy(characters, L"?");
    setcchar(&cell, characters, look->attributes, (short)(pair > 255 ? 255 : pair), &pair);
    mvadd_wch(y, x, &cell);
}

static void draw_cell(struct term *term, const struct theme *theme, int x, int y,
                      const struct cell *cell)
{
    const struct drawn_look *look = look_drawn(term, theme, cell->look);
    char first[5] = "";

    if (cell->width == 0)
        return;
    if (is_flag(cell->text)) {
        memcpy(first, cell->text, 4);
        draw_characters(x, y, first, look, 1);
        draw_characters(x + 1, y, cell->text + 4, look, 1);
        return;
    }
    /* The second column is blanked first: curses may see fewer columns in the cluster than
     * terminals show. */
    if (cell->width == 2)
        draw_characters(x + 1, y, " ", look, 1);
    draw_characters(x, y, cell->text, look, cell->width);
}

static bool draw_rows(struct term *term, const struct grid *grid, const struct theme *theme)
{
    size_t size = (size_t)grid->columns * sizeof(*grid->cells);
    bool changed = false;

    for (int y = 0; y < grid->rows; y++) {
        const struct cell *row = &grid->cells[(size_t)y * (size_t)grid->columns];
        struct cell *shown = grid_at(&term->shown, 0, y);

        if (!term->redraw && memcmp(row, shown, size) == 0)
            continue;
        changed = true;
        if (term->can_move)
            for (int x = 0; x < grid->columns; x++)
                draw_cell(term, theme, x, y, &row[x]);
        memcpy(shown, row, size);
    }
    return changed;
}

/* For a terminal that cannot move its cursor. */
static void print_screen(struct term *term, const struct grid *grid)
{
    struct nb_strbuf text, page;

    nb_strbuf_init(&text, SIZE_MAX / 2);
    nb_strbuf_init(&page, SIZE_MAX / 2);
    grid_dump(grid, &text);
    for (const char *at = text.data; *at; at++) {
        if (*at == '\n')
            nb_strbuf_append_char(&page, '\r');
        nb_strbuf_append_char(&page, *at);
    }
    term_write(term, page.data, page.length);
    nb_strbuf_clear(&page);
    nb_strbuf_clear(&text);
}

void term_flush(struct term *term, const struct grid *grid, const struct theme *theme)
{
    bool moved = term->shown.cursor_x != grid->cursor_x || term->shown.cursor_y != grid->cursor_y ||
                 term->shown.cursor_shown != grid->cursor_shown;
    bool changed;

    if (term->left || grid->columns != term->shown.columns || grid->rows != term->shown.rows)
        return; /* the next frame is drawn at the new size */
    if (theme != term->theme) {
        memset(term->looks, 0, sizeof(term->looks));
        term->redraw |= term->theme != NULL;
        term->theme = theme;
    }
    if (term->redraw && term->can_move)
        clearok(curscr, TRUE);
    changed = draw_rows(term, grid, theme);
    term->redraw = false;
    term->shown.cursor_x = grid->cursor_x;
    term->shown.cursor_y = grid->cursor_y;
    term->shown.cursor_shown = grid->cursor_shown;
    if (!term->can_move) {
        if (changed)
            print_screen(term, grid);
        return;
    }
    if (!changed && !moved)
        return;
    if (grid->cursor_shown != term->cursor_shown) {
        curs_set(grid->cursor_shown);
        term->cursor_shown = grid->cursor_shown;
    }
    move(grid->cursor_shown ? grid->cursor_y : 0, grid->cursor_shown ? grid->cursor_x : 0);
    wnoutrefresh(stdscr);
    doupdate();
}

void term_redraw(struct term *term)
{
    term->redraw = true;
    term->theme = NULL;
}

void term_flash(struct term *term)
{
    if (!term->left && term->can_move)
        flash();
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
