-- The figures of db status about partitions (administrators, workers).
-- columns: attached int, ahead_until timestamptz, default_rows bigint, past int, detached int, unfinished_archives int
SELECT r.attached, r.ahead_until, r.default_rows, r.past, r.detached, r.unfinished_archives FROM nightbell.partition_report() AS r
