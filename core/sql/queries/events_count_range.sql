-- The number of rows that match between two places, inclusive.
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
-- $1 bigint: the older key · $2 bigint: the newer key
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.events AS e
WHERE (/*rank*/e.id) >= (/*bound 1*/$1::bigint) AND (/*rank*/e.id) <= (/*bound 2*/$2::bigint) /*filter*/
