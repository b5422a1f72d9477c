-- The notify engine: what applications publish (outbox), who hears of it (rules), what leaves by outside channels
-- (deliveries), why or why not (decisions), and who works on it (workers). Only definer functions write these tables.

-- App events. One that is due has next_attempt_at; one that is processed, or dead, has none. source_kind: publish
-- (publish()), event (raise_event(): subject_id is the event), notify (notify() with outside channels: subject_id is the
-- notification, user_id its recipient). progress: the last user who was served, while a large audience is served in chunks.
CREATE TABLE nightbell.outbox (
    tenant_id       uuid NOT NULL REFERENCES nightbell.tenants,
    id              bigint GENERATED ALWAYS AS IDENTITY,
    event_type      text NOT NULL CHECK (char_length(event_type) BETWEEN 1 AND 100),
    module          text NOT NULL CHECK (char_length(module) BETWEEN 1 AND 100),
    context         jsonb NOT NULL CHECK (jsonb_typeof(context) = 'object' AND octet_length(context::text) <= 131072),
    idempotency_key text CHECK (octet_length(idempotency_key) BETWEEN 1 AND 255),
    occurred_at     timestamptz NOT NULL,
    critical        boolean NOT NULL DEFAULT false, -- the lane: critical ones never wait behind others
    source_kind     text NOT NULL DEFAULT 'publish' CHECK (source_kind IN ('publish', 'event', 'notify')),
    subject_id      text,
    user_id         uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    created_xid     xid8 NOT NULL DEFAULT pg_current_xact_id(),
    next_attempt_at timestamptz,
    processed_at    timestamptz,
    dead_at         timestamptz, -- given up: a dead letter; error says why
    attempts        int NOT NULL DEFAULT 0, -- that failed
    error           text,
    progress        uuid,
    PRIMARY KEY (tenant_id, id),
    CHECK ((next_attempt_at IS NULL) = (processed_at IS NOT NULL OR dead_at IS NOT NULL))
);
CREATE UNIQUE INDEX outbox_idempotency ON nightbell.outbox (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX outbox_due ON nightbell.outbox (critical, next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
-- what became due since a look, for deferred ringing
CREATE INDEX outbox_new ON nightbell.outbox (created_xid) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_dead ON nightbell.outbox (dead_at) WHERE dead_at IS NOT NULL;
CREATE INDEX outbox_past ON nightbell.outbox (processed_at) WHERE processed_at IS NOT NULL;

-- A module without a row is enabled.
CREATE TABLE nightbell.module_config (
    tenant_id   uuid NOT NULL REFERENCES nightbell.tenants,
    module_code text NOT NULL CHECK (char_length(module_code) BETWEEN 1 AND 100),
    is_enabled  boolean NOT NULL DEFAULT true,
    config_json jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(config_json) = 'object' AND octet_length(config_json::text) <= 65536),
    PRIMARY KEY (tenant_id, module_code)
);

-- event_type: an exact name, or a prefix with * behind it. module NULL: of any module.
CREATE TABLE nightbell.rules (
    tenant_id         uuid NOT NULL REFERENCES nightbell.tenants,
    rule_id           text NOT NULL CHECK (rule_id ~ '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}$'),
    event_type        text NOT NULL CHECK (event_type ~ '^[^*[:space:][:cntrl:]]{0,99}[^[:space:][:cntrl:]]$'),
    module            text CHECK (char_length(module) BETWEEN 1 AND 100),
    channel           text[] NOT NULL DEFAULT '{in_app}'
        CHECK (channel <> '{}' AND channel <@ '{in_app,email,push,sms,webhook}'),
    recipient_type    text NOT NULL CHECK (recipient_type IN ('role', 'user', 'group', 'tenant', 'dynamic_field', 'oncall')),
    recipient_value   text CHECK (char_length(recipient_value) BETWEEN 1 AND 1000),
    condition_expr    jsonpath,
    template_code     text CHECK (char_length(template_code) BETWEEN 1 AND 100), -- NULL: the texts of the context
    notification_type varchar(100) NOT NULL REFERENCES nightbell.notification_types,
    urgency           nightbell.urgency, -- NULL: the type's
    fallback_channels text[] NOT NULL DEFAULT '{}' CHECK (fallback_channels <@ '{in_app,email,push,sms,webhook}'),
    is_active         boolean NOT NULL DEFAULT true,
    updated_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, rule_id),
    CHECK (recipient_type = 'tenant' OR recipient_value IS NOT NULL)
);
-- matching asks for equality with the name's candidates: po_approved, po_approved*, po_approve*, …, *
CREATE INDEX rules_event ON nightbell.rules (tenant_id, event_type);
CREATE INDEX rules_critical ON nightbell.rules (tenant_id, event_type) WHERE is_active AND urgency = 'critical';
CREATE INDEX rules_type ON nightbell.rules (notification_type);

