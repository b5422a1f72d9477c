-- What fills the delivery queue: every delivery that becomes queued, whoever writes it, has its row there, and workers are woken.

-- Channels by which deliveries go to many endpoints: hosts of webhooks, push services. All that goes by another one goes to one provider.
-- (No JIT: callers that forbid a sequential scan make one of a few rows look dear enough to be compiled, which takes a thousand times as long.)
CREATE OR REPLACE FUNCTION nightbell.channels_of_many() RETURNS text[]
LANGUAGE sql STABLE
SET jit = off
AS $$ SELECT ARRAY(SELECT c.name::text FROM nightbell.channels c WHERE coalesce(c.kind, c.name::text) IN ('webhook', 'push')) $$;

-- https://example.org, or https://example.org:8443, of a URL: as nb_http_origin() has it. NULL: it is no URL.
CREATE OR REPLACE FUNCTION nightbell.url_origin(url text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(regexp_replace(lower(substring(url, '^[Hh][Tt][Tt][Pp][Ss]?://[^][/?#@\\[:space:]]+|^[Hh][Tt][Tt][Pp][Ss]?://\[[0-9A-Fa-f:.]+\](?::[0-9]+)?')),
    '^(http://.*):0*(80)?$|^(https://.*):0*(443)?$', '\1\3'), ':0+([1-9][0-9]*)$', ':\1');

-- Who is bothered by a delivery of a channel of many, for fairness and the breaker (of another one it is the provider, by the channel's name):
-- where this person's are. What goes to several at once is apart from what goes to one of them only; once all but one
-- are reached, delivery_finish() puts it with the others of that one.
CREATE OR REPLACE FUNCTION nightbell.delivery_endpoint(channel text, tenant uuid, "user" uuid) RETURNS text
LANGUAGE plpgsql STABLE
SET jit = off
AS $$
DECLARE
    origins text;
BEGIN
    IF channel = 'push' THEN
        SELECT string_agg(DISTINCT w.origin, ' ' ORDER BY w.origin) INTO origins FROM (
            SELECT CASE WHEN left(d.token, 1) = '{' THEN nightbell.url_origin(replace(substring(d.token, '"endpoint"\s*:\s*"([^"]*)"'), '\/', '/')) ELSE 'fcm' END AS origin
            FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.disabled_at IS NULL) AS w;
    ELSE
        SELECT string_agg(DISTINCT w.origin, ' ' ORDER BY w.origin) INTO origins FROM (
            SELECT nightbell.url_origin(e.address) AS origin FROM nightbell.endpoints e
            WHERE e.tenant_id = tenant AND e.user_id = "user" AND e.channel = delivery_endpoint.channel AND e.disabled_at IS NULL) AS w;
    END IF;
    RETURN coalesce(left(origins, 400), channel);
END
$$;

-- The statement's new deliveries. Set-based: the engine writes a thousand at a time.
CREATE OR REPLACE FUNCTION nightbell.queue_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET jit = off
AS $$
DECLARE
    many CONSTANT text[] := nightbell.channels_of_many();
BEGIN
    INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at, attempt)
    SELECT d.tenant_id, d.user_id, d.id, d.channel::text,
        CASE WHEN d.channel::text = ANY (many) THEN nightbell.delivery_endpoint(d.channel::text, d.tenant_id, d.user_id) ELSE d.channel::text END,
        CASE WHEN d.priority > 0 OR d.urgency = 'critical' THEN 0 ELSE 1 END, d.next_attempt_at, d.attempts + 1
    FROM fresh d WHERE d.status = 'queued';
    PERFORM nightbell.ring_deliveries(ARRAY(SELECT DISTINCT d.tenant_id FROM fresh d));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER queue_inserted AFTER INSERT ON nightbell.deliveries REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION nightbell.queue_inserted();

-- A delivery that was held or has failed and is to be sent now. (A retry keeps its row: delivery_finish().) By row, with a
-- condition: the updates of claims and answers are many, and must not pay for transition tables.
CREATE OR REPLACE FUNCTION nightbell.queue_updated() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET jit = off
AS $$
BEGIN
    INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at, attempt)
    VALUES (NEW.tenant_id, NEW.user_id, NEW.id, NEW.channel::text,
            CASE WHEN NEW.channel::text = ANY (nightbell.channels_of_many()) THEN nightbell.delivery_endpoint(NEW.channel::text, NEW.tenant_id, NEW.user_id) ELSE NEW.channel::text END,
            CASE WHEN NEW.priority > 0 OR NEW.urgency = 'critical' THEN 0 ELSE 1 END, NEW.next_attempt_at, NEW.attempts + 1)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER queue_updated AFTER UPDATE ON nightbell.deliveries
    FOR EACH ROW WHEN (NEW.status = 'queued' AND OLD.status IN ('held', 'failed')) EXECUTE FUNCTION nightbell.queue_updated();

-- New work: the workers' doorbell, as for app events. Not left to the hub where ringing is deferred: it is the worker that
-- writes deliveries, some hundred at a time, not every producer.
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.delivery_queue FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_workers();
