-- The first look: what this moment can see, and when it was.
SELECT s.at, s.snapshot FROM (SELECT pg_current_snapshot()::text AS snapshot, clock_timestamp() AS at) AS s
