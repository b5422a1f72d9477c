-- What became visible since a look, oldest first: rows that a transaction made or changed which that look did not see.
-- An answer in several parts stops at what the first part could see, so that the next look begins exactly there.
-- No visible change lies above the snapshot's end; saying so makes the planner take it for few rows, and use their index, which
-- is one for those who say that an id is at least 3 (migrations/0010_changed_indexes.sql).
-- $1 pg_snapshot: the look · $2 pg_snapshot or NULL: the look of the first part · $3 bigint: after this key
-- $4 bigint: how many · $5 boolean: details too · $6 timestamptz: when the look was, where its session was lost since; else NULL
-- $7 boolean: the rows that the filter does not show (any more) too
-- A server that crashed gives out transaction ids again that were finished, but not on its disk yet, when it did: the look took
-- them for seen. What is in the way of it was written after the look.
SELECT p.id, p.tenant_id, p.user_id, p.event_type, p.severity, p.description, p.source, p.fingerprint,
       p.occurrences, p.version, p.created_at, p.last_seen_at, p.is_resolved, p.resolved_at, p.resolved_by,
       p.resolution, p.acknowledged_at, p.acknowledged_by, p.assigned_to, p.snoozed_until, p.tenant_name, p.user_name,
       p.resolved_by_name, p.acknowledged_by_name, p.assigned_to_name,
       CASE WHEN $5::boolean THEN jsonb_pretty(p.details) END AS details,
       NOT pg_visible_in_snapshot(p.created_xid, $1::text::pg_snapshot) OR coalesce(p.created_at > $6::timestamptz, false) AS created,
       p.matches, p.gone, s.known, s.at, s.snapshot
FROM (SELECT who.known, pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at FROM nightbell.claims() AS who) AS s
LEFT JOIN LATERAL (
    SELECT c.*
    FROM (
        SELECT e.*, (true /*filter*/) AS matches, false AS gone
        FROM nightbell.events AS e
        WHERE e.changed_xid >= (SELECT greatest(pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
                - CASE WHEN $6::timestamptz IS NULL THEN 0 ELSE 100000 END, 3)::text::xid8)
          AND e.changed_xid >= '3'::xid8
          AND e.changed_xid <= (SELECT pg_snapshot_xmax(pg_current_snapshot()))
          AND (NOT pg_visible_in_snapshot(e.changed_xid, (SELECT $1::text::pg_snapshot))
               OR greatest(e.created_at, e.last_seen_at) > $6::timestamptz
               OR $6::timestamptz IS NOT NULL AND EXISTS (
                   SELECT FROM nightbell.event_history AS h WHERE h.event_id = e.id AND h.at > $6::timestamptz))
          AND ($2::text IS NULL OR pg_visible_in_snapshot(e.changed_xid, (SELECT $2::text::pg_snapshot)))
          AND e.id > $3::bigint
    ) AS c
    WHERE c.matches OR $7::boolean
    ORDER BY c.id LIMIT $4::bigint
) AS p ON true
