-- Removes one chunk of rows whose retention has ended and returns them as lines of an archive (administrators,
-- workers).
-- $1 text: kind · $2 int: rows at most · columns: line text
SELECT t AS line FROM nightbell.take_past($1::text, $2::int, true) AS t
