/*
 * sending_internal.h - what sending.c, message.c and record.c share. Private to core/sending.
 */
#ifndef NB_SENDING_INTERNAL_H
#define NB_SENDING_INTERNAL_H

#include "sending/hand.h"
#include "sending/sending.h"

struct record;

/* A channel's lanes as they are claimed. */
struct lane {
    int64_t floor; /* due times below were taken or seen locked; NB_TIME_NONE: look from the beginning */
    int64_t newest;
    int64_t room; /* of the claim under way */
    int64_t taken;
};

/* ---- message.c ---- */

/* The columns of delivery_claim.sql. */
enum claim_column {
    CLAIM_TENANT,
    CLAIM_USER,
    CLAIM_ID,
    CLAIM_CHANNEL,
    CLAIM_ENDPOINT,
    CLAIM_LANE,
    CLAIM_DUE,
    CLAIM_ATTEMPT,
    CLAIM_CREATED,
    CLAIM_TYPE,
    CLAIM_URGENCY,
    CLAIM_LOCALE,
    CLAIM_SUBJECT,
    CLAIM_BODY,
    CLAIM_HTML,
    CLAIM_PAYLOAD,
    CLAIM_LINK,
    CLAIM_ADDRESS,
    CLAIM_TARGETS,
    CLAIM_PROBLEM,
    CLAIM_UNSUBSCRIBE,
    CLAIM_CC,
    CLAIM_BCC,
};

/* A delivery of a claim, with its targets. *problem: why there is nothing to be sent to; NULL: there is. */
struct item *message_item(const struct nb_result *claimed, size_t row, struct nb_senders *senders,
                          const char **problem);

/* ---- record.c ---- */

/* recorded is called with each item after it is recorded, or given up. */
struct record *record_new(struct nb_connection *connection, struct nb_senders *senders, hand_done *recorded, void *arg);
void record_free(struct record **record);
void record_start(struct record *record, const struct nb_uuid *worker);
void record_item(struct record *record, struct item *item);
int64_t record_count(const struct record *record);

#endif
