-- What waited for quiet hours, do not disturb or a digest's slot leaves when its time has come: one alone as itself, several
-- for one person and channel as one digest. Whoever inserts the slot's row makes its digest; what is committed later waits for
-- the next slot. A transaction of the worker: digest_due(), the worker renders, digest_write().

-- Groups that are due and must not leave yet, or not with a digest: the person is in quiet hours again (nobody was at work when
-- they ended), or the slot's digest was made before these were committed. They get their next time, or leave as themselves.
-- What waits for somebody who was deleted is cancelled.
CREATE OR REPLACE FUNCTION nightbell.move_held(tenants uuid[], users uuid[], channels text[], slots timestamptz[], at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_material = off
AS $$
BEGIN
    WITH due AS MATERIALIZED (
        SELECT g.*, h.reason, h.until, u.id IS NULL AS is_over
        FROM unnest(tenants, users, channels, slots) AS g (tenant_id, user_id, channel, slot)
        LEFT JOIN nightbell.users u ON u.tenant_id = g.tenant_id AND u.id = g.user_id AND u.deleted_at IS NULL
        LEFT JOIN nightbell.holds_of(tenants, users, at) AS h ON h.tenant_id = g.tenant_id AND h.user_id = g.user_id AND u.id IS NOT NULL
        WHERE u.id IS NULL OR h.free > at OR EXISTS (SELECT FROM nightbell.digest_slots s
            WHERE s.tenant_id = g.tenant_id AND s.user_id = g.user_id AND s.channel = g.channel AND s.slot = g.slot)
    ), late AS MATERIALIZED (
        SELECT due.tenant_id, due.user_id, i.id, due.reason, due.until, due.is_over
        FROM due CROSS JOIN LATERAL (
            SELECT d.id FROM nightbell.deliveries d
            WHERE d.status = 'held' AND d.held_slot = due.slot AND d.tenant_id = due.tenant_id AND d.user_id = due.user_id
                AND d.channel = due.channel AND d.held_for <> 'over_rate'
            FOR NO KEY UPDATE SKIP LOCKED) AS i
    ), moved AS (
        UPDATE nightbell.deliveries d SET status = CASE WHEN l.is_over THEN 'cancelled' WHEN l.until IS NULL THEN 'queued' ELSE 'held' END,
            held_for = l.reason, held_slot = l.until, next_attempt_at = CASE WHEN l.until IS NULL AND NOT l.is_over THEN at END
        FROM late l WHERE d.tenant_id = l.tenant_id AND d.user_id = l.user_id AND d.id = l.id
        RETURNING d.tenant_id, d.user_id, d.id, d.app_event, d.channel, d.rule_id, d.held_slot,
            CASE d.status WHEN 'held' THEN d.held_for ELSE d.status END AS code
    )
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
    SELECT m.tenant_id, at, 'delivery', m.id::text, m.app_event, m.user_id, m.channel, m.rule_id, m.code,
        CASE WHEN m.held_slot IS NOT NULL THEN jsonb_build_object('until', m.held_slot) END
    FROM moved m;
END
$$;

-- Takes up to `batch` groups (person, channel, slot) whose time has come. What is alone, and what goes to a program (webhook),
-- leaves as itself here and now. Returns a row for each person and channel; where there is a digest to be made: its items (for
-- digest_write(), which must follow in the same transaction), and what it is rendered with. Two workers never take the same group.
CREATE OR REPLACE FUNCTION nightbell.digest_due(batch int)
RETURNS TABLE (tenant_id uuid, user_id uuid, channel text, items text, context text, template_code text, person text, locale text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off -- nothing but look-ups in indexes: no statistics tell how many wait
SET enable_bitmapscan = off
SET enable_material = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET enable_sort = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    listed CONSTANT int := 10; -- items of a type, and types
    tenants uuid[];
    users uuid[];
    channels text[];
    slots timestamptz[];
BEGIN
    WITH due AS MATERIALIZED (
        SELECT DISTINCT ON (d.held_slot, d.tenant_id, d.user_id, d.channel) d.held_slot, d.tenant_id, d.user_id, d.channel, d.id
        FROM nightbell.deliveries d
        WHERE d.status = 'held' AND d.held_slot <= at AND d.held_for <> 'over_rate'
        ORDER BY d.held_slot, d.tenant_id, d.user_id, d.channel LIMIT batch
    ), mine AS MATERIALIZED ( -- the others are another worker's, who has locked the first of each
        SELECT due.held_slot AS slot, d.held_slot, d.tenant_id, d.user_id, d.channel
        FROM due JOIN nightbell.deliveries d ON d.tenant_id = due.tenant_id AND d.user_id = due.user_id AND d.id = due.id
        FOR NO KEY UPDATE OF d SKIP LOCKED
    )
    SELECT array_agg(m.tenant_id), array_agg(m.user_id), array_agg(m.channel::text), array_agg(m.slot)
    INTO tenants, users, channels, slots
    FROM (SELECT m.* FROM mine m WHERE m.held_slot = m.slot ORDER BY m.slot, m.tenant_id, m.user_id, m.channel) AS m; -- it is still held
    IF tenants IS NULL THEN
        RETURN;
    END IF;
    PERFORM nightbell.move_held(tenants, users, channels, slots, at);

    RETURN QUERY
    WITH claimed AS (
        INSERT INTO nightbell.digest_slots AS s (tenant_id, user_id, channel, slot, claimed_at)
        SELECT g.tenant_id, g.user_id, g.channel, g.slot, at
        FROM unnest(tenants, users, channels, slots) WITH ORDINALITY AS g (tenant_id, user_id, channel, slot, n)
        WHERE EXISTS (SELECT FROM nightbell.deliveries d -- unless it was moved
                      WHERE d.status = 'held' AND d.held_slot = g.slot AND d.tenant_id = g.tenant_id AND d.user_id = g.user_id AND d.channel = g.channel)
        ORDER BY g.n
        ON CONFLICT DO NOTHING
        RETURNING s.tenant_id, s.user_id, s.channel, s.slot
    ), taken AS MATERIALIZED (
        SELECT c.tenant_id, c.user_id, c.channel::text AS channel, i.id, i.type::text AS type, i.subject, i.body, i.app_event, i.rule_id,
            nightbell.urgency_rank(i.urgency::text) AS rank
        FROM claimed c CROSS JOIN LATERAL (
            SELECT d.* FROM nightbell.deliveries d
            WHERE d.status = 'held' AND d.held_slot = c.slot AND d.tenant_id = c.tenant_id AND d.user_id = c.user_id
                AND d.channel = c.channel AND d.held_for <> 'over_rate'
            FOR NO KEY UPDATE) AS i
    ), counted AS MATERIALIZED (
        SELECT t.*, t.channel = 'webhook' OR count(*) OVER (PARTITION BY t.tenant_id, t.user_id, t.channel) = 1 AS as_itself,
            count(*) OVER alike AS alike, row_number() OVER (alike ORDER BY t.rank DESC, t.id) AS place
        FROM taken t WINDOW alike AS (PARTITION BY t.tenant_id, t.user_id, t.channel, t.type)
    ), released AS (
        UPDATE nightbell.deliveries d SET status = 'queued', next_attempt_at = at, held_for = NULL
        FROM counted c WHERE c.as_itself AND d.tenant_id = c.tenant_id AND d.user_id = c.user_id AND d.id = c.id
        RETURNING d.tenant_id, d.user_id, d.channel::text AS channel, d.id, d.app_event, d.rule_id
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code)
        SELECT r.tenant_id, at, 'delivery', r.id::text, r.app_event, r.user_id, r.channel, r.rule_id, 'queued' FROM released r
    ), grouped AS (
        SELECT c.tenant_id, c.user_id, c.channel, c.type, c.alike, string_agg(c.id::text, ',') AS ids,
            jsonb_agg(jsonb_build_object('title', left(nightbell.inbox_title(c.subject, c.body, c.type), 200), 'message', left(c.body, 300)) ORDER BY c.place)
                FILTER (WHERE c.place <= listed) AS items,
            row_number() OVER (PARTITION BY c.tenant_id, c.user_id, c.channel ORDER BY max(c.rank) DESC, c.alike DESC, c.type) AS place
        FROM counted c WHERE NOT c.as_itself GROUP BY c.tenant_id, c.user_id, c.channel, c.type, c.alike
    ), digest AS (
        SELECT g.tenant_id, g.user_id, g.channel, '{' || string_agg(g.ids, ',') || '}' AS items,
            jsonb_build_object('count', sum(g.alike), 'groups', jsonb_agg(jsonb_build_object('type', g.type, 'title', coalesce(k.description, g.type), 'count', g.alike,
                    'items', g.items) ORDER BY g.place) FILTER (WHERE g.place <= listed),
                'more', sum(g.alike) - sum(jsonb_array_length(g.items)) FILTER (WHERE g.place <= listed))::text AS context
        FROM grouped g LEFT JOIN nightbell.notification_types k ON k.type = g.type
        GROUP BY g.tenant_id, g.user_id, g.channel
    )
    SELECT e.tenant_id, e.user_id, e.channel, e.items, e.context,
        CASE WHEN nightbell.has_text(e.tenant_id, 'digest', e.channel) THEN 'digest' END,
        nightbell.template_user(u, s)::text, coalesce(s.locale, u.locale)
    FROM digest e
    JOIN nightbell.users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
    LEFT JOIN nightbell.user_settings s ON s.tenant_id = e.tenant_id AND s.user_id = e.user_id
    UNION ALL
    SELECT r.tenant_id, r.user_id, r.channel, NULL, NULL, NULL, NULL, NULL FROM released r
    ORDER BY 1, 3, 6, 8, 5; -- those with the same text stand together
END
$$;

-- Writes the digests that digest_due() has taken in this transaction: columns of arrays, a place each. items: what it returned;
-- texts says which of the subjects, bodies … is a digest's. Returns how many deliveries were put into them.
CREATE OR REPLACE FUNCTION nightbell.digest_write(tenants uuid[], users uuid[], channels text[], items text[], templates text[], texts int[],
    subjects text[], bodies text[], htmls text[], locales text[], missings text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
SET enable_material = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    first CONSTANT bigint := round(date_part('epoch', nightbell.uuidv7_batch(cardinality(tenants))) * 1000000) - 1;
    written bigint;
BEGIN
    WITH one AS MATERIALIZED ( -- once each: half of an id is random
        SELECT r.ids, r.n, nightbell.uuidv7_of(first + r.n) AS digest FROM unnest(items) WITH ORDINALITY AS r (ids, n)
    ), item AS MATERIALIZED (
        SELECT r.n, r.digest, tenants[r.n] AS tenant_id, users[r.n] AS user_id, i.id
        FROM one r CROSS JOIN LATERAL unnest(r.ids::uuid[]) AS i (id)
    ), gone AS (
        UPDATE nightbell.deliveries d SET status = 'digested', digest_id = i.digest
        FROM item i WHERE d.tenant_id = i.tenant_id AND d.user_id = i.user_id AND d.id = i.id -- all are held: digest_due() has locked them
        RETURNING i.n, d.digest_id, d.tenant_id, d.user_id, d.id, d.channel, d.app_event, d.rule_id, d.urgency, d.fallback_channels
    ), digest AS (
        SELECT g.n, g.digest_id AS id, g.tenant_id, g.user_id, max(nightbell.urgency_rank(g.urgency::text)) AS rank,
            CASE WHEN count(DISTINCT g.fallback_channels) = 1 THEN min(g.fallback_channels) ELSE '{}' END AS fallbacks, count(*) AS count
        FROM gone g GROUP BY g.n, g.digest_id, g.tenant_id, g.user_id
    ), made AS (
        INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, urgency, address, template_code, locale, subject, body, html, payload,
            missing, status, next_attempt_at, queued_at, fallback_channels)
        SELECT e.id, e.tenant_id, e.user_id, 'DIGEST', channels[e.n], ('{low,normal,high,critical}'::text[])[e.rank],
            CASE channels[e.n] WHEN 'email' THEN u.email WHEN 'sms' THEN u.phone END, templates[e.n], locales[texts[e.n]], subjects[texts[e.n]],
            bodies[texts[e.n]], htmls[texts[e.n]], jsonb_build_object('count', e.count),
            ARRAY(SELECT jsonb_array_elements_text(missings[texts[e.n]]::jsonb)), 'queued', at, at, e.fallbacks
        FROM digest e JOIN nightbell.users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
        RETURNING id, tenant_id, user_id, channel
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT g.tenant_id, at, 'delivery', g.id::text, g.app_event, g.user_id, g.channel, g.rule_id, 'digested', jsonb_build_object('digest', g.digest_id)
        FROM gone g
        UNION ALL
        SELECT m.tenant_id, at, 'delivery', m.id::text, NULL, m.user_id, m.channel, NULL, 'queued', NULL FROM made m
    )
    SELECT count(*) FROM gone INTO written;
    RETURN written;
END
$$;

-- When the next group is due; NULL: none waits.
CREATE OR REPLACE FUNCTION nightbell.digest_next() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET enable_bitmapscan = off
AS $$ SELECT min(d.held_slot) FROM nightbell.deliveries d WHERE d.status = 'held' AND d.held_for <> 'over_rate' $$;

-- A duty of the worker: forgets slots that were taken a day ago; no transaction is open that long that could still add to them.
CREATE OR REPLACE FUNCTION nightbell.purge_digest_slots(batch int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    removed bigint;
BEGIN
    DELETE FROM nightbell.digest_slots s WHERE s.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.digest_slots o WHERE o.claimed_at < nightbell.clock() - interval '1 day' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;

-- ---- after a change of what a person prefers ----
-- Deliveries that a worker has locked are skipped: they are due.

-- Computes anew until when a person's held deliveries wait: do not disturb that was ended holds nothing any more.
CREATE OR REPLACE FUNCTION nightbell.time_held(tenant uuid, "user" uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    soonest timestamptz;
BEGIN
    WITH waiting AS (
        SELECT d.id, d.held_slot FROM nightbell.deliveries d
        WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.status = 'held' AND d.held_for <> 'over_rate'
        FOR NO KEY UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE nightbell.deliveries d SET held_slot = coalesce(h.until, at), held_for = coalesce(h.reason, d.held_for)
        FROM waiting w LEFT JOIN nightbell.holds_of(ARRAY[tenant], ARRAY["user"], at) AS h ON true
        WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.id = w.id AND d.held_slot IS DISTINCT FROM coalesce(h.until, at)
        RETURNING d.id, d.app_event, d.channel, d.rule_id, d.held_slot, w.held_slot AS was
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT tenant, at, 'delivery', m.id::text, m.app_event, "user", m.channel, m.rule_id, 'retimed', jsonb_build_object('until', m.held_slot, 'was', m.was)
        FROM moved m
    )
    SELECT min(m.held_slot) FROM moved m INTO soonest;
    IF nightbell.is_near(soonest, NULL) THEN
        PERFORM nightbell.ring_duties();
    END IF;
END
$$;

-- Cancels what waits for a person who does not want it any more, whatever it waits for. (What is held is never for the inbox.)
CREATE OR REPLACE FUNCTION nightbell.cancel_opted_out(tenant uuid, "user" uuid) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    WITH waiting AS (
        SELECT d.id, d.type, d.channel, d.app_event FROM nightbell.deliveries d
        WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.status = 'held'
        FOR NO KEY UPDATE SKIP LOCKED
    ), unwanted AS (
        SELECT w.id, p.detail FROM waiting w
        LEFT JOIN nightbell.notification_types t ON t.type = w.type
        LEFT JOIN nightbell.outbox o ON o.tenant_id = tenant AND o.id = w.app_event
        CROSS JOIN LATERAL nightbell.preferred(tenant, "user", w.channel::text, w.type::text, array_remove(ARRAY[t.module::text, o.module::text], NULL)) AS p
        WHERE NOT p.enabled
    ), cancelled AS (
        UPDATE nightbell.deliveries d SET status = 'cancelled', held_for = NULL FROM unwanted u
        WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.id = u.id
        RETURNING d.id, d.app_event, d.channel, d.rule_id, u.detail
    )
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
    SELECT tenant, at, 'delivery', c.id::text, c.app_event, "user", c.channel, c.rule_id, 'opted_out', c.detail FROM cancelled c;
END
$$;
