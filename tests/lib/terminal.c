/* terminal.c - see terminal.h. */
#include "tests/lib/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#include "base/base.h"

struct buffer {
    char *bytes;
    size_t length;
};

enum osc_state { OUTSIDE, ESCAPE, INSIDE, INSIDE_ESCAPE };

struct terminal {
    int master, slave; /* slave is kept open, so that its settings can be read after the program has ended */
    pid_t pid;
    VTerm *vterm; /* NULL where plain */
    VTermScreen *screen;
    FILE *raw_log;
    struct terminal_state state;
    struct buffer outgoing; /* input that the program has not read yet */
    struct buffer osc;
    char *title;
    enum osc_state osc_state;
    size_t osc_start;
    bool deaf;
    bool held; /* nothing is read, as on a stopped terminal */
    char *settings_before;
};

static void die(const char *what)
{
    fprintf(stderr, "terminal: %s: %s\n", what, strerror(errno));
    exit(99);
}

static void buffer_add(struct buffer *buffer, const char *bytes, size_t length)
{
    buffer->bytes = nb_realloc(buffer->bytes, buffer->length + length + 1);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

int64_t terminal_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* ---- libvterm's callbacks ---- */

static int on_cursor(VTermPos position, VTermPos old, int visible, void *arg)
{
    struct terminal *terminal = arg;

    (void)old;
    (void)visible;
    terminal->state.cursor_row = position.row;
    terminal->state.cursor_column = position.col;
    return 1;
}

static int on_property(VTermProp property, VTermValue *value, void *arg)
{
    struct terminal *terminal = arg;

    if (property == VTERM_PROP_CURSORVISIBLE)
        terminal->state.cursor_visible = value->boolean;
    else if (property == VTERM_PROP_ALTSCREEN)
        terminal->state.alternate_screen = value->boolean;
    else if (property == VTERM_PROP_MOUSE)
        terminal->state.mouse = value->number;
    return 1;
}

static int on_bell(void *arg)
{
    struct terminal *terminal = arg;

    terminal->state.bells++;
    return 1;
}

static const VTermScreenCallbacks callbacks = {.movecursor = on_cursor, .settermprop = on_property, .bell = on_bell};

static void flush_outgoing(struct terminal *terminal)
{
    struct buffer *outgoing = &terminal->outgoing;

    while (outgoing->length > 0 && terminal->master >= 0) {
        ssize_t sent = write(terminal->master, outgoing->bytes, outgoing->length);

        if (sent <= 0)
            return;
        outgoing->length -= (size_t)sent;
        memmove(outgoing->bytes, outgoing->bytes + sent, outgoing->length);
    }
}

void terminal_send(struct terminal *terminal, const char *bytes, size_t length)
{
    buffer_add(&terminal->outgoing, bytes, length);
    flush_outgoing(terminal);
}

static void on_output(const char *bytes, size_t length, void *arg)
{
    terminal_send(arg, bytes, length);
}

/* ---- starting and ending ---- */

static void run_child(const struct terminal *terminal, char *const argv[])
{
    setsid();
    ioctl(terminal->slave, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++)
        dup2(terminal->slave, fd);
    for (int fd = 3; fd < 256; fd++)
        close(fd);
    signal(SIGPIPE, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    execvp(argv[0], argv);
    fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
    _exit(127);
}

static void start_vterm(struct terminal *terminal)
{
    terminal->vterm = vterm_new(terminal->state.rows, terminal->state.columns);
    vterm_set_utf8(terminal->vterm, 1);
    terminal->screen = vterm_obtain_screen(terminal->vterm);
    vterm_screen_set_callbacks(terminal->screen, &callbacks, terminal);
    vterm_screen_enable_altscreen(terminal->screen, 1);
    vterm_screen_reset(terminal->screen, 1);
    vterm_output_set_callback(terminal->vterm, on_output, terminal);
}

struct terminal *terminal_new(const struct terminal_options *options, char *const argv[])
{
    struct terminal *terminal = nb_calloc(1, sizeof(*terminal));
    struct winsize size = {.ws_col = (unsigned short)options->columns, .ws_row = (unsigned short)options->rows};

    terminal->state.columns = options->columns;
    terminal->state.rows = options->rows;
    terminal->state.cursor_visible = true;
    terminal->deaf = options->deaf;
    buffer_add(&terminal->osc, "", 0);
    if (openpty(&terminal->master, &terminal->slave, NULL, NULL, &size) < 0)
        die("openpty");
    fcntl(terminal->master, F_SETFL, O_NONBLOCK);
    fcntl(terminal->master, F_SETFD, FD_CLOEXEC);
    if (options->raw_log && !(terminal->raw_log = fopen(options->raw_log, "wbe")))
        die(options->raw_log);
    if (!options->plain)
        start_vterm(terminal);
    terminal->settings_before = terminal_settings(terminal);
    terminal->pid = fork();
    if (terminal->pid < 0)
        die("fork");
    if (terminal->pid == 0)
        run_child(terminal, argv);
    return terminal;
}

void terminal_hang_up(struct terminal *terminal)
{
    if (terminal->master < 0)
        return;
    close(terminal->master);
    close(terminal->slave);
    terminal->master = terminal->slave = -1;
}

void terminal_free(struct terminal **pointer)
{
    struct terminal *terminal = *pointer;

    if (!terminal)
        return;
    if (!terminal->state.exited) {
        kill(terminal->pid, SIGKILL);
        waitpid(terminal->pid, NULL, 0);
    }
    terminal_hang_up(terminal);
    if (terminal->vterm)
        vterm_free(terminal->vterm);
    if (terminal->raw_log)
        fclose(terminal->raw_log);
    free(terminal->outgoing.bytes);
    free(terminal->osc.bytes);
    free(terminal->title);
    free(terminal->settings_before);
    free(terminal);
    *pointer = NULL;
}

int terminal_fd(const struct terminal *terminal)
{
    return terminal->held ? -1 : terminal->master;
}

void terminal_hold(struct terminal *terminal, bool held)
{
    terminal->held = held;
}

/* ---- output of the program ---- */

static void end_osc(struct terminal *terminal)
{
    const char *text = terminal->osc.bytes + terminal->osc_start;

    if (text[0] && strchr("02", text[0]) && text[1] == ';') {
        free(terminal->title);
        terminal->title = nb_strdup(text + 2);
    }
    buffer_add(&terminal->osc, "\n", 1);
    terminal->osc_state = OUTSIDE;
}

static void scan_osc(struct terminal *terminal, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char byte = bytes[i];

        switch (terminal->osc_state) {
        case OUTSIDE:
            if (byte == '\033')
                terminal->osc_state = ESCAPE;
            break;
        case ESCAPE:
            terminal->osc_state = byte == ']' ? INSIDE : byte == '\033' ? ESCAPE : OUTSIDE;
            terminal->osc_start = terminal->osc.length;
            break;
        case INSIDE:
            if (byte == '\a')
                end_osc(terminal);
            else if (byte == '\033')
                terminal->osc_state = INSIDE_ESCAPE;
            else
                buffer_add(&terminal->osc, &byte, 1);
            break;
        case INSIDE_ESCAPE:
            end_osc(terminal);
            break;
        }
    }
}

static void take(struct terminal *terminal, const char *bytes, size_t length)
{
    terminal->state.bytes += length;
    if (terminal->raw_log) {
        fwrite(bytes, 1, length, terminal->raw_log);
        fflush(terminal->raw_log);
    }
    if (!terminal->vterm)
        return;
    scan_osc(terminal, bytes, length);
    if (terminal->deaf)
        vterm_output_set_callback(terminal->vterm, NULL, NULL);
    vterm_input_write(terminal->vterm, bytes, length);
    vterm_screen_flush_damage(terminal->screen);
    vterm_output_set_callback(terminal->vterm, on_output, terminal);
}

size_t terminal_pump(struct terminal *terminal, int timeout_ms)
{
    char bytes[65536];
    size_t total = 0;
    ssize_t got;
    struct pollfd wanted = {.fd = terminal->master, .events = terminal->held ? 0 : POLLIN};

    if (terminal->master < 0)
        return 0;
    if (terminal->outgoing.length > 0)
        wanted.events |= POLLOUT;
    if (poll(&wanted, 1, timeout_ms) <= 0)
        return 0;
    if (wanted.revents & POLLOUT)
        flush_outgoing(terminal);
    while (!terminal->held && (got = read(terminal->master, bytes, sizeof(bytes))) > 0) {
        take(terminal, bytes, (size_t)got);
        total += (size_t)got;
        if (total >= sizeof(bytes))
            break;
    }
    return total;
}

/* ---- input to the program ---- */

static const struct key_name {
    const char *name;
    int key; /* VTERM_KEY_…, or 0 */
    uint32_t codepoint;
} key_names[] = {
    {"Enter", VTERM_KEY_ENTER, 0},
    {"Tab", VTERM_KEY_TAB, 0},
    {"BS", VTERM_KEY_BACKSPACE, 0},
    {"Backspace", VTERM_KEY_BACKSPACE, 0},
    {"Esc", VTERM_KEY_ESCAPE, 0},
    {"Up", VTERM_KEY_UP, 0},
    {"Down", VTERM_KEY_DOWN, 0},
    {"Left", VTERM_KEY_LEFT, 0},
    {"Right", VTERM_KEY_RIGHT, 0},
    {"Insert", VTERM_KEY_INS, 0},
    {"Delete", VTERM_KEY_DEL, 0},
    {"Home", VTERM_KEY_HOME, 0},
    {"End", VTERM_KEY_END, 0},
    {"PageUp", VTERM_KEY_PAGEUP, 0},
    {"PageDown", VTERM_KEY_PAGEDOWN, 0},
    {"Space", 0, ' '},
    {"Lt", 0, '<'},
    {"Gt", 0, '>'},
};

static void send_key(struct terminal *terminal, int key, uint32_t codepoint, VTermModifier modifier)
{
    char byte;

    if (key) {
        vterm_keyboard_key(terminal->vterm, (VTermKey)key, modifier);
        return;
    }
    /* As common terminals send them: control as C0, alt as a leading escape. */
    if (modifier & VTERM_MOD_ALT)
        terminal_send(terminal, "\033", 1);
    if (modifier & VTERM_MOD_CTRL) {
        byte = codepoint == ' ' ? 0 : (char)(codepoint & 0x1f);
        terminal_send(terminal, &byte, 1);
    } else {
        byte = (char)codepoint;
        terminal_send(terminal, &byte, 1);
    }
}

static bool send_named_key(struct terminal *terminal, const char *name, size_t length)
{
    VTermModifier modifier = VTERM_MOD_NONE;
    char *end;

    while (length > 2 && name[1] == '-') {
        if (!strchr("CMAS", name[0]))
            return false;
        modifier |= name[0] == 'C' ? VTERM_MOD_CTRL : name[0] == 'S' ? VTERM_MOD_SHIFT : VTERM_MOD_ALT;
        name += 2;
        length -= 2;
    }
    if (length == 1) {
        send_key(terminal, 0, (unsigned char)name[0], modifier);
        return true;
    }
    if (name[0] == 'F' && strtol(name + 1, &end, 10) > 0 && end == name + length) {
        send_key(terminal, VTERM_KEY_FUNCTION((int)strtol(name + 1, NULL, 10)), 0, modifier);
        return true;
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(key_names); i++) {
        if (strlen(key_names[i].name) == length && memcmp(key_names[i].name, name, length) == 0) {
            send_key(terminal, key_names[i].key, key_names[i].codepoint, modifier);
            return true;
        }
    }
    return false;
}

const char *terminal_keys(struct terminal *terminal, const char *keys)
{
    while (*keys) {
        const char *end = *keys == '<' ? strchr(keys, '>') : NULL;

        if (end) {
            if (!send_named_key(terminal, keys + 1, (size_t)(end - keys - 1)))
                return keys;
            keys = end + 1;
        } else {
            terminal_send(terminal, keys++, 1);
        }
    }
    return NULL;
}

void terminal_mouse(struct terminal *terminal, char event, int button, int row, int column)
{
    vterm_mouse_move(terminal->vterm, row, column, VTERM_MOD_NONE);
    if (event != 'm')
        vterm_mouse_button(terminal->vterm, button, event == 'p', VTERM_MOD_NONE);
}

void terminal_paste(struct terminal *terminal, const char *text)
{
    vterm_keyboard_start_paste(terminal->vterm);
    terminal_send(terminal, text, strlen(text));
    vterm_keyboard_end_paste(terminal->vterm);
}

void terminal_resize(struct terminal *terminal, int columns, int rows)
{
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};

    terminal->state.columns = columns;
    terminal->state.rows = rows;
    if (terminal->vterm)
        vterm_set_size(terminal->vterm, rows, columns);
    ioctl(terminal->master, TIOCSWINSZ, &size);
}

