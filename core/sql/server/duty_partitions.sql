-- A duty: partitions of notifications, ahead of time.
-- Columns: how many were made bigint; NULL
SELECT (SELECT count(*) FROM nightbell.make_partitions()), NULL::bigint
