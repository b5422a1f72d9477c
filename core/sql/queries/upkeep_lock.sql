-- One purge or rotation at a time; the lock goes with the session.
-- columns: locked boolean
SELECT pg_try_advisory_lock(hashtextextended('nightbell.upkeep', 0)) AS locked
