/*
 * subject.c - looks a subject up in the table.
 */
#include "model/subject.h"

#include "base/strbuf.h"

#define NAMES_MAX 256

static const struct nb_subject_info *const subjects[NB_SUBJECT_COUNT] = {
    [NB_SUBJECT_INBOX] = &nb_notification_subject,
    [NB_SUBJECT_EVENTS] = &nb_event_subject,
    [NB_SUBJECT_DELIVERIES] = &nb_delivery_subject,
};

const struct nb_subject_info *nb_subject_info(enum nb_subject subject)
{
    return subjects[subject];
}

const struct nb_order *nb_order_find(enum nb_subject subject, const char *name)
{
    for (const struct nb_order *order = subjects[subject]->orders; order->name; order++) {
        if (strcmp(order->name, name) == 0)
            return order;
    }
    return NULL;
}

struct nb_place nb_place_of(const struct nb_order *order, const struct nb_row *row)
{
    return (struct nb_place){.rank = order && order->rank ? order->rank(row) : 0, .key = row->key};
}

int64_t nb_order_age(const struct nb_order *order, const struct nb_row *row, int64_t otherwise)
{
    return order && order->by_time ? order->rank(row) : otherwise;
}

int nb_subject_parse(enum nb_subject *out, const char *name, struct nb_error *err)
{
    struct nb_strbuf names;

    for (enum nb_subject i = 0; i < NB_SUBJECT_COUNT; i++) {
        if (strcmp(subjects[i]->name, name) == 0) {
            *out = i;
            return 0;
        }
    }
    nb_strbuf_init(&names, NAMES_MAX);
    for (size_t i = 0; i < NB_SUBJECT_COUNT; i++)
        nb_strbuf_appendf(&names, "%s%s", i == 0 ? "" : i + 1 < NB_SUBJECT_COUNT ? ", " : " or ", subjects[i]->name);
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" is not what can be listed: expected %s", name, names.data);
    nb_error_hint(err, "say which: %s", names.data);
    nb_strbuf_clear(&names);
    return NB_EUSAGE;
}
