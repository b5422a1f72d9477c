/*
 * event.c - decodes a row of an events query into a struct nb_event.
 */
#include "model/event.h"

/* Position and name of each column, in the order of queries/events_page_older.sql. */
#define EVENT_COLUMNS(_)                                                                                               \
    _(ID, "id")                                                                                                        \
    _(TENANT_ID, "tenant_id")                                                                                          \
    _(USER_ID, "user_id")                                                                                              \
    _(EVENT_TYPE, "event_type")                                                                                        \
    _(SEVERITY, "severity")                                                                                            \
    _(DESCRIPTION, "description")                                                                                      \
    _(SOURCE, "source")                                                                                                \
    _(FINGERPRINT, "fingerprint")                                                                                      \
    _(OCCURRENCES, "occurrences")                                                                                      \
    _(VERSION, "version")                                                                                              \
    _(CREATED_AT, "created_at")                                                                                        \
    _(LAST_SEEN_AT, "last_seen_at")                                                                                    \
    _(IS_RESOLVED, "is_resolved")                                                                                      \
    _(RESOLVED_AT, "resolved_at")                                                                                      \
    _(RESOLVED_BY, "resolved_by")                                                                                      \
    _(RESOLUTION, "resolution")                                                                                        \
    _(ACKNOWLEDGED_AT, "acknowledged_at")                                                                              \
    _(ACKNOWLEDGED_BY, "acknowledged_by")                                                                              \
    _(ASSIGNED_TO, "assigned_to")                                                                                      \
    _(SNOOZED_UNTIL, "snoozed_until")                                                                                  \
    _(TENANT_NAME, "tenant_name")                                                                                      \
    _(USER_NAME, "user_name")                                                                                          \
    _(RESOLVED_BY_NAME, "resolved_by_name")                                                                            \
    _(ACKNOWLEDGED_BY_NAME, "acknowledged_by_name")                                                                    \
    _(ASSIGNED_TO_NAME, "assigned_to_name")                                                                            \
    _(EPISODE_AT, "episode_at")                                                                                        \
    _(ACK_EXPIRES_AT, "ack_expires_at")                                                                                \
    _(AUTO_RESOLVE_AT, "auto_resolve_at")                                                                              \
    _(IS_STALE, "is_stale")                                                                                            \
    _(IS_FLAPPING, "is_flapping")                                                                                      \
    _(HELD_BY, "held_by")                                                                                              \
    _(DETAILS, "details")

#define COLUMN_POSITION(id, name) COLUMN_##id,
#define COLUMN_NAME(id, name)     name,

enum { EVENT_COLUMNS(COLUMN_POSITION) };

static const char *const columns[] = {EVENT_COLUMNS(COLUMN_NAME)};

static const char *const severity_names[] = {
#define SEVERITY(identifier, word, symbol, ascii) word,
#include "model/severity.def"
#undef SEVERITY
};

const char *nb_severity_name(enum nb_severity severity)
{
    return (size_t)severity < NB_ARRAY_SIZE(severity_names) ? severity_names[severity] : "critical";
}

int nb_severity_parse(enum nb_severity *out, const char *text, struct nb_error *err)
{
    for (size_t i = 0; text && i < NB_ARRAY_SIZE(severity_names); i++) {
        if (strcmp(text, severity_names[i]) == 0) {
            *out = (enum nb_severity)i;
            return 0;
        }
    }
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "severity: expected low, medium, high or critical");
}

static void decode_people(struct nb_event *event, const struct nb_result *result, size_t index, struct nb_arena *arena)
{
    event->user_id = nb_result_uuid(result, index, COLUMN_USER_ID);
    event->resolved_by = nb_result_uuid(result, index, COLUMN_RESOLVED_BY);
    event->acknowledged_by = nb_result_uuid(result, index, COLUMN_ACKNOWLEDGED_BY);
    event->assigned_to = nb_result_uuid(result, index, COLUMN_ASSIGNED_TO);
    event->user_name = nb_result_text_in(result, index, COLUMN_USER_NAME, arena);
    event->resolved_by_name = nb_result_text_in(result, index, COLUMN_RESOLVED_BY_NAME, arena);
    event->acknowledged_by_name = nb_result_text_in(result, index, COLUMN_ACKNOWLEDGED_BY_NAME, arena);
    event->assigned_to_name = nb_result_text_in(result, index, COLUMN_ASSIGNED_TO_NAME, arena);
}

