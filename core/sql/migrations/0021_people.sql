-- What people want to hear, when and where: preferences, quiet hours, do not disturb, thresholds, digests, devices. Only
-- definer functions write these tables (functions/300…308).

-- Type beats module beats all ('*'); of two that concern a notification the more specific one decides. No row: on.
CREATE TABLE nightbell.preferences (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    channel    nightbell.channel NOT NULL,
    type       text NOT NULL DEFAULT '*' CHECK (type = '*' OR type ~ '^[A-Z][A-Z0-9_]{0,99}$'),
    module     text NOT NULL DEFAULT '*' CHECK (char_length(module) BETWEEN 1 AND 100),
    enabled    boolean NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id, channel, type, module),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE,
    CHECK (type = '*' OR module = '*')
);

-- Quiet hours are the time from quiet_from to quiet_to on the person's clock. time_zone NULL: the one of users.
-- version: +1 with every change of anything that the person prefers.
CREATE TABLE nightbell.user_settings (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    quiet_from time,
    quiet_to   time,
    dnd_until  timestamptz,
    digest     text NOT NULL DEFAULT 'off' CHECK (digest IN ('off', 'hourly', 'daily')),
    digest_at  time NOT NULL DEFAULT '08:00', -- of a daily one
    time_zone  text,
    version    bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CHECK (quiet_from <> quiet_to)
);

-- A person's own condition on top of the rules: an app event of that name (event_type beats module beats '*') that does not
-- meet it is not for them.
CREATE TABLE nightbell.alert_thresholds (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    event_type text NOT NULL DEFAULT '*' CHECK (char_length(event_type) BETWEEN 1 AND 100),
    module     text NOT NULL DEFAULT '*' CHECK (char_length(module) BETWEEN 1 AND 100),
    condition  jsonpath NOT NULL CHECK (octet_length(condition::text) <= 1000),
    is_active  boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, user_id, event_type, module),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);

-- Where push notifications go. token: what the platform gave; for the web a subscription's JSON.
CREATE TABLE nightbell.devices (
    tenant_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    id           uuid NOT NULL DEFAULT gen_random_uuid(),
    platform     text NOT NULL CHECK (platform IN ('ios', 'android', 'web')),
    token        text NOT NULL CHECK (octet_length(token) BETWEEN 1 AND 2048 AND token !~ '[[:cntrl:]]'),
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz,
    disabled_at  timestamptz,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);
CREATE UNIQUE INDEX devices_token ON nightbell.devices (tenant_id, platform, md5(token));

-- Addresses to which nothing is sent any more (they bounced, or refused).
CREATE TABLE nightbell.disabled_addresses (
    tenant_id   uuid NOT NULL REFERENCES nightbell.tenants,
    channel     nightbell.channel NOT NULL,
    address     text NOT NULL CHECK (octet_length(address) BETWEEN 1 AND 320), -- e-mail addresses in lower case
    reason      text CHECK (octet_length(reason) <= 1000),
    disabled_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, channel, address)
);

-- A slot that was taken: whoever inserted the row made the digest of what was held until then. What is committed later
-- waits for the next one.
CREATE TABLE nightbell.digest_slots (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    channel    nightbell.channel NOT NULL,
    slot       timestamptz NOT NULL,
    claimed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, channel, slot),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE
);
CREATE INDEX digest_slots_past ON nightbell.digest_slots (claimed_at);

-- Signs the links by which people unsubscribe without a session.
ALTER TABLE nightbell.installation ADD COLUMN unsubscribe_secret bytea NOT NULL
    DEFAULT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    CHECK (octet_length(unsubscribe_secret) >= 32);
ALTER TABLE nightbell.installation ALTER COLUMN unsubscribe_secret DROP DEFAULT;
