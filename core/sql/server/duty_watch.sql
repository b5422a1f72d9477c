-- A duty: the engine looks after itself.
-- Columns: how many events it raised or settled bigint; NULL
SELECT nightbell.engine_watch(), NULL::bigint
