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

/* What an app event that nobody has published would do. */
struct work_trial {
    const char *event_type;
    const char *module;
    const char *person; /* NULL: everybody */
};

NB_MUSTCHECK int work_on_trial(struct nb_connection *connection, struct nb_template_cache *cache,
                               const struct work_item *item, const struct work_trial *trial, nb_engine_said *said,
                               void *arg, bool *more, struct nb_error *err);

/* The names as a JSON list, which the caller frees; NULL: there are none. */
char *work_list_names(const nb_template_names *names);

#endif
