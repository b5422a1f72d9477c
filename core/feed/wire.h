/*
 * wire.h - what a hub and its clients say to each other over the unix socket: lines of words.
 *
 *   hub      hello 1             first line; the number is the protocol's version
 *   client   hello 1             first line
 *   client   listen KEY          it wants that key's bells
 *   client   unlisten KEY        it does not any more
 *   hub      listening KEY       from now on no bell of that key is missed: now is the time to look.
 *                                Comes again for each key when the database was lost and is back
 *   hub      bell KEY PAYLOAD    it rang; the payload is the doorbell's JSON, or {} where that does not fit into a line
 *   hub      resync              bells were left out because the client was too slow: look again
 *   hub      lost                no database: no key is listened to until the hub says "listening" again
 *   hub      error TEXT          the hub ends the connection, and says why
 *
 * A key is 'nb_' and 40 hex digits. A line has at most NB_HUB_LINE_MAX bytes, its end included. A word that is not known is an
 * error of the peer.
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
    const char *key;  /* of those that have one; borrowed from the line */
    const char *text; /* payload or reason, "" when there is none */
    int version;      /* of a hello */
};

/* The line is without its end, and is cut up. NB_EINVALID: not a line of this protocol. */
NB_MUSTCHECK int nb_hub_parse(struct nb_hub_message *out, char *line, struct nb_error *err);
/* Writes the line with its end into a buffer of NB_HUB_LINE_MAX and returns its length. A text that does not fit or has control
 * characters in it is left out ({} for a bell). */
size_t nb_hub_format(char *buffer, enum nb_hub_word word, const char *key, const char *text);
bool nb_hub_is_key(const char *text);

/* Bytes into lines. */
struct nb_hub_lines {
    char data[NB_HUB_LINE_MAX];
    size_t length;
    size_t taken; /* the bytes of the lines that were given out */
};

/* Where the next bytes go, and how many; tell nb_hub_lines_added() how many came. No room means that a line is too long. */
size_t nb_hub_lines_room(struct nb_hub_lines *lines, char **where);
void nb_hub_lines_added(struct nb_hub_lines *lines, size_t count);
/* The next whole line, without its end, to be cut up; NULL: none yet. Valid until the next room(). */
char *nb_hub_lines_next(struct nb_hub_lines *lines);

#endif
