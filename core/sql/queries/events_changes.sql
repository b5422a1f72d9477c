-- Rows that became visible since a look, oldest first: created or changed by a transaction that the look did not see.
-- An answer in several parts ends at the snapshot of the first part, so that the next look begins exactly there.
-- No visible change is above the snapshot's end. The explicit bound makes the planner expect few rows and use the index
-- of changes, whose predicate is an id of at least 3 (migrations/0010_changed_indexes.sql).
-- $1 pg_snapshot: the look · $2 pg_snapshot or NULL: the look of the first part · $3 bigint: after this key
-- $4 bigint: how many · $5 boolean: with details
-- $6 timestamptz: the time of the look if its session was lost since; else NULL
-- $7 boolean: with rows that the filter does not (or no longer) match
-- $8 timestamptz: the time of the look · $9 timestamptz or NULL: the time of the look of the first part
-- A snooze that ends is a change, though nothing is written. A worker writes it down within a moment, where there is one;
-- so that it is not reported twice, one that is still there is reported two seconds later.
-- The upper bound is a subquery: PostgreSQL does not take a bare COALESCE for leakproof, so it would stay outside the
-- policies and the barrier, and all that are snoozed until later would be read at every look.
-- A crashed server may reuse ids of transactions that had ended but were not on disk, which the look counts as seen. So
-- after a lost session, rows written since the time of the look are included, too.
SELECT p.id, p.tenant_id, p.user_id, p.event_type, p.severity, p.description, p.source, p.fingerprint,
       p.occurrences, p.version, p.created_at, p.last_seen_at, p.is_resolved, p.resolved_at, p.resolved_by,
       p.resolution, p.acknowledged_at, p.acknowledged_by, p.assigned_to, p.snoozed_until, p.tenant_name, p.user_name,
       p.resolved_by_name, p.acknowledged_by_name, p.assigned_to_name,
       p.episode_at, p.ack_expires_at, p.auto_resolve_at, p.is_stale, p.is_flapping, p.held_by,
       CASE WHEN $5::boolean THEN jsonb_pretty(p.details) END AS details,
       NOT pg_visible_in_snapshot(p.created_xid, $1::text::pg_snapshot) OR coalesce(p.created_at > $6::timestamptz, false) AS created,
       p.matches, p.gone, s.known, s.at, s.snapshot
FROM (SELECT who.known, pg_current_snapshot()::text AS snapshot, now() AS at FROM nightbell.claims() AS who) AS s
LEFT JOIN LATERAL (
    SELECT DISTINCT ON (c.id) c.*
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
        UNION ALL
        SELECT e.*, (true /*filter*/) AS matches, false AS gone
        FROM nightbell.events AS e
        WHERE NOT e.is_resolved AND e.snoozed_until > $8::timestamptz - interval '2 s'
          AND e.snoozed_until <= (SELECT coalesce($9::timestamptz, now()) - interval '2 s') AND e.id > $3::bigint
    ) AS c
    WHERE c.matches OR $7::boolean
    ORDER BY c.id LIMIT $4::bigint
) AS p ON true
