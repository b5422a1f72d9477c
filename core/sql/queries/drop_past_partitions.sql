-- Drops partitions that are past as a whole (administrators, workers).
-- columns: dropped int
SELECT nightbell.drop_past_partitions() AS dropped
