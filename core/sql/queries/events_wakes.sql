-- When the next snooze ends, and which open critical events have woken since the last answer. No doorbell rings when a
-- snooze ends, so the reader comes back by itself at that time.
-- $1 timestamptz or NULL: the time of the last answer; NULL returns no event
-- One row an event, or one row of NULLs: whether the session is known, the time of this answer, how many milliseconds from
-- it until the next snooze ends (NULL: none does), the event's type and description.
SELECT s.known, s.at, ceil(extract(epoch FROM next.until - s.at) * 1000)::bigint, woken.event_type, woken.description
FROM (SELECT who.known, clock_timestamp() AS at FROM nightbell.claims() AS who) AS s
LEFT JOIN LATERAL (
    SELECT min(e.snoozed_until) AS until FROM nightbell.events AS e
    WHERE NOT e.is_resolved AND e.snoozed_until > s.at
) AS next ON true
LEFT JOIN LATERAL (
    SELECT e.event_type, e.description FROM nightbell.events AS e
    WHERE NOT e.is_resolved AND e.severity = 'critical' AND e.snoozed_until > $1::timestamptz AND e.snoozed_until <= s.at
    ORDER BY e.snoozed_until LIMIT 100
) AS woken ON true
