-- What is noticed of deliveries, and what is forgotten of those who carry them. Duties of the worker, beside those in 220_workers.sql
-- and 230_engine_upkeep.sql.

-- Whether a worker that is alive sends by a channel.
CREATE OR REPLACE FUNCTION nightbell.is_carried(channel text, longest_silence interval DEFAULT '2 minutes') RETURNS boolean
LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM nightbell.workers w
    WHERE w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - longest_silence AND is_carried.channel = ANY (w.channels));

-- A worker tells by which channels it sends, and hears how many of those that are alive do, itself among them: what may be in flight to an endpoint
-- is for all of them together.
CREATE OR REPLACE FUNCTION nightbell.worker_sends(me uuid, names text[]) RETURNS TABLE (name text, workers int)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    UPDATE nightbell.workers w SET channels = names WHERE w.id = me AND w.channels IS DISTINCT FROM names;
    RETURN QUERY
    SELECT n.name, greatest(count(w.id), 1)::int FROM unnest(names) WITH ORDINALITY AS n (name, place)
    LEFT JOIN nightbell.workers w ON w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - interval '2 minutes' AND n.name = ANY (w.channels)
    GROUP BY n.name, n.place ORDER BY n.place;
END
$$;

-- Raises events, once each, and settles them when they are over: dead letters of a tenant within a day (of the newest thousand that it has);
-- and for each channel that nobody sends by it, that what is due waits too long, that its provider or some endpoint does not answer. What nobody
-- sends, and what waits for a provider, is told by that event alone. Returns how many were raised or settled.
CREATE OR REPLACE FUNCTION nightbell.delivery_watch(longest_wait interval, longest_silence interval) RETURNS bigint
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    many CONSTANT text[] := nightbell.channels_of_many();
    one record;
    changed bigint := 0;
BEGIN
    FOR one IN
        SELECT t.id AS tenant, d.dead, d.latest FROM nightbell.tenants t CROSS JOIN LATERAL (
            SELECT count(*) AS dead, (array_agg(n.error ORDER BY n.ended_at DESC))[1] AS latest FROM (
                SELECT d.ended_at, d.error FROM nightbell.deliveries d WHERE d.tenant_id = t.id AND d.is_dead ORDER BY d.id DESC LIMIT 1000) AS n
            WHERE n.ended_at > at - interval '1 day') AS d
    LOOP
        changed := changed + nightbell.engine_alarm(one.tenant, 'delivery_dead_letters', 'delivery_dead_letters', one.dead > 0, 'high',
            format('%s deliveries have failed for good and are dead letters', one.dead), jsonb_build_object('dead_letters', one.dead, 'latest', one.latest))::int;
    END LOOP;
    FOR one IN
        SELECT c.name::text AS channel, c.name::text = ANY (many) AS is_many, nightbell.is_carried(c.name::text, longest_silence) AS is_carried, b.down, b.since, b.places,
            (SELECT min(w.due_at) FROM generate_series(0, 2) AS l (lane) CROSS JOIN LATERAL (
                SELECT greatest(q.due_at, q.lease_until) AS due_at FROM nightbell.delivery_queue q
                WHERE NOT q.parked AND q.channel = c.name::text AND q.lane = l.lane AND q.due_at <= at AND (q.lease_until > at) IS NOT TRUE
                ORDER BY q.due_at LIMIT 1) AS w) AS oldest
        FROM nightbell.channels c CROSS JOIN LATERAL (
            SELECT count(*) AS down, min(b.opened_at) AS since, to_jsonb((array_agg(b.endpoint ORDER BY b.opened_at, b.endpoint))[1:10]) AS places
            FROM nightbell.breakers b WHERE b.channel = c.name::text AND b.opened_at IS NOT NULL) AS b
        WHERE c.name <> 'in_app'
    LOOP
        changed := changed + nightbell.engine_alarm(NULL, 'delivery_no_worker', 'delivery_no_worker:' || one.channel, NOT one.is_carried AND at - one.oldest > longest_silence IS TRUE, 'high',
                format('deliveries by %s wait, and no worker sends by it: has the channels.conf of one of them [channel.%1$s]?', one.channel),
                jsonb_build_object('channel', one.channel, 'oldest', one.oldest))::int
            + nightbell.engine_alarm(NULL, 'delivery_queue', 'delivery_queue:' || one.channel,
                one.is_carried AND (one.is_many OR one.down = 0) AND at - one.oldest > longest_wait IS TRUE, 'high',
                format('deliveries by %s wait too long', one.channel), jsonb_build_object('channel', one.channel, 'oldest', one.oldest))::int
            + nightbell.engine_alarm(NULL, 'delivery_breaker', 'delivery_breaker:' || one.channel, one.down > 0, CASE WHEN one.is_many THEN 'low' ELSE 'high' END,
                CASE WHEN one.is_many THEN format('deliveries by %s wait for endpoints that do not answer', one.channel)
                     ELSE format('deliveries by %s wait: the provider does not answer', one.channel) END,
                jsonb_build_object('channel', one.channel, 'since', one.since, 'count', one.down, 'endpoints', CASE WHEN one.is_many THEN one.places ELSE '[]' END))::int;
    END LOOP;
    RETURN changed;
END
$$;

-- Removes breakers of whom nothing was heard for an hour (they would be half-open, and nobody wants to know), and channels that no worker has known
-- for 90 days and to which nothing refers. Returns how many.
CREATE OR REPLACE FUNCTION nightbell.purge_carriers() RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    removed bigint;
    more bigint;
BEGIN
    DELETE FROM nightbell.breakers b WHERE greatest(b.window_until, b.open_until, b.probing_until) < at - interval '1 hour';
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE nightbell.channels c SET known_at = at WHERE c.known_at < at - interval '1 day' AND nightbell.is_carried(c.name::text);
    DELETE FROM nightbell.channels c
    WHERE c.name::text <> ALL ('{in_app,email,push,sms,webhook}') AND c.known_at < at - interval '90 days'
        AND NOT EXISTS (SELECT FROM nightbell.endpoints e WHERE e.channel = c.name)
        AND NOT EXISTS (SELECT FROM nightbell.delivery_queue q WHERE q.channel = c.name::text)
        AND NOT EXISTS (SELECT FROM nightbell.digest_slots s WHERE s.channel = c.name)
        AND NOT EXISTS (SELECT FROM nightbell.rules r WHERE c.name::text = ANY (r.channel || r.fallback_channels))
        AND NOT EXISTS (SELECT FROM nightbell.notification_types t WHERE c.name::text = ANY (t.default_channels))
        AND NOT EXISTS (SELECT FROM nightbell.template_texts t WHERE t.channel = c.name::text)
        AND NOT EXISTS (SELECT FROM nightbell.preferences p WHERE p.channel = c.name);
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN removed + more;
END
$$;
