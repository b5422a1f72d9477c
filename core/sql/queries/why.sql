-- What was decided about a thing, in order, as far as the caller may see it.
-- $1 text: notification, delivery, event, app_event; NULL: whatever has the id · $2 text: its id
SELECT w.at, w.subject, w.subject_id, w.app_event, w.event_type, w.user_id, w.user_name, w.channel, w.rule_id, w.code,
    w.outcome, w.detail, w.is_own
FROM nightbell.why($1::text, $2::text) AS w