/* ---- the screen ---- */

static void add_utf8(struct buffer *out, uint32_t c)
{
    char bytes[4];

    if (c < 0x80) {
        bytes[0] = (char)c;
        buffer_add(out, bytes, 1);
    } else if (c < 0x800) {
        bytes[0] = (char)(0xc0 | c >> 6);
        bytes[1] = (char)(0x80 | (c & 0x3f));
        buffer_add(out, bytes, 2);
    } else if (c < 0x10000) {
        bytes[0] = (char)(0xe0 | c >> 12);
        bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[2] = (char)(0x80 | (c & 0x3f));
        buffer_add(out, bytes, 3);
    } else {
        bytes[0] = (char)(0xf0 | c >> 18);
        bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
        bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[3] = (char)(0x80 | (c & 0x3f));
        buffer_add(out, bytes, 4);
    }
}

static void add_row(const struct terminal *terminal, struct buffer *out, int row)
{
    size_t visible = out->length;
    VTermScreenCell cell;

    for (VTermPos at = {.row = row, .col = 0}; at.col < terminal->state.columns; at.col++) {
        if (!vterm_screen_get_cell(terminal->screen, at, &cell) || cell.chars[0] == (uint32_t)-1)
            continue;
        if (cell.chars[0] == 0) {
            buffer_add(out, " ", 1);
            continue;
        }
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
            add_utf8(out, cell.chars[i]);
        if (cell.chars[0] != ' ')
            visible = out->length;
    }
    out->length = visible;
    buffer_add(out, "", 0);
}

