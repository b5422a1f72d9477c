/*
 * screen.c - drives a program in a pty for shell tests: one request on each line of stdin, answers on stdout.
 *
 *   screen COLUMNS ROWS RAWLOG command…
 *
 * An answer is any number of lines that begin with "|", then "=ok" or "=no reason". For the requests see screen.sh.
 */
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "tests/lib/terminal.h"

static struct terminal *terminal;
static uint64_t mark;

static volatile sig_atomic_t child;

/* The test is over: kills everything that it started. */
static void on_terminate(int signo)
{
    (void)signo;
    kill(child, SIGKILL);
    _exit(0);
}

static void answer_lines(const char *text)
{
    while (*text) {
        size_t length = strcspn(text, "\n");

        printf("|%.*s\n", (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void answer_lines_take(char *text)
{
    answer_lines(text);
    free(text);
}

static void answer_ok(bool ok, const char *reason)
{
    if (ok)
        puts("=ok");
    else
        printf("=no %s\n", reason ? reason : "");
}

static int64_t deadline_after(const char *milliseconds)
{
    return terminal_clock_us() + strtoll(milliseconds, NULL, 10) * 1000;
}

/* The milliseconds until deadline, between 0 and `most`. */
static int left_ms(int64_t deadline, int most)
{
    int64_t left = (deadline - terminal_clock_us() + 999) / 1000;

    return left < 0 ? 0 : left > most ? most : (int)left;
}

static bool screen_matches(const regex_t *pattern)
{
    char *text = terminal_text(terminal);
    bool found = regexec(pattern, text, 0, NULL, 0) == 0;

    free(text);
    return found;
}

/* wait MS REGEX and gone MS REGEX: waits until the screen matches, or no longer matches. */
static void wait_for_text(char *args, bool wanted)
{
    int64_t deadline = deadline_after(strsep(&args, " "));
    struct terminal_state state;
    regex_t pattern;
    bool found;

    if (!args || regcomp(&pattern, args, REG_EXTENDED | REG_NOSUB | REG_NEWLINE) != 0) {
        answer_ok(false, "not a regular expression");
        return;
    }
    for (;;) {
        found = screen_matches(&pattern) == wanted;
        if (found || terminal_clock_us() >= deadline)
            break;
        terminal_state(terminal, &state);
        if (terminal_pump(terminal, left_ms(deadline, 50)) == 0 && state.exited) {
            found = screen_matches(&pattern) == wanted;
            break;
        }
    }
    regfree(&pattern);
    answer_ok(found, wanted ? "it did not appear" : "it did not go");
}

/* idle QUIET_MS MS: waits until no byte has come for QUIET_MS. */
static void wait_for_quiet(char *args)
{
    int64_t quiet = strtoll(strsep(&args, " "), NULL, 10) * 1000;
    int64_t deadline = deadline_after(args ? args : "10000");
    int64_t last = terminal_clock_us();

    while (terminal_clock_us() - last < quiet && terminal_clock_us() < deadline) {
        if (terminal_pump(terminal, left_ms(last + quiet, 1000)) > 0)
            last = terminal_clock_us();
    }
    answer_ok(terminal_clock_us() - last >= quiet, "it never came to rest");
}

/* bytes MS: waits for the first byte after the mark; answers how many came. */
static void wait_for_bytes(char *args)
{
    int64_t deadline = deadline_after(args);
    struct terminal_state state;

    do {
        terminal_pump(terminal, left_ms(deadline, 50));
        terminal_state(terminal, &state);
    } while (state.bytes == mark && terminal_clock_us() < deadline);
    printf("|%llu\n", (unsigned long long)(state.bytes - mark));
    answer_ok(true, NULL);
}

static void show_status(const struct terminal_state *state)
{
    if (!state->exited)
        puts("|running");
    else if (WIFEXITED(state->status))
        printf("|exit %d\n", WEXITSTATUS(state->status));
    else
        printf("|signal %d\n", WTERMSIG(state->status));
}

static void wait_for_exit(char *args)
{
    int64_t deadline = deadline_after(args);
    struct terminal_state state;

    for (;;) {
        terminal_state(terminal, &state);
        if (state.exited || terminal_clock_us() >= deadline)
            break;
        terminal_pump(terminal, left_ms(deadline, 20));
    }
    while (terminal_pump(terminal, 0) > 0)
        ;
    show_status(&state);
    answer_ok(state.exited, "it still runs");
}

/* ---- the requests ---- */

static void do_keys(char *args)
{
    const char *wrong = terminal_keys(terminal, args);

    answer_ok(!wrong, wrong);
}

static void do_paste(char *args)
{
    terminal_paste(terminal, args);
    answer_ok(true, NULL);
}

static void do_mouse(char *args)
{
    char event = 0;
    int button = 0, row = 0, column = 0;
    bool ok = sscanf(args, "%c %d %d %d", &event, &button, &row, &column) == 4;

    if (ok)
        terminal_mouse(terminal, event, button, row, column);
    answer_ok(ok, "mouse p|r|m BUTTON ROW COLUMN");
}

static void do_resize(char *args)
{
    int columns = 0, rows = 0;
    bool ok = sscanf(args, "%d %d", &columns, &rows) == 2;

    if (ok)
        terminal_resize(terminal, columns, rows);
    answer_ok(ok, "resize COLUMNS ROWS");
}

static void do_wait(char *args)
{
    wait_for_text(args, true);
}

static void do_gone(char *args)
{
    wait_for_text(args, false);
}

static void do_text(char *args)
{
    (void)args;
    answer_lines_take(terminal_text(terminal));
    answer_ok(true, NULL);
}

static void do_row(char *args)
{
    char *row = terminal_row(terminal, (int)strtol(args, NULL, 10));

    printf("|%s\n", row);
    free(row);
    answer_ok(true, NULL);
}

static void do_attributes(char *args)
{
    answer_lines_take(terminal_row_attributes(terminal, (int)strtol(args, NULL, 10)));
    answer_ok(true, NULL);
}

static void do_settings(char *args)
{
    if (strcmp(args, "before") == 0)
        answer_lines(terminal_settings_before(terminal));
    else
        answer_lines_take(terminal_settings(terminal));
    answer_ok(true, NULL);
}

static void do_state(char *args)
{
    struct terminal_state state;

    terminal_state(terminal, &state);
    if (strcmp(args, "cursor") == 0)
        printf("|%d %d\n", state.cursor_row, state.cursor_column);
    else if (strcmp(args, "title") == 0)
        printf("|%s\n", state.title);
    else if (strcmp(args, "osc") == 0)
        answer_lines(state.osc);
    else if (strcmp(args, "bells") == 0)
        printf("|%u\n", state.bells);
    else if (strcmp(args, "pid") == 0)
        printf("|%d\n", state.pid);
    else if (strcmp(args, "status") == 0)
        show_status(&state);
    else
        printf("|cursor=%s screen=%s mouse=%d\n", state.cursor_visible ? "visible" : "hidden",
               state.alternate_screen ? "alternate" : "normal", state.mouse);
    answer_ok(true, NULL);
}

static void do_mark(char *args)
{
    struct terminal_state state;

    (void)args;
    terminal_state(terminal, &state);
    mark = state.bytes;
    answer_ok(true, NULL);
}

static void do_signal(char *args)
{
    struct terminal_state state;
    int number = (int)strtol(args, NULL, 10);

    terminal_state(terminal, &state);
    answer_ok(!state.exited && kill(state.pid, number) == 0, "the program has ended");
}

static void do_hangup(char *args)
{
    (void)args;
    terminal_hang_up(terminal);
    answer_ok(true, NULL);
}

static void do_hold(char *args)
{
    terminal_hold(terminal, strcmp(args, "on") == 0);
    answer_ok(true, NULL);
}

/* Random keys and resizes, the same for the same seed. None of them quits or stops the program. */
static const char *const random_keys[] = {
    "j",        "j",       "k",       "<Down>", "<Up>",    "<PageDown>", "<PageUp>", "<Home>", "<End>",    "G",
    "g",        "<Enter>", "<Esc>",   "<Esc>",  "<Space>", "V",          "*",        "-",      "r",        "R",
    "a",        "A",       "e",       "d",      "u",       "<C-r>",      "U",        "t",      "m",        "z",
    "Z",        "x",       "X",       "O",      ".",       "!",          "s",        "l",      "h",        "c",
    "f",        "F",       "/",       "?",      "n",       "N",          "p",        "^",      "]",        "|",
    "J",        "K",       "<F5>",    "v",      "S",       "y",          "i",        ":",      "<Tab>",    "<S-Tab>",
    "<BS>",     "<Left>",  "<Right>", "<C-p>",  "<C-d>",   "<C-u>",      "<C-l>",    "1",      "2",        "5",
    "\303\251", "<M-a>",   "<F1>",    "<C-w>",  "M",       "E",          "w",        "b",      "<Delete>", "<C-e>",
};

static void do_random(char *args)
{
    unsigned count = (unsigned)strtoul(strsep(&args, " "), NULL, 10);
    unsigned seed = args ? (unsigned)strtoul(args, NULL, 10) : 1;
    struct terminal_state state = {0};

    for (unsigned i = 0; i < count; i++) {
        unsigned pick = (unsigned)rand_r(&seed);

        if (pick % 50 == 0)
            terminal_resize(terminal, 1 + rand_r(&seed) % 200, 1 + rand_r(&seed) % 60);
        else if (pick % 50 == 1)
            terminal_mouse(terminal, "prm"[pick / 50 % 3], 1 + pick / 150 % 5, rand_r(&seed) % 40, rand_r(&seed) % 120);
        else if (pick % 50 == 2)
            terminal_send(terminal, (char[]){(char)(128 + pick / 50 % 128)}, 1);
        else
            terminal_keys(terminal, random_keys[pick / 50 % NB_ARRAY_SIZE(random_keys)]);
        terminal_pump(terminal, i % 20 == 0 ? 5 : 0);
        terminal_state(terminal, &state);
        if (state.exited)
            break;
    }
    answer_ok(!state.exited, "the program has ended");
}

static const struct request {
    const char *name;
    void (*run)(char *args);
} requests[] = {
    {"attributes", do_attributes},
    {"bytes", wait_for_bytes},
    {"exit", wait_for_exit},
    {"gone", do_gone},
    {"hangup", do_hangup},
    {"hold", do_hold},
    {"idle", wait_for_quiet},
    {"keys", do_keys},
    {"mark", do_mark},
    {"mouse", do_mouse},
    {"paste", do_paste},
    {"random", do_random},
    {"resize", do_resize},
    {"row", do_row},
    {"settings", do_settings},
    {"signal", do_signal},
    {"state", do_state},
    {"text", do_text},
    {"wait", do_wait},
};

static void serve(char *line)
{
    const char *name = strsep(&line, " ");

    for (size_t i = 0; i < NB_ARRAY_SIZE(requests); i++) {
        if (strcmp(requests[i].name, name) == 0) {
            requests[i].run(line ? line : (char[]){""});
            return;
        }
    }
    answer_ok(false, "no such request");
}

int main(int argc, char *argv[])
{
    struct terminal_options options = {0};
    struct terminal_state state;
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    if (argc < 5)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdin, NULL, _IONBF, 0); /* unbuffered, so that poll() sees every request */
    setvbuf(stdout, NULL, _IOLBF, 0);
    options.columns = (int)strtol(argv[1], NULL, 10);
    options.rows = (int)strtol(argv[2], NULL, 10);
    options.raw_log = argv[3];
    terminal = terminal_new(&options, argv + 4);
    terminal_state(terminal, &state);
    child = state.pid;
    signal(SIGTERM, on_terminate);
    for (;;) {
        struct pollfd wanted[2] = {{.fd = 0, .events = POLLIN}, {.fd = terminal_fd(terminal), .events = POLLIN}};

        if (poll(wanted, 2, -1) < 0)
            continue;
        if (wanted[1].revents)
            terminal_pump(terminal, 0);
        if (!wanted[0].revents)
            continue;
        length = getline(&line, &size, stdin);
        if (length <= 0)
            break;
        line[length - 1] = '\0';
        serve(line);
    }
    free(line);
    terminal_free(&terminal);
    return 0;
}
