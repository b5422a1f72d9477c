-- Sends dead letters again, and what waits for its next try now, as far as the caller operates them: a row for each id.
-- $1 uuid[]: the ids
-- Columns: id, whether it was done, why not, whether there is such a delivery
SELECT a.id, a.done, a.problem, a.problem IS DISTINCT FROM 'there is no such delivery here' AS is_there
FROM nightbell.delivery_retry($1::uuid[]) AS a
