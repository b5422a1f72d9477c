-- The number of rows that match between two keys, inclusive.
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 uuid: the older key · $2 uuid: the newer key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.inbox AS i
WHERE i.id >= $1::uuid AND i.id <= $2::uuid /*filter*/
