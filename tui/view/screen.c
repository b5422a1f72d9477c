/*
 * screen.c - calls what a screen's table has.
 */
#include "tui/view/screen.h"

struct screen *screen_open(const struct screen_kind *kind, const struct screen_wish *wish)
{
    return kind->ops->open(kind, wish);
}

void screen_close(struct screen **screen)
{
    if (*screen)
        (*screen)->kind->ops->close(*screen);
    *screen = NULL;
}

void screen_leave(struct screen *screen)
{
    if (screen->kind->ops->leave)
        screen->kind->ops->leave(screen);
}

void screen_bell(struct screen *screen, bool resync)
{
    if (screen->kind->ops->bell)
        screen->kind->ops->bell(screen, resync);
}

void screen_aged(struct screen *screen)
{
    if (screen->kind->ops->aged)
        screen->kind->ops->aged(screen);
}

void screen_keys_changed(struct screen *screen)
{
    if (screen->kind->ops->keys_changed)
        screen->kind->ops->keys_changed(screen);
}

bool screen_mouse(struct screen *screen, const struct input *input, const struct layout *layout)
{
    return screen->kind->ops->mouse && screen->kind->ops->mouse(screen, input, layout);
}

bool screen_is_settled(const struct screen *screen)
{
    return !screen->kind->ops->settled || screen->kind->ops->settled(screen);
}

unsigned screen_subjects(const struct screen *screen)
{
    const struct view_kind *list = screen->kind->list;

    return list ? NB_SUBJECT_BIT(list->subject) : screen->kind->subjects;
}

const char *screen_operators_only(const struct screen *screen)
{
    const struct view_kind *list = screen->kind->list;

    return list ? nb_subject_info(list->subject)->operators_only : screen->kind->operators_only;
}

bool screen_may_be_seen(const struct screen *screen)
{
    return !screen_operators_only(screen) || host_is_operator(screen->host);
}
