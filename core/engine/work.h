/*
 * work.h - what core/engine's files share: claimed app events, and the plan for them.
 */
#ifndef NB_ENGINE_WORK_H
#define NB_ENGINE_WORK_H

#include "base/vec.h"
#include "engine/engine.h"
#include "template/template.h"

/* A claimed app event. */
struct work_item {
    struct nb_uuid tenant;
    int64_t id;
    const char *context; /* JSON, borrowed */
};

/* Plans, renders and writes, in the transaction of the claim. */
NB_MUSTCHECK int work_on_items(struct nb_connection *connection, struct nb_template_cache *cache,
                               const struct work_item *items, size_t count, struct nb_error *err);

#endif
