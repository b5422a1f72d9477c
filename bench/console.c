/*
 * console.c - measures the console from outside, in a pty of 120x40: what a person sees, and what the process costs.
 *
 *   console start FIGURE FLOOR...  exec to first full screen; FLOOR is the command that is its floor
 *   console memory FIGURE          resident memory at the first screen and after much scrolling
 *   console keys                   key to first byte, with the server running and stopped (BENCH_POSTMASTER is its pid)
 *   console bytes                  bytes sent for a cursor move and for a page
 *   console idle                   ten seconds without anything to do
 *
 * Environment, besides what nightbell itself reads:
 * - BENCH_CONSOLE: the program
 * - BENCH_MARKER: what the title of every list row begins with
 * - ROUNDS
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "bench/sample.h"
#include "tests/lib/terminal.h"

#define COLUMNS 120
#define ROWS    40

static int rounds;

static const char *need(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        sample_give_up("console: %s is not set", name);
    return value;
}

/* ---- the console in its terminal ---- */

static struct terminal *open_console(void)
{
    struct terminal_options options = {.columns = COLUMNS, .rows = ROWS};
    char *argv[] = {(char *)need("BENCH_CONSOLE"), NULL};

    return terminal_new(&options, argv);
}

static void close_console(struct terminal **terminal)
{
    struct terminal_state state;
    double start = sample_clock_ms();

    terminal_keys(*terminal, "q");
    do {
        terminal_pump(*terminal, 10);
        terminal_state(*terminal, &state);
    } while (!state.exited && sample_clock_ms() - start < 3000);
    terminal_free(terminal);
}

/* The number of screen rows that show a title of the list. */
static int rows_shown(struct terminal *terminal, const char *marker)
{
    char *text = terminal_text(terminal);
    int count = 0;

    for (char *row = text, *end; (end = strchr(row, '\n')); row = end + 1) {
        *end = '\0';
        count += strstr(row, marker) != NULL;
    }
    free(text);
    return count;
}

/* Waits until no byte has come for quiet_ms. */
static void settle(struct terminal *terminal, double quiet_ms)
{
    double last = sample_clock_ms(), start = last;

    while (sample_clock_ms() - last < quiet_ms && sample_clock_ms() - start < 30000) {
        if (terminal_pump(terminal, 5) > 0)
            last = sample_clock_ms();
    }
}

/* The time from `start` until the screen first had as many rows as it has in the end. */
static double time_to_full_screen(struct terminal *terminal, double start)
{
    const char *marker = need("BENCH_MARKER");
    double full = 0, last = sample_clock_ms();
    int most = 0;

    while (sample_clock_ms() - last < 300 || most == 0) {
        if (terminal_pump(terminal, 5) > 0) {
            int rows = rows_shown(terminal, marker);

            last = sample_clock_ms();
            if (rows > most) {
                most = rows;
                full = last - start;
            }
        }
        if (sample_clock_ms() - start > 30000) {
            char *text = terminal_text(terminal);

            sample_give_up("console: no row appeared within 30 s; the screen is:\n%s", text);
        }
    }
    return full;
}

static struct terminal *open_settled(void)
{
    double start = sample_clock_ms();
    struct terminal *terminal = open_console();

    time_to_full_screen(terminal, start);
    settle(terminal, 500);
    return terminal;
}

static int console_pid(struct terminal *terminal)
{
    struct terminal_state state;

    terminal_state(terminal, &state);
    if (state.exited)
        sample_give_up("console: it ended with status %d", state.status);
    return state.pid;
}

/* ---- start ---- */

static double time_floor(char *argv[])
{
    double start = sample_clock_ms();
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execvp(argv[0], argv);
        _exit(127);
    }
    waitpid(pid, &status, 0);
    if (status != 0)
        sample_give_up("console: the floor %s failed", argv[0]);
    return sample_clock_ms() - start;
}

