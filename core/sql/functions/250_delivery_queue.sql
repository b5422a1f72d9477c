-- What fills the delivery queue: every delivery that becomes queued, whoever writes it, has its row there, and workers are woken.

-- Who is bothered by a delivery, for fairness and the breaker: the channel's provider, by the channel's name.
CREATE OR REPLACE FUNCTION nightbell.delivery_endpoint(channel text, tenant uuid, "user" uuid) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN channel;

-- The statement's new deliveries. Set-based: the engine writes a thousand at a time.
CREATE OR REPLACE FUNCTION nightbell.queue_inserted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at)
    SELECT d.tenant_id, d.user_id, d.id, d.channel::text, nightbell.delivery_endpoint(d.channel::text, d.tenant_id, d.user_id),
        CASE WHEN d.priority > 0 OR d.urgency = 'critical' THEN 0 ELSE 1 END, d.next_attempt_at
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
AS $$
BEGIN
    INSERT INTO nightbell.delivery_queue (tenant_id, user_id, delivery_id, channel, endpoint, lane, due_at)
    VALUES (NEW.tenant_id, NEW.user_id, NEW.id, NEW.channel::text, nightbell.delivery_endpoint(NEW.channel::text, NEW.tenant_id, NEW.user_id),
            CASE WHEN NEW.priority > 0 OR NEW.urgency = 'critical' THEN 0 ELSE 1 END, NEW.next_attempt_at)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER queue_updated AFTER UPDATE ON nightbell.deliveries
    FOR EACH ROW WHEN (NEW.status = 'queued' AND OLD.status IN ('held', 'failed')) EXECUTE FUNCTION nightbell.queue_updated();

-- New work: the workers' doorbell, as for app events. Not left to the hub where ringing is deferred: it is the worker that
-- writes deliveries, some hundred at a time, not every producer.
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.delivery_queue FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_workers();
