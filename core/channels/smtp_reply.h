/*
 * smtp_reply.h - what an SMTP server answers, and what its answers mean for a delivery.
 */
#ifndef NB_CHANNELS_SMTP_REPLY_H
#define NB_CHANNELS_SMTP_REPLY_H

#include "base/strbuf.h"

#define NB_SMTP_REPLY_MAX (16 * 1024) /* bytes of one reply with all its lines */
#define NB_SMTP_TEXT_MAX  500         /* of it that are kept */

struct smtp_reply {
    int code;
    char text[NB_SMTP_TEXT_MAX]; /* its lines as one, without codes: "2.1.5 Ok", printable */
};

/* Takes a whole reply from the front of `in`. 1: done; 0: it has not come to its end; -1: that is no SMTP. */
int smtp_reply_take(struct smtp_reply *out, struct nb_strbuf *in);
/* The enhanced status (RFC 3463) that the text begins with, as 511 for 5.1.1 and 5710 for 5.7.10; 0: none. */
int smtp_reply_status(const struct smtp_reply *reply);
/* Whether it says for good that the mailbox is not there: nothing is to be sent to that address any more. A refusal for what the
 * message is, or whom it comes from, says nothing of the mailbox. */
bool smtp_reply_ends_address(const struct smtp_reply *reply);
/* What the server calls the mail that it took: its queue id, or what else it says. */
void smtp_reply_message_id(const struct smtp_reply *reply, char id[NB_SMTP_TEXT_MAX]);

#endif
