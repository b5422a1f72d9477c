-- How many match between two keys, both included.
-- refusal: of none, why the database does not know who asks; NULL: it does.
-- $1 bigint: the older key · $2 bigint: the newer key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.events AS e
WHERE e.id >= $1::bigint AND e.id <= $2::bigint /*filter*/