static void measure_start(int argc, char *argv[])
{
    if (argc < 2)
        sample_give_up("console start FIGURE FLOOR...");
    for (int round = -1; round < rounds; round++) { /* the first round warms up */
        double start = sample_clock_ms(), full, bare;
        struct terminal *terminal = open_console();

        full = time_to_full_screen(terminal, start);
        close_console(&terminal);
        bare = time_floor(argv + 1);
        if (round >= 0) {
            sample_print(argv[0], 'a', full);
            sample_print(argv[0], 'b', bare);
        }
    }
}

/* ---- memory ---- */

static double resident_mib(int pid)
{
    char *path = nb_asprintf("/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    char line[256];
    double kib = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtod(line + 6, NULL);
    }
    if (file)
        fclose(file);
    free(path);
    return kib / 1024;
}

/* Presses keys; false when there was no reaction, at the end of the list for example. */
static bool press(struct terminal *terminal, const char *keys)
{
    struct terminal_state state;
    uint64_t before;
    double start = sample_clock_ms();

    terminal_state(terminal, &state);
    before = state.bytes;
    terminal_keys(terminal, keys);
    do {
        terminal_pump(terminal, 5);
        terminal_state(terminal, &state);
    } while (state.bytes == before && sample_clock_ms() - start < 1000);
    return state.bytes != before;
}

static void measure_memory(int argc, char *argv[])
{
    int presses = (int)strtol(getenv("BENCH_PAGES") ? getenv("BENCH_PAGES") : "1000", NULL, 10);
    char *scrolled;

    if (argc != 1)
        sample_give_up("console memory FIGURE");
    scrolled = nb_asprintf("%s_scrolled", argv[0]);
    for (int round = 0; round < rounds; round++) {
        struct terminal *terminal = open_settled();

        sample_print(argv[0], 'a', resident_mib(console_pid(terminal)));
        for (int i = 0; i < presses && press(terminal, "<PageDown>"); i++)
            ;
        press(terminal, "<End>");
        settle(terminal, 100);
        press(terminal, "<Home>");
        settle(terminal, 100);
        sample_print(scrolled, 'a', resident_mib(console_pid(terminal)));
        close_console(&terminal);
    }
    free(scrolled);
}

/* ---- keys ---- */

/* Stops or continues every process of the server. */
static void signal_server(int signo)
{
    long postmaster = strtol(need("BENCH_POSTMASTER"), NULL, 10);
    DIR *directory = opendir("/proc");
    struct dirent *entry;

    kill((pid_t)postmaster, signo);
    while (directory && (entry = readdir(directory))) {
        long pid = strtol(entry->d_name, NULL, 10), parent = 0;
        char *path = nb_asprintf("/proc/%ld/stat", pid);
        FILE *file = pid > 0 ? fopen(path, "r") : NULL;

        if (file && fscanf(file, "%*d (%*[^)]) %*c %ld", &parent) == 1 && parent == postmaster)
            kill((pid_t)pid, signo);
        if (file)
            fclose(file);
        free(path);
    }
    if (directory)
        closedir(directory);
}

static double time_key(struct terminal *terminal, const char *key)
{
    struct terminal_state state;
    uint64_t before;
    double start;

    terminal_state(terminal, &state);
    before = state.bytes;
    start = sample_clock_ms();
    terminal_keys(terminal, key);
    do {
        terminal_pump(terminal, 100);
        terminal_state(terminal, &state);
        if (sample_clock_ms() - start > 5000)
            sample_give_up("console: the key %s had no answer for 5 s", key);
    } while (state.bytes == before);
    return sample_clock_ms() - start;
}

static void time_keys(struct terminal *terminal, const char *p50, const char *p95)
{
    enum { PRESSES = 200 };
    double times[PRESSES];

    for (int i = 0; i < PRESSES; i++) {
        times[i] = time_key(terminal, i / 20 % 2 ? "k" : "j");
        settle(terminal, 3);
    }
    sample_print(p50, 'a', sample_percentile(times, PRESSES, 0.50));
    sample_print(p95, 'a', sample_percentile(times, PRESSES, 0.95));
}

