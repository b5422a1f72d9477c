-- An operator's act on events: returns one row for each that exists and is visible.
-- $1 text: acknowledge, resolve, reopen, assign, snooze, note or undo · $2 bigint[]: ids · $3 text: note
-- $4 uuid: whom to assign · $5 timestamptz: snooze until · $6 text[]: undo: what the act had replaced, as JSON
SELECT a.id, a.changed, a.reason, a.previous::text AS previous, a.version, a.reason_time
FROM nightbell.event_act($1::text, $2::bigint[], $3::text, $4::uuid, $5::timestamptz, $6::text[]::jsonb[]) AS a
