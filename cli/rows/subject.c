/*
 * subject.c - which subject a word means.
 */
#include <string.h>

#include "cli/rows/subject.h"

static const char *const names[] = {[NB_SUBJECT_INBOX] = "inbox", [NB_SUBJECT_EVENTS] = "events"};

int subject_parse(enum nb_subject *out, const char *word, struct nb_error *err)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++)
        if (strcmp(names[i], word) == 0) {
            *out = (enum nb_subject)i;
            return NB_OK;
        }
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" is neither inbox nor events", word);
    return nb_error_hint(err, "say which: inbox or events");
}

const char *subject_name(enum nb_subject subject)
{
    return names[subject];
}
