/*
 * context.c - the table of contexts, generated from screen.def.
 */
#include "tui/keys/context.h"

#include <string.h>

static const struct {
    const char *name, *title;
    enum screen_shape shape;
    enum nb_subject subject;
} contexts[CONTEXT_COUNT] = {
    [CONTEXT_GLOBAL] = {"global", "Everywhere", SCREEN_IS_NONE, NB_SUBJECT_COUNT},
    [CONTEXT_LIST] = {"list", "Every list", SCREEN_IS_NONE, NB_SUBJECT_COUNT},
    [CONTEXT_DETAIL] = {"detail", "Detail open", SCREEN_IS_NONE, NB_SUBJECT_COUNT},
#define SCREEN_LIST(identifier, name, title, subject, filter)                                                          \
    [CONTEXT_##identifier] = {#name, title, SCREEN_IS_LIST, subject},
#define SCREEN_PAGE(identifier, name, title) [CONTEXT_##identifier] = {#name, title, SCREEN_IS_PAGE, NB_SUBJECT_COUNT},
#define SCREEN_TABLE(identifier, name, title)                                                                          \
    [CONTEXT_##identifier] = {#name, title, SCREEN_IS_TABLE, NB_SUBJECT_COUNT},
#define SCREEN_ASIDE(identifier, name, title)                                                                          \
    [CONTEXT_##identifier] = {#name, title, SCREEN_IS_ASIDE, NB_SUBJECT_COUNT},
#define SCREEN_COVER(identifier, name, title)                                                                          \
    [CONTEXT_##identifier] = {#name, title, SCREEN_IS_COVER, NB_SUBJECT_COUNT},
#include "tui/keys/screen.def"
};

const char *context_name(enum context context)
{
    return context < CONTEXT_COUNT ? contexts[context].name : "?";
}

const char *context_title(enum context context)
{
    return contexts[context].title;
}

enum context context_find(const char *name)
{
    for (int i = 0; i < CONTEXT_COUNT; i++)
        if (strcmp(contexts[i].name, name) == 0)
            return (enum context)i;
    return CONTEXT_COUNT;
}

enum screen_shape context_shape(enum context context)
{
    return context < CONTEXT_COUNT ? contexts[context].shape : SCREEN_IS_NONE;
}

enum nb_subject context_subject(enum context list)
{
    return contexts[list].subject;
}
