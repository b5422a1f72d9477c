-- why
-- What was decided about a thing, in order, as far as the caller may see it. Where that is more than asked for, what was
-- decided about the caller goes first into the selection.
-- $1 text: notification, delivery, event, app_event; NULL: whatever has the id · $2 text: its id · $3 bigint: at most so many
-- (NULL: all)
SELECT s.at, s.subject, s.subject_id, s.app_event, s.event_type, s.user_id, s.user_name, s.channel, s.rule_id, s.code,
    s.outcome, s.detail, s.is_own
FROM (SELECT w.*, row_number() OVER () AS place FROM nightbell.why($1::text, $2::text) AS w
      ORDER BY w.is_own DESC, place LIMIT $3::bigint) AS s
ORDER BY s.place
