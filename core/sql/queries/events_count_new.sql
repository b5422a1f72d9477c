-- How many that are newer than a key came into being since a look, late commits included.
-- No visible change lies above the snapshot's end; saying so makes the planner take it for few rows, and use their index, which
-- is one for those who say that an id is at least 3 (migrations/0010_changed_indexes.sql).
-- refusal: of none, why the database does not know who asks; NULL: it does.
-- $1 pg_snapshot: the look · $2 bigint: the key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.events AS e
WHERE e.changed_xid >= pg_snapshot_xmin($1::text::pg_snapshot)
  AND e.changed_xid >= '3'::xid8
  AND e.changed_xid <= pg_snapshot_xmax(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(e.created_xid, $1::text::pg_snapshot)
  AND e.id > $2::bigint /*filter*/
