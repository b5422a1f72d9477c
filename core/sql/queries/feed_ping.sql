-- Rings the caller's own ping channel, to find out whether bells arrive; and asks whether a hub rings.
-- $1 text: the ping channel · $2 text: the payload
-- Columns: ring text, is_ringing boolean
SELECT b.ring, b.is_ringing FROM nightbell.bells() AS b, pg_notify($1::text, $2::text)
