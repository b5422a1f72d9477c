/*
 * mail.h - a delivery as a message of RFC 5322: text or text and HTML, attachments, and the headers that machines read.
 *
 * The message is made in memory, with CRLF and as it is stored (SMTP's doubled dots are its sender's business), so that SMTP,
 * a sendmail program and a test see the same one. libcurl's MIME cannot be read back, and it encodes no headers.
 */
#ifndef NB_CHANNELS_MAIL_H
#define NB_CHANNELS_MAIL_H

#include "base/strbuf.h"
#include "base/vec.h"
#include "channels/sender.h"

#define NB_MAIL_ATTACHMENTS_MAX 10
#define NB_MAIL_NAME_MAX        255 /* bytes of a display name, and of an attachment's file name */

/* "Ada Lovelace <ada@example.org>", "\"Lovelace, Ada\" <…>" or the address alone. */
struct nb_mailbox {
    char *name;    /* NULL: none */
    char *address; /* a domain in other letters than ASCII's is in its ASCII form (xn--…) */
};

/* NB_EINVALID says what is wrong with it: line breaks and other controls are refused wherever they stand. Clear out in any case. */
NB_MUSTCHECK int nb_mailbox_parse(struct nb_mailbox *out, const char *text, struct nb_error *err);
void nb_mailbox_clear(struct nb_mailbox *mailbox);

/* Whom mails are from: the settings of a channel. */
struct nb_mail_sender {
    struct nb_mailbox from;
    struct nb_mailbox reply_to; /* address NULL: none */
    char *return_path; /* where bounces go; a delivery's is this with +ID before the @. NULL: from's, as it is */
};

/* from: a mailbox; reply_to: likewise, or NULL; return_path: an address, or NULL. Clear out in any case. */
NB_MUSTCHECK int nb_mail_sender_parse(struct nb_mail_sender *out, const char *from, const char *reply_to,
                                      const char *return_path, struct nb_error *err);
void nb_mail_sender_clear(struct nb_mail_sender *sender);

struct nb_mail {
    struct nb_strbuf text;
    char *return_path;         /* of the envelope */
    NB_VEC(char *) recipients; /* of the envelope, each once: the delivery's own first, then the copies */
};

/* NB_EINVALID: it cannot be a mail, and never will be. Clear out in any case. */
NB_MUSTCHECK int nb_mail_compose(struct nb_mail *out, const struct nb_mail_sender *sender,
                                 const struct nb_message *message, struct nb_error *err);
void nb_mail_clear(struct nb_mail *mail);

#endif
