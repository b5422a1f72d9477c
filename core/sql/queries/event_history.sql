-- The history of an event, oldest first, at most the latest 1000 acts.
-- $1 bigint: the event
SELECT h.at, h.actor_name, h.action, h.note, h.note_time
FROM (
    SELECT a.id, a.at, a.actor_name, a.action, a.note, a.note_time
    FROM nightbell.event_history AS a
    WHERE a.event_id = $1::bigint
    ORDER BY a.id DESC LIMIT 1000
) AS h
ORDER BY h.id
