-- The delivery queue: what waits to be sent or is being sent (delivery_queue, small and hot), each try (attempts), and which
-- providers and endpoints are down (breakers). Only definer functions write these tables (functions/25x_*.sql).

-- A row for each delivery that is queued or sending, by triggers on deliveries. No texts: the delivery has them. due_at: when it
-- may be claimed; of a claimed one when its lease ends, and then the next worker takes it. lane: 0 critical, 1 first tries, 2
-- retries. parked: its endpoint has as many in flight as it may have; it is found by its endpoint until one of them ends.
CREATE TABLE nightbell.delivery_queue (
    tenant_id   uuid NOT NULL,
    user_id     uuid NOT NULL,
    delivery_id uuid NOT NULL,
    channel     text NOT NULL,
    endpoint    text NOT NULL, -- who is bothered: of a webhook its host, else the channel's provider, by the channel's name
    lane        smallint NOT NULL CHECK (lane BETWEEN 0 AND 2),
    parked      boolean NOT NULL DEFAULT false,
    due_at      timestamptz NOT NULL,
    lease_until timestamptz, -- NULL: nobody has it in hand
    worker      uuid,
    tries       smallint NOT NULL DEFAULT 0, -- that are recorded, since it was queued or redriven
    cancelled   boolean NOT NULL DEFAULT false, -- somebody wants it back while it is in flight
    PRIMARY KEY (tenant_id, delivery_id),
    CHECK ((lease_until IS NULL) = (worker IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000, autovacuum_analyze_scale_factor = 0,
        autovacuum_analyze_threshold = 100000);
CREATE INDEX delivery_queue_due ON nightbell.delivery_queue (channel, lane, due_at) WHERE NOT parked;
CREATE INDEX delivery_queue_parked ON nightbell.delivery_queue (channel, endpoint, lane, due_at) WHERE parked;
CREATE INDEX delivery_queue_cancelled ON nightbell.delivery_queue (worker) WHERE cancelled;

-- Each try at sending, one for each target (an address, a device, an endpoint). n: which try of the delivery it belongs to.
CREATE TABLE nightbell.attempts (
    tenant_id   uuid NOT NULL,
    user_id     uuid NOT NULL,
    delivery_id uuid NOT NULL,
    n           int NOT NULL,
    at          timestamptz NOT NULL,
    channel     text NOT NULL,
    provider    text, -- the kind of sender: smtp, twilio, webhook …
    endpoint    text,
    target      uuid, -- the device or endpoint; NULL: the person's own address
    outcome     text NOT NULL CHECK (outcome IN ('sent', 'retry', 'failed', 'cancelled')),
    code        int, -- what the provider answered: a reply code of SMTP, a status of HTTP, an exit status
    latency_ms  int,
    error       text CHECK (octet_length(error) <= 4000),
    message_id  text CHECK (octet_length(message_id) <= 1000),
    address     text CHECK (octet_length(address) <= 400) -- masked
) PARTITION BY RANGE (at);
CREATE TABLE nightbell.attempts_default PARTITION OF nightbell.attempts DEFAULT;
CREATE INDEX attempts_delivery ON nightbell.attempts (tenant_id, delivery_id, n);

-- Providers and endpoints with failures lately; one without a row is well. Shared by all workers, written with the attempts that
-- it counts. open_until: until then nothing but what is critical is sent there; then a few, until one of them tells how it is.
CREATE TABLE nightbell.breakers (
    channel       text NOT NULL,
    endpoint      text NOT NULL,
    window_until  timestamptz NOT NULL, -- when the counts begin anew
    good          int NOT NULL DEFAULT 0,
    bad           int NOT NULL DEFAULT 0,
    opened_at     timestamptz, -- NULL: closed
    open_until    timestamptz,
    openings      int NOT NULL DEFAULT 0, -- one after the other, without being well in between
    probing_until timestamptz, -- half-open: somebody is trying
    error         text,
    PRIMARY KEY (channel, endpoint),
    CHECK ((opened_at IS NULL) = (open_until IS NULL))
);

-- A delivery is updated as it is claimed and as it is answered. Those updates stay within its page (HOT) as long as no index
-- has a column that they change, in its predicate neither: so none may name status, attempts, sending_at, sent_at or changed_xid.
DROP INDEX nightbell.deliveries_due; -- delivery_queue has them
DROP INDEX nightbell.deliveries_held;
CREATE INDEX deliveries_held ON nightbell.deliveries (held_slot, tenant_id, user_id, channel) WHERE held_slot IS NOT NULL;
DO $do$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT i.inhrelid::regclass FROM pg_catalog.pg_inherits i WHERE i.inhparent = 'nightbell.deliveries'::regclass LOOP
        EXECUTE format('ALTER TABLE %s SET (fillfactor = 60)', name);
    END LOOP;
END
$do$;

INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at)
SELECT d.tenant_id, d.user_id, d.id, d.channel::text, d.channel::text, CASE WHEN d.priority > 0 THEN 0 ELSE 1 END, d.next_attempt_at
FROM nightbell.deliveries d WHERE d.status = 'queued';

-- What a failed delivery's next channel is told is decided and rendered like everything else: as an app event of its own kind.
ALTER TABLE nightbell.outbox DROP CONSTRAINT outbox_source_kind_check,
    ADD CONSTRAINT outbox_source_kind_check CHECK (source_kind IN ('publish', 'event', 'notify', 'fallback'));
