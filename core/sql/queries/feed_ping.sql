-- Rings at oneself, to find out whether bells arrive.
-- $1 text: the ping channel · $2 text: the payload
SELECT pg_notify($1::text, $2::text)
