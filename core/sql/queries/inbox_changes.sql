-- Rows that became visible since a look, oldest first: created or changed by a transaction that the look did not see.
-- An answer in several parts ends at the snapshot of the first part, so that the next look begins exactly there.
-- No visible change is above the snapshot's end. The explicit bound makes the planner expect few rows and use the index
-- of changes, whose predicate is an id of at least 3 (migrations/0010_changed_indexes.sql).
-- $1 pg_snapshot: the look · $2 pg_snapshot or NULL: the look of the first part · $3 uuid: after this key
-- $4 bigint: how many · $5 boolean: with data
-- $6 timestamptz: the time of the look if its session was lost since; else NULL
-- $7 boolean: with rows that the filter does not (or no longer) match, and deleted and expired ones
-- A crashed server may reuse ids of transactions that had ended but were not on disk, which the look counts as seen. So
-- after a lost session, rows written since the time of the look are included, too.
-- known: whether the database accepts the caller's identity; where there are rows, it does.
SELECT p.id, p.tenant_id, p.actor_id, p.is_announcement, p.type, p.title, p.message, p.link,
       p.actions::text AS actions, p.action_taken, p.channel, p.urgency, p.created_at, p.updated_at, p.read_at,
       p.archived_at, p.expires_at, p.actor_name, p.silent,
       CASE WHEN $5::boolean THEN jsonb_pretty(p.data) END AS data,
       NOT pg_visible_in_snapshot(p.created_xid, s.look) OR coalesce(p.created_at > $6::timestamptz, false) AS created,
       p.matches, p.gone, CASE WHEN p.id IS NULL THEN (nightbell.claims()).known ELSE true END AS known, s.at, s.snapshot
FROM (
    SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at, $1::text::pg_snapshot AS look, $2::text::pg_snapshot AS until,
        greatest(pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint - CASE WHEN $6::timestamptz IS NULL THEN 0 ELSE 100000 END, 3)::text::xid8 AS lowest,
        pg_snapshot_xmax(pg_current_snapshot()) AS highest
    OFFSET 0) AS s
LEFT JOIN LATERAL (
    SELECT c.*
    FROM (
        SELECT i.*, (i.deleted_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now()) /*filter*/) AS matches,
            i.deleted_at IS NOT NULL OR coalesce(i.expires_at <= now(), false) AS gone
        FROM (
            SELECT n.* FROM nightbell.notifications_with_deleted AS n
            WHERE n.changed_xid >= s.lowest AND n.changed_xid >= '3'::xid8 AND n.changed_xid <= s.highest
              AND (NOT pg_visible_in_snapshot(n.changed_xid, s.look) OR n.updated_at > $6::timestamptz)
              AND (s.until IS NULL OR pg_visible_in_snapshot(n.changed_xid, s.until)) AND n.id > $3::uuid
            UNION ALL
            SELECT a.* FROM nightbell.announcement_changes(s.look, s.until, $3::uuid, $6::timestamptz, s.lowest, s.highest) AS a
        ) AS i
    ) AS c
    WHERE c.matches OR $7::boolean
    ORDER BY c.id LIMIT $4::bigint
) AS p ON true
