-- The number of rows that match.
-- refusal: for a count of 0, why the database does not accept the caller's identity; NULL: it does.
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.deliveries_seen AS d WHERE true /*filter*/
