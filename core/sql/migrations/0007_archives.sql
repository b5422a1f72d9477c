-- Which archives `db purge --archive` has written. finished_at NULL: begun, and the rows are still here.
CREATE TABLE nightbell.archives (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL, -- notifications, receipts …, or the name of a detached partition
    directory   text NOT NULL,
    file        text NOT NULL,
    rows        bigint,
    bytes       bigint,
    begun_at    timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX archives_unfinished ON nightbell.archives (id) WHERE finished_at IS NULL;
-- What an announcement's end takes with it.
CREATE INDEX receipts_announcement ON nightbell.receipts (tenant_id, notification_id);
