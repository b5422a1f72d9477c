-- Releases the lock of upkeep_lock.
SELECT pg_advisory_unlock(hashtextextended('nightbell.upkeep', 0))
