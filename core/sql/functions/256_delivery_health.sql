-- What answers say of those who are written to and of those who carry it: addresses that have ended, endpoints that never answer,
-- and the breaker of a provider or endpoint that is down.

-- By what an event about an address is known, the same when it works again.
CREATE OR REPLACE FUNCTION nightbell.address_mark(channel text, target uuid, address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'delivery_address:' || channel || ':' || coalesce(target::text, md5(lower(address)));

-- Disables an address, device or endpoint. false: it was already.
CREATE OR REPLACE FUNCTION nightbell.disable_address(tenant uuid, "user" uuid, channel text, target uuid, address text, reason text, at timestamptz)
RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    IF target IS NULL THEN
        INSERT INTO nightbell.disabled_addresses AS a (tenant_id, channel, address, reason, disabled_at)
        VALUES (tenant, channel, CASE channel WHEN 'email' THEN lower(address) ELSE address END, left(reason, 250), at) ON CONFLICT DO NOTHING;
    ELSIF channel = 'push' THEN
        UPDATE nightbell.devices d SET disabled_at = at WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.id = target AND d.disabled_at IS NULL;
    ELSE
        RETURN nightbell.disable_endpoint(tenant, "user", target, reason, at);
    END IF;
    RETURN FOUND;
END
$$;

-- Disables, and tells the operators once. Somebody may hold the event in a transaction that is open; then nobody is told: the address is
-- listed as disabled nevertheless.
CREATE OR REPLACE FUNCTION nightbell.end_address(tenant uuid, "user" uuid, channel text, target uuid, address text, reason text, at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    what CONSTANT text := CASE WHEN target IS NULL THEN 'the address ' || nightbell.mask_address(address) WHEN channel = 'push' THEN 'a device' ELSE 'an endpoint' END;
    name CONSTANT text := (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = tenant AND u.id = "user");
BEGIN
    IF target IS NULL AND address IS NULL OR NOT nightbell.disable_address(tenant, "user", channel, target, address, reason, at) THEN
        RETURN;
    END IF;
    PERFORM nightbell.raise_event('delivery_address_disabled', 'medium', left(format('nothing is sent to %s of %s any more (%s): %s', what, coalesce(name, "user"::text), channel,
            coalesce(reason, 'it has ended')), 2000),
        jsonb_build_object('channel', channel, 'user', "user", 'target', target), tenant, "user", nightbell.address_mark(channel, target, address), 'nightbell');
EXCEPTION WHEN lock_not_available THEN
    RETURN;
END
$$;

-- It works again: the event about it is over.
CREATE OR REPLACE FUNCTION nightbell.settle_addresses(tenants uuid[], marks text[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT DISTINCT e.tenant_id, e.fingerprint FROM unnest(tenants, marks) AS m (tenant_id, mark)
        JOIN nightbell.admin_system_events e ON e.tenant_id = m.tenant_id AND e.event_type = 'delivery_address_disabled' AND e.fingerprint = m.mark AND NOT e.is_resolved
    LOOP
        BEGIN
            PERFORM nightbell.settle_event('nightbell', one.fingerprint, NULL, 'it has recovered: something was sent there', one.tenant_id);
        EXCEPTION WHEN lock_not_available THEN
            CONTINUE; -- the next message settles it
        END;
    END LOOP;
END
$$;

-- Counts answers for the breakers: of a channel with one provider by the channel, else by endpoint. Whoever answers is well, even
-- if it refuses. Within a minute five faults that are at least half of all open it, for 30 seconds, and each time that it is found down
-- again for twice as long, up to 10 minutes.
CREATE OR REPLACE FUNCTION nightbell.count_answers(channels text[], endpoints text[], faults int[], at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    many CONSTANT text[] := nightbell.channels_of_many();
    length CONSTANT interval := '1 minute';
    least_faults CONSTANT int := 5;
BEGIN
    WITH told AS MATERIALIZED (
        SELECT t.channel, t.endpoint, count(*) FILTER (WHERE t.fault = 0)::int AS good, count(*) FILTER (WHERE t.fault <> 0)::int AS bad
        FROM (SELECT t.channel, CASE WHEN t.channel = ANY (many) THEN coalesce(t.endpoint, t.channel) ELSE t.channel END AS endpoint, t.fault
              FROM unnest(channels, endpoints, faults) AS t (channel, endpoint, fault)) AS t
        GROUP BY t.channel, t.endpoint
    ), well AS ( -- it answers, or nothing was wrong for long enough
        DELETE FROM nightbell.breakers b USING told t
        WHERE b.channel = t.channel AND b.endpoint = t.endpoint AND t.good > 0 AND (b.opened_at IS NOT NULL OR t.bad = 0 AND b.window_until <= at)
        RETURNING b.channel, b.endpoint
    ), counted AS (
        UPDATE nightbell.breakers b SET good = CASE WHEN b.window_until <= at THEN 0 ELSE b.good END + t.good
        FROM told t WHERE b.channel = t.channel AND b.endpoint = t.endpoint AND t.bad = 0 AND b.opened_at IS NULL AND b.window_until > at
    )
    INSERT INTO nightbell.breakers AS b (channel, endpoint, window_until, good, bad, opened_at, open_until, openings)
    SELECT t.channel, t.endpoint, at + length, t.good, t.bad, CASE WHEN o.opens THEN at END, CASE WHEN o.opens THEN at + interval '30 seconds' END, o.opens::int
    FROM told t CROSS JOIN LATERAL (SELECT t.bad >= least_faults AND t.bad >= t.good AS opens) AS o
    WHERE t.bad > 0 AND NOT EXISTS (SELECT FROM well w WHERE w.channel = t.channel AND w.endpoint = t.endpoint)
    ORDER BY t.channel, t.endpoint
    ON CONFLICT (channel, endpoint) DO UPDATE SET
        window_until = CASE WHEN b.window_until <= at THEN excluded.window_until ELSE b.window_until END,
        good = CASE WHEN b.window_until <= at THEN 0 ELSE b.good END + excluded.good,
        bad = CASE WHEN b.window_until <= at THEN 0 ELSE b.bad END + excluded.bad,
        opened_at = CASE WHEN b.opened_at IS NOT NULL THEN b.opened_at
                         WHEN CASE WHEN b.window_until <= at THEN 0 ELSE b.bad END + excluded.bad >= greatest(least_faults,
                              CASE WHEN b.window_until <= at THEN 0 ELSE b.good END + excluded.good) THEN at END,
        open_until = CASE WHEN b.open_until > at THEN b.open_until -- an answer to what was sent before it opened
                          WHEN b.opened_at IS NOT NULL THEN at + least(interval '30 seconds' * 2 ^ b.openings, interval '10 minutes')
                          WHEN CASE WHEN b.window_until <= at THEN 0 ELSE b.bad END + excluded.bad >= greatest(least_faults,
                               CASE WHEN b.window_until <= at THEN 0 ELSE b.good END + excluded.good) THEN at + interval '30 seconds' END,
        openings = CASE WHEN b.open_until > at THEN b.openings WHEN b.opened_at IS NOT NULL THEN least(b.openings + 1, 10)
                        WHEN CASE WHEN b.window_until <= at THEN 0 ELSE b.bad END + excluded.bad >= greatest(least_faults,
                             CASE WHEN b.window_until <= at THEN 0 ELSE b.good END + excluded.good) THEN 1 ELSE 0 END,
        probing_until = CASE WHEN b.open_until > at THEN b.probing_until END;
END
$$;

-- The columns are those of delivery_finish(): one row a try.
CREATE OR REPLACE FUNCTION nightbell.note_health(tenants uuid[], users uuid[], items int[], outcomes text[], errors text[], ended int[], faults int[],
    targets uuid[], channels text[], endpoints text[], addresses text[], at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    one record;
    sent_tenants uuid[];
    marks text[];
BEGIN
    IF coalesce(cardinality(items), 0) = 0 THEN
        RETURN;
    END IF;
    IF 1 = ANY (ended) THEN
        FOR one IN
            SELECT tenants[t.item] AS tenant, users[t.item] AS "user", t.channel, t.target, t.address, t.error
            FROM unnest(items, channels, targets, addresses, errors, ended) AS t (item, channel, target, address, error, ended)
            WHERE t.ended = 1 ORDER BY 1, 2, 3, 4
        LOOP
            PERFORM nightbell.end_address(one.tenant, one."user", one.channel, one.target, one.address, one.error, at);
        END LOOP;
    END IF;
    IF 'sent' = ANY (outcomes) AND EXISTS (
        SELECT FROM (SELECT DISTINCT tenants[i] AS id FROM unnest(items) AS i) AS t
        JOIN nightbell.admin_system_events e ON e.tenant_id = t.id AND e.event_type = 'delivery_address_disabled' AND NOT e.is_resolved) THEN
        SELECT array_agg(tenants[t.item]), array_agg(nightbell.address_mark(t.channel, t.target, t.address)) INTO sent_tenants, marks
        FROM unnest(items, channels, targets, addresses, outcomes) AS t (item, channel, target, address, outcome) WHERE t.outcome = 'sent';
        PERFORM nightbell.settle_addresses(sent_tenants, marks);
    END IF;
    PERFORM nightbell.note_endpoints(tenants, users, items, outcomes, errors, targets, channels, at);
    PERFORM nightbell.note_channels(channels, outcomes, errors, at);
    -- last: workers wait for each other's counts until they have committed
    IF 1 = ANY (faults) OR EXISTS (SELECT FROM nightbell.breakers) THEN
        PERFORM nightbell.count_answers(channels, endpoints, faults, at);
    END IF;
END
$$;
