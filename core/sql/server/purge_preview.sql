-- Counts what a purge would remove now (administrators, workers).
-- columns: kind text, rows bigint
SELECT p.kind, p.rows FROM nightbell.purge_preview() AS p
