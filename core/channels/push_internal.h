/*
 * push_internal.h - the kind "push": what goes to a browser (webpush.c) and to Google's service for apps (fcm.c). Private to both
 * and push.c.
 */
#ifndef NB_CHANNELS_PUSH_INTERNAL_H
#define NB_CHANNELS_PUSH_INTERNAL_H

#include <jansson.h>

#include "channels/http_send.h"
#include "channels/vapid.h"
#include "channels/webpush_crypt.h"

struct nb_fcm;

struct push {
    struct nb_senders *context;
    struct nb_vapid *vapid; /* NULL: no Web Push; the same for crypt */
    struct nb_webpush_crypt *crypt;
    struct nb_fcm *fcm; /* NULL: nothing for apps */
    int64_t ttl_s, time_limit_ms;
    struct nb_strbuf endpoint;
};

/* Answers at once that nothing can be sent. */
void push_refuse(struct nb_send **out, struct push *push, const char *error, nb_send_done *done, void *arg);
/* The first body that fits into `limit` bytes of JSON: the text is cut where it must be. The caller frees it; NULL: none fits,
 * or a text is no UTF-8. */
typedef json_t *push_make(const struct push *push, const struct nb_message *message, const char *text);
char *push_body(const struct push *push, const struct nb_message *message, push_make *make, size_t limit);

NB_MUSTCHECK int push_webpush_send(struct nb_send **out, struct push *push, const struct nb_message *message,
                                   nb_send_done *done, void *arg, struct nb_error *err);

struct nb_fcm_options {
    struct nb_transfers *transfers;
    const char *account; /* a service account's key, JSON as Google gives it */
    const char *url;     /* of the service */
    int64_t time_limit_ms;
};
NB_MUSTCHECK int nb_fcm_new(struct nb_fcm **out, const struct nb_fcm_options *options, struct nb_error *err);
void nb_fcm_free(struct nb_fcm **fcm);
NB_MUSTCHECK int push_fcm_send(struct nb_send **out, struct push *push, const struct nb_message *message,
                               nb_send_done *done, void *arg, struct nb_error *err);
/* What a refusal of FCM's means, beyond its status. */
void nb_fcm_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *text);

#endif
