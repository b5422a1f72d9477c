/*
 * sending.h - for tests of senders: a channels.conf and key files in a directory of the test's own, its senders, and one
 * message sent to its end.
 */
#ifndef TESTS_LIB_SENDING_H
#define TESTS_LIB_SENDING_H

#include "channels/channels.h"
#include "tests/lib/web_server.h"

struct sending {
    char directory[64];
    struct nb_loop *loop;
    struct nb_channels *channels;
    struct nb_senders *senders;
};

/* An answer, copied. */
struct sent {
    int count;
    enum nb_send_outcome outcome;
    int code;
    char error[512], message_id[256];
    int64_t retry_after_ms;
    bool address_ended, provider_fault;
};

/* Makes the directory and the loop. */
void sending_init(struct sending *sending);
void sending_clear(struct sending *sending);
/* Writes a file that others cannot read; returns its path, which lives as long as `sending`. */
const char *sending_file(struct sending *sending, const char *name, const char *text);
/* Reads the configuration and starts its senders. 0, or a code with err. */
int sending_start(struct sending *sending, const char *configuration, struct nb_error *err);
/* Sends and turns the loop until the answer is there. */
struct sent sending_send(struct sending *sending, const struct nb_message *message);
/* Starts it; got->count becomes 1 when it is answered. */
struct nb_send *sending_begin(struct sending *sending, const struct nb_message *message, struct sent *got);
void sending_turn_until(struct sending *sending, const int *count, int wanted);

#endif
