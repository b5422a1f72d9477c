-- Tries to take the lock that allows one upkeep at a time. Anybody can take an advisory lock, so a holder that may not
-- do upkeep is ignored. The lock ends with the session.
-- columns: locked boolean
SELECT pg_try_advisory_lock(hashtextextended('nightbell.upkeep', 0)) OR NOT EXISTS (
    SELECT FROM pg_locks l
    JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
    JOIN pg_stat_get_activity(l.pid) a ON pg_has_role(a.usesysid, 'nightbell_worker', 'MEMBER')
        OR pg_has_role(a.usesysid, 'nightbell_admin', 'MEMBER')
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('nightbell.upkeep', 0)) AS locked
