-- What became of deliveries: each try is recorded, in the transaction that moves the delivery on; then it is sent, due again, a
-- dead letter with a fallback, or cancelled. What answers say of addresses, endpoints and providers is in 256_delivery_health.sql.

-- An address as a record of tries may show it: a…@example.org, +49…89.
CREATE OR REPLACE FUNCTION nightbell.mask_address(address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN position('@' IN address) > 0 THEN left(address, 1) || '…' || substr(address, position('@' IN address), 255)
    WHEN char_length(address) > 6 THEN left(address, 3) || '…' || right(address, 2)
    ELSE left(address, 1) || '…' END;

-- What a server said, for a record that others than the recipient read: servers like to repeat the address.
CREATE OR REPLACE FUNCTION nightbell.mask_in(said text, address text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN char_length(address) < 4 OR address IS NULL THEN said
            ELSE replace(replace(said, address, nightbell.mask_address(address)), lower(address), nightbell.mask_address(lower(address))) END;

-- When a delivery is due again after its try number `try`; NULL: that was the last. waits_ms: the channel's schedule. retry_after: as
-- the provider asked, obeyed up to 10 hours; negative or NULL: it did not. Jitter of 20 % spreads what failed at the same time.
CREATE OR REPLACE FUNCTION nightbell.next_try(try int, waits_ms int[], retry_after bigint, at timestamptz) RETURNS timestamptz
LANGUAGE sql VOLATILE
RETURN at + greatest(waits_ms[try] * (0.8 + 0.4 * random()), CASE WHEN waits_ms[try] IS NOT NULL THEN
    least(greatest(retry_after, 0), 36000000) * (1 + 0.1 * random()) END) * interval '1 millisecond';

-- Records the answers to what this worker had in hand. The first arrays are columns of deliveries; ends: answered, cancelled (it
-- stopped because somebody wanted it back), back (it was not begun). schedule_channels, schedules: each channel's waits between
-- tries, as '{60000,300000}' in milliseconds. The others are columns of tries: items says of which delivery, from 1; targets: NULL for the
-- person's own address; ended: nothing is to be sent to that address any more; fault: the provider is to blame. A delivery that another
-- worker has taken over since, because the lease had ended, is that one's: then only the tries are recorded. numbers are those
-- of the claim: answers that were recorded before, by a call whose own answer was lost, change nothing. Returns how many
-- deliveries were moved.
CREATE OR REPLACE FUNCTION nightbell.delivery_finish(me uuid, tenants uuid[], users uuid[], ids uuid[], numbers int[], ends text[],
    schedule_channels text[], schedules text[], items int[], outcomes text[], codes int[], latencies int[], errors text[], message_ids text[],
    retry_afters bigint[], ended int[], faults int[], targets uuid[], channels text[], endpoints text[], providers text[], addresses text[])
RETURNS bigint
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
    -- what the tries of each delivery say, by subscript: a join of some hundred unnested values with some hundred is a nested loop
    again boolean[] := array_fill(false, ARRAY[cardinality(ids)]);
    sent boolean[] := array_fill(false, ARRAY[cardinality(ids)]);
    asked bigint[] := array_fill(NULL::bigint, ARRAY[cardinality(ids)]);
    problems text[] := array_fill(NULL::text, ARRAY[cardinality(ids)]);
    named text[] := array_fill(NULL::text, ARRAY[cardinality(ids)]);
    carriers text[] := array_fill(NULL::text, ARRAY[cardinality(ids)]);
    places text[] := array_fill(NULL::text, ARRAY[cardinality(ids)]); -- that are to be tried again; '': several
    many CONSTANT text[] := nightbell.channels_of_many();
    taken bigint[];
    n int;
    failed uuid[];
    failed_tenants uuid[];
    cancelled uuid[];
    cancelled_tenants uuid[];
    moved bigint;
BEGIN
    errors := ARRAY(SELECT nightbell.mask_in(e.said, e.address) FROM unnest(errors, addresses) WITH ORDINALITY AS e (said, address, n) ORDER BY e.n);
    FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
        n := items[i];
        carriers[n] := providers[i];
        IF outcomes[i] = 'sent' THEN
            sent[n] := true;
            named[n] := coalesce(message_ids[i], named[n]);
        ELSE
            again[n] := again[n] OR outcomes[i] = 'retry';
            places[n] := CASE WHEN outcomes[i] <> 'retry' THEN places[n] WHEN places[n] IS NULL THEN endpoints[i] WHEN places[n] = endpoints[i] THEN places[n] ELSE '' END;
            asked[n] := greatest(asked[n], retry_afters[i]);
            problems[n] := left(coalesce(errors[i], problems[n]), 1000);
        END IF;
    END LOOP;

    WITH mine AS MATERIALIZED (
        SELECT g.n, q.tenant_id, q.user_id, q.delivery_id AS id, q.channel, q.endpoint, q.lane, q.tries, g.ends = 'cancelled' OR q.cancelled AS is_cancelled,
            g.ends, g.again, g.sent, g.retry_after, g.error, g.message_id, g.provider, s.waits,
            CASE WHEN q.channel = ANY (many) AND g.place <> '' THEN left(g.place, 400) ELSE q.endpoint END AS place
        FROM unnest(tenants, ids, numbers, ends, again, sent, asked, problems, named, carriers, places) WITH ORDINALITY
            AS g (tenant_id, id, number, ends, again, sent, retry_after, error, message_id, provider, place, n)
        JOIN nightbell.delivery_queue q ON q.tenant_id = g.tenant_id AND q.delivery_id = g.id AND q.worker = me AND q.attempt = g.number
        LEFT JOIN LATERAL (SELECT c.waits::int[] FROM unnest(schedule_channels, schedules) AS c (channel, waits) WHERE c.channel = q.channel LIMIT 1)
            AS s ON true
        ORDER BY q.tenant_id, q.delivery_id FOR NO KEY UPDATE OF q
    ), judged AS MATERIALIZED (
        SELECT m.*, v.verdict, CASE v.verdict WHEN 'again' THEN nightbell.next_try(m.tries + 1, m.waits, m.retry_after, at) WHEN 'back' THEN at END AS due
        FROM mine m CROSS JOIN LATERAL (SELECT CASE
            WHEN m.sent AND (NOT m.again OR m.is_cancelled) THEN 'sent'
            WHEN m.is_cancelled THEN 'cancelled'
            WHEN m.ends = 'back' THEN 'back'
            WHEN m.again AND m.tries < coalesce(cardinality(m.waits), 0) THEN 'again'
            WHEN m.sent THEN 'sent'
            WHEN m.channel NOT IN ('email', 'sms') AND EXISTS (SELECT FROM nightbell.attempts e
                WHERE e.tenant_id = m.tenant_id AND e.delivery_id = m.id AND e.outcome = 'sent') THEN 'sent'
            ELSE 'failed' END AS verdict OFFSET 0) AS v
    ), recorded AS (
        UPDATE nightbell.deliveries d SET status = CASE j.verdict WHEN 'sent' THEN 'sent' WHEN 'failed' THEN 'failed' ELSE 'queued' END,
            attempts = d.attempts + CASE j.ends WHEN 'back' THEN 0 ELSE 1 END, max_attempts = greatest(d.attempts - j.tries + 1 + coalesce(cardinality(j.waits), 0), 1),
            next_attempt_at = j.due, provider = coalesce(j.provider, d.provider), provider_message_id = coalesce(j.message_id, d.provider_message_id),
            error = CASE WHEN j.ends = 'back' THEN d.error ELSE j.error END
        FROM judged j WHERE d.tenant_id = j.tenant_id AND d.user_id = j.user_id AND d.id = j.id AND d.status = 'sending'
        RETURNING d.tenant_id, d.user_id, d.id, d.channel, d.app_event, d.rule_id, d.attempts, d.error, d.fallback_channels, j.verdict, d.status,
            (extract(epoch FROM at - coalesce(d.queued_at, d.created_at)) * 1000)::bigint AS length_ms
    ), left_over AS (
        DELETE FROM nightbell.delivery_queue q USING judged j
        WHERE j.verdict IN ('sent', 'failed', 'cancelled') AND q.tenant_id = j.tenant_id AND q.delivery_id = j.id
    ), waiting AS (
        UPDATE nightbell.delivery_queue q SET lease_until = NULL, worker = NULL, due_at = j.due, tries = q.tries + (j.verdict = 'again')::int,
            attempt = q.attempt + (j.ends <> 'back')::int, endpoint = CASE j.verdict WHEN 'again' THEN j.place ELSE q.endpoint END,
            lane = CASE WHEN q.lane = 0 THEN 0 WHEN j.verdict = 'again' THEN 2 ELSE q.lane END
        FROM judged j WHERE j.verdict IN ('again', 'back') AND q.tenant_id = j.tenant_id AND q.delivery_id = j.id
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT r.tenant_id, at, 'delivery', r.id::text, r.app_event, r.user_id, r.channel::text, r.rule_id, r.verdict,
            CASE WHEN r.verdict = 'failed' THEN jsonb_build_object('problem', r.error, 'attempts', r.attempts) END
        FROM recorded r WHERE r.verdict IN ('failed', 'cancelled')
    ), tallied AS (
        INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
        SELECT r.tenant_id, at, m.measure, r.channel::text, m.bucket, count(*), sum(m.length_ms)
        FROM recorded r CROSS JOIN LATERAL (
            SELECT 'sent' AS measure, nightbell.tally_bucket(r.length_ms) AS bucket, greatest(r.length_ms, 0) AS length_ms WHERE r.verdict = 'sent'
            UNION ALL
            SELECT CASE r.verdict WHEN 'again' THEN 'retried' ELSE 'failed' END, 0::smallint, 0::bigint WHERE r.verdict IN ('again', 'failed')
            UNION ALL -- its receipt was faster than this answer
            SELECT CASE r.status WHEN 'bounced' THEN 'bounced' ELSE 'delivered' END, 0::smallint, 0::bigint
            WHERE r.verdict = 'sent' AND r.status IN ('delivered', 'read', 'bounced')) AS m
        GROUP BY r.tenant_id, m.measure, r.channel, m.bucket
    )
    SELECT count(*), array_agg(r.id) FILTER (WHERE r.verdict = 'failed'), array_agg(r.tenant_id) FILTER (WHERE r.verdict = 'failed'),
        array_agg(r.id) FILTER (WHERE r.verdict = 'cancelled'), array_agg(r.tenant_id) FILTER (WHERE r.verdict = 'cancelled'),
        ARRAY(SELECT m.n FROM mine m)
    INTO moved, failed, failed_tenants, cancelled, cancelled_tenants, taken
    FROM recorded r;

    IF cardinality(taken) < cardinality(ids) THEN
        SELECT array_agg(t.item ORDER BY t.n), array_agg(t.outcome ORDER BY t.n), array_agg(t.code ORDER BY t.n), array_agg(t.latency ORDER BY t.n),
            array_agg(t.error ORDER BY t.n), array_agg(t.message_id ORDER BY t.n), array_agg(t.ended ORDER BY t.n), array_agg(t.fault ORDER BY t.n),
            array_agg(t.target ORDER BY t.n), array_agg(t.channel ORDER BY t.n), array_agg(t.endpoint ORDER BY t.n),
            array_agg(t.provider ORDER BY t.n), array_agg(t.address ORDER BY t.n)
        INTO items, outcomes, codes, latencies, errors, message_ids, ended, faults, targets, channels, endpoints, providers, addresses
        FROM unnest(items, outcomes, codes, latencies, errors, message_ids, ended, faults, targets, channels, endpoints, providers, addresses) WITH ORDINALITY
            AS t (item, outcome, code, latency, error, message_id, ended, fault, target, channel, endpoint, provider, address, n)
        WHERE t.item = ANY (taken) OR NOT EXISTS ( -- one that says the same was recorded before
            SELECT FROM nightbell.attempts a WHERE a.tenant_id = tenants[t.item] AND a.delivery_id = ids[t.item] AND a.n = numbers[t.item]
                AND a.outcome = t.outcome AND (a.target, a.latency_ms, a.message_id) IS NOT DISTINCT FROM (t.target, t.latency, left(t.message_id, 250)));
    END IF;
    IF cardinality(items) > 0 THEN
        INSERT INTO nightbell.attempts (tenant_id, user_id, delivery_id, n, at, channel, provider, endpoint, target, outcome, code, latency_ms,
            error, message_id, address)
        SELECT tenants[t.item], users[t.item], ids[t.item], numbers[t.item], at, t.channel, t.provider, left(t.endpoint, 400), t.target, t.outcome,
            nullif(t.code, 0), t.latency, left(t.error, 1000), left(t.message_id, 250), CASE WHEN t.target IS NULL THEN left(nightbell.mask_address(t.address), 90) END
        FROM unnest(items, outcomes, codes, latencies, errors, message_ids, targets, channels, endpoints, providers, addresses)
            AS t (item, outcome, code, latency, error, message_id, target, channel, endpoint, provider, address);
    END IF;

    IF cancelled IS NOT NULL THEN
        UPDATE nightbell.deliveries d SET status = 'cancelled' FROM unnest(cancelled_tenants, cancelled) AS c (tenant_id, id)
        WHERE d.tenant_id = c.tenant_id AND d.id = c.id AND d.status = 'queued';
    END IF;
    IF failed IS NOT NULL THEN
        PERFORM nightbell.queue_fallbacks(failed_tenants, failed, at);
    END IF;
    PERFORM nightbell.note_health(tenants, users, items, outcomes, errors, ended, faults, targets, channels, endpoints, addresses, at);
    PERFORM nightbell.ring_deliveries(tenants);
    RETURN moved;
END
$$;

-- A dead letter, or what came back (bounced_falls_back()), whose rule names other channels goes there: as an app event, so that
-- preferences are asked and texts rendered for the channel as always (plan_fallback()).
CREATE OR REPLACE FUNCTION nightbell.queue_fallbacks(tenants uuid[], ids uuid[], at timestamptz) RETURNS void
LANGUAGE sql VOLATILE
AS $$
    INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, critical, source_kind, subject_id, user_id, next_attempt_at)
    SELECT d.tenant_id, coalesce(o.event_type, d.type), coalesce(o.module, k.module, 'system'), CASE WHEN o.source_kind = 'notify' THEN '{}' ELSE coalesce(o.context, '{}') END,
        at, d.urgency = 'critical', 'fallback', d.id::text, d.user_id, at
    FROM unnest(tenants, ids) AS f (tenant_id, id)
    JOIN nightbell.deliveries d ON d.tenant_id = f.tenant_id AND d.id = f.id
    LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
    LEFT JOIN nightbell.notification_types k ON k.type = d.type
    WHERE d.fallback_channels <> '{}'
$$;

-- The next channel of a failed delivery by which the person may be reached: a row to be rendered and written; none, where there is none.
CREATE OR REPLACE FUNCTION nightbell.plan_fallback(o nightbell.outbox)
RETURNS TABLE (rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
               title text, message text, person text, locale text)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    d nightbell.deliveries;
    verdict record;
    next_channel text;
BEGIN
    UPDATE nightbell.outbox b SET processed_at = at, next_attempt_at = NULL, error = NULL WHERE b.tenant_id = o.tenant_id AND b.id = o.id;
    SELECT e.* INTO d FROM nightbell.deliveries e WHERE e.tenant_id = o.tenant_id AND e.user_id = o.user_id AND e.id = o.subject_id::uuid;
    IF (d.status IN ('failed', 'bounced')) IS NOT TRUE THEN
        RETURN; -- it was redriven meanwhile
    ELSIF EXISTS (SELECT FROM nightbell.decisions e WHERE e.tenant_id = d.tenant_id AND e.subject_id = d.id::text
            AND e.subject = 'delivery' AND e.code = 'fallback') THEN
        RETURN; -- it went there when it failed before: whoever sends it again sends that one again, too, if it has failed
    END IF;
    FOREACH next_channel IN ARRAY d.fallback_channels LOOP
        CONTINUE WHEN next_channel = d.channel::text OR next_channel = 'in_app' AND d.notification_id IS NOT NULL;
        SELECT v.* INTO verdict FROM nightbell.channel_verdicts(o.tenant_id, d.type, o.module, o.event_type, d.urgency::text,
            CASE WHEN o.context <> '{}' THEN o.context END, ARRAY[d.user_id], ARRAY[next_channel], at) AS v;
        IF NOT FOUND THEN
            RETURN; -- the person is deleted
        ELSIF verdict.code IS NOT NULL AND coalesce(verdict.slot, verdict.held_until) IS NULL THEN
            INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
            VALUES (o.tenant_id, at, 'delivery', d.id::text, d.app_event, d.user_id, next_channel, d.rule_id, verdict.code, verdict.detail);
        ELSE
            RETURN QUERY
            SELECT d.rule_id, CASE WHEN o.context <> '{}' AND q.template_code = d.template_code THEN d.template_code END, d.type::text, next_channel, d.user_id, verdict.code,
                coalesce(verdict.slot, verdict.held_until), coalesce(d.subject, nightbell.inbox_title(NULL, d.body, d.type::text)), d.body,
                nightbell.template_user(u, s)::text, coalesce(s.locale, u.locale)
            FROM nightbell.users u
            LEFT JOIN nightbell.user_settings s ON s.tenant_id = u.tenant_id AND s.user_id = u.id
            LEFT JOIN nightbell.rules q ON q.tenant_id = d.tenant_id AND q.rule_id = d.rule_id
            WHERE u.tenant_id = o.tenant_id AND u.id = d.user_id;
            RETURN;
        END IF;
    END LOOP;
END
$$;
