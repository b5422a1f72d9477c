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
SELECT p.id, p.tenant_id, p.actor_id, p.is_announcement, p.type, p.title, p.message, p.link,
       p.actions::text AS actions, p.action_taken, p.channel, p.urgency, p.created_at, p.updated_at, p.read_at,
       p.archived_at, p.expires_at, p.actor_name, p.silent,
       CASE WHEN $5::boolean THEN jsonb_pretty(p.data) END AS data,
       NOT pg_visible_in_snapshot(p.created_xid, $1::text::pg_snapshot) OR coalesce(p.created_at > $6::timestamptz, false) AS created,
       p.matches, p.gone, s.known, s.at, s.snapshot
FROM (SELECT who.known, pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at FROM nightbell.claims() AS who) AS s
LEFT JOIN LATERAL (
    SELECT c.*
    FROM (
        SELECT i.*, (i.deleted_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now()) /*filter*/) AS matches,
            i.deleted_at IS NOT NULL OR coalesce(i.expires_at <= now(), false) AS gone
        FROM nightbell.inbox_with_deleted AS i
        WHERE i.changed_xid >= (SELECT greatest(pg_snapshot_xmin($1::text::pg_snapshot)::text::bigint
                - CASE WHEN $6::timestamptz IS NULL THEN 0 ELSE 100000 END, 3)::text::xid8)
          AND i.changed_xid >= '3'::xid8
          AND i.changed_xid <= (SELECT pg_snapshot_xmax(pg_current_snapshot()))
          AND (NOT pg_visible_in_snapshot(i.changed_xid, (SELECT $1::text::pg_snapshot)) OR i.updated_at > $6::timestamptz)
          AND ($2::text IS NULL OR pg_visible_in_snapshot(i.changed_xid, (SELECT $2::text::pg_snapshot)))
          AND i.id > $3::uuid
    ) AS c
    WHERE c.matches OR $7::boolean
    ORDER BY c.id LIMIT $4::bigint
) AS p ON true
