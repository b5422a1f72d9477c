-- The first look: the current snapshot and its time.
SELECT s.at, s.snapshot FROM (SELECT pg_current_snapshot()::text AS snapshot, now() AS at) AS s
