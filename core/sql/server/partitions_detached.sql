-- Partitions that wait to be archived.
-- columns: name text
SELECT d AS name FROM nightbell.detached_partitions() AS d
