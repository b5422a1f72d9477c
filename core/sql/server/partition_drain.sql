-- One step of emptying the default partition (administrators, workers).
-- columns: moved bigint (NULL: it is empty)
SELECT nightbell.drain_default() AS moved
