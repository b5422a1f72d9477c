/*
 * ical.c - libical, loaded when a recurrence is worked out (base/library.h).
 */
#include "recur/ical.h"

#include <libical/ical.h>

#include "base/library.h"

static struct nb_library ical = {.file = "libical.so.3", .package = "libical3"};

void ical_load(void)
{
    (void)nb_library_find(&ical, "icalrecur_iterator_new");
}

NB_LIBRARY_FUNCTION(ical, struct icalrecurrencetype, icalrecurrencetype_from_string, (const char *text), (text))
NB_LIBRARY_FUNCTION(ical, icalrecur_iterator *, icalrecur_iterator_new,
                    (struct icalrecurrencetype rule, struct icaltimetype start), (rule, start))
NB_LIBRARY_FUNCTION(ical, struct icaltimetype, icalrecur_iterator_next, (icalrecur_iterator * iterator), (iterator))
NB_LIBRARY_PROCEDURE(ical, icalrecur_iterator_free, (icalrecur_iterator * iterator), (iterator))
NB_LIBRARY_FUNCTION(ical, struct icaltimetype, icaltime_from_string, (const char *text), (text))
NB_LIBRARY_FUNCTION(ical, int, icaltime_is_null_time, (const struct icaltimetype at), (at))
NB_LIBRARY_FUNCTION(ical, int, icaltime_compare, (const struct icaltimetype a, const struct icaltimetype b), (a, b))
