/*
 * detail_why.c - asks what was decided about the row, keeps it as sentences, writes them.
 */
#include "tui/view/detail_why.h"

#include <string.h>

#include "base/clock.h"
#include "tui/draw/glyph.h"
#include "why/why.h"

#define MOST          20 /* decisions that are shown: an event for everybody has thousands */
#define OUTCOME_WIDTH 6

struct why_line {
    int64_t at;
    enum role role;
    const char *outcome, *sentence, *change;
};

static const struct {
    const char *outcome;
    enum role role;
} outcomes[] = {
    {"yes", ROLE_OK},
    {"no", ROLE_WARNING},
    {"later", ROLE_STATUS_SNOOZED},
};

static enum role role_of(const char *outcome)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(outcomes); i++)
        if (strcmp(outcomes[i].outcome, outcome) == 0)
            return outcomes[i].role;
    return ROLE_DETAIL_LABEL;
}

static struct why_line line_of(struct nb_arena *arena, const struct nb_decision *decision)
{
    struct why_line line = {
        .at = decision->at,
        .role = role_of(decision->outcome),
        .outcome = nb_arena_strdup(arena, decision->outcome),
    };
    struct nb_strbuf out;

    nb_strbuf_init(&out, NB_DECISION_TEXT_MAX);
    nb_decision_say(&out, decision);
    line.sentence = nb_arena_strdup(arena, out.data);
    nb_strbuf_reset(&out);
    nb_decision_say_change(&out, decision);
    line.change = out.length > 0 ? nb_arena_printf(arena, "%s%s", nb_decision_changes, out.data) : NULL;
    nb_strbuf_clear(&out);
    return line;
}

static void on_answer(void *arg, const struct nb_decision *decisions, size_t count, const struct nb_error *err)
{
    struct detail_why *why = arg;

    why->request = NULL;
    if (err)
        return; /* what is known stays; the next bell asks again */
    nb_arena_free(&why->arena);
    why->arena = nb_arena_new();
    why->more = count > MOST;
    why->count = count > MOST ? MOST : count;
    why->lines = nb_arena_alloc(why->arena, (why->count + 1) * sizeof(*why->lines));
    for (size_t i = 0; i < why->count; i++)
        why->lines[i] = line_of(why->arena, &decisions[i]);
    why->changed(why->arg);
}

void detail_why_ask(struct detail_why *why, struct nb_connection *connection, const char *kind, const char *id,
                    void (*changed)(void *arg), void *arg)
{
    if (why->request)
        nb_request_abandon(&why->request);
    nb_free(&why->id);
    why->id = nb_strdup(id);
    why->changed = changed;
    why->arg = arg;
    why->request = nb_why(connection, kind, id, MOST + 1, on_answer, why);
}

void detail_why_drop(struct detail_why *why)
{
    if (why->request)
        nb_request_abandon(&why->request);
    nb_arena_free(&why->arena);
    nb_free(&why->id);
    *why = (struct detail_why){0};
}

/* What was decided at one time stands under that time: former is that of the heading before, "" for the first. */
static void write_heading(struct detail_text *text, int64_t at, int64_t now, char former[NB_TIME_TEXT_SIZE])
{
    char when[NB_TIME_TEXT_SIZE];
    const struct span spans[] = {
        {former[0] == '\0' ? "why   " : "      ", LOOK(ROLE_DETAIL_LABEL, 0)},
        {nb_time_format_short(at, now, when), LOOK(ROLE_TIME, 0)},
    };

    if (strcmp(when, former) == 0)
        return;
    detail_text_spans(text, spans, NB_ARRAY_SIZE(spans));
    memcpy(former, when, sizeof(when));
}

void detail_why_write(const struct detail_why *why, struct detail_text *text, int64_t now)
{
    char heading[NB_TIME_TEXT_SIZE] = "";

    if (why->count == 0)
        return;
    detail_text_blank(text);
    for (size_t i = 0; i < why->count; i++) {
        const struct why_line *line = &why->lines[i];

        write_heading(text, line->at, now, heading);
        detail_text_item(text, line->outcome, LOOK((uint8_t)line->role, 0), OUTCOME_WIDTH, LOOK(ROLE_DETAIL_VALUE, 0),
                         line->sentence);
        detail_text_item(text, "", LOOK(ROLE_DETAIL_LABEL, 0), OUTCOME_WIDTH, LOOK(ROLE_DETAIL_VALUE, STATE_DIM),
                         line->change);
    }
    if (why->more)
        detail_text_item(text, glyph_text(GLYPH_ELLIPSIS, text->ascii), LOOK(ROLE_DETAIL_LABEL, 0), OUTCOME_WIDTH,
                         LOOK(ROLE_DETAIL_VALUE, STATE_DIM),
                         nb_arena_printf(text->arena, "there is more: nightbell why %s", why->id));
}
