/*
 * ration.h - a bound on how often something is done: a few times at once, then once every so many milliseconds. What happens
 * now and then is never delayed by it; what happens all the time is done at the bounded rate.
 */
#ifndef NB_BASE_RATION_H
#define NB_BASE_RATION_H

#include <stdbool.h>
#include <stdint.h>

struct nb_ration {
    int most;         /* how often at once, after a rest */
    int64_t every_ms; /* one more every so often */
    int left;
    int64_t filled_ms; /* up to when what is left has been reckoned */
};

void nb_ration_init(struct nb_ration *ration, int most, int64_t every_ms, int64_t now_ms);
/* Whether it may be done now: then it counts as done. */
bool nb_ration_take(struct nb_ration *ration, int64_t now_ms);
/* Milliseconds until it may be done again; 0: now. */
int64_t nb_ration_wait_ms(struct nb_ration *ration, int64_t now_ms);

#endif