char *terminal_row(const struct terminal *terminal, int row)
{
    struct buffer out = {0};

    add_row(terminal, &out, row);
    return out.bytes;
}

char *terminal_text(const struct terminal *terminal)
{
    struct buffer out = {0};

    for (int row = 0; row < terminal->state.rows; row++) {
        add_row(terminal, &out, row);
        buffer_add(&out, "\n", 1);
    }
    return out.bytes;
}

static void add_color(struct buffer *out, const char *name, const VTermColor *color, bool is_default)
{
    char *text = NULL;

    if (is_default)
        return;
    if (VTERM_COLOR_IS_INDEXED(color))
        text = nb_asprintf(" %s=%d", name, color->indexed.idx);
    else
        text = nb_asprintf(" %s=#%02x%02x%02x", name, color->rgb.red, color->rgb.green, color->rgb.blue);
    buffer_add(out, text, strlen(text));
    free(text);
}

static char *cell_attributes(const VTermScreenCell *cell)
{
    struct buffer out = {0};

    buffer_add(&out, "", 0);
    if (cell->attrs.bold)
        buffer_add(&out, " bold", 5);
    if (cell->attrs.underline)
        buffer_add(&out, " underline", 10);
    if (cell->attrs.italic)
        buffer_add(&out, " italic", 7);
    if (cell->attrs.blink)
        buffer_add(&out, " blink", 6);
    if (cell->attrs.reverse)
        buffer_add(&out, " reverse", 8);
    add_color(&out, "fg", &cell->fg, VTERM_COLOR_IS_DEFAULT_FG(&cell->fg));
    add_color(&out, "bg", &cell->bg, VTERM_COLOR_IS_DEFAULT_BG(&cell->bg));
    return out.bytes;
}

