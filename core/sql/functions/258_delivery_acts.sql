-- What operators do to deliveries of their tenant (global ones of every tenant): send a dead letter again, call one back. And the bells
-- that tell them what has changed.

-- Rings the operators of tenants, once each, and the global ones.
CREATE OR REPLACE FUNCTION nightbell.ring_deliveries(tenants uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    known CONSTANT uuid[] := ARRAY(SELECT DISTINCT t FROM unnest(tenants) AS t);
    many CONSTANT int := cardinality(known);
BEGIN
    IF many > 0 THEN
        PERFORM nightbell.send_rings(array_fill('delivery'::text, ARRAY[many]), known, array_fill(NULL::uuid, ARRAY[many]),
            array_fill('update'::text, ARRAY[many]), array_fill(1::bigint, ARRAY[many]));
    END IF;
END
$$;

-- The deliveries that the caller operates, of those that are named, locked in the order of workers: first the queue's rows, then the
-- deliveries.
CREATE OR REPLACE FUNCTION nightbell.operated_deliveries(ids uuid[]) RETURNS SETOF nightbell.deliveries
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    home CONSTANT uuid := nightbell.operated_tenant();
    everywhere CONSTANT boolean := nightbell.operates_globally() OR nightbell.administers(NULL);
BEGIN
    IF NOT everywhere AND home IS NULL THEN
        PERFORM nightbell.require_operation(NULL);
    END IF;
    PERFORM FROM nightbell.tenants t JOIN nightbell.delivery_queue q ON q.tenant_id = t.id AND q.delivery_id = ANY (ids)
    WHERE everywhere OR t.id = home ORDER BY q.tenant_id, q.delivery_id FOR NO KEY UPDATE OF q;
    RETURN QUERY
    SELECT d.* FROM nightbell.tenants t JOIN nightbell.deliveries d ON d.tenant_id = t.id AND d.id = ANY (ids)
    WHERE everywhere OR t.id = home ORDER BY d.tenant_id, d.id FOR NO KEY UPDATE OF d;
END
$$;

-- Sends dead letters again, with tries anew; what waits for its next try goes now. A row for each id, in their order.
CREATE OR REPLACE FUNCTION nightbell.delivery_retry(ids uuid[]) RETURNS TABLE (id uuid, done boolean, problem text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    who CONSTANT text := (SELECT u.name FROM nightbell.users u WHERE u.id = nightbell.current_user_id() LIMIT 1);
    states jsonb;
    tenants uuid[];
BEGIN
    SELECT jsonb_object_agg(d.id, jsonb_build_object('status', d.status, 'gone', u.id IS NULL)), array_agg(DISTINCT d.tenant_id)
    INTO states, tenants
    FROM nightbell.operated_deliveries(ids) AS d
    LEFT JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id AND u.deleted_at IS NULL;
    WITH answers AS MATERIALIZED (
        SELECT g.id, g.n, states -> g.id::text ->> 'status' AS status, CASE
            WHEN states -> g.id::text IS NULL THEN 'there is no such delivery here'
            WHEN (states -> g.id::text ->> 'gone')::boolean THEN 'the person is deleted'
            WHEN states -> g.id::text ->> 'status' = 'queued' OR states -> g.id::text ->> 'status' = 'failed' THEN NULL
            WHEN states -> g.id::text ->> 'status' = 'held' THEN 'it is held: it leaves when its time comes'
            WHEN states -> g.id::text ->> 'status' = 'sending' THEN 'it is being sent'
            ELSE 'it is ' || (states -> g.id::text ->> 'status') END AS problem
        FROM unnest(ids) WITH ORDINALITY AS g (id, n)
    ), sooner AS (
        UPDATE nightbell.delivery_queue q SET due_at = at FROM answers a, unnest(tenants) AS t (id)
        WHERE a.status = 'queued' AND a.problem IS NULL AND q.tenant_id = t.id AND q.delivery_id = a.id AND NOT q.parked
        RETURNING q.delivery_id
    ), now AS (
        UPDATE nightbell.deliveries d SET next_attempt_at = at FROM sooner s, unnest(tenants) AS t (id) WHERE d.tenant_id = t.id AND d.id = s.delivery_id AND d.status = 'queued'
    ), again AS (
        UPDATE nightbell.deliveries d SET status = 'queued', next_attempt_at = at, ended_at = NULL FROM answers a, unnest(tenants) AS t (id)
        WHERE a.status = 'failed' AND a.problem IS NULL AND d.tenant_id = t.id AND d.id = a.id AND d.status = 'failed'
        RETURNING d.tenant_id, d.id, d.app_event, d.user_id, d.channel, d.rule_id, d.queued_at
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT r.tenant_id, r.queued_at, 'delivery', r.id::text, r.app_event, r.user_id, r.channel::text, r.rule_id, 'queued', jsonb_strip_nulls(jsonb_build_object('redriven_by', coalesce(who, session_user)))
        FROM again r
    )
    SELECT jsonb_agg(jsonb_build_object('id', a.id, 'problem', a.problem) ORDER BY a.n) INTO states FROM answers a;
    PERFORM nightbell.ring_deliveries(tenants);
    PERFORM nightbell.send_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{insert}', '{1}');
    RETURN QUERY SELECT (s ->> 'id')::uuid, s ->> 'problem' IS NULL, s ->> 'problem' FROM jsonb_array_elements(coalesce(states, '[]')) AS s;
END
$$;

-- Calls deliveries back: at once what is held or queued; what is in flight as far as that can be done: its worker hears of it, and if it
-- has not been sent by then, or has to be tried again, it is cancelled. A row for each id, in their order.
CREATE OR REPLACE FUNCTION nightbell.delivery_cancel(ids uuid[]) RETURNS TABLE (id uuid, done boolean, problem text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    who CONSTANT text := (SELECT u.name FROM nightbell.users u WHERE u.id = nightbell.current_user_id() LIMIT 1);
    states jsonb;
    tenants uuid[];
    stuck uuid[];
BEGIN
    SELECT jsonb_object_agg(d.id, d.status), array_agg(DISTINCT d.tenant_id), array_agg(d.id) FILTER (WHERE d.status = 'sending' AND (q.lease_until > at) IS NOT TRUE)
    INTO states, tenants, stuck
    FROM nightbell.operated_deliveries(ids) AS d LEFT JOIN nightbell.delivery_queue q ON q.tenant_id = d.tenant_id AND q.delivery_id = d.id;
    IF stuck IS NOT NULL THEN -- whoever had it in hand is gone
        UPDATE nightbell.deliveries d SET status = 'queued' FROM unnest(tenants) AS t (id) WHERE d.tenant_id = t.id AND d.id = ANY (stuck) AND d.status = 'sending';
    END IF;
    WITH answers AS MATERIALIZED (
        SELECT g.id, g.n, states ->> g.id::text AS status, CASE
            WHEN states ->> g.id::text IS NULL THEN 'there is no such delivery here'
            WHEN g.id = ANY (stuck) OR states ->> g.id::text IN ('held', 'queued', 'sending') THEN NULL
            ELSE 'it is ' || (states ->> g.id::text) END AS problem
        FROM unnest(ids) WITH ORDINALITY AS g (id, n)
    ), wanted AS (
        UPDATE nightbell.delivery_queue q SET cancelled = true FROM answers a, unnest(tenants) AS t (id)
        WHERE a.status = 'sending' AND (a.id = ANY (stuck)) IS NOT TRUE AND q.tenant_id = t.id AND q.delivery_id = a.id
    ), gone AS (
        UPDATE nightbell.deliveries d SET status = 'cancelled' FROM answers a, unnest(tenants) AS t (id)
        WHERE a.problem IS NULL AND d.tenant_id = t.id AND d.id = a.id AND d.status IN ('held', 'queued')
        RETURNING d.tenant_id, d.id, d.app_event, d.user_id, d.channel, d.rule_id
    ), out_of_queue AS (
        DELETE FROM nightbell.delivery_queue q USING gone g WHERE q.tenant_id = g.tenant_id AND q.delivery_id = g.id
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT r.tenant_id, at, 'delivery', r.id::text, r.app_event, r.user_id, r.channel::text, r.rule_id, 'cancelled', jsonb_build_object('by', coalesce(who, session_user))
        FROM gone r
    )
    SELECT jsonb_agg(jsonb_build_object('id', a.id, 'problem', a.problem) ORDER BY a.n) INTO states FROM answers a;
    PERFORM nightbell.ring_deliveries(tenants);
    PERFORM nightbell.send_rings('{outbox}', ARRAY[NULL::uuid], ARRAY[NULL::uuid], '{update}', '{1}');
    RETURN QUERY SELECT (s ->> 'id')::uuid, s ->> 'problem' IS NULL, s ->> 'problem' FROM jsonb_array_elements(coalesce(states, '[]')) AS s;
END
$$;
