-- A duty: adds up what was counted, for the statistics.
-- Columns: how many bigint, where there may be more; NULL
SELECT nightbell.tally_up(20000), NULL::bigint