static void add_run(struct buffer *out, int from, int to, const char *attributes)
{
    char *text;

    if (!*attributes)
        return;
    text = nb_asprintf("%d-%d%s\n", from, to, attributes);
    buffer_add(out, text, strlen(text));
    free(text);
}

char *terminal_row_attributes(const struct terminal *terminal, int row)
{
    struct buffer out = {0};
    char *run = NULL;
    VTermScreenCell cell;
    int start = 0;

    buffer_add(&out, "", 0);
    for (VTermPos at = {.row = row, .col = 0}; at.col < terminal->state.columns; at.col++) {
        char *attributes;

        if (!vterm_screen_get_cell(terminal->screen, at, &cell))
            continue;
        attributes = cell_attributes(&cell);
        if (run && strcmp(run, attributes) == 0) {
            free(attributes);
            continue;
        }
        if (run)
            add_run(&out, start, at.col - 1, run);
        free(run);
        run = attributes;
        start = at.col;
    }
    if (run)
        add_run(&out, start, terminal->state.columns - 1, run);
    free(run);
    return out.bytes;
}

void terminal_state(struct terminal *terminal, struct terminal_state *state)
{
    if (!terminal->state.exited && waitpid(terminal->pid, &terminal->state.status, WNOHANG) == terminal->pid)
        terminal->state.exited = true;
    terminal->state.pid = terminal->pid;
    terminal->state.title = terminal->title ? terminal->title : "";
    terminal->state.osc = terminal->osc.bytes;
    *state = terminal->state;
}

char *terminal_settings(const struct terminal *terminal)
{
    struct termios settings;
    struct buffer out = {0};
    char *text;

    if (terminal->slave < 0 || tcgetattr(terminal->slave, &settings) < 0)
        return nb_strdup("gone");
    text = nb_asprintf("iflag=%x oflag=%x cflag=%x lflag=%x cc=", settings.c_iflag, settings.c_oflag, settings.c_cflag,
                       settings.c_lflag);
    buffer_add(&out, text, strlen(text));
    free(text);
    for (int i = 0; i < NCCS; i++) {
        text = nb_asprintf("%02x", settings.c_cc[i]);
        buffer_add(&out, text, strlen(text));
        free(text);
    }
    return out.bytes;
}

const char *terminal_settings_before(const struct terminal *terminal)
{
    return terminal->settings_before;
}
