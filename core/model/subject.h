/*
 * subject.h - the table of subjects: what can be listed, filtered, counted, followed and exported.
 *
 * A subject is an entry of this table, which its model defines (notification.c, event.c, delivery.c), its queries in
 * core/sql/queries and its fragments in core/sql/filters/NAME.sql. No other code compares one subject with another:
 * what differs between them is a member here.
 */
#ifndef NB_MODEL_SUBJECT_H
#define NB_MODEL_SUBJECT_H

#include <stddef.h>

#include "db/query.h"
#include "model/row.h"

enum nb_subject { NB_SUBJECT_INBOX, NB_SUBJECT_EVENTS, NB_SUBJECT_DELIVERIES, NB_SUBJECT_COUNT };

/* Sets of subjects: what a doorbell may ring for. */
#define NB_SUBJECT_BIT(subject) (1u << (subject))
#define NB_SUBJECT_ALL          (NB_SUBJECT_BIT(NB_SUBJECT_COUNT) - 1)

/* ---- the filter language: the kind of a word's values decides how they compile; fragment names begin with the word
 * ---- */

enum nb_word_kind {
    NB_WORD_ORDER,   /* sort:               one of the subject's orders; not a condition, so no fragment */
    NB_WORD_CHOICE,  /* is: has:            one fragment a choice: is_unread */
    NB_WORD_SET,     /* channel:            names for one fragment with an array */
    NB_WORD_SCALE,   /* severity:           the same, in rising order: >= <= > < too */
    NB_WORD_PATTERN, /* type:               type, or type_like where the value has a * */
    NB_WORD_NAME,    /* user:               user_id, user_name, or user_me for a special name */
    NB_WORD_TIME,    /* since:              a duration back from now, or a date */
    NB_WORD_TEXT,    /* a bare word or a phrase */
};

struct nb_word_choice {
    const char *name;
    int group; /* choices of one group exclude each other, so a toggle replaces them; 0: in no group */
};

struct nb_word {
    const char *name;
    enum nb_word_kind kind;
    const struct nb_word_choice
        *choices;               /* all values, or for PATTERN and NAME the special ones; ends with a NULL name */
    bool bounds_id;             /* TIME: the fragment takes a bound in the id as $2 */
    const char *example, *help; /* "type:slow_*", "a type, or a pattern": for the help */
    bool listed;                /* the subject's query of values lists what it can stand for */
};

/* Special names of people, for use in any subject's words. */
extern const struct nb_word_choice nb_word_me_or_none[], nb_word_none[];

/* ---- a row for other programs: the members of its JSON object, the columns of its CSV ---- */

enum nb_member_kind {
    NB_MEMBER_KEY,    /* the row's id */
    NB_MEMBER_TEXT,   /* const char * */
    NB_MEMBER_UUID,   /* nil is null */
    NB_MEMBER_TIME,   /* int64_t */
    NB_MEMBER_IS_SET, /* int64_t: whether there is a time */
    NB_MEMBER_BOOL,   /* bool */
    NB_MEMBER_NUMBER, /* int64_t */
    NB_MEMBER_JSON,   /* const char *: copied as text, so that its numbers keep all their digits */
    NB_MEMBER_WORD,   /* written by `word` */
};

struct nb_member {
    const char *name; /* that of the table's column, where there is one */
    enum nb_member_kind kind;
    size_t offset; /* in the struct of the model */
    const char *(*word)(const struct nb_row *row, int64_t now);
};

/* ---- orders ---- */

/* What the rows of a list are sorted by, the largest first; rows of the same rank are sorted by key. In the filter
 * fragments "order_NAME" is the rank, as the views have it, "order_NAME_rank" a bound of it in $1, "order_NAME_above" whether a
 * row stands before rank $1 and key $2. */
struct nb_order {
    const char *name;                          /* sort:NAME */
    const char *title;                         /* "last seen": by what it sorts */
    int64_t (*rank)(const struct nb_row *row); /* NULL: by key alone */
    bool by_time;                              /* the rank is a time, which counts as the row's age */
    int64_t lowest, highest;                   /* the bounds of the rank */
};

/* ---- the table ---- */

struct nb_subject_info {
    const char *name; /* "inbox": in commands, of its filter's fragments, of its view */
    const char *noun, *nouns;
    const char *a_noun;         /* "an event" */
    const char *operators_only; /* the message for readers who see none of its rows; NULL: everybody has some */
    bool integer_keys;          /* bigint, not uuid */
    bool wakes;                 /* rows change by themselves at a time: what is snoozed wakes */
    bool has_short_ids;         /* page/ids.h */
    bool rereads;               /* what changed is in no index: there are no `changes`, lists are read again */
    size_t row_size;

    const char *const *columns; /* of its queries, by position; columns that only one query has come after them */
    size_t column_count;
    struct nb_row *(*decode)(const struct nb_result *result, size_t index, struct nb_arena *arena);
    struct nb_row *(*copy)(const struct nb_row *row, struct nb_arena *arena); /* a deep copy */
    enum nb_sql older, newer, keys, count, count_new, count_range, changes;
    enum nb_sql values; /* of the words that are `listed` */
    enum nb_sql ending; /* the rows whose ids end so, where it has short ids */

    const struct nb_order *orders; /* the first is by key alone; ends with a NULL name */

    const struct nb_word *words; /* ends with a NULL name */
    /* The fragment that applies when no term of the filter has the choice `unless`; NULL: none. */
    const char *default_fragment;
    const char *unless_word, *unless_choice;

    const char *const *bells; /* the kinds of doorbell that ring for it (nightbell.my_channels()), NULL-terminated */

    const struct nb_member *members; /* ends with a NULL name; the document is not among them */
    struct nb_member document;       /* the free-form JSON, written last; lists do not fetch it */

    const char *(*type)(const struct nb_row *row);
    const char *(*title)(const struct nb_row *row); /* one line that says what the row is about */
    const char *(*link)(const struct nb_row *row);  /* NULL: it has none, or its kind has none */
    /* One word for what happened to the row. */
    const char *(*change)(const struct nb_row *row, bool created);
};

const struct nb_subject_info *nb_subject_info(enum nb_subject subject);
/* NB_EUSAGE for an unknown name; the hint lists all names. */
NB_MUSTCHECK int nb_subject_parse(enum nb_subject *out, const char *name, struct nb_error *err);

/* By its name; NULL: the subject has no such order. */
const struct nb_order *nb_order_find(enum nb_subject subject, const char *name);
/* order: NULL is by key alone. */
struct nb_place nb_place_of(const struct nb_order *order, const struct nb_row *row);
/* The rank of a time counts as the row's age; without one that is `otherwise`. */
int64_t nb_order_age(const struct nb_order *order, const struct nb_row *row, int64_t otherwise);

/* The orders of a subject whose rows are sorted by key alone. */
extern const struct nb_order nb_order_newest[];

/* The entries of the table. */
extern const struct nb_subject_info nb_notification_subject, nb_event_subject, nb_delivery_subject;

#endif
