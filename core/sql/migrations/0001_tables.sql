-- The tables of issue one: people, the inbox, announcements with receipts, system events with their history.
-- Runs as nightbell_owner inside schema nightbell (created by db/migrate.c). Functions, views, triggers and policies are
-- in functions/ and policies/: they are applied again on every upgrade; a migration is applied once.

-- Whatever is created from here on, by this migration or a later one, PUBLIC has nothing of it.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;

CREATE DOMAIN nightbell.e164 AS text CHECK (VALUE ~ '^\+[1-9][0-9]{1,14}$');
CREATE DOMAIN nightbell.urgency AS text CHECK (VALUE IN ('low', 'normal', 'high', 'critical'));
CREATE DOMAIN nightbell.severity AS text CHECK (VALUE IN ('low', 'medium', 'high', 'critical'));
CREATE DOMAIN nightbell.channel AS varchar(20) CHECK (VALUE IN ('in_app', 'email', 'push', 'sms', 'webhook'));

CREATE TABLE nightbell.tenants (
    id         uuid PRIMARY KEY,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    -- dedup_window (interval), retention_days_notifications …: see docs; an absent key means the default
    settings   jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX tenants_name ON nightbell.tenants (lower(name));

CREATE TABLE nightbell.users (
    tenant_id  uuid NOT NULL REFERENCES nightbell.tenants,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    email      text CHECK (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' AND char_length(email) <= 254),
    phone      nightbell.e164,
    locale     text CHECK (locale ~ '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$'),
    time_zone  text NOT NULL DEFAULT 'UTC', -- validated by trigger against pg_timezone_names
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX users_name ON nightbell.users (tenant_id, lower(name)) WHERE deleted_at IS NULL;
CREATE INDEX users_id ON nightbell.users (id); -- a global operator's token names no tenant

-- Who a session is, as nightbell.claims() found out.
CREATE TYPE nightbell.identity AS (
    known          boolean,
    user_id        uuid,
    user_name      text,
    tenant_id      uuid,    -- what the session may see; NULL for a global operator
    home_tenant_id uuid,    -- where the user's own inbox is; for a global operator too
    is_global      boolean,
    roles          text[],
    expires_at     timestamptz, -- NULL: identity by PostgreSQL role, no end
    reason         text     -- why not known
);

-- What a session that produces may do (nightbell.producing()).
CREATE TYPE nightbell.producer AS (
    tenant_id  uuid,    -- its own tenant; NULL: it has none
    any_tenant boolean, -- it may produce for every tenant
    roles      text[],  -- for types that only some roles may create
    user_id    uuid
);

-- user: reads an inbox; operator: triages events; producer and admin by their PostgreSQL group role as well.
CREATE TABLE nightbell.user_roles (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    role      text NOT NULL CHECK (role IN ('user', 'operator', 'producer', 'admin')),
    PRIMARY KEY (tenant_id, user_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);

CREATE TABLE nightbell.groups (
    tenant_id uuid NOT NULL REFERENCES nightbell.tenants,
    id        uuid NOT NULL,
    name      text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX groups_name ON nightbell.groups (tenant_id, lower(name));

CREATE TABLE nightbell.group_members (
    tenant_id uuid NOT NULL,
    group_id  uuid NOT NULL,
    user_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, group_id, user_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES nightbell.groups ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);

CREATE INDEX group_members_user ON nightbell.group_members (tenant_id, user_id);

-- A PostgreSQL login that is a person (peer authentication over ssh); is_global: an operator of every tenant.
CREATE TABLE nightbell.role_identities (
    role_name text PRIMARY KEY,
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    is_global boolean NOT NULL DEFAULT false,
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);

-- HMAC secrets of tokens; readable by nobody but the schema's owner (through definer functions) and the administrator.
CREATE TABLE nightbell.signing_keys (
    kid        text PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9._-]{1,64}$'),
    algorithm  text NOT NULL CHECK (algorithm IN ('HS256', 'HS384', 'HS512')),
    secret     bytea NOT NULL CHECK (octet_length(secret) BETWEEN 32 AND 1024),
    issuer     text,
    audience   text NOT NULL DEFAULT 'nightbell',
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);

CREATE TABLE nightbell.revoked_tokens (
    jti        text PRIMARY KEY,
    expires_at timestamptz NOT NULL, -- of the token: after it the row may go
    revoked_at timestamptz NOT NULL DEFAULT now()
);

-- One row: what the installation keeps for itself. doorbell_secret keys the unguessable channel names.
CREATE TABLE nightbell.installation (
    only_row        boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    doorbell_secret bytea NOT NULL CHECK (octet_length(doorbell_secret) >= 32),
    ring            text NOT NULL DEFAULT 'commit' CHECK (ring IN ('commit', 'deferred')),
    partition_span  text NOT NULL DEFAULT 'month' CHECK (partition_span IN ('month', 'week'))
);
INSERT INTO nightbell.installation (doorbell_secret)
VALUES (sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())));

CREATE TABLE nightbell.notification_types (
    type             varchar(100) PRIMARY KEY CHECK (type ~ '^[A-Z][A-Z0-9_]*$'),
    module           text NOT NULL,
    description      text NOT NULL,
    urgency          nightbell.urgency NOT NULL DEFAULT 'normal',
    data_schema      jsonb NOT NULL DEFAULT '{"type": "object"}' CHECK (jsonb_typeof(data_schema) = 'object'),
    default_channels text[] NOT NULL DEFAULT '{in_app}'
        CHECK (default_channels <> '{}' AND default_channels <@ '{in_app,email,push,sms,webhook}'),
    unsubscribable   boolean NOT NULL DEFAULT true, -- false: opt-outs do not apply to it in the inbox
    -- roles that may create it (a producer login has the role producer, a worker's worker); NULL: every producer
    restricted_to    text[] CHECK (restricted_to <@ '{user,operator,producer,admin,worker}'),
    ttl              interval CHECK (ttl > interval '0') -- NULL: kept until retention
);

-- A notification, or an announcement (no user_id), on its way in: checked, not yet stored. problem: why it cannot be.
CREATE TYPE nightbell.draft AS (
    tenant_id   uuid,
    user_id     uuid,
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
    digest      bytea,       -- NULL: dedup is switched off
    dedup_until timestamptz,
    sqlstate    text,
    problem     text,
    hint        text
);

-- created_xid and changed_xid are the transactions that made and last changed the row: with the pg_snapshot of an earlier
-- look they tell exactly what became visible since, however late it was committed. Set by trigger.
CREATE TABLE nightbell.notifications (
    id           uuid NOT NULL CHECK (get_byte(uuid_send(id), 6) >> 4 = 7), -- UUIDv7: pages and partitions rest on its order
    tenant_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    actor_id     uuid,
    type         varchar(100) NOT NULL REFERENCES nightbell.notification_types,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 255),
    message      text NOT NULL CHECK (octet_length(message) BETWEEN 1 AND 8192),
    data         jsonb CHECK (octet_length(data::text) <= 16384),
    link         text CHECK (octet_length(link) <= 2048 AND link !~ '[[:cntrl:]]'),
    actions      jsonb CHECK (jsonb_typeof(actions) = 'array' AND jsonb_array_length(actions) <= 4),
    action_taken text,
    channel      nightbell.channel NOT NULL DEFAULT 'in_app',
    urgency      nightbell.urgency NOT NULL DEFAULT 'normal',
    dedup_key    text CHECK (octet_length(dedup_key) <= 255),
    is_read      boolean GENERATED ALWAYS AS (read_at IS NOT NULL) STORED,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    read_at      timestamptz,
    archived_at  timestamptz,
    expires_at   timestamptz,
    deleted_at   timestamptz,
    created_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- user_id before id: no plan may read another's rows to find one's own newest
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users
) PARTITION BY RANGE (id);
CREATE TABLE nightbell.notifications_default PARTITION OF nightbell.notifications DEFAULT;
-- expires_at and archived_at ride along so that counting needs no heap.
CREATE INDEX notifications_inbox ON nightbell.notifications (tenant_id, user_id, id DESC) INCLUDE (expires_at, archived_at)
    WHERE deleted_at IS NULL;
CREATE INDEX notifications_unread ON nightbell.notifications (tenant_id, user_id, id DESC) INCLUDE (expires_at)
    WHERE read_at IS NULL AND archived_at IS NULL AND deleted_at IS NULL;
CREATE INDEX notifications_changed ON nightbell.notifications (tenant_id, user_id, changed_xid);

CREATE TABLE nightbell.announcements (
    id           uuid NOT NULL CHECK (get_byte(uuid_send(id), 6) >> 4 = 7), -- UUIDv7: pages and partitions rest on its order
    tenant_id    uuid NOT NULL REFERENCES nightbell.tenants,
    actor_id     uuid,
    type         varchar(100) NOT NULL REFERENCES nightbell.notification_types,
    title        text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 255),
    message      text NOT NULL CHECK (octet_length(message) BETWEEN 1 AND 8192),
    data         jsonb CHECK (octet_length(data::text) <= 16384),
    link         text CHECK (octet_length(link) <= 2048 AND link !~ '[[:cntrl:]]'),
    actions      jsonb CHECK (jsonb_typeof(actions) = 'array' AND jsonb_array_length(actions) <= 4),
    channel      nightbell.channel NOT NULL DEFAULT 'in_app',
    urgency      nightbell.urgency NOT NULL DEFAULT 'normal',
    dedup_key    text CHECK (octet_length(dedup_key) <= 255),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz,
    deleted_at   timestamptz, -- withdrawn for everybody
    created_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_xid  xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX announcements_newest ON nightbell.announcements (tenant_id, id DESC);
CREATE INDEX announcements_changed ON nightbell.announcements (tenant_id, changed_xid);

-- Each reader's own state of an announcement; no row: untouched.
CREATE TABLE nightbell.receipts (
    tenant_id       uuid NOT NULL,
    notification_id uuid NOT NULL,
    user_id         uuid NOT NULL,
    read_at         timestamptz,
    archived_at     timestamptz,
    deleted_at      timestamptz,
    action_taken    text,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    changed_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (tenant_id, user_id, notification_id),
    FOREIGN KEY (tenant_id, notification_id) REFERENCES nightbell.announcements ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);
CREATE INDEX receipts_changed ON nightbell.receipts (tenant_id, user_id, changed_xid);

-- What was sent lately, so that sending it again within the window is answered with the first id. user_id: nil for announcements.
CREATE TABLE nightbell.dedup_windows (
    tenant_id       uuid NOT NULL,
    user_id         uuid NOT NULL,
    digest          bytea NOT NULL, -- SHA-256 of the key, or of type, title, message and data
    notification_id uuid, -- NULL: a broadcast, which made many
    expires_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, digest)
);
CREATE INDEX dedup_windows_expiry ON nightbell.dedup_windows (expires_at);

CREATE TABLE nightbell.admin_system_events (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    created_at      timestamptz NOT NULL DEFAULT now(),
    event_type      text NOT NULL CHECK (char_length(event_type) BETWEEN 1 AND 100),
    severity        nightbell.severity NOT NULL,
    description     text NOT NULL CHECK (octet_length(description) BETWEEN 1 AND 8192),
    details         jsonb CHECK (octet_length(details::text) <= 65536),
    tenant_id       uuid REFERENCES nightbell.tenants, -- NULL: of the whole installation
    user_id         uuid,
    is_resolved     boolean NOT NULL DEFAULT false,
    resolved_at     timestamptz,
    resolved_by     uuid,
    fingerprint     text CHECK (octet_length(fingerprint) <= 255),
    occurrences     bigint NOT NULL DEFAULT 1 CHECK (occurrences > 0),
    last_seen_at    timestamptz NOT NULL DEFAULT now(),
    source          text CHECK (octet_length(source) <= 255),
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    assigned_to     uuid,
    snoozed_until   timestamptz,
    resolution      text CHECK (octet_length(resolution) <= 4096),
    version         bigint NOT NULL DEFAULT 0, -- +1 with every act: an undo names the version it undoes
    created_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- resolved_by may be missing only where the system itself resolved it (auto-resolve, heartbeat returned)
    CONSTRAINT resolved_agrees CHECK (is_resolved = (resolved_at IS NOT NULL)
        AND (is_resolved OR (resolved_by IS NULL AND resolution IS NULL))),
    CONSTRAINT acknowledged_agrees CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users
);
-- The planner shall take a tenant's part for small, whatever it is: otherwise it would walk everybody's events by id to find
-- the newest of a tenant that may have none.
ALTER TABLE nightbell.admin_system_events ALTER COLUMN tenant_id SET (n_distinct = 10000);
CREATE INDEX events_created ON nightbell.admin_system_events (created_at DESC);
CREATE INDEX events_tenant_created ON nightbell.admin_system_events (tenant_id, created_at DESC);
CREATE INDEX events_severity_created ON nightbell.admin_system_events (severity, created_at DESC);
CREATE INDEX events_tenant_newest ON nightbell.admin_system_events (tenant_id, id DESC);
CREATE INDEX events_open ON nightbell.admin_system_events (tenant_id, severity, id DESC) WHERE NOT is_resolved;
CREATE UNIQUE INDEX events_fingerprint ON nightbell.admin_system_events
    (coalesce(tenant_id, '00000000-0000-0000-0000-000000000000'::uuid), event_type, fingerprint)
    WHERE NOT is_resolved AND fingerprint IS NOT NULL;
CREATE INDEX events_changed ON nightbell.admin_system_events (tenant_id, changed_xid);
CREATE INDEX events_changed_global ON nightbell.admin_system_events (changed_xid);

CREATE TABLE nightbell.event_actions (
    id        bigint GENERATED ALWAYS AS IDENTITY,
    event_id  bigint NOT NULL REFERENCES nightbell.admin_system_events ON DELETE CASCADE,
    tenant_id uuid, -- of the event, so that row security is an equality here too
    at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor     uuid, -- NULL: the system
    actor_name text, -- as it was then
    action    text NOT NULL CHECK (action IN
        ('raise', 'raise_again', 'acknowledge', 'resolve', 'reopen', 'assign', 'snooze', 'note', 'undo')),
    note      text CHECK (octet_length(note) <= 4096),
    version   bigint, -- the event's after this act; NULL: the act left it as it was
    previous  jsonb,  -- what the act replaced: all that an undo needs
    PRIMARY KEY (event_id, id)
);
CREATE INDEX event_actions_version ON nightbell.event_actions (event_id, version) WHERE version IS NOT NULL;
