/*
 * mail_internal.h - what a mail is made of: headers (mail_header.c), bodies and attachments (mail_body.c). Private to mail*.c.
 */
#ifndef NB_CHANNELS_MAIL_INTERNAL_H
#define NB_CHANNELS_MAIL_INTERNAL_H

#include <jansson.h>

#include "channels/mail.h"

/* ---- headers ---- */

struct mail_header {
    struct nb_strbuf *out;
    size_t column;
};

void mail_header_begin(struct mail_header *header, const char *name);
/* A word that is not encoded, on a line of its own where it does not fit. */
void mail_header_word(struct mail_header *header, const char *word);
/* Text for people: as it is, or in encoded words (RFC 2047). */
void mail_header_text(struct mail_header *header, const char *text);
void mail_header_mailbox(struct mail_header *header, const struct nb_mailbox *mailbox, const char *behind);
/* A parameter "; name=value" by RFC 2231, for what stands before it on the line. */
void mail_header_parameter(struct mail_header *header, const char *name, const char *value);
void mail_header_end(struct mail_header *header);
/* NB_EINVALID where text could begin another header, or is no UTF-8. */
NB_MUSTCHECK int mail_check_line(const char *what, const char *text, struct nb_error *err);

/* ---- bodies ---- */

/* Appends the part's headers, an empty line and the text. */
void mail_text_part(struct nb_strbuf *out, const char *subtype, const char *text);
/* An attachment as the payload has it. NB_EINVALID says what was expected; `number` from 1. */
NB_MUSTCHECK int mail_attachment_part(struct nb_strbuf *out, const json_t *attachment, size_t number,
                                      struct nb_error *err);

#endif
