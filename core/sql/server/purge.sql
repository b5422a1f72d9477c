-- Removes one chunk of rows whose retention has ended (administrators, workers).
-- $1 int: rows of a kind at most · columns: kind text, removed bigint
SELECT p.kind, p.removed FROM nightbell.purge($1::int) AS p
