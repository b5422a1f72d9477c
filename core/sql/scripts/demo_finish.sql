-- The last step of loading: rows of past weeks into partitions of their own, statistics for the planner, and the mark
-- that says the demonstration is complete.
SELECT nightbell.ensure_partitions();
ANALYZE nightbell.notifications;
ANALYZE nightbell.announcements;
ANALYZE nightbell.receipts;
ANALYZE nightbell.admin_system_events;
CREATE TABLE nightbell_demo.complete AS SELECT now() AS at;
