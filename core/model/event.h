/*
 * event.h - one system event (table nightbell.admin_system_events) with the names of the people in it.
 */
#ifndef NB_MODEL_EVENT_H
#define NB_MODEL_EVENT_H

#include "model/subject.h"

enum nb_event_state { NB_STATE_OPEN, NB_STATE_ACKNOWLEDGED, NB_STATE_SNOOZED, NB_STATE_RESOLVED };
enum nb_severity {
#define SEVERITY(identifier, word, symbol, ascii) NB_SEVERITY_##identifier,
#include "model/severity.def"
#undef SEVERITY
};

struct nb_event {
    struct nb_row row;        /* key: the id */
    struct nb_uuid tenant_id; /* nil: global, of no tenant */
    struct nb_uuid user_id;   /* the user that it is about; nil: nobody */
    enum nb_severity severity;
    int64_t occurrences;
    int64_t version; /* +1 with every act; an undo names the version that it undoes */
    int64_t created_at;
    int64_t last_seen_at;
    bool is_resolved;
    int64_t resolved_at;
    int64_t acknowledged_at;
    int64_t snoozed_until;
    int64_t episode_at;      /* when it began, by its source's clock; none: not said */
    int64_t ack_expires_at;  /* when the acknowledgement runs out; none: it does not */
    int64_t auto_resolve_at; /* when it counts as over unless it is raised again; none: it does not */
    bool is_stale;           /* open, and not raised again for much longer than usual */
    bool is_flapping;        /* began and ended again and again */
    struct nb_uuid resolved_by, acknowledged_by, assigned_to; /* nil: nobody */
    const char *held_by;                                      /* the maintenance window that holds it now; NULL: none */
    const char *event_type;
    const char *description;
    const char *source;      /* NULL: not given */
    const char *fingerprint; /* NULL: none */
    const char *resolution;  /* the note it was resolved with; NULL: none */
    const char *tenant_name; /* NULL: global */
    const char *user_name, *resolved_by_name, *acknowledged_by_name, *assigned_to_name; /* NULL: nobody */
    const char *details; /* JSON text as jsonb_pretty() formats it; NULL: none; lists do not fetch it */
};

/* One line of an event's append-only history (table nightbell.event_actions). */
struct nb_event_action {
    int64_t at;
    const char *actor_name; /* NULL: the system */
    const char *action;     /* raise raise_again acknowledge resolve reopen assign snooze note undo redo return settle
                               remind lapse wake */
    const char *note;       /* NULL: none */
    int64_t note_time;      /* the time with which the note ends ("until"); NB_TIME_NONE: it has none */
};

const char *nb_severity_name(enum nb_severity severity);
/* ▲ ● ◆ ○ or an ASCII replacement, so that severity is never shown by colour alone. */
const char *nb_severity_glyph(enum nb_severity severity, bool ascii);
enum nb_event_state nb_event_state(const struct nb_event *event, int64_t now);
const char *nb_event_state_name(enum nb_event_state state); /* "open" "acknowledged" "snoozed" "resolved" */
NB_MUSTCHECK int nb_severity_parse(enum nb_severity *out, const char *text, struct nb_error *err);
struct nb_row *nb_event_decode(const struct nb_result *result, size_t index, struct nb_arena *arena);
struct nb_row *nb_event_copy(const struct nb_row *row, struct nb_arena *arena);

#endif
