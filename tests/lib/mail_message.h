/* mail_message.h - a message to send by mail, read from a line of JSON, for the programs that tests run. */
#ifndef TESTS_LIB_MAIL_MESSAGE_H
#define TESTS_LIB_MAIL_MESSAGE_H

#include <jansson.h>

#include "channels/sender.h"

#define MAIL_COPIES_MAX 60

struct mail_message {
    struct nb_message message; /* borrows from the line and the struct */
    const char *cc[MAIL_COPIES_MAX], *bcc[MAIL_COPIES_MAX];
    char *payload;
};

/* Members are those of struct nb_message; `to` is the target's address, `attachments` what its payload has. */
NB_MUSTCHECK int mail_message_read(struct mail_message *out, const json_t *line, struct nb_error *err);
void mail_message_clear(struct mail_message *message);

#endif
