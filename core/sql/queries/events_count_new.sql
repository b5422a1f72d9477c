-- The number of rows before a place that were created since a look, late commits included; where another order than that
-- of ids is asked for, also of those that came up since: what changed, and stands before all that was there at the look.
-- No visible change is above the snapshot's end. The explicit bound makes the planner expect few rows and use the index
-- of changes, whose predicate is an id of at least 3 (migrations/0010_changed_indexes.sql).
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 pg_snapshot: the look · $2 bigint: the key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.events AS e
WHERE e.changed_xid >= pg_snapshot_xmin($1::text::pg_snapshot)
  AND e.changed_xid >= '3'::xid8
  AND e.changed_xid <= pg_snapshot_xmax(pg_current_snapshot())
  AND NOT pg_visible_in_snapshot(e.changed_xid, $1::text::pg_snapshot)
  AND (NOT pg_visible_in_snapshot(e.created_xid, $1::text::pg_snapshot) /*or above*/)
  AND (/*rank*/e.id) > (/*bound 1*/$2::bigint) /*filter*/
