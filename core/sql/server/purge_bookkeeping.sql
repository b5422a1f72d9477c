-- Removes one chunk of expired bookkeeping rows, which are not archived (administrators, workers).
-- $1 int: rows of a kind at most · columns: kind text, removed bigint
SELECT p.kind, p.removed FROM nightbell.purge_bookkeeping($1::int) AS p
