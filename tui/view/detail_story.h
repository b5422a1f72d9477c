/*
 * detail_story.h - the parts of the detail that tell what happened, line by line: the row's own history, and the deliveries that came
 * of it.
 */
#ifndef TUI_DETAIL_STORY_H
#define TUI_DETAIL_STORY_H

#include "events/events.h"
#include "tui/view/detail_text.h"

/* Asks for the steps of the row with that key. */
typedef struct nb_request *detail_story_query(struct nb_connection *connection, const struct nb_key *key,
                                              nb_event_history_done *done, void *arg);

/* A zeroed one is empty. */
struct detail_story {
    struct nb_request *request;
    struct nb_arena *arena;
    struct nb_event_action *steps;
    size_t count;
    void (*changed)(void *arg);
    void *arg;
};

/* What is known stays until the answer is there, for which changed is called. ask NULL: there is nothing to be told. */
void detail_story_ask(struct detail_story *story, struct nb_connection *connection, detail_story_query *ask,
                      const struct nb_key *key, void (*changed)(void *arg), void *arg);
void detail_story_drop(struct detail_story *story);
/* A row's own history: each line has its actor. */
void detail_story_write(const struct detail_story *story, struct detail_text *text, int64_t now);
/* What came of a row (deliveries_about.sql): the lines that have an actor belong to the one before that has none. */
void detail_story_write_deliveries(const struct detail_story *story, struct detail_text *text, int64_t now);

#endif
