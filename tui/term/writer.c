/*
 * writer.c - non-blocking output to the terminal.
 */
#include "config.h"

#include "tui/term/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "tui/term/sequence.h"

/* how much may wait besides frames: two clipboards through tmux, and some titles and bells */
#define OFFERED_MAX (512 << 10)
/* a terminal that takes nothing for so long does not read; a slow line takes something more often */
#define STILL_MS  1000
#define FINISH_MS 200

static int open_anew(int fd)
{
    const char *name = tcgetpgrp(fd) >= 0 ? "/dev/tty" : ttyname(fd);

    return name ? open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
}

void writer_init(struct writer *writer, int fd)
{
    *writer = (struct writer){.fd = open_anew(fd)};
    nb_strbuf_init(&writer->waiting, SIZE_MAX / 2);
    if (writer->fd < 0)
        writer->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

void writer_clear(struct writer *writer)
{
    nb_strbuf_clear(&writer->waiting);
    if (writer->fd >= 0)
        close(writer->fd);
    writer->fd = -1;
}

bool writer_is_empty(const struct writer *writer)
{
    return writer->waiting.length == 0;
}

static void forget_waiting(struct writer *writer)
{
    nb_strbuf_clear(&writer->waiting); /* not only reset: frees the memory of a large frame */
    nb_strbuf_init(&writer->waiting, SIZE_MAX / 2);
    writer->sent = 0;
}

/* Returns how many bytes the terminal took. A terminal that is gone counts as taking everything; reading notices that
 * it is gone. */
static size_t send_bytes(const struct writer *writer, const char *bytes, size_t length)
{
    size_t done = 0;

    while (done < length) {
        ssize_t written = write(writer->fd, bytes + done, length - done);

        if (written > 0)
            done += (size_t)written;
        else if (written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return done;
        else if (written == 0 || errno != EINTR)
            return length;
    }
    return done;
}

void writer_resume(struct writer *writer)
{
    size_t taken;

    if (writer_is_empty(writer))
        return;
    if (writer_still_ms(writer) >= STILL_MS)
        writer->interrupted = true;
    taken = send_bytes(writer, writer->waiting.data + writer->sent, writer->waiting.length - writer->sent);
    if (taken > 0)
        writer->taken_ms = nb_monotonic_ms();
    writer->sent += taken;
    if (writer->sent == writer->waiting.length)
        forget_waiting(writer);
}

void writer_write(struct writer *writer, const char *bytes, size_t length)
{
    size_t taken = 0;

    writer_resume(writer);
    if (writer_is_empty(writer)) {
        taken = send_bytes(writer, bytes, length);
        if (taken == length)
            return;
        writer->taken_ms = nb_monotonic_ms();
    }
    nb_strbuf_append_n(&writer->waiting, bytes + taken, length - taken);
}

bool writer_offer(struct writer *writer, const char *bytes, size_t length)
{
    if (writer_still_ms(writer) >= STILL_MS || writer->waiting.length + length > OFFERED_MAX)
        return false;
    writer_write(writer, bytes, length);
    return true;
}

int64_t writer_still_ms(const struct writer *writer)
{
    return writer_is_empty(writer) ? 0 : nb_monotonic_ms() - writer->taken_ms;
}

bool writer_recovered(struct writer *writer)
{
    bool recovered = writer->interrupted && writer_is_empty(writer);

    if (recovered)
        writer->interrupted = false;
    return recovered;
}

void writer_finish(struct writer *writer)
{
    int64_t end = nb_monotonic_ms() + FINISH_MS;

    writer_resume(writer);
    while (!writer_is_empty(writer) && nb_monotonic_ms() < end) {
        struct pollfd pollfd = {.fd = writer->fd, .events = POLLOUT};

        if (poll(&pollfd, 1, (int)(end - nb_monotonic_ms())) < 0 && errno != EINTR)
            break;
        writer_resume(writer);
    }
    if (writer_is_empty(writer))
        return;
    forget_waiting(writer);
    tcflush(writer->fd, TCOFLUSH);
    writer_write(writer, SEQUENCE_CANCEL, strlen(SEQUENCE_CANCEL));
}