static void measure_keys(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    for (int round = 0; round < rounds; round++) {
        struct terminal *terminal = open_settled();

        time_keys(terminal, "key_p50", "key_p95");
        signal_server(SIGSTOP);
        time_keys(terminal, "key_stopped_p50", "key_stopped_p95");
        signal_server(SIGCONT);
        close_console(&terminal);
    }
}

/* ---- bytes ---- */

static double bytes_of(struct terminal *terminal, const char *key)
{
    struct terminal_state before, after;

    terminal_state(terminal, &before);
    press(terminal, key);
    settle(terminal, 30);
    terminal_state(terminal, &after);
    return (double)(after.bytes - before.bytes);
}

static void measure_bytes(int argc, char *argv[])
{
    enum { MOVES = 60, PAGES = 20 };
    double moves[MOVES], pages[PAGES];

    (void)argc;
    (void)argv;
    for (int round = 0; round < rounds; round++) {
        struct terminal *terminal = open_settled();

        for (int i = 0; i < MOVES; i++)
            moves[i] = bytes_of(terminal, i < MOVES / 2 ? "j" : "k");
        sample_print("bytes_move", 'a', sample_percentile(moves, MOVES, 0.5));
        for (int i = 0; i < PAGES; i++)
            pages[i] = bytes_of(terminal, "<PageDown>");
        sample_print("bytes_page", 'a', sample_percentile(pages, PAGES, 0.5));
        close_console(&terminal);
    }
}

/* ---- idle ---- */

struct cost {
    double cpu_ms, wakeups, bytes;
};

/* The sum over all threads. */
static struct cost cost_so_far(struct terminal *terminal)
{
    struct cost cost = {0};
    struct terminal_state state;
    char *tasks = nb_asprintf("/proc/%d/task", console_pid(terminal));
    DIR *directory = opendir(tasks);
    struct dirent *entry;
    char line[256];

    while (directory && (entry = readdir(directory))) {
        char *path = nb_asprintf("%s/%s/schedstat", tasks, entry->d_name);
        FILE *file = fopen(path, "r");

        if (file && fgets(line, sizeof(line), file))
            cost.cpu_ms += strtod(line, NULL) / 1e6;
        if (file)
            fclose(file);
        free(path);
        path = nb_asprintf("%s/%s/status", tasks, entry->d_name);
        file = fopen(path, "r");
        while (file && fgets(line, sizeof(line), file)) {
            if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
                cost.wakeups += strtod(line + 24, NULL);
        }
        if (file)
            fclose(file);
        free(path);
    }
    if (directory)
        closedir(directory);
    free(tasks);
    terminal_state(terminal, &state);
    cost.bytes = (double)state.bytes;
    return cost;
}

static void measure_idle(int argc, char *argv[])
{
    (void)argc;
    (void)argv;
    for (int round = 0; round < rounds; round++) {
        struct terminal *terminal = open_settled();
        struct cost before, after;
        double start;

        settle(terminal, 2000);
        before = cost_so_far(terminal);
        for (start = sample_clock_ms(); sample_clock_ms() - start < 10000;)
            terminal_pump(terminal, 1000);
        after = cost_so_far(terminal);
        sample_print("idle_cpu", 'a', after.cpu_ms - before.cpu_ms);
        sample_print("idle_wakeups", 'a', after.wakeups - before.wakeups);
        sample_print("idle_bytes", 'a', after.bytes - before.bytes);
        close_console(&terminal);
    }
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*run)(int argc, char *argv[]);
    } figures[] = {
        {"start", measure_start}, {"memory", measure_memory}, {"keys", measure_keys},
        {"bytes", measure_bytes}, {"idle", measure_idle},
    };

    rounds = (int)strtol(getenv("ROUNDS") ? getenv("ROUNDS") : "5", NULL, 10);
    for (size_t i = 0; argc > 1 && i < NB_ARRAY_SIZE(figures); i++) {
        if (strcmp(argv[1], figures[i].name) == 0) {
            figures[i].run(argc - 2, argv + 2);
            return 0;
        }
    }
    sample_give_up("usage: console start|memory|keys|bytes|idle");
}
