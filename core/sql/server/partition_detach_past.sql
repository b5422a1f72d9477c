-- Detaches one past partition, to be archived (administrators, workers).
-- columns: name text (NULL: there is none)
SELECT nightbell.detach_past_partition() AS name