struct nb_row *nb_event_decode(const struct nb_result *result, size_t index, struct nb_arena *arena)
{
    struct nb_event *event = nb_arena_alloc(arena, sizeof(*event));

    event->row.key = nb_key_from_int(nb_result_int(result, index, COLUMN_ID));
    event->tenant_id = nb_result_uuid(result, index, COLUMN_TENANT_ID);
    /* the domain in the database allows no other word; a word of a newer schema is shown as critical, the safe
     * choice */
    event->severity = NB_SEVERITY_CRITICAL;
    (void)!nb_severity_parse(&event->severity, nb_result_text(result, index, COLUMN_SEVERITY), NULL);
    event->occurrences = nb_result_int(result, index, COLUMN_OCCURRENCES);
    event->version = nb_result_int(result, index, COLUMN_VERSION);
    event->created_at = nb_result_time(result, index, COLUMN_CREATED_AT);
    event->last_seen_at = nb_result_time(result, index, COLUMN_LAST_SEEN_AT);
    event->is_resolved = nb_result_bool(result, index, COLUMN_IS_RESOLVED);
    event->resolved_at = nb_result_time(result, index, COLUMN_RESOLVED_AT);
    event->acknowledged_at = nb_result_time(result, index, COLUMN_ACKNOWLEDGED_AT);
    event->snoozed_until = nb_result_time(result, index, COLUMN_SNOOZED_UNTIL);
    event->episode_at = nb_result_time(result, index, COLUMN_EPISODE_AT);
    event->ack_expires_at = nb_result_time(result, index, COLUMN_ACK_EXPIRES_AT);
    event->auto_resolve_at = nb_result_time(result, index, COLUMN_AUTO_RESOLVE_AT);
    event->is_stale = nb_result_bool(result, index, COLUMN_IS_STALE);
    event->is_flapping = nb_result_bool(result, index, COLUMN_IS_FLAPPING);
    event->held_by = nb_result_text_in(result, index, COLUMN_HELD_BY, arena);
    event->event_type = nb_result_text_in(result, index, COLUMN_EVENT_TYPE, arena);
    event->description = nb_result_text_in(result, index, COLUMN_DESCRIPTION, arena);
    event->source = nb_result_text_in(result, index, COLUMN_SOURCE, arena);
    event->fingerprint = nb_result_text_in(result, index, COLUMN_FINGERPRINT, arena);
    event->resolution = nb_result_text_in(result, index, COLUMN_RESOLUTION, arena);
    event->tenant_name = nb_result_text_in(result, index, COLUMN_TENANT_NAME, arena);
    event->details = nb_result_text_in(result, index, COLUMN_DETAILS, arena);
    decode_people(event, result, index, arena);
    return &event->row;
}

struct nb_row *nb_event_copy(const struct nb_row *row, struct nb_arena *arena)
{
    struct nb_event *event = nb_arena_alloc(arena, sizeof(*event));

    *event = *(const struct nb_event *)row;
    event->event_type = nb_arena_strdup(arena, event->event_type);
    event->description = nb_arena_strdup(arena, event->description);
    event->source = nb_arena_strdup(arena, event->source);
    event->fingerprint = nb_arena_strdup(arena, event->fingerprint);
    event->resolution = nb_arena_strdup(arena, event->resolution);
    event->tenant_name = nb_arena_strdup(arena, event->tenant_name);
    event->held_by = nb_arena_strdup(arena, event->held_by);
    event->user_name = nb_arena_strdup(arena, event->user_name);
    event->resolved_by_name = nb_arena_strdup(arena, event->resolved_by_name);
    event->acknowledged_by_name = nb_arena_strdup(arena, event->acknowledged_by_name);
    event->assigned_to_name = nb_arena_strdup(arena, event->assigned_to_name);
    event->details = nb_arena_strdup(arena, event->details);
    return &event->row;
}