-- What leaves by an outside channel. States: 08-delivery in short is held -> queued -> sending -> sent -> delivered; a
-- trigger refuses other moves. held_slot: the time until which it is held. next_attempt_at: when it is due, while queued.
CREATE TABLE nightbell.deliveries (
    id                  uuid NOT NULL CHECK (get_byte(uuid_send(id), 6) >> 4 = 7), -- UUIDv7, as in notifications
    tenant_id           uuid NOT NULL,
    user_id             uuid NOT NULL,
    notification_id     uuid, -- NULL: nothing of it is in the inbox
    app_event           bigint,
    rule_id             text,
    type                varchar(100) NOT NULL,
    channel             nightbell.channel NOT NULL CHECK (channel <> 'in_app'),
    urgency             nightbell.urgency NOT NULL DEFAULT 'normal',
    priority            smallint NOT NULL DEFAULT 0, -- 1: critical, before all others
    address             text,
    template_code       text,
    locale              text,
    subject             text,
    body                text NOT NULL,
    html                text,
    payload             jsonb,
    missing             text[], -- variables of the template that the context did not have
    status              text NOT NULL DEFAULT 'queued'
        CHECK (status IN ('held', 'queued', 'sending', 'sent', 'delivered', 'read', 'bounced', 'failed', 'cancelled', 'digested')),
    held_for            text, -- the decision that holds it: quiet_hours, do_not_disturb, held_for_digest, over_rate
    held_slot           timestamptz,
    attempts            int NOT NULL DEFAULT 0,
    max_attempts        int NOT NULL DEFAULT 4 CHECK (max_attempts > 0),
    next_attempt_at     timestamptz,
    lease_until         timestamptz,
    worker              text,
    provider            text,
    provider_message_id text,
    provider_response   jsonb,
    error               text,
    digest_id           uuid, -- the delivery that carries it, once digested
    fallback_of         uuid,
    fallback_channels   text[] NOT NULL DEFAULT '{}',
    created_at          timestamptz NOT NULL DEFAULT now(),
    queued_at           timestamptz,
    sending_at          timestamptz,
    sent_at             timestamptz,
    delivered_at        timestamptz,
    read_at             timestamptz,
    ended_at            timestamptz, -- bounced, failed, cancelled or digested
    created_xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    changed_xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (tenant_id, user_id, id),
    CHECK ((status = 'held') = (held_slot IS NOT NULL)),
    CHECK ((status = 'queued') = (next_attempt_at IS NOT NULL))
) PARTITION BY RANGE (id);
CREATE TABLE nightbell.deliveries_default PARTITION OF nightbell.deliveries DEFAULT;
CREATE INDEX deliveries_due ON nightbell.deliveries (priority DESC, next_attempt_at, id, tenant_id) WHERE status = 'queued';
CREATE INDEX deliveries_held ON nightbell.deliveries (held_slot, tenant_id, user_id, channel) WHERE status = 'held';
CREATE INDEX deliveries_newest ON nightbell.deliveries (tenant_id, id DESC);
CREATE INDEX deliveries_notification ON nightbell.deliveries (tenant_id, notification_id) WHERE notification_id IS NOT NULL;
CREATE INDEX deliveries_app_event ON nightbell.deliveries (tenant_id, app_event) WHERE app_event IS NOT NULL;

-- Why somebody heard, or did not. Written in the transaction that decides. subject: notification, delivery, event (a
-- system event) or app_event. app_event: the row of the outbox that it was decided for, whatever the subject.
CREATE TABLE nightbell.decisions (
    tenant_id  uuid NOT NULL,
    at         timestamptz NOT NULL,
    subject    text NOT NULL CHECK (subject IN ('notification', 'delivery', 'event', 'app_event')),
    subject_id text NOT NULL,
    app_event  bigint,
    user_id    uuid,
    channel    text,
    rule_id    text,
    code       text NOT NULL,
    detail     jsonb CHECK (octet_length(detail::text) <= 8192)
) PARTITION BY RANGE (at);
CREATE TABLE nightbell.decisions_default PARTITION OF nightbell.decisions DEFAULT;
CREATE INDEX decisions_subject ON nightbell.decisions (tenant_id, subject_id, subject);
CREATE INDEX decisions_app_event ON nightbell.decisions (tenant_id, app_event) WHERE app_event IS NOT NULL;

-- The one vocabulary of decisions; functions/202_decisions.sql fills it. outcome: yes, no, later, or note (neither).
-- stage: their order in the telling.
CREATE TABLE nightbell.decision_codes (
    code    text PRIMARY KEY,
    outcome text NOT NULL CHECK (outcome IN ('yes', 'no', 'later', 'note')),
    stage   int NOT NULL
);

-- Workers, now and lately. One without stopped_at whose heartbeat is old is gone.
CREATE TABLE nightbell.workers (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    host         text NOT NULL,
    pid          int NOT NULL,
    version      text NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    stopped_at   timestamptz,
    processed    bigint NOT NULL DEFAULT 0, -- app events
    failed       bigint NOT NULL DEFAULT 0
);
CREATE INDEX workers_running ON nightbell.workers (heartbeat_at) WHERE stopped_at IS NULL;
