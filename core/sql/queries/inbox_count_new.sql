-- The number of rows newer than a key that were created since a look, late commits included.
-- No visible change is above the snapshot's end. The explicit bound makes the planner expect few rows and use the index
-- of changes, whose predicate is an id of at least 3 (migrations/0010_changed_indexes.sql).
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 pg_snapshot: the look · $2 uuid: the key
SELECT sum(c.matching)::bigint, CASE WHEN sum(c.matching) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM (
    SELECT count(*) AS matching
    FROM nightbell.inbox_notifications AS i
    WHERE i.changed_xid >= pg_snapshot_xmin($1::text::pg_snapshot)
      AND i.changed_xid >= '3'::xid8
      AND i.changed_xid <= pg_snapshot_xmax(pg_current_snapshot())
      AND NOT pg_visible_in_snapshot(i.created_xid, $1::text::pg_snapshot)
      AND i.id > $2::uuid /*filter*/
    UNION ALL
    SELECT count(*)
    FROM nightbell.announcement_changes($1::text::pg_snapshot, NULL, $2::uuid, NULL, pg_snapshot_xmin($1::text::pg_snapshot),
        pg_snapshot_xmax(pg_current_snapshot())) AS i
    WHERE NOT pg_visible_in_snapshot(i.created_xid, $1::text::pg_snapshot)
      AND i.deleted_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > now()) /*filter*/
) AS c
