-- Rings for rows that became visible since the last look. The commit does not wait for the disk: after a crash they are
-- rung for again.
-- $1 pg_snapshot: the last look; NULL: where the last hub stopped
-- Columns: snapshot text, rung bigint
SELECT r.snapshot::text AS snapshot, r.rung
FROM set_config('synchronous_commit', 'off', true), LATERAL nightbell.ring_deferred($1::text::pg_snapshot) AS r
