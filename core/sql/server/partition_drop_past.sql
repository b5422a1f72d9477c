-- Drops one partition that is past as a whole (administrators, workers).
-- columns: name text, NULL where none is past
SELECT nightbell.drop_past_partition() AS name
