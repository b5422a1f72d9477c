-- The number of rows newer than a key that were created since a look, late commits included.
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 pg_snapshot: the look · $2 uuid: the key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.deliveries_seen AS d
WHERE d.id > $2::uuid AND NOT pg_visible_in_snapshot(d.created_xid, $1::text::pg_snapshot) /*filter*/
