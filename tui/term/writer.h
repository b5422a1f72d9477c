/*
 * writer.h - output to the terminal that never waits for it. Keeps what the terminal does not take yet, and sends it
 * when the terminal reads again. Ask writer_is_empty() before drawing a frame, so that a slow terminal gets fewer
 * frames instead of outdated ones.
 */
#ifndef TUI_WRITER_H
#define TUI_WRITER_H

#include "base/strbuf.h"

struct writer {
    int fd;
    struct nb_strbuf waiting;
    size_t sent;      /* bytes of waiting */
    int64_t taken_ms; /* when the terminal last took a byte, while output is waiting */
    bool interrupted; /* it took nothing for a while since the last writer_recovered() */
};

/* Opens the terminal behind fd anew where possible: O_NONBLOCK must not reach the shell, which shares fd with us.
 * Otherwise (the terminal is not ours to open) writing blocks. */
void writer_init(struct writer *writer, int fd);
void writer_clear(struct writer *writer);

/* Sends the bytes, or keeps them for later. */
void writer_write(struct writer *writer, const char *bytes, size_t length);
/* Sends what may be lost (a bell, a title); false when the terminal does not read, or too much is waiting. */
bool writer_offer(struct writer *writer, const char *bytes, size_t length);
/* Sends as much of the waiting output as the terminal takes. */
void writer_resume(struct writer *writer);
bool writer_is_empty(const struct writer *writer);
/* How long the terminal has taken nothing although output is waiting; 0: it reads. */
int64_t writer_still_ms(const struct writer *writer);
/* True once after the terminal had stopped reading and has then taken everything. */
bool writer_recovered(struct writer *writer);
/* Waits a moment for a terminal that reads to take everything. For one that does not, discards the waiting output, in
 * the kernel too, to make room for what restores the terminal. */
void writer_finish(struct writer *writer);

#endif
