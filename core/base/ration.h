/*
 * ration.h - a rate limit (token bucket): `most` times in a burst, then once every `every_ms` milliseconds. Rare events
 * are never delayed; a constant stream is held to the rate.
 */
#ifndef NB_BASE_RATION_H
#define NB_BASE_RATION_H

#include <stdbool.h>
#include <stdint.h>

struct nb_ration {
    int most;         /* size of a burst */
    int64_t every_ms; /* time to earn one more */
    int left;
    int64_t filled_ms; /* the time for which `left` holds */
};

void nb_ration_init(struct nb_ration *ration, int most, int64_t every_ms, int64_t now_ms);
/* True: it may be done now, and is counted as done. */
bool nb_ration_take(struct nb_ration *ration, int64_t now_ms);
/* The same for what is less urgent: it leaves the last `keep` (less than `most`) to others. */
bool nb_ration_take_above(struct nb_ration *ration, int keep, int64_t now_ms);
/* Milliseconds until it may be done again; 0: now. */
int64_t nb_ration_wait_ms(struct nb_ration *ration, int64_t now_ms);
int64_t nb_ration_wait_above_ms(struct nb_ration *ration, int keep, int64_t now_ms);

#endif
