-- The number of rows that match between two places, inclusive.
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 uuid: the older key · $2 uuid: the newer key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.deliveries_seen AS d
WHERE d.id >= $1::uuid AND d.id <= $2::uuid /*filter*/
