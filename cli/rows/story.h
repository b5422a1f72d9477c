/*
 * story.h - rows in full with what happened to them: events with their history, deliveries with their story.
 */
#ifndef CLI_STORY_H
#define CLI_STORY_H

#include "cli/frame/command.h"
#include "events/events.h"

typedef struct nb_request *story_fetch(struct nb_connection *connection, const struct nb_key *key,
                                       nb_event_history_done *done, void *arg);

/* The rows of the call's ids, one after the other; as JSON with the member "history". Those that do not exist are reported. */
NB_MUSTCHECK int story_show(struct command_call *call, enum nb_subject subject, story_fetch *fetch,
                            struct nb_error *err);

#endif
