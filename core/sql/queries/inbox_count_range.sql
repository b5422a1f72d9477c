-- How many match between two keys, both included.
-- $1 uuid: the older key · $2 uuid: the newer key
SELECT count(*)
FROM nightbell.inbox AS i
WHERE i.id >= $1::uuid AND i.id <= $2::uuid /*filter*/
