/*
 * detail_story.c - asks what happened, keeps it, writes it.
 */
#include "tui/view/detail_story.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

static void on_answer(void *arg, const struct nb_event_action *actions, size_t count, const struct nb_error *err)
{
    struct detail_story *story = arg;

    story->request = NULL;
    if (err)
        return; /* what is known stays; the next bell asks again */
    nb_arena_free(&story->arena);
    story->arena = nb_arena_new();
    story->steps = nb_arena_alloc(story->arena, (count + 1) * sizeof(*story->steps));
    for (size_t i = 0; i < count; i++) {
        story->steps[i].at = actions[i].at;
        story->steps[i].actor_name = nb_arena_strdup(story->arena, actions[i].actor_name);
        story->steps[i].action = nb_arena_strdup(story->arena, actions[i].action);
        story->steps[i].note = nb_arena_strdup(story->arena, actions[i].note);
        story->steps[i].note_time = actions[i].note_time;
    }
    story->count = count;
    story->changed(story->arg);
}

void detail_story_ask(struct detail_story *story, struct nb_connection *connection, detail_story_query *ask,
                      const struct nb_key *key, void (*changed)(void *arg), void *arg)
{
    if (story->request)
        nb_request_abandon(&story->request);
    story->changed = changed;
    story->arg = arg;
    if (ask)
        story->request = ask(connection, key, on_answer, story);
}

void detail_story_drop(struct detail_story *story)
{
    if (story->request)
        nb_request_abandon(&story->request);
    nb_arena_free(&story->arena);
    *story = (struct detail_story){0};
}

/* What each entry of the history is called when it has happened. */
static const struct {
    const char *action, *past;
} pasts[] = {
    {"raise", "raised"},
    {"raise_again", "raised again"},
    {"acknowledge", "acknowledged"},
    {"resolve", "resolved"},
    {"reopen", "reopened"},
    {"assign", "assigned"},
    {"snooze", "snoozed"},
    {"note", "noted"},
    {"undo", "undid"},
    {"return", "raised again"},
    {"settle", "settled"},
    {"remind", "reminded of the acknowledgement"},
    {"lapse", "ended the acknowledgement"},
    {"wake", "ended the snooze"},
    {"redo", "did again"},
};

static const char *past_of(const char *action)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(pasts); i++)
        if (strcmp(pasts[i].action, action) == 0)
            return pasts[i].past;
    return action;
}

/* "16:32 smtp try 1: took it" */
static void write_step(struct detail_text *text, const struct nb_event_action *step, const char *actor, int64_t now,
                       int indent)
{
    char when[NB_TIME_TEXT_SIZE];
    char *note = nb_time_sentence(step->note, step->note_time, nb_time_format_brief);
    char *line = nb_asprintf("%s %s%s%s%s%s", nb_time_format_short(step->at, now, when), actor, *actor ? " " : "",
                             past_of(step->action), note ? ": " : "", note ? note : "");

    detail_text_paragraph(text, LOOK(ROLE_DETAIL_HISTORY, 0), line, indent);
    free(line);
    free(note);
}

static void write_heading(struct detail_text *text, const char *heading)
{
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL_LABEL, 0), heading, 0);
}

void detail_story_write(const struct detail_story *story, struct detail_text *text, int64_t now)
{
    if (story->count > 0)
        write_heading(text, "history");
    for (size_t i = 0; i < story->count; i++)
        write_step(text, &story->steps[i], story->steps[i].actor_name ? story->steps[i].actor_name : "system", now, 1);
}

void detail_story_write_deliveries(const struct detail_story *story, struct detail_text *text, int64_t now)
{
    if (story->count > 0)
        write_heading(text, "deliveries");
    for (size_t i = 0; i < story->count; i++) {
        const char *actor = story->steps[i].actor_name;

        write_step(text, &story->steps[i], actor ? actor : "", now, actor ? 3 : 1);
    }
}
