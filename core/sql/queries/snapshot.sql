-- The first look: what this moment can see.
SELECT pg_current_snapshot()::text AS snapshot
