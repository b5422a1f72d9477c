-- The last step of loading, when the rows of past weeks are in their own partitions: statistics for the planner, and
-- the mark that the demonstration is complete.
ANALYZE nightbell.notifications;
ANALYZE nightbell.announcements;
ANALYZE nightbell.receipts;
ANALYZE nightbell.admin_system_events;
CREATE TABLE nightbell_demo.complete AS SELECT now() AS at;