/* ---- words ---- */

const char *nb_severity_glyph(enum nb_severity severity, bool ascii)
{
    static const char *const glyphs[][2] = {
#define SEVERITY(identifier, word, symbol, ascii) {symbol, ascii},
#include "model/severity.def"
#undef SEVERITY
    };

    return glyphs[severity][ascii];
}

enum nb_event_state nb_event_state(const struct nb_event *event, int64_t now)
{
    if (event->is_resolved)
        return NB_STATE_RESOLVED;
    if (event->snoozed_until != NB_TIME_NONE && event->snoozed_until > now)
        return NB_STATE_SNOOZED;
    return event->acknowledged_at != NB_TIME_NONE ? NB_STATE_ACKNOWLEDGED : NB_STATE_OPEN;
}

const char *nb_event_state_name(enum nb_event_state state)
{
    static const char *const names[] = {
        [NB_STATE_OPEN] = "open",
        [NB_STATE_ACKNOWLEDGED] = "acknowledged",
        [NB_STATE_SNOOZED] = "snoozed",
        [NB_STATE_RESOLVED] = "resolved",
    };

    return names[state];
}

static const struct nb_event *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_event, row);
}

static const char *severity_word(const struct nb_row *row, int64_t now)
{
    (void)now;
    return nb_severity_name(of(row)->severity);
}

static const char *state_word(const struct nb_row *row, int64_t now)
{
    return nb_event_state_name(nb_event_state(of(row), now));
}

static const char *type(const struct nb_row *row)
{
    return of(row)->event_type;
}

static const char *title(const struct nb_row *row)
{
    return of(row)->description;
}

static const char *change(const struct nb_row *row, bool created)
{
    if (of(row)->is_resolved)
        return nb_event_state_name(NB_STATE_RESOLVED);
    return created ? "raised" : "changed";
}

/* ---- orders ---- */

/* PostgreSQL's first year, which no event was seen before, in microseconds. */
#define YEAR_ONE (INT64_C(-62135596800) * 1000000)

static int64_t last_seen(const struct nb_row *row)
{
    return of(row)->last_seen_at;
}

/* The same numbers as nightbell.severity_rank(). */
static int64_t severity_rank(const struct nb_row *row)
{
    return (int64_t)of(row)->severity + 1;
}

static const struct nb_order orders[] = {
    {.name = "new", .title = "newest"},
    {.name = "seen",
     .title = "last seen",
     .rank = last_seen,
     .by_time = true,
     .lowest = YEAR_ONE,
     .highest = INT64_MAX},
    {.name = "severity",
     .title = "severity",
     .rank = severity_rank,
     .lowest = NB_SEVERITY_LOW + 1,
     .highest = NB_SEVERITY_CRITICAL + 1},
    {NULL},
};

/* ---- the subject ---- */

static const struct nb_word_choice is[] = {
    {"open", 1},  {"resolved", 1}, {"acked", 0}, {"snoozed", 1}, {"mine", 0},
    {"stale", 0}, {"flapping", 0}, {"held", 0},  {NULL},
};
static const struct nb_word_choice has[] = {{"details"}, {"resolution"}, {"fingerprint"}, {NULL}};
static const struct nb_word_choice severities[] = {
#define SEVERITY(identifier, word, symbol, ascii) {word},
#include "model/severity.def"
#undef SEVERITY
    {NULL},
};

/* In the order of `orders`. */
static const struct nb_word_choice sorts[] = {{"new", 1}, {"seen", 1}, {"severity", 1}, {NULL}};

