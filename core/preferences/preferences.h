/*
 * preferences.h - what a person wants to hear, when and by which channel: read, changed, and written as people type it.
 */
#ifndef NB_PREFERENCES_PREFERENCES_H
#define NB_PREFERENCES_PREFERENCES_H

#include <jansson.h>

#include "base/strbuf.h"
#include "db/query.h"

#define NB_DAY_COUNT 7
extern const char *const nb_day_names[]; /* mon, tue …; ends with NULL */

/* Which of the person's choices decides about a switch. */
enum nb_preference_source {
    NB_PREFERENCE_DEFAULT, /* none: without a choice the switch is on */
    NB_PREFERENCE_ALL,
    NB_PREFERENCE_MODULE,
    NB_PREFERENCE_TYPE
};

struct nb_preference_switch {
    bool enabled;
    bool locked; /* cannot be switched off */
    bool usual;  /* the type goes out by it where neither rule nor producer names channels */
    enum nb_preference_source source;
};

/* A channel that the database knows. */
struct nb_preference_channel {
    const char *name;
    const char *address; /* of e-mail and SMS; NULL: none, or the channel has none */
    const char *problem; /* no_address, address_disabled; NULL: none */
};

struct nb_preference_type {
    const char *type, *module, *description, *urgency;
    const struct nb_preference_switch *channels; /* one for each channel of the preferences */
};

/* One choice of the person, on a type, a module ("*": no particular type) or everything (both "*"). */
struct nb_preference_word {
    const char *type, *module, *channel;
    bool enabled;
};

struct nb_preference_threshold {
    const char *event_type, *module, *condition;
    bool is_active;
};

struct nb_preferences {
    const char *tenant_id, *user_id, *name;
    int64_t version;                              /* for nb_preferences_set() */
    const char *quiet_from, *quiet_to;            /* "22:00"; NULL: no quiet hours */
    bool quiet_days[NB_DAY_COUNT];                /* from Monday */
    int64_t dnd_until;                            /* NB_TIME_NONE: may be disturbed */
    const char *digest, *digest_at;               /* off, hourly or daily; "08:00" of a daily one */
    const char *time_zone, *locale;               /* locale NULL: none is known */
    bool time_zone_is_own, locale_is_own;         /* chosen by the person, not set by the application */
    const struct nb_preference_channel *channels; /* in the order in which they are shown */
    size_t channel_count;
    const struct nb_preference_type *types; /* by module, then type */
    size_t type_count;
    const struct nb_preference_word *words;
    size_t word_count;
    const struct nb_preference_threshold *thresholds;
    size_t threshold_count;
    const json_t *document; /* all of it, as the database tells it */
};

/* Whose preferences. NULL, or person NULL: one's own; those of others are for administrators. */
struct nb_preferences_of {
    const char *tenant; /* name or UUID; NULL: one's own, or the only one */
    const char *person; /* name, address or UUID */
};

/* preferences is borrowed for the duration of the call (nb_preferences_copy() keeps it), NULL when err is set. */
typedef void nb_preferences_done(void *arg, const struct nb_preferences *preferences, const struct nb_error *err);
struct nb_request *nb_preferences_fetch(struct nb_connection *connection, const struct nb_preferences_of *of,
                                        nb_preferences_done *done, void *arg);

#define NB_PREFERENCES_ANY_VERSION INT64_C(-1)
/* changes: an object of nb_preference_change(), or of the members that nightbell.set_preferences() takes. All happen or none.
 * version: of the preferences that the changes were made upon; NB_ECONFLICT where they were changed since.
 * NB_PREFERENCES_ANY_VERSION: whatever they are. done gets them as they are then. */
struct nb_request *nb_preferences_set(struct nb_connection *connection, const struct nb_preferences_of *of,
                                      const json_t *changes, int64_t version, nb_preferences_done *done, void *arg);

struct nb_preferences *nb_preferences_copy(const struct nb_preferences *preferences);
void nb_preferences_free(struct nb_preferences **preferences);

/* ---- as people type it (change.c) ---- */

/* Adds a change to changes, an object. Keys and values, in any case of letters:
 *   email=off|on|default              by that channel, whatever it is
 *   BOOKING_CREATED.email=off …       of that type
 *   module:billing.sms=off …          of that module
 *   quiet=22:00-07:00|off             quiet-days=sat,sun|off
 *   dnd=2h|tonight|monday 9:00|off    as nb_time_parse_future() reads it
 *   digest=off|hourly|daily[@08:00]   zone=Europe/Riga|default    locale=lv|default
 *   threshold=CONDITION|off           threshold:EVENT_TYPE=…      threshold:module:MODULE=…
 * NB_EUSAGE names what is wrong; which types and modules there are, the database says. */
NB_MUSTCHECK int nb_preference_change(json_t *changes, const char *key, const char *value, int64_t now,
                                      struct nb_error *err);
/* The same from "KEY=VALUE". */
NB_MUSTCHECK int nb_preference_change_text(json_t *changes, const char *text, int64_t now, struct nb_error *err);

/* Completes text: without a "=" the keys ("quiet=") with what each is for, behind one the values of its key. channels: the names there
 * are, NULL-terminated; NULL: those that every installation has. */
typedef void nb_preference_suggested(void *arg, const char *text, const char *about);
void nb_preference_suggest(const char *text, const char *const *channels, nb_preference_suggested *suggested,
                           void *arg);
/* Where in `text` the name of a channel begins that is being typed. */
const char *nb_preference_channel_typed(const char *text);

/* Append the values as they can be typed: "22:00-07:00", "sat,sun", "daily@08:00"; "off" where there are none. */
void nb_preference_quiet_text(struct nb_strbuf *out, const struct nb_preferences *preferences);
void nb_preference_days_text(struct nb_strbuf *out, const struct nb_preferences *preferences);
void nb_preference_digest_text(struct nb_strbuf *out, const struct nb_preferences *preferences);

#endif
