-- The steps of `demo live`: a producer notifies and raises, a colleague acknowledges and resolves. Each function does
-- one step and returns a line that describes it. They run with the caller's rights, so row security applies.
BEGIN;
CREATE TABLE nightbell_demo.live_events (
    ordinal     int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_name text NOT NULL,
    severity    text NOT NULL,
    event_type  text NOT NULL,
    description text NOT NULL,
    source      text NOT NULL,
    fingerprint text NOT NULL,
    details     text NOT NULL,
    resolution  text NOT NULL
);
INSERT INTO nightbell_demo.live_events (tenant_name, severity, event_type, description, source, fingerprint, details, resolution) VALUES
('acme', 'medium', 'slow_query', 'search takes {percent}0 ms at the 95th percentile', 'postgres', 'live:search', '{"p95_ms": {percent}0, "query": "search", "rows": {n}}', 'back to normal after ANALYZE'),
('acme', 'high', 'job_failure', 'thumbnails could not be made', 'scheduler', 'live:thumbnails', '{"job": "thumbnails", "exit": 1, "file": "{n}.heic"}', 'one broken file set aside'),
('acme', 'low', 'login_new_device', '{person} signed in from a new device', 'auth', 'live:device', '{"ip": "198.51.100.{percent}", "agent": "Firefox"}', 'expected'),
('acme', 'critical', 'payment_provider_down', 'card payments time out', 'payments', 'live:cards', '{"provider": "cards", "timeouts": {percent}, "window": "1m"}', 'the provider recovered; retries went through'),
('acme', 'medium', 'webhook_failing', 'partner webhook answers 502', 'webhooks', 'live:partner', '{"status": 502, "tries": 3, "delivery": "{id}"}', 'partner deployed; it answers again'),
('acme', 'high', 'queue_depth', 'mail queue at {n}', 'mailer', 'live:queue', '{"depth": {n}, "oldest_s": {percent}}', 'drained'),
('acme', 'low', 'rate_limited', 'an API client was limited', 'gateway', 'live:client', '{"client": {percent}, "limited": {n}}', 'client told'),
('globex', 'high', 'queue_depth', 'push queue at {n}', 'push', 'live:push', '{"depth": {n}}', 'drained'),
('globex', 'medium', 'slow_query', 'stock list takes {percent}0 ms', 'postgres', 'live:stock', '{"p95_ms": {percent}0}', 'index added');

CREATE FUNCTION nightbell_demo.live_notify(seed text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    person nightbell_demo.people;
    letter nightbell_demo.texts;
    title text;
BEGIN
    -- mostly people whose screens are likely to be open
    SELECT p.* INTO person FROM nightbell_demo.people p
     WHERE p.name = nightbell_demo.pick(seed || 'who', '{bob,bob,bob,ada,ada,carol,emilie,kenji,fatima,olga,gina,hank,noa}');
    letter := nightbell_demo.pick_text(seed, person.locale, true);
    title := nightbell_demo.fill(letter.title, seed, now());
    PERFORM nightbell.notify(person.tenant_id, person.user_id, letter.type, title, nightbell_demo.fill(letter.message, seed, now()),
        data => nightbell_demo.fill(letter.data, seed, now())::jsonb, link => nightbell_demo.fill(letter.link, seed, now()));
    RETURN format('notified %s: %s', person.name, title);
END
$$;

CREATE FUNCTION nightbell_demo.live_raise(seed text) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    chosen nightbell_demo.live_events;
    described text;
BEGIN
    SELECT e.* INTO chosen FROM nightbell_demo.live_events e
     ORDER BY nightbell_demo.roll(seed || e.ordinal, 1000000) LIMIT 1;
    described := nightbell_demo.fill(chosen.description, seed, now());
    PERFORM nightbell.raise_event(chosen.event_type, chosen.severity, described,
        details => nightbell_demo.fill(chosen.details, seed, now())::jsonb,
        tenant => (SELECT t.id FROM nightbell_demo.tenants t WHERE t.name = chosen.tenant_name),
        fingerprint => chosen.fingerprint, source => chosen.source);
    RETURN format('raised in %s: %s %s: %s', chosen.tenant_name, chosen.severity, chosen.event_type, described);
END
$$;

-- The colleague acknowledges events left alone for a while, and resolves those acknowledged a while ago.
CREATE FUNCTION nightbell_demo.live_act() RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    chosen record;
BEGIN
    SELECT e.id, e.event_type, e.acknowledged_at IS NOT NULL AS taken, l.resolution INTO chosen
      FROM nightbell.events e JOIN nightbell_demo.live_events l ON l.fingerprint = e.fingerprint
     WHERE NOT e.is_resolved AND e.snoozed_until IS NULL
       AND (e.acknowledged_at IS NULL AND e.created_at < now() - interval '8 seconds'
            OR e.acknowledged_at < now() - interval '15 seconds' AND e.assigned_to IS NULL)
     ORDER BY coalesce(e.acknowledged_at, e.created_at) LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF chosen.taken THEN
        PERFORM nightbell.event_act('resolve', ARRAY[chosen.id], chosen.resolution, NULL, NULL, NULL);
        RETURN format('carol resolved %s: %s', chosen.event_type, chosen.resolution);
    END IF;
    PERFORM nightbell.event_act('acknowledge', ARRAY[chosen.id], NULL, NULL, NULL, NULL);
    RETURN format('carol acknowledged %s', chosen.event_type);
END
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nightbell_demo FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA nightbell_demo TO nightbell_client, nightbell_producer;
COMMIT;
