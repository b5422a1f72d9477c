-- Waits until no other db init runs in this database; the lock is held until schema_unlock or the end of the session.
-- Columns: locked void
SELECT pg_catalog.pg_advisory_lock(hashtextextended('nightbell db init', 0)) AS locked
