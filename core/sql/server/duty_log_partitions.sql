-- A duty: partitions of deliveries and decisions, ahead of time.
-- Columns: how many were made bigint; NULL
SELECT nightbell.make_log_partitions()::bigint, NULL::bigint
