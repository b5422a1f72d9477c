-- A duty: removes app events, spans of windows, workers, slots of digests and sums of statistics that are past their retention.
-- Columns: how many bigint; NULL
SELECT nightbell.purge_engine(5000) + nightbell.purge_digest_slots(5000) + nightbell.purge_tallies(5000), NULL::bigint
