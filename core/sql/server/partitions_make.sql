-- Makes the partitions of the coming months (administrators, workers).
-- columns: name text
SELECT m AS name FROM nightbell.make_partitions() AS m
