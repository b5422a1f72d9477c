-- How many match between two keys, both included.
-- refusal: of none, why the database does not know who asks; NULL: it does.
-- $1 uuid: the older key · $2 uuid: the newer key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.inbox AS i
WHERE i.id >= $1::uuid AND i.id <= $2::uuid /*filter*/
