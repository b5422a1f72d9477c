-- Makes the partitions of the coming months, and moves what the default partition caught (administrators, workers).
-- columns: made int
SELECT nightbell.ensure_partitions() AS made
