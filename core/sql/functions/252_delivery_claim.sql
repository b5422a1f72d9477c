-- Deliveries as workers take them: a lease on each, for so long as sending may last. A worker that is killed leaves its leases
-- behind; when they end the same deliveries are due again, under the same ids. A lease changes no column that an index has, so that it is
-- written beside the row (HOT); claims step over what is leased, which is never much.

DROP FUNCTION IF EXISTS nightbell.has_one_endpoint(text); -- until version 33

-- The devices or endpoints that a delivery still has to reach, as JSON; those that it has reached are left out.
CREATE OR REPLACE FUNCTION nightbell.delivery_targets(channel text, tenant uuid, "user" uuid, delivery uuid, OUT targets jsonb, OUT problem text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    reached uuid[];
BEGIN
    reached := ARRAY(SELECT a.target FROM nightbell.attempts a
                     WHERE a.tenant_id = tenant AND a.delivery_id = delivery AND a.outcome = 'sent' AND a.target IS NOT NULL);
    IF channel = 'push' THEN
        SELECT jsonb_agg(jsonb_build_object('id', d.id, 'address', d.token, 'platform', d.platform) ORDER BY d.created_at)
                FILTER (WHERE d.disabled_at IS NULL AND d.id <> ALL (reached)),
            CASE WHEN count(*) = 0 THEN 'the person has no device' ELSE 'all devices of the person are disabled' END
        INTO targets, problem
        FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.user_id = "user";
    ELSE
        targets := nightbell.endpoint_targets(channel, tenant, "user", delivery, reached);
        problem := 'the person has no endpoint of that channel';
    END IF;
    IF targets IS NOT NULL THEN
        problem := NULL;
    END IF;
END
$$;

-- Endpoints with failures lately that are open or half-open: how many of a claim may go there. One claim of all workers' gets the
-- few that try whether it is well again.
DROP FUNCTION IF EXISTS nightbell.claim_probes(text[], timestamptz, interval); -- until version 35
CREATE OR REPLACE FUNCTION nightbell.claim_probes(me uuid, channels text[], at timestamptz, patience interval)
RETURNS TABLE (channel text, endpoint text, most int)
LANGUAGE sql VOLATILE
AS $$
    WITH due AS MATERIALIZED (
        SELECT b.channel, b.endpoint FROM nightbell.breakers b
        WHERE b.channel = ANY (channels) AND b.open_until <= at AND (b.probing_until IS NULL OR b.probing_until <= at)
        FOR NO KEY UPDATE SKIP LOCKED
    ), mine AS (
        UPDATE nightbell.breakers b SET probing_until = at + patience, prober = me FROM due d
        WHERE b.channel = d.channel AND b.endpoint = d.endpoint RETURNING b.channel, b.endpoint
    )
    SELECT b.channel, b.endpoint, CASE WHEN m.channel IS NOT NULL THEN 3 ELSE 0 END
    FROM nightbell.breakers b LEFT JOIN mine m ON m.channel = b.channel AND m.endpoint = b.endpoint
    WHERE b.channel = ANY (channels) AND b.opened_at IS NOT NULL
$$;

-- Endpoints of a channel that have parked rows, up to a thousand: a step through the index for each, however many rows they have.
CREATE OR REPLACE FUNCTION nightbell.parked_endpoints(of_channel text) RETURNS SETOF text
LANGUAGE sql STABLE
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
    WITH RECURSIVE step (endpoint, n) AS (
        SELECT (SELECT q.endpoint FROM nightbell.delivery_queue q WHERE q.parked AND q.channel = of_channel ORDER BY q.endpoint LIMIT 1), 1
        UNION ALL
        SELECT (SELECT q.endpoint FROM nightbell.delivery_queue q WHERE q.parked AND q.channel = of_channel AND q.endpoint > s.endpoint
                ORDER BY q.endpoint LIMIT 1), s.n + 1
        FROM step s WHERE s.endpoint IS NOT NULL AND s.n < 1000
    )
    SELECT s.endpoint FROM step s WHERE s.endpoint IS NOT NULL
$$;

-- Leases deliveries that are due to a worker. Columns of asked-for lanes: channels, lanes (0 critical, 1 first tries, 2 retries),
-- rooms (at most so many), floors (from which due time on to look: what is older this worker has taken or seen locked; dead index
-- entries below it are not walked again; '-infinity': from the beginning), shares (at most so many of one endpoint in this worker's
-- hand; half as many again of critical ones). busy…: how many of an endpoint it has in hand. What is over its endpoint's share is
-- parked, so that it is in nobody's way. critical ones pass a breaker that is open. unsubscribes: whether mails are to have tokens for a
-- link, which a worker without a public URL has no use for.
DROP FUNCTION IF EXISTS nightbell.delivery_claim(uuid, interval, text[], int[], int[], timestamptz[], int[], text[], text[], int[]); -- until version 33
CREATE OR REPLACE FUNCTION nightbell.delivery_claim(me uuid, lease interval, channels text[], lanes int[], rooms int[], floors timestamptz[],
    shares int[], busy_channels text[], busy_endpoints text[], busy_counts int[], unsubscribes boolean DEFAULT true)
RETURNS TABLE (tenant_id uuid, user_id uuid, id uuid, channel text, endpoint text, lane int, due timestamptz, attempt int, created_at timestamptz,
    type text, urgency text, locale text, subject text, body text, html text, payload text, link text, address text, targets text, problem text,
    unsubscribe text, cc text, bcc text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_material = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    many CONSTANT text[] := nightbell.channels_of_many();
    tenants uuid[];
    ids uuid[];
    places tid[];
    dues timestamptz[];
    over tid[];
    stopped_channels text[];
    stopped_endpoints text[];
    mosts int[];
    taken bigint;
BEGIN
    IF EXISTS (SELECT FROM nightbell.breakers b WHERE b.opened_at IS NOT NULL) THEN
        SELECT array_agg(p.channel), array_agg(p.endpoint), array_agg(p.most) INTO stopped_channels, stopped_endpoints, mosts
        FROM nightbell.claim_probes(me, channels, at, lease) AS p;
    END IF;
    WITH stopped AS MATERIALIZED (
        SELECT s.channel, s.endpoint, s.most FROM unnest(stopped_channels, stopped_endpoints, mosts) AS s (channel, endpoint, most)
    ), busy AS MATERIALIZED (
        SELECT b.channel, b.endpoint, b.count FROM unnest(busy_channels, busy_endpoints, busy_counts) AS b (channel, endpoint, count)
    ), asked AS MATERIALIZED (
        SELECT a.channel, a.lane, a.floor, a.share, a.channel <> ALL (many) AS is_one,
            CASE WHEN a.channel <> ALL (many)
                THEN greatest(0, least(a.room, a.share + CASE a.lane WHEN 0 THEN a.share / 2 ELSE 0 END
                        - coalesce((SELECT b.count FROM busy b WHERE b.channel = a.channel AND b.endpoint = a.channel), 0),
                    CASE WHEN a.lane > 0 THEN (SELECT s.most FROM stopped s WHERE s.channel = a.channel AND s.endpoint = a.channel) END))
                ELSE a.room END AS room
        FROM unnest(channels, lanes, rooms, floors, shares) AS a (channel, lane, room, floor, share)
    ), waiting AS MATERIALIZED ( -- by lane, then those that were parked, by endpoint
        SELECT q.ctid AS place, q.tenant_id, q.delivery_id, q.endpoint, q.due_at, q.parked, a.channel, a.lane, a.room, a.share, a.is_one
        FROM asked a CROSS JOIN LATERAL (
            SELECT q.ctid, q.tenant_id, q.delivery_id, q.endpoint, q.due_at, q.parked FROM nightbell.delivery_queue q
            WHERE NOT q.parked AND q.channel = a.channel AND q.lane = a.lane AND q.due_at >= a.floor AND q.due_at <= at
                AND (q.lease_until IS NULL OR q.lease_until <= at)
            ORDER BY q.due_at LIMIT a.room FOR NO KEY UPDATE SKIP LOCKED) AS q
        UNION ALL
        SELECT q.ctid, q.tenant_id, q.delivery_id, q.endpoint, q.due_at, q.parked, a.channel, a.lane, a.room, a.share, a.is_one
        FROM asked a CROSS JOIN LATERAL nightbell.parked_endpoints(a.channel) AS e (endpoint)
        CROSS JOIN LATERAL (
            SELECT q.ctid, q.tenant_id, q.delivery_id, q.endpoint, q.due_at, q.parked FROM nightbell.delivery_queue q
            WHERE q.parked AND q.channel = a.channel AND q.endpoint = e.endpoint AND q.lane = a.lane
            ORDER BY q.due_at LIMIT greatest(0, least(a.room, a.share + CASE a.lane WHEN 0 THEN a.share / 2 ELSE 0 END
                - coalesce((SELECT b.count FROM busy b WHERE b.channel = a.channel AND b.endpoint = e.endpoint), 0),
                CASE WHEN a.lane > 0 THEN (SELECT s.most FROM stopped s WHERE s.channel = a.channel AND s.endpoint = e.endpoint) END))
            FOR NO KEY UPDATE SKIP LOCKED) AS q
        WHERE NOT a.is_one AND a.room > 0
    ), fair AS MATERIALIZED (
        SELECT w.*, w.is_one OR row_number() OVER (PARTITION BY w.channel, w.endpoint ORDER BY w.lane, w.parked DESC, w.due_at)
            <= least(w.share + CASE w.lane WHEN 0 THEN w.share / 2 ELSE 0 END
                    - coalesce((SELECT b.count FROM busy b WHERE b.channel = w.channel AND b.endpoint = w.endpoint), 0),
                CASE WHEN w.lane > 0 THEN (SELECT s.most FROM stopped s WHERE s.channel = w.channel AND s.endpoint = w.endpoint) END) AS goes
        FROM waiting w
    ), chosen AS (
        SELECT f.*, f.goes AND row_number() OVER (PARTITION BY f.channel, f.lane, f.goes ORDER BY f.parked DESC, f.due_at) <= f.room AS is_mine
        FROM fair f
    )
    SELECT array_agg(c.tenant_id) FILTER (WHERE c.is_mine), array_agg(c.delivery_id) FILTER (WHERE c.is_mine), array_agg(c.place) FILTER (WHERE c.is_mine),
        array_agg(c.due_at) FILTER (WHERE c.is_mine), array_agg(c.place) FILTER (WHERE NOT c.goes AND NOT c.parked)
    INTO tenants, ids, places, dues, over
    FROM (SELECT c.* FROM chosen c ORDER BY c.lane, c.due_at) AS c;
    IF over IS NOT NULL THEN
        UPDATE nightbell.delivery_queue q SET parked = true WHERE q.ctid = ANY (over);
    END IF;
    IF ids IS NULL THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH leased AS MATERIALIZED (
        UPDATE nightbell.delivery_queue q SET lease_until = at + lease, worker = me, parked = false
        FROM unnest(places, dues) AS c (place, due)
        WHERE q.ctid = c.place -- they are locked: nobody moves them
        RETURNING q.tenant_id, q.user_id, q.delivery_id, q.channel, q.endpoint, q.lane, c.due
    ), begun AS (
        UPDATE nightbell.deliveries d SET status = 'sending', sending_at = at, next_attempt_at = NULL, changed_xid = pg_current_xact_id() FROM leased l
        WHERE d.tenant_id = l.tenant_id AND d.user_id = l.user_id AND d.id = l.delivery_id AND d.status IN ('queued', 'sending')
        RETURNING d.tenant_id, d.user_id, d.id, l.channel, l.endpoint, l.lane, l.due, d.attempts, d.created_at, d.type::text AS type, d.urgency::text AS urgency,
            d.locale, d.subject, d.body, d.html, d.payload::text AS payload, d.notification_id, d.cc, d.bcc
    )
    SELECT b.tenant_id, b.user_id, b.id, b.channel, b.endpoint, b.lane::int, b.due, b.attempts + 1, b.created_at, b.type, b.urgency, b.locale,
        b.subject, b.body, b.html, b.payload,
        CASE WHEN b.notification_id IS NOT NULL THEN (SELECT n.link FROM nightbell.notifications n
            WHERE n.tenant_id = b.tenant_id AND n.user_id = b.user_id AND n.id = b.notification_id) END,
        own.address, many.targets::text, CASE WHEN u.id IS NULL OR u.deleted_at IS NOT NULL THEN 'the person is deleted'
            WHEN b.channel NOT IN ('email', 'sms') THEN many.problem
            WHEN own.address IS NULL THEN CASE b.channel WHEN 'email' THEN 'the person has no e-mail address' ELSE 'the person has no telephone number' END
            WHEN a.address IS NOT NULL THEN concat('the address is disabled', ': ' || left(a.reason, 500)) END,
        CASE WHEN unsubscribes AND b.channel = 'email' THEN nightbell.unsubscribe_token(b.tenant_id, b.user_id, b.type, b.channel) END,
        CASE WHEN b.cc <> '{}' THEN array_to_json(b.cc)::text END, CASE WHEN b.bcc <> '{}' THEN array_to_json(b.bcc)::text END
    FROM begun b
    LEFT JOIN nightbell.users u ON u.tenant_id = b.tenant_id AND u.id = b.user_id -- by its key: nothing else here fits another index
    CROSS JOIN LATERAL (SELECT CASE b.channel WHEN 'email' THEN u.email WHEN 'sms' THEN u.phone END AS address OFFSET 0) AS own
    LEFT JOIN nightbell.disabled_addresses a ON a.tenant_id = b.tenant_id AND a.channel = b.channel
        AND a.address = CASE b.channel WHEN 'email' THEN lower(own.address) ELSE own.address END
    LEFT JOIN LATERAL (SELECT o.* FROM nightbell.delivery_targets(b.channel, b.tenant_id, b.user_id, b.id) AS o WHERE b.channel NOT IN ('email', 'sms') OFFSET 0) AS many ON true;
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken < cardinality(ids) THEN -- somebody deleted or ended the delivery itself
        DELETE FROM nightbell.delivery_queue q USING unnest(tenants, ids) AS c (tenant_id, id)
        WHERE q.tenant_id = c.tenant_id AND q.delivery_id = c.id AND NOT EXISTS (
            SELECT FROM nightbell.deliveries d WHERE d.tenant_id = q.tenant_id AND d.user_id = q.user_id AND d.id = q.delivery_id AND d.status = 'sending');
    END IF;
END
$$;

-- What a worker that could claim nothing waits for: when something of these channels is due; NULL: nothing is. Leases of others
-- are among it: when one ends without an answer, its delivery is due again.
CREATE OR REPLACE FUNCTION nightbell.delivery_waits(channels text[]) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    RETURN least(
        (SELECT min(n.due_at) FROM unnest(channels) AS c (name) CROSS JOIN generate_series(0, 2) AS l (lane)
         CROSS JOIN LATERAL (SELECT q.due_at FROM nightbell.delivery_queue q
             WHERE NOT q.parked AND q.channel = c.name AND q.lane = l.lane AND q.due_at > at ORDER BY q.due_at LIMIT 1) AS n),
        (SELECT min(q.lease_until) FROM unnest(channels) AS c (name) CROSS JOIN generate_series(0, 2) AS l (lane)
         JOIN nightbell.delivery_queue q ON NOT q.parked AND q.channel = c.name AND q.lane = l.lane AND q.due_at <= at AND q.lease_until > at),
        (SELECT min(greatest(b.open_until, b.probing_until)) FROM nightbell.breakers b WHERE b.channel = ANY (channels) AND b.opened_at IS NOT NULL
             AND greatest(b.open_until, b.probing_until) > at));
END
$$;

-- What this worker has in hand and somebody wants back.
CREATE OR REPLACE FUNCTION nightbell.delivery_cancelled(me uuid) RETURNS TABLE (tenant_id uuid, id uuid)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$ SELECT q.tenant_id, q.delivery_id FROM nightbell.delivery_queue q WHERE q.worker = me AND q.cancelled $$;

-- Gives back what a worker had in hand whose process is known to be gone, so that nobody waits for its leases to end, nor for what it was to find out
-- of those whose breaker is open.
CREATE OR REPLACE FUNCTION nightbell.delivery_abandon(gone uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    given_back bigint;
BEGIN
    UPDATE nightbell.delivery_queue q SET lease_until = NULL, worker = NULL, due_at = nightbell.clock() WHERE q.worker = gone;
    GET DIAGNOSTICS given_back = ROW_COUNT;
    UPDATE nightbell.breakers b SET probing_until = NULL, prober = NULL WHERE b.prober = gone;
    RETURN given_back;
END
$$;

-- Workers that lately had the name of this one on the same host: their process says whether they are gone.
CREATE OR REPLACE FUNCTION nightbell.worker_formers(me uuid) RETURNS TABLE (id uuid, pid int)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT f.id, f.pid FROM nightbell.workers w JOIN nightbell.workers f ON f.name = w.name AND f.host = w.host AND f.id <> w.id
    WHERE w.id = me AND f.heartbeat_at > clock_timestamp() - interval '10 minutes'
$$;
