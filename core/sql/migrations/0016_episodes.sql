-- Events have episodes: what a source reports as one alarm, from when it began there to when it ended there. One that a
-- source reports with the time at which its episode began is one alarm of that source (source and fingerprint); all
-- others are, as before, one of their type (event type and fingerprint).

ALTER TABLE nightbell.admin_system_events
    ADD COLUMN episode_at     timestamptz,   -- when the episode began, by the source's own clock
    ADD COLUMN settled_by     text,          -- what resolved it, where no person did
    ADD COLUMN noticed_at     timestamptz,   -- when people were last to be told of it: raised, worse, back again
    ADD COLUMN changes        timestamptz[], -- when its source lately began and settled it: at most twenty times
    -- from when on, or until when, the row is something; whether it is follows from the time of reading
    ADD COLUMN flapping_until timestamptz,
    ADD COLUMN stale_at       timestamptz,
    ADD COLUMN auto_resolve_at timestamptz,
    ADD COLUMN ack_remind_at  timestamptz,
    ADD COLUMN ack_expires_at timestamptz,
    ADD CONSTRAINT episode_is_of_a_source CHECK (episode_at IS NULL OR source IS NOT NULL AND fingerprint IS NOT NULL),
    ADD CONSTRAINT settled_agrees CHECK (settled_by IS NULL
        OR settled_by IN ('source', 'quiet') AND is_resolved AND resolved_by IS NULL),
    ADD CONSTRAINT acknowledgement_ends CHECK (acknowledged_at IS NOT NULL OR ack_remind_at IS NULL AND ack_expires_at IS NULL);
ALTER TABLE nightbell.admin_system_events ALTER COLUMN noticed_at SET DEFAULT now();

DROP INDEX nightbell.events_fingerprint;
CREATE UNIQUE INDEX events_fingerprint ON nightbell.admin_system_events (tenant_id, event_type, fingerprint) NULLS NOT DISTINCT
    WHERE NOT is_resolved AND fingerprint IS NOT NULL AND episode_at IS NULL;
CREATE UNIQUE INDEX events_episode ON nightbell.admin_system_events (tenant_id, source, fingerprint) NULLS NOT DISTINCT
    WHERE NOT is_resolved AND episode_at IS NOT NULL;
-- what a source settles
CREATE INDEX events_of_source ON nightbell.admin_system_events (tenant_id, source, fingerprint)
    WHERE NOT is_resolved AND source IS NOT NULL AND fingerprint IS NOT NULL;
-- the last one, which another one may reopen
CREATE INDEX events_fingerprint_last ON nightbell.admin_system_events (tenant_id, event_type, fingerprint, id DESC)
    WHERE is_resolved AND fingerprint IS NOT NULL AND episode_at IS NULL;
-- what is due
CREATE INDEX events_acknowledged ON nightbell.admin_system_events (least(ack_remind_at, ack_expires_at), tenant_id)
    WHERE NOT is_resolved AND ack_expires_at IS NOT NULL;
CREATE INDEX events_snoozed ON nightbell.admin_system_events (snoozed_until, tenant_id)
    WHERE NOT is_resolved AND snoozed_until IS NOT NULL;
CREATE INDEX events_quiet ON nightbell.admin_system_events (auto_resolve_at, tenant_id)
    WHERE NOT is_resolved AND auto_resolve_at IS NOT NULL;

-- Up to where each alarm of a source is settled. Its row is locked by who raises and who settles, so that the order in
-- which messages come does not matter.
CREATE TABLE nightbell.event_episodes (
    tenant_id   uuid REFERENCES nightbell.tenants, -- NULL: of the whole installation
    source      text NOT NULL CHECK (octet_length(source) BETWEEN 1 AND 255),
    fingerprint text NOT NULL CHECK (octet_length(fingerprint) BETWEEN 1 AND 255),
    settled_at  timestamptz, -- the latest episode that is settled
    event_id    bigint,      -- its last event; NULL, or of a purged one: none
    settlements bigint NOT NULL DEFAULT 0,
    orphans     bigint NOT NULL DEFAULT 0, -- how often an episode was settled that nobody had raised
    orphaned_at timestamptz,
    seen_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (tenant_id, source, fingerprint)
);
CREATE INDEX event_episodes_past ON nightbell.event_episodes (seen_at);

-- What an operator sets for events of a type, or of all types with a prefix: of the patterns that match, the longest
-- decides alone. NULL: not at all.
CREATE TABLE nightbell.event_types (
    tenant_id          uuid NOT NULL REFERENCES nightbell.tenants,
    event_type         text NOT NULL CHECK (event_type ~ '^[^*[:cntrl:]]{0,99}[^[:cntrl:]]$'),
    description        text CHECK (octet_length(description) BETWEEN 1 AND 4000),
    ack_expires        interval CHECK (ack_expires BETWEEN interval '1 minute' AND interval '1 year'),
    auto_resolve_after interval CHECK (auto_resolve_after BETWEEN interval '1 minute' AND interval '1 year'),
    reopen_within      interval CHECK (reopen_within BETWEEN interval '1 second' AND interval '1 year'),
    stale_after        interval CHECK (stale_after BETWEEN interval '1 minute' AND interval '1 year'),
    flap_changes       int CHECK (flap_changes BETWEEN 3 AND 20),
    flap_within        interval CHECK (flap_within BETWEEN interval '1 minute' AND interval '7 days'),
    PRIMARY KEY (tenant_id, event_type)
);

ALTER TABLE nightbell.event_actions DROP CONSTRAINT event_actions_action_check;
-- return: raised again after it was resolved · settle: resolved by its source or by the system · remind: of an
-- acknowledgement that runs out · lapse: it ran out · wake: the snooze ended
ALTER TABLE nightbell.event_actions ADD CONSTRAINT event_actions_action_check CHECK (action IN
    ('raise', 'raise_again', 'acknowledge', 'resolve', 'reopen', 'assign', 'snooze', 'note', 'undo', 'redo', 'return', 'settle', 'remind',
     'lapse', 'wake'));
