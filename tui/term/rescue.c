/*
 * rescue.c - restores the terminal from signal handlers. Everything is prepared in advance, so that a handler only
 * makes async-signal-safe calls.
 */
#include "config.h"

#include "tui/term/rescue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "nightbell.h"
#include "tui/term/sequence.h"

#define WAIT_MS 200

static struct {
    volatile sig_atomic_t armed;
    int fd;
    struct termios modes;
    char text[256];
    size_t length;
} rescue;

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTERM, SIGHUP, SIGQUIT, SIGINT};
static struct sigaction former[NB_ARRAY_SIZE(signals)];

static size_t write_text(const char *text, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t written = write(rescue.fd, text + done, length - done);

        if (written <= 0)
            break;
        done += (size_t)written;
    }
    return done;
}

/* Gives a slow terminal a moment to read. Discards what a terminal that reads nothing has not taken, so that there is
 * room for the restoring text. */
void rescue_now(void)
{
    size_t done;

    if (!rescue.armed)
        return;
    rescue.armed = 0;
    done = write_text(rescue.text, rescue.length);
    if (done < rescue.length && errno == EAGAIN) {
        struct pollfd pollfd = {.fd = rescue.fd, .events = POLLOUT};

        if (poll(&pollfd, 1, WAIT_MS) > 0)
            done += write_text(rescue.text + done, rescue.length - done);
        if (done < rescue.length) {
            tcflush(rescue.fd, TCOFLUSH);
            (void)write_text(SEQUENCE_CANCEL, strlen(SEQUENCE_CANCEL));
            (void)write_text(rescue.text, rescue.length);
        }
    }
    tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}

static void rescue_signal(int signo, siginfo_t *info, void *context)
{
    bool asked = signo == SIGTERM || signo == SIGHUP || signo == SIGQUIT || signo == SIGINT;

    (void)context;
    rescue_now();
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++)
        if (signals[i] == signo)
            sigaction(signo, &former[i], NULL);
    /* when the handler returns, a fault happens again by itself, with all its details for a debugger or sanitizer */
    if (asked || info->si_code <= 0)
        raise(signo);
}

NB_NORETURN static void rescue_fatal(const char *message)
{
    static const char name[] = "nightbell: ";
    bool told;

    rescue_now();
    told = write(STDERR_FILENO, name, sizeof(name) - 1) > 0 && write(STDERR_FILENO, message, strlen(message)) > 0 &&
           write(STDERR_FILENO, "\n", 1) > 0;
    _exit(told ? 1 : 2);
}

void rescue_install(void)
{
    struct sigaction action = {.sa_sigaction = rescue_signal, .sa_flags = SA_SIGINFO};
    static bool installed;

    if (installed)
        return;
    installed = true;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++) {
        bool asked = signals[i] == SIGTERM || signals[i] == SIGHUP || signals[i] == SIGQUIT || signals[i] == SIGINT;

        sigaction(signals[i], NULL, &former[i]);
        if (asked ? former[i].sa_handler == SIG_DFL : former[i].sa_handler != SIG_IGN)
            sigaction(signals[i], &action, &former[i]);
    }
    nb_set_fatal_hook(rescue_fatal);
    atexit(rescue_now);
}

void rescue_arm(int fd, const struct termios *modes, const char *text)
{
    size_t length = strlen(text);

    rescue.fd = fd;
    rescue.modes = *modes;
    rescue.length = length < sizeof(rescue.text) ? length : 0;
    memcpy(rescue.text, text, rescue.length);
    rescue.armed = 1;
}

void rescue_disarm(void)
{
    rescue.armed = 0;
}
