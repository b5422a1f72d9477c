-- The deliveries that the reader sees whose ids end like one of these texts, at most 100; see inbox_ending.sql. Of the last 30 days:
-- a short id is of what was just on the screen, and to read all ids would take long.
-- $1 text[]: ends of ids, of six hexadecimal digits or more, in lower case
-- Columns: id uuid
SELECT d.id
FROM nightbell.deliveries_seen AS d
JOIN (SELECT DISTINCT right(t.ending, 6) AS tail FROM unnest($1::text[]) AS t (ending)) AS w ON right(d.id::text, 6) = w.tail
WHERE d.id >= nightbell.uuidv7_floor(now() - interval '30 days')
LIMIT 100
