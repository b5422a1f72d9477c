-- How many that are newer than a key came into being since a look, late commits included.
-- $1 pg_snapshot: the look · $2 uuid: the key
SELECT count(*)
FROM nightbell.inbox AS i
WHERE i.changed_xid >= pg_snapshot_xmin($1::text::pg_snapshot)
  AND NOT pg_visible_in_snapshot(i.created_xid, $1::text::pg_snapshot)
  AND i.id > $2::uuid /*filter*/
