-- Gives the lock of upkeep_lock back.
SELECT pg_advisory_unlock(hashtextextended('nightbell.upkeep', 0))
