/*
 * pending.c - captures what an act concerns, and begins it when the answer is there.
 */
#include "tui/handlers/pending.h"

#include <stdlib.h>

#include "tui/acts/act_kind.h"
#include "tui/handlers/handlers.h"

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

struct pending *pending_capture(struct console *console, enum act_kind kind, int count)
{
    struct view *view = pending_view(console, kind);
    struct pending *pending;
    struct acts_target *target;

    if (!view || !host_may_write(&console->host) || !(target = acts_capture(&console->acts.base, view, count)))
        return NULL;
    pending = nb_calloc(1, sizeof(*pending));
    pending->console = console;
    pending->target = target;
    pending->act = (struct act){.kind = kind, .time = nb_now()};
    return pending;
}

/* With the option advance the cursor goes on, unless it has already: the row was deleted. */
static void advance(struct console *console, const struct view *view, const struct nb_key *from)
{
    const struct nb_row *row = list_window_current(&view->rows.window);

    if (settings_bool(&console->host.settings, OPTION_ADVANCE) && console_view(console) == view && row &&
        nb_key_compare(&row->key, from) == 0)
        step_row(console, 1);
}

void pending_go(struct pending *pending)
{
    struct console *console = pending->console;
    const struct view *view = acts_target_view(pending->target);
    const struct nb_row *row = list_window_current(&view->rows.window);
    bool one = row && acts_target_is(pending->target, &row->key);
    struct nb_key key = one ? row->key : (struct nb_key){{0}};

    acts_begin_target(&console->acts, &pending->target, &pending->act);
    if (one)
        advance(console, view, &key);
}

char *pending_title(const struct pending *pending, const char *verb)
{
    char *name = acts_target_name(pending->target);
    char *title = nb_asprintf("%s %s", verb, name);

    free(name);
    return title;
}
