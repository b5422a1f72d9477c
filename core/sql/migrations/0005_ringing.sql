-- Ringing apart from writing. Who rings is the setting nightbell.ring, not a column: a setting is read without a look-up.
ALTER TABLE nightbell.installation DROP COLUMN ring;

-- What deferred ringing has looked at, so that the hub that takes over goes on where the last one ended.
CREATE TABLE nightbell.ring_progress (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    snapshot  pg_snapshot NOT NULL,
    looked_at timestamptz NOT NULL
);

-- What changed anywhere since a look (events have such an index already).
CREATE INDEX notifications_changed_global ON nightbell.notifications (changed_xid);
CREATE INDEX announcements_changed_global ON nightbell.announcements (changed_xid);
CREATE INDEX receipts_changed_global ON nightbell.receipts (changed_xid);
