/*
 * smtp_link.h - one connection to a mail server, over which mails are sent one after the other.
 *
 * libcurl connects, begins TLS and logs in; the conversation behind that is ours. In libcurl's own the wait for the answer to a
 * mail's end blocks (7.88, smtp_done()), so that one server that hangs would stop the loop and with it all channels. And here each
 * reply is known to belong to its command, so that it is clear who was refused.
 */
#ifndef NB_CHANNELS_SMTP_LINK_H
#define NB_CHANNELS_SMTP_LINK_H

#include "channels/mail.h"
#include "channels/smtp_reply.h"
#include "channels/transfer.h"

struct smtp_link;

/* Outlives the link. */
struct smtp_server {
    struct nb_loop *loop;
    struct nb_transfers *transfers;
    const char *url, *username, *password, *ca_file; /* NULL: none; ca_file: the system's */
    long use_ssl;                                    /* CURLUSESSL_… */
    int64_t time_limit_ms;                           /* of connecting */
};

enum smtp_stage {
    SMTP_CONNECT,   /* up to and with logging in */
    SMTP_SENDER,    /* MAIL FROM */
    SMTP_RECIPIENT, /* RCPT TO of the first recipient */
    SMTP_TEXT,      /* DATA and the mail's end */
    SMTP_ACCEPTED,
};

struct smtp_result {
    enum smtp_stage stage;   /* how far it came */
    struct smtp_reply reply; /* of that; code 0: none came, and text says why */
    bool is_stale;           /* the server had closed a connection that was used before: nothing was said on it */
    char *refused;           /* the other recipients that were refused, with the replies; NULL: none */
};

/* A mail has come to its end, or (result NULL) the link to its own: free it. It may be freed, and used again, in here. */
typedef void smtp_link_event(void *arg, struct smtp_link *link, const struct smtp_result *result);

/* NB_EINVALID where there is no such URL. */
NB_MUSTCHECK int smtp_link_open(struct smtp_link **out, const struct smtp_server *server, smtp_link_event *event,
                                void *arg, struct nb_error *err);
/* Closes it, whatever is under way; without an event. */
void smtp_link_free(struct smtp_link **link);
/* It takes a mail: it has connected or is about to, and sends none. */
bool smtp_link_is_free(const struct smtp_link *link);
/* No mail can be sent over it any more. */
bool smtp_link_is_closed(const struct smtp_link *link);
/* Whose mail is on it: what the owner remembers. */
void smtp_link_set_user(struct smtp_link *link, void *user);
void *smtp_link_user(const struct smtp_link *link);
/* The event tells the end. mail is borrowed until then. */
void smtp_link_send(struct smtp_link *link, const struct nb_mail *mail);

#endif
