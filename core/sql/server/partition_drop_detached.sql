-- Drops a detached partition whose rows are archived.
-- $1 text: its name · $2 bigint: rows that were archived
SELECT nightbell.drop_detached($1::text, $2::bigint)
