-- A duty: removes app events, spans of windows, workers and slots of digests that are past their retention.
-- Columns: how many bigint; NULL
SELECT nightbell.purge_engine(5000) + nightbell.purge_digest_slots(5000), NULL::bigint
