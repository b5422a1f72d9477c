-- How many match between two keys, both included.
-- $1 bigint: the older key · $2 bigint: the newer key
SELECT count(*)
FROM nightbell.events AS e
WHERE e.id >= $1::bigint AND e.id <= $2::bigint /*filter*/
