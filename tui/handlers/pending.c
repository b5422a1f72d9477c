/*
 * pending.c - captures what an act concerns, and begins it when the answer is there.
 */
#include "tui/handlers/pending.h"

#include <stdlib.h>

#include "tui/acts/act_kind.h"

struct view *pending_view(struct console *console, enum act_kind kind)
{
    struct view *view = console_view(console);

    return view && view->rows.kind->subject == act_kind_info(kind)->subject ? view : NULL;
}

void pending_free(void *arg)
{
    struct pending *pending = arg;

    if (pending->request)
        nb_request_abandon(&pending->request);
    acts_target_free(&pending->target);
    free(pending);
}

struct pending *pending_capture(struct console *console, enum act_kind kind)
{
    struct view *view = pending_view(console, kind);
    struct pending *pending;
    struct acts_target *target;

    if (!view || !host_may_write(&console->host) || !(target = acts_capture(&console->acts, view)))
        return NULL;
    pending = nb_calloc(1, sizeof(*pending));
    pending->console = console;
    pending->target = target;
    pending->act = (struct act){.kind = kind, .time = nb_now()};
    return pending;
}

void pending_go(struct pending *pending)
{
    acts_begin_target(&pending->console->acts, &pending->target, &pending->act);
}

char *pending_title(const struct pending *pending, const char *verb)
{
    int64_t count = acts_target_count(pending->target);
    const char *nouns = acts_target_nouns(pending->target);

    if (count == 0) /* ranges are counted before the question that follows */
        return nb_asprintf("%s all marked %s", verb, nouns);
    return count == 1 ? nb_strdup(verb) : nb_asprintf("%s %lld %s", verb, (long long)count, nouns);
}
