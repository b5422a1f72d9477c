/* terminal_sample.c - a full-screen program without curses, for the tests of the screen harness. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t resized = 1;

static void on_resize(int signo)
{
    (void)signo;
    resized = 1;
}

static void draw(const char *last)
{
    struct winsize size = {0};

    ioctl(0, TIOCGWINSZ, &size);
    printf("\033[H\033[2J\033[1;31msample\033[m %dx%d\r\n", size.ws_col, size.ws_row);
    printf("last key:%s\r\n", last);
    printf("wide 漢字 and 12:34\r\n");
    fflush(stdout);
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_resize};
    struct termios raw;
    char last[256] = "";
    unsigned char byte;

    sigaction(SIGWINCH, &action, NULL);
    tcgetattr(0, &before);
    raw = before;
    cfmakeraw(&raw);
    tcsetattr(0, TCSANOW, &raw);
    printf("\033[?1049h\033[?25l\033[?1h\033]2;the title\a");
    for (;;) {
        if (resized) {
            resized = 0;
            draw(last);
        }
        if (read(0, &byte, 1) != 1)
            continue;
        if (byte == 'q')
            break;
        if (byte == 'b')
            printf("\a");
        if (byte == 'c')
            *last = '\0';
        else if (strlen(last) < sizeof(last) - 8)
            snprintf(last + strlen(last), 8, " %02x", byte);
        draw(last);
    }
    printf("\033[?25h\033[?1049l");
    fflush(stdout);
    tcsetattr(0, TCSANOW, &before);
    return 3;
}
