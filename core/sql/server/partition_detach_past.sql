-- Takes one past partition out of the inbox, to be archived (administrators, workers).
-- columns: name text, NULL where none is past
SELECT nightbell.detach_past_partition() AS name
