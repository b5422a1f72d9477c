-- Drops one partition that is past as a whole (administrators, workers).
-- columns: name text (NULL: there is none)
SELECT nightbell.drop_past_partition() AS name