static const struct nb_word words[] = {
    {"is", NB_WORD_CHOICE, is, .example = "is:open", .help = "neither resolved nor snoozed; or is:acked, is:mine …"},
    {"severity", NB_WORD_SCALE, severities, .example = "severity>=high", .help = "and above; or severity:low,medium"},
    {"type", NB_WORD_PATTERN, .example = "type:job_*", .help = "a type, or a pattern", .listed = true},
    {"source", NB_WORD_PATTERN, nb_word_none, .example = "source:mailer", .help = "what raised it, or a pattern; none",
     .listed = true},
    {"tenant", NB_WORD_NAME, nb_word_none, .example = "tenant:acme", .help = "none: of the whole installation",
     .listed = true},
    {"user", NB_WORD_NAME, nb_word_me_or_none, .example = "user:ada", .help = "whom it is about; me, none",
     .listed = true},
    {"assigned", NB_WORD_NAME, nb_word_me_or_none, .example = "assigned:none", .help = "who has it: a name, me, none",
     .listed = true},
    {"has", NB_WORD_CHOICE, has, .example = "has:details", .help = "or has:resolution, has:fingerprint"},
    {"id", NB_WORD_PATTERN, .example = "id:90", .help = "its number"},
    {"since", NB_WORD_TIME, .example = "since:2h", .help = "raised in the last two hours"},
    {"before", NB_WORD_TIME, .example = "before:2026-11-01", .help = "raised before a time, or a span ago"},
    {"sort", NB_WORD_ORDER, sorts, .example = "sort:seen", .help = "the last seen first; or sort:new, sort:severity"},
    {NULL},
};

static const char *const bells[] = {"event", NULL};

#define MEMBER(kind, member)                                                                                           \
    {                                                                                                                  \
#member, NB_MEMBER_##kind, offsetof(struct nb_event, member), NULL                                             \
    }

static const struct nb_member members[] = {
    {"id", NB_MEMBER_KEY, 0, NULL},
    MEMBER(TIME, created_at),
    MEMBER(TEXT, event_type),
    {"severity", NB_MEMBER_WORD, 0, severity_word},
    {"state", NB_MEMBER_WORD, 0, state_word},
    MEMBER(TEXT, description),
    MEMBER(UUID, tenant_id),
    MEMBER(TEXT, tenant_name),
    MEMBER(UUID, user_id),
    MEMBER(TEXT, user_name),
    MEMBER(BOOL, is_resolved),
    MEMBER(TIME, resolved_at),
    MEMBER(UUID, resolved_by),
    MEMBER(TEXT, resolved_by_name),
    MEMBER(TEXT, resolution),
    MEMBER(TEXT, fingerprint),
    MEMBER(NUMBER, occurrences),
    MEMBER(TIME, last_seen_at),
    MEMBER(TEXT, source),
    MEMBER(TIME, acknowledged_at),
    MEMBER(UUID, acknowledged_by),
    MEMBER(TEXT, acknowledged_by_name),
    MEMBER(UUID, assigned_to),
    MEMBER(TEXT, assigned_to_name),
    MEMBER(TIME, snoozed_until),
    MEMBER(TIME, episode_at),
    MEMBER(TIME, ack_expires_at),
    MEMBER(TIME, auto_resolve_at),
    MEMBER(BOOL, is_stale),
    MEMBER(BOOL, is_flapping),
    MEMBER(TEXT, held_by),
    MEMBER(NUMBER, version),
    {NULL, NB_MEMBER_TEXT, 0, NULL},
};

const struct nb_subject_info nb_event_subject = {
    .name = "events",
    .noun = "event",
    .nouns = "events",
    .a_noun = "an event",
    .integer_keys = true,
    .wakes = true,
    .operators_only = "system events are for operators",
    .row_size = sizeof(struct nb_event),
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .decode = nb_event_decode,
    .copy = nb_event_copy,
    .older = NB_SQL_EVENTS_PAGE_OLDER,
    .newer = NB_SQL_EVENTS_PAGE_NEWER,
    .keys = NB_SQL_EVENTS_KEYS,
    .count = NB_SQL_EVENTS_COUNT,
    .count_new = NB_SQL_EVENTS_COUNT_NEW,
    .count_range = NB_SQL_EVENTS_COUNT_RANGE,
    .changes = NB_SQL_EVENTS_CHANGES,
    .values = NB_SQL_EVENTS_VALUES,
    .orders = orders,
    .words = words,
    .bells = bells,
    .members = members,
    .document = MEMBER(JSON, details),
    .type = type,
    .title = title,
    .change = change,
};
