-- The planner has no statistics of whose a row is (functions/045_statistics.sql): to it the index by change is as good a way to
-- a user's rows as any that leads with tenant and user, and then a look-up by id reads all of them. Only a query that asks for
-- changes says that changed_xid is at least 3, the first transaction id there is; to the others this index does not exist.
DROP INDEX nightbell.notifications_changed;
CREATE INDEX notifications_changed ON nightbell.notifications (tenant_id, user_id, changed_xid) WHERE changed_xid >= '3'::xid8;
DROP INDEX nightbell.events_changed;
CREATE INDEX events_changed ON nightbell.admin_system_events (tenant_id, changed_xid) WHERE changed_xid >= '3'::xid8;
-- Never used: the change of an announcement that its reader sees is the later one of two.
DROP INDEX nightbell.announcements_changed;
DROP INDEX nightbell.receipts_changed;
