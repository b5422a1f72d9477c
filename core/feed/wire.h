/*
 * wire.h - the protocol between a hub and its clients over the unix socket: lines of words.
 *
 *   hub      hello 1             first line; the number is the protocol's version
 *   client   hello 1             first line
 *   client   listen KEY          asks for the bells of the key
 *   client   unlisten KEY        wants them no longer
 *   hub      listening KEY       from now on no bell of the key is missed, so the client should look now;
 *                                sent again for each key when the database was lost and is back
 *   hub      bell KEY PAYLOAD    the key rang; the payload is the doorbell's JSON, or {} if that does not fit a line
 *   hub      resync              bells were dropped because the client was too slow: look again
 *   hub      lost                the database is lost: no bells until the next "listening"
 *   hub      error TEXT          the reason why the hub closes the connection
 *
 * A key is 'nb_' and 40 hex digits. A line has at most NB_HUB_LINE_MAX bytes, its newline included. An unknown word is
 * a protocol error.
 */
#ifndef NB_FEED_WIRE_H
#define NB_FEED_WIRE_H

#include "base/error.h"

#define NB_HUB_VERSION     1
#define NB_HUB_LINE_MAX    512
#define NB_HUB_PAYLOAD_MAX 256
#define NB_HUB_KEY_LENGTH  43
#define NB_HUB_KEYS_MAX    16 /* of one client; more are refused */

enum nb_hub_word {
    NB_HUB_HELLO,
    NB_HUB_LISTEN,
    NB_HUB_UNLISTEN,
    NB_HUB_LISTENING,
    NB_HUB_BELL,
    NB_HUB_RESYNC,
    NB_HUB_LOST,
    NB_HUB_ERROR,
};

struct nb_hub_message {
    enum nb_hub_word word;
    const char *key;  /* borrowed from the line; NULL for words without one */
    const char *text; /* payload or reason; "" for none */
    int version;      /* of a hello */
};

/* Parses a line without its newline, and cuts it up in place. NB_EINVALID: not a line of this protocol. */
NB_MUSTCHECK int nb_hub_parse(struct nb_hub_message *out, char *line, struct nb_error *err);
/* Writes the line and its newline into a buffer of NB_HUB_LINE_MAX bytes; returns the length. A text that is too long
 * or has control characters is left out ({} for a bell). */
size_t nb_hub_format(char *buffer, enum nb_hub_word word, const char *key, const char *text);
bool nb_hub_is_key(const char *text);

/* Splits a stream of bytes into lines. */
struct nb_hub_lines {
    char data[NB_HUB_LINE_MAX];
    size_t length;
    size_t taken; /* bytes of the lines already returned */
};

/* Where to put the next bytes; returns how many fit (0: a line is too long). Then call nb_hub_lines_added(). */
size_t nb_hub_lines_room(struct nb_hub_lines *lines, char **where);
void nb_hub_lines_added(struct nb_hub_lines *lines, size_t count);
/* The next complete line, without its newline; the caller may modify it. NULL: none yet. Valid until the next
 * nb_hub_lines_room(). */
char *nb_hub_lines_next(struct nb_hub_lines *lines);

#endif
