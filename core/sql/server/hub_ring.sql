-- Rings for what became visible since the last look. Nobody waits for it, and what is lost in a crash is rung for again.
-- $1 pg_snapshot: the last look; NULL: where the last hub ended
-- Columns: snapshot text, rung bigint
SELECT r.snapshot::text AS snapshot, r.rung
FROM set_config('synchronous_commit', 'off', true), LATERAL nightbell.ring_deferred($1::text::pg_snapshot) AS r
