-- How many match.
-- refusal: of none, why the database does not know who asks; NULL: it does.
SELECT count(*), CASE WHEN count(*) = 0 THEN (nightbell.claims()).reason END AS refusal
FROM nightbell.events AS e WHERE true /*filter*/
