-- Channels are no longer five: a worker makes known those that its channels.conf names. Where they lead is an endpoint of the person's:
-- a webhook's URL, what a program takes for an address.

ALTER DOMAIN nightbell.channel DROP CONSTRAINT channel_check;
ALTER DOMAIN nightbell.channel ADD CONSTRAINT channel_check CHECK (VALUE ~ '^[a-z][a-z0-9_]*$') NOT VALID; -- all there is met a narrower one

-- rank: their order in lists. kind: of the sender, as the last worker that told of it has it; NULL: none has. needs_address: false
-- where all that is sent goes to one place, such as a room of a chat.
CREATE TABLE nightbell.channels (
    name          nightbell.channel PRIMARY KEY,
    rank          smallint NOT NULL DEFAULT 100,
    kind          text CHECK (kind ~ '^[a-z][a-z0-9_]{0,19}$'),
    needs_address boolean NOT NULL DEFAULT true,
    known_at      timestamptz -- when a worker last told of it
);
INSERT INTO nightbell.channels (name, rank) VALUES ('in_app', 1), ('email', 2), ('push', 3), ('sms', 4), ('webhook', 5);

-- That a name is known is asked where these are written: import_rules(), import_types(), import_templates().
ALTER TABLE nightbell.notification_types DROP CONSTRAINT notification_types_default_channels_check,
    ADD CONSTRAINT notification_types_default_channels_check CHECK (default_channels <> '{}');
ALTER TABLE nightbell.rules DROP CONSTRAINT rules_channel_check, DROP CONSTRAINT rules_fallback_channels_check,
    ADD CONSTRAINT rules_channel_check CHECK (channel <> '{}');
ALTER TABLE nightbell.template_texts DROP CONSTRAINT template_texts_channel_check,
    ADD CONSTRAINT template_texts_channel_check CHECK (channel ~ '^(\*|[a-z][a-z0-9_]{0,19})$');

-- secret_version: a webhook's secret is made of the worker's key, the id and this number, so none stands here. former_version signs beside
-- it until former_until. code_…: a code that was sent there and is to be confirmed.
CREATE TABLE nightbell.endpoints (
    tenant_id       uuid NOT NULL,
    user_id         uuid NOT NULL,
    id              uuid NOT NULL DEFAULT gen_random_uuid(),
    channel         nightbell.channel NOT NULL REFERENCES nightbell.channels,
    address         text NOT NULL CHECK (octet_length(address) BETWEEN 1 AND 2048 AND address !~ '[[:cntrl:]]'),
    label           text CHECK (char_length(label) BETWEEN 1 AND 100 AND label !~ '[[:cntrl:]]'),
    created_at      timestamptz NOT NULL DEFAULT now(),
    verified_at     timestamptz, -- NULL: nobody has confirmed that it is the person's, and only a code is sent there
    secret_version  int NOT NULL DEFAULT 1 CHECK (secret_version > 0),
    former_version  int,
    former_until    timestamptz,
    disabled_at     timestamptz,
    disabled_reason text CHECK (octet_length(disabled_reason) <= 1000),
    last_success_at timestamptz,
    failing_since   timestamptz,
    code_digest     bytea,
    code_until      timestamptz,
    code_tries      smallint NOT NULL DEFAULT 0,
    code_sent_at    timestamptz,
    code_delivery   uuid,
    PRIMARY KEY (tenant_id, user_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES nightbell.users ON DELETE CASCADE,
    CHECK ((former_version IS NULL) = (former_until IS NULL))
);
CREATE UNIQUE INDEX endpoints_id ON nightbell.endpoints (tenant_id, id);
CREATE UNIQUE INDEX endpoints_address ON nightbell.endpoints (tenant_id, user_id, channel, md5(address));
CREATE INDEX endpoints_channel ON nightbell.endpoints (channel);

INSERT INTO nightbell.notification_types (type, module, description, urgency, data_schema, default_channels, unsubscribable, restricted_to, ttl)
VALUES ('ADDRESS_CODE', 'system', 'A code that confirms an address', 'high', '{"type": "object", "required": ["code"], "properties": {"code": {"type": "string"}}}',
        '{email}', false, '{admin,worker}', '1 day')
ON CONFLICT (type) DO NOTHING;
