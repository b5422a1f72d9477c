-- A duty: drops a partition of deliveries or decisions that is past its retention.
-- Columns: how many bigint; NULL
SELECT (nightbell.drop_past_log_partition() IS NOT NULL)::int::bigint, NULL::bigint
