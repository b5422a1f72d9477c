-- Releases the lock of schema_lock.
-- Columns: unlocked boolean
SELECT pg_catalog.pg_advisory_unlock(hashtextextended('nightbell db init', 0)) AS unlocked
