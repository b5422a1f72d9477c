-- A duty: removes app events and workers that are past their retention.
-- Columns: how many bigint; NULL
SELECT nightbell.purge_engine(5000), NULL::bigint
