-- What was simply sent: nearly all that workers have in hand, recorded in as few steps as there are rows to be written.

-- Records deliveries of this worker's that were sent by their only try: row by row the columns of delivery_finish(); retries: how many their
-- channel's schedule has. Returns the positions of those that it left alone, because they are no longer this worker's, or were recorded
-- before: they are delivery_finish()'s.
CREATE OR REPLACE FUNCTION nightbell.delivery_sent(me uuid, tenants uuid[], users uuid[], ids uuid[], numbers int[], retries int[], codes int[], latencies int[],
    message_ids text[], targets uuid[], channels text[], endpoints text[], providers text[], addresses text[])
RETURNS int[]
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
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    many CONSTANT int := cardinality(ids);
    taken int[];
BEGIN
    WITH gone AS (
        DELETE FROM nightbell.delivery_queue q
        USING (SELECT g.* FROM unnest(tenants, ids, numbers) WITH ORDINALITY AS g (tenant_id, id, number, n)
               ORDER BY g.tenant_id, g.id) AS g -- the order in which operators lock them: operated_deliveries()
        WHERE q.tenant_id = g.tenant_id AND q.delivery_id = g.id AND q.worker = me AND q.attempt = g.number
        RETURNING q.tenant_id, q.user_id, q.delivery_id, q.tries, g.n::int AS n
    ), recorded AS (
        UPDATE nightbell.deliveries d SET status = 'sent', sent_at = at, attempts = d.attempts + 1, max_attempts = greatest(d.attempts - g.tries + 1 + retries[g.n], 1),
            provider = providers[g.n], provider_message_id = coalesce(message_ids[g.n], d.provider_message_id), error = NULL, changed_xid = pg_current_xact_id()
        FROM gone g WHERE d.tenant_id = g.tenant_id AND d.user_id = g.user_id AND d.id = g.delivery_id AND d.status = 'sending'
        RETURNING d.tenant_id, d.channel, d.status, (extract(epoch FROM at - coalesce(d.queued_at, d.created_at)) * 1000)::bigint AS length_ms
    ), tallied AS (
        INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
        SELECT r.tenant_id, at, m.measure, r.channel::text, m.bucket, count(*), sum(m.length_ms)
        FROM recorded r CROSS JOIN LATERAL (
            SELECT 'sent' AS measure, nightbell.tally_bucket(r.length_ms) AS bucket, greatest(r.length_ms, 0) AS length_ms
            UNION ALL -- its receipt was faster than this answer
            SELECT CASE r.status WHEN 'bounced' THEN 'bounced' ELSE 'delivered' END, 0::smallint, 0::bigint WHERE r.status IN ('delivered', 'read', 'bounced')) AS m
        GROUP BY r.tenant_id, m.measure, r.channel, m.bucket
    ), tried AS (
        INSERT INTO nightbell.attempts (tenant_id, user_id, delivery_id, n, at, channel, provider, endpoint, target, outcome, code, latency_ms, message_id, address)
        SELECT g.tenant_id, g.user_id, g.delivery_id, numbers[g.n], at, channels[g.n], providers[g.n], left(endpoints[g.n], 400), targets[g.n], 'sent',
            nullif(codes[g.n], 0), latencies[g.n], left(message_ids[g.n], 250), CASE WHEN targets[g.n] IS NULL THEN left(nightbell.mask_address(addresses[g.n]), 90) END
        FROM gone g
    )
    SELECT array_agg(g.n ORDER BY g.n) INTO taken FROM gone g;
    IF cardinality(taken) < many THEN -- what is told of health has a row for each try that was recorded here
        SELECT array_agg(targets[g.n] ORDER BY g.n), array_agg(channels[g.n] ORDER BY g.n), array_agg(endpoints[g.n] ORDER BY g.n), array_agg(addresses[g.n] ORDER BY g.n)
        INTO targets, channels, endpoints, addresses FROM unnest(taken) AS g (n);
    END IF;
    IF taken IS NOT NULL THEN
        PERFORM nightbell.note_health(tenants, users, taken, array_fill('sent'::text, ARRAY[cardinality(taken)]), array_fill(NULL::text, ARRAY[cardinality(taken)]),
            array_fill(0, ARRAY[cardinality(taken)]), array_fill(0, ARRAY[cardinality(taken)]), targets, channels, endpoints, addresses, at);
        PERFORM nightbell.ring_deliveries(tenants);
    END IF;
    RETURN CASE WHEN taken IS NULL OR cardinality(taken) < many THEN ARRAY(SELECT n FROM generate_series(1, many) AS n WHERE taken IS NULL OR n <> ALL (taken)) ELSE '{}' END;
END
$$;
