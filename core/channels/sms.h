/*
 * sms.h - how many segments a text message takes, and phone numbers.
 *
 * A text whose characters are all in GSM 03.38 has 160 of them in one segment, 153 in each of several (ten need two places);
 * any other is sent as UCS-2, with 70 and 67 UTF-16 units.
 */
#ifndef NB_CHANNELS_SMS_H
#define NB_CHANNELS_SMS_H

#include "base/strbuf.h"

struct nb_send_answer;
struct nb_transfer_answer;

struct nb_sms_size {
    bool ucs2;
    size_t units; /* septets, or UTF-16 units */
    size_t segments;
};

/* Invalid UTF-8 counts as U+FFFD. "" has no segments. */
struct nb_sms_size nb_sms_measure(const char *text);
/* The text, cut to that many segments with "..." behind it where it is longer; the caller frees it. */
char *nb_sms_cut(const char *text, size_t segments);
/* "+4915112345678" (E.164). NB_EINVALID says what was expected. */
NB_MUSTCHECK int nb_phone_check(const char *number, struct nb_error *err);
/* What an answer in Twilio's form means, beyond its status; text as for nb_http_judge_more. */
void nb_twilio_judge(const struct nb_transfer_answer *answer, struct nb_send_answer *out, struct nb_strbuf *text);

#endif
