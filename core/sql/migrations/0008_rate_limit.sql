-- How many notifications a minute a user hears (tenants.settings rate_limit): what is over it is stored, silent.
-- rate_slot: which place of its recipient's minute it took, from 0. Negative: there was none, and the next one came free that many
-- hundredths of a second later, less one. NULL: does not count (critical, or no limit).
ALTER TABLE nightbell.notifications
    ADD COLUMN silent boolean NOT NULL DEFAULT false,
    ADD COLUMN rate_slot smallint;

-- Smaller, so that remembering what was sent costs little: 128 bits of the digest, which covers the recipient; what has ended
-- is found by a BRIN index, since rows come in the order of time. What is in the windows now is forgotten: they are minutes long.
DROP TABLE nightbell.dedup_windows;
CREATE TABLE nightbell.dedup_windows (
    tenant_id       uuid NOT NULL,
    digest          uuid NOT NULL, -- of recipient and key, or of recipient, type, title, message and data
    notification_id uuid, -- NULL: a broadcast, which made many
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX dedup_windows_expiry ON nightbell.dedup_windows USING brin (expires_at) WITH (pages_per_range = 32);

-- A draft as the set-based functions pass it on.
DROP TYPE nightbell.draft CASCADE;
CREATE TYPE nightbell.draft AS (
    n           int,         -- which item of the batch
    id          uuid,
    tenant_id   uuid,
    user_id     uuid,        -- NULL: an announcement
    type        text,
    title       text,
    message     text,
    data        jsonb,
    link        text,
    actions     jsonb,
    actor_id    uuid,
    channel     text,
    urgency     text,
    expires_at  timestamptz,
    dedup_key   text,
    digest      uuid,        -- NULL: dedup is switched off
    dedup_until timestamptz,
    rate_limit  int,         -- NULL: does not count
    sqlstate    text,
    problem     text,
    hint        text
);
