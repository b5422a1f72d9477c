/*
 * writer.h - what goes to the terminal, without ever waiting for it. What the terminal does not take yet is kept and
 * sent when it reads again; whoever draws frames asks writer_is_empty() first, so that a slow terminal gets fewer frames
 * and not old ones.
 */
#ifndef TUI_WRITER_H
#define TUI_WRITER_H

#include "base/strbuf.h"

struct writer {
    int fd;
    struct nb_strbuf waiting;
    size_t sent;      /* of what is waiting */
    int64_t taken_ms; /* when the terminal last took a byte, while something is waiting */
    bool interrupted; /* it stood still for a while since the last writer_recovered() */
};

/* Takes the terminal behind fd by a file description of its own where there can be one: O_NONBLOCK must not reach the
 * shell, which shares fd with us. Otherwise (a terminal that is not ours to open) writing waits as it always did. */
void writer_init(struct writer *writer, int fd);
void writer_clear(struct writer *writer);

/* Sends, or keeps for later. */
void writer_write(struct writer *writer, const char *bytes, size_t length);
/* For what may as well be lost (a bell, a title): false when the terminal does not read, or too much is waiting. */
bool writer_offer(struct writer *writer, const char *bytes, size_t length);
/* Sends what is waiting, as far as the terminal takes it. */
void writer_resume(struct writer *writer);
bool writer_is_empty(const struct writer *writer);
/* For how long the terminal has taken nothing although something is waiting; 0: it reads. */
int64_t writer_still_ms(const struct writer *writer);
/* Once after each time that the terminal stood still for a while and has taken everything since. */
bool writer_recovered(struct writer *writer);
/* Waits a moment for a terminal that reads to take everything. For one that does not, what waits is thrown away, in the
 * kernel too, so that there is room for what puts it back as it was. */
void writer_finish(struct writer *writer);

#endif
