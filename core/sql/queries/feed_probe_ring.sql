-- Rings for feed_probe_listen.sql.
-- $1 text: the channel · $2 text: what tells this probe from others
SELECT pg_notify($1::text, $2::text)
