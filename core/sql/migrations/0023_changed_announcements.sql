-- What changed of announcements since a look is looked for in both tables, by the transaction of each
-- (functions/032_announcement_changes.sql). As in 0010, only a query that asks for changes says that changed_xid is at
-- least 3; to the others these do not exist.
CREATE INDEX announcements_changed ON nightbell.announcements (tenant_id, changed_xid) WHERE changed_xid >= '3'::xid8;
CREATE INDEX receipts_changed ON nightbell.receipts (tenant_id, user_id, changed_xid) WHERE changed_xid >= '3'::xid8;
