-- Waits until no other db init is at work on this database; held until schema_unlock or the end of the session.
-- Columns: locked void
SELECT pg_catalog.pg_advisory_lock(hashtextextended('nightbell db init', 0)) AS locked
