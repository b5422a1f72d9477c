/*
 * ration.c - a token bucket.
 */
#include "base/ration.h"

void nb_ration_init(struct nb_ration *ration, int most, int64_t every_ms, int64_t now_ms)
{
    *ration = (struct nb_ration){.most = most, .every_ms = every_ms, .left = most, .filled_ms = now_ms};
}

static void fill(struct nb_ration *ration, int64_t now_ms)
{
    int64_t more = (now_ms - ration->filled_ms) / ration->every_ms;

    if (more <= 0)
        return;
    if (more >= ration->most - ration->left) {
        ration->left = ration->most;
        ration->filled_ms = now_ms; /* a full bucket refills from the moment of the next take */
    } else {
        ration->left += (int)more;
        ration->filled_ms += more * ration->every_ms;
    }
}

bool nb_ration_take_above(struct nb_ration *ration, int keep, int64_t now_ms)
{
    fill(ration, now_ms);
    if (ration->left <= keep)
        return false;
    if (ration->left == ration->most)
        ration->filled_ms = now_ms;
    ration->left--;
    return true;
}

bool nb_ration_take(struct nb_ration *ration, int64_t now_ms)
{
    return nb_ration_take_above(ration, 0, now_ms);
}

int64_t nb_ration_wait_above_ms(struct nb_ration *ration, int keep, int64_t now_ms)
{
    fill(ration, now_ms);
    return ration->left > keep ? 0 : ration->filled_ms + ration->every_ms * (keep + 1 - ration->left) - now_ms;
}

int64_t nb_ration_wait_ms(struct nb_ration *ration, int64_t now_ms)
{
    return nb_ration_wait_above_ms(ration, 0, now_ms);
}
