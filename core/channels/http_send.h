/*
 * http_send.h - a send that is one HTTP request, and what its answer means where a provider has no words of its own: what
 * webhooks, SMS and push share.
 */
#ifndef NB_CHANNELS_HTTP_SEND_H
#define NB_CHANNELS_HTTP_SEND_H

#include "base/strbuf.h"
#include "channels/channels.h"
#include "channels/transfer.h"

#define NB_HTTP_ERROR_MAX 300 /* bytes of the sentence that says what went wrong */

/* Decides what the answer means; out is what nb_http_judge() made of it. Texts that out gets must live until the call
 * after returns: in `text`, which is empty, or in the answer. */
typedef void nb_http_judge_more(void *sender, const struct nb_transfer_answer *answer, struct nb_send_answer *out,
                                struct nb_strbuf *text);

struct nb_http_request {
    const struct nb_sender_ops *ops;
    void *sender;
    struct nb_transfers *transfers;
    const struct nb_transfer_request *transfer;
    nb_http_judge_more *judge; /* NULL: only what is common */
};

/* As send of struct nb_sender_ops; cancelled by nb_http_cancel(). */
NB_MUSTCHECK int nb_http_send(struct nb_send **out, const struct nb_http_request *request, nb_send_done *done,
                              void *arg, struct nb_error *err);
void nb_http_cancel(struct nb_send **send);

/* What every provider's answer means: 2xx is sent, even where the connection then broke; 408, 425, 429, 5xx and no answer are to
 * be tried again; everything else has failed for good. The error goes to `error`. */
void nb_http_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *error);
/* Appends a sentence for people: one line, bounded, with blanks where control characters were. */
void nb_http_sentence(struct nb_strbuf *out, const char *text, size_t length);

/* "https://host:port" of a URL, in small letters, with the port only where it is not the scheme's own; a URL that is none, or
 * of another scheme, gives NB_EINVALID. */
NB_MUSTCHECK int nb_http_origin(struct nb_strbuf *out, const char *url, struct nb_error *err);
/* A URL that may be given as an address: that, and without blanks and control characters, and at most `limit` bytes. */
NB_MUSTCHECK int nb_http_check_url(const char *url, size_t limit, struct nb_error *err);
/* Appends "&name=value" in the form of application/x-www-form-urlencoded, without the & at the beginning. */
void nb_http_append_field(struct nb_strbuf *form, const char *name, const char *value);

#endif
