-- What operators see of deliveries: how each goes, never its text and its address, which are the recipient's. As with events
-- (030_views.sql): a view with the reader's rights for a tenant's operators, and the owner's for global ones, sorted for pages.

DROP VIEW IF EXISTS nightbell.deliveries_seen;
DROP VIEW IF EXISTS nightbell.deliveries_of_all_tenants_new_older;
DROP VIEW IF EXISTS nightbell.deliveries_of_all_tenants_new_newer;
DROP VIEW IF EXISTS nightbell.deliveries_of_all_tenants;
DROP VIEW IF EXISTS nightbell.deliveries_of_tenant;

-- state_at: since when it is in its state.
CREATE VIEW nightbell.deliveries_of_tenant WITH (security_invoker = true) AS
SELECT d.id, d.tenant_id, d.user_id, d.notification_id, d.app_event, d.rule_id, d.type, d.channel::text AS channel,
    d.urgency::text AS urgency, d.priority, d.template_code, d.locale, d.missing, d.status, d.is_dead, d.held_for, d.held_slot, d.attempts,
    d.max_attempts, d.next_attempt_at, d.worker, d.provider, d.provider_message_id, d.error, d.digest_id, d.fallback_of,
    d.fallback_channels, d.created_at, d.queued_at, d.sending_at, d.sent_at, d.delivered_at, d.read_at, d.ended_at, d.created_xid,
    d.changed_xid, greatest(d.created_at, d.queued_at, d.sending_at, d.sent_at, d.delivered_at, d.read_at, d.ended_at) AS state_at,
    (SELECT t.name FROM nightbell.tenants t WHERE t.id = d.tenant_id) AS tenant_name,
    (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = d.tenant_id AND u.id = d.user_id) AS user_name
FROM nightbell.deliveries d;

CREATE VIEW nightbell.deliveries_of_all_tenants WITH (security_barrier = true) AS
SELECT d.id, d.tenant_id, d.user_id, d.notification_id, d.app_event, d.rule_id, d.type, d.channel::text AS channel,
    d.urgency::text AS urgency, d.priority, d.template_code, d.locale, d.missing, d.status, d.is_dead, d.held_for, d.held_slot, d.attempts,
    d.max_attempts, d.next_attempt_at, d.worker, d.provider, d.provider_message_id, d.error, d.digest_id, d.fallback_of,
    d.fallback_channels, d.created_at, d.queued_at, d.sending_at, d.sent_at, d.delivered_at, d.read_at, d.ended_at, d.created_xid,
    d.changed_xid, greatest(d.created_at, d.queued_at, d.sending_at, d.sent_at, d.delivered_at, d.read_at, d.ended_at) AS state_at,
    (SELECT t.name FROM nightbell.tenants t WHERE t.id = d.tenant_id) AS tenant_name,
    (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = d.tenant_id AND u.id = d.user_id) AS user_name
FROM nightbell.deliveries d
WHERE (SELECT nightbell.operates_globally());

DO $do$
DECLARE
    direction text;
BEGIN
    FOREACH direction IN ARRAY '{older,newer}'::text[] LOOP
        EXECUTE format('CREATE VIEW nightbell.%I WITH (security_barrier = true) AS %s ORDER BY d.id %s',
            'deliveries_of_all_tenants_new_' || direction,
            rtrim(pg_get_viewdef('nightbell.deliveries_of_all_tenants'::regclass), ';'), CASE direction WHEN 'older' THEN 'DESC' ELSE '' END);
    END LOOP;
END
$do$;

CREATE VIEW nightbell.deliveries_seen WITH (security_invoker = true) AS
SELECT * FROM nightbell.deliveries_of_tenant
UNION ALL
SELECT * FROM nightbell.deliveries_of_all_tenants;

-- Of one delivery, for whom it is for: its text and where it went. Nobody else gets a row, an operator neither.
CREATE OR REPLACE FUNCTION nightbell.delivery_texts(ids uuid[])
RETURNS TABLE (id uuid, subject text, body text, address text, payload jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
BEGIN
    IF who.known IS TRUE AND who.user_id IS NOT NULL THEN
        RETURN QUERY SELECT d.id, d.subject, d.body, d.address, d.payload FROM nightbell.deliveries d
        WHERE d.tenant_id = who.home_tenant_id AND d.user_id = who.user_id AND d.id = ANY (ids)
            AND d.type <> 'ADDRESS_CODE'; -- who reads a code here has not shown that the address is theirs
    END IF;
END
$$;

-- The tries of a delivery and what providers have told of it since, as steps of its story; in full: with where it went, and as what.
CREATE OR REPLACE FUNCTION nightbell.delivery_steps(tenant uuid, delivery uuid, in_full boolean)
RETURNS TABLE (at timestamptz, place int, actor text, action text, note text, note_time timestamptz)
LANGUAGE sql STABLE
AS $$
    -- "try 2: 451 greylisted, to a…@example.org, after 312 ms"
    SELECT a.at, 7, a.provider::text, 'try ' || a.n, concat_ws(', ', concat_ws(' ', CASE a.outcome WHEN 'sent' THEN 'took it' WHEN 'retry' THEN 'not now'
        WHEN 'failed' THEN 'refused' ELSE a.outcome END || CASE WHEN a.code IS NULL AND a.error IS NULL THEN '' ELSE ':' END, a.code, a.error),
        CASE WHEN in_full THEN 'to ' || a.address END, 'after ' || a.latency_ms || ' ms', CASE WHEN in_full THEN 'as ' || a.message_id END), NULL::timestamptz
    FROM nightbell.attempts a WHERE a.tenant_id = delivery_steps.tenant AND a.delivery_id = delivery_steps.delivery
    UNION ALL
    -- "receipt: bounced 5.2.2 the mailbox is full, of a copy to b…@example.org"; when it happened, where that is known and another minute
    SELECT r.at, 9, d.provider::text, 'receipt',
        concat_ws(', ', concat_ws(' ', r.status, r.code, nightbell.mask_in(r.detail, d.address)), CASE r.change WHEN 'copy' THEN concat_ws(' ', 'of a copy to', r.recipient)
            WHEN 'history' THEN 'which changes nothing' END, CASE WHEN t.is_other THEN 'at' END), CASE WHEN t.is_other THEN r.told_at END
    FROM nightbell.delivery_receipts r
    JOIN nightbell.deliveries d ON d.tenant_id = r.tenant_id AND d.user_id = r.user_id AND d.id = r.delivery_id
    CROSS JOIN LATERAL (SELECT r.told_at NOT BETWEEN r.at - interval '1 minute' AND r.at + interval '1 minute' AS is_other) AS t
    WHERE r.tenant_id = delivery_steps.tenant AND r.delivery_id = delivery_steps.delivery
$$;

-- What happened to one delivery, oldest first, for operators: its states, and the ways to those that came of it or that it came from. actor:
-- who did it, where one is known. note_time: the time with which the note ends.
CREATE OR REPLACE FUNCTION nightbell.delivery_story(delivery uuid)
RETURNS TABLE (at timestamptz, actor text, action text, note text, note_time timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    d nightbell.deliveries;
    told text[]; -- by receipts that changed its state: they say themselves what it changed to
BEGIN
    -- by tenant, so that one partition's index is entered and no other tenant's row is read
    SELECT v.* INTO d FROM nightbell.tenants t JOIN nightbell.deliveries v ON v.tenant_id = t.id AND v.id = delivery
    WHERE t.id = (SELECT nightbell.operated_tenant()) OR (SELECT nightbell.operates_globally());
    IF d.id IS NULL THEN
        RETURN;
    END IF;
    told := ARRAY(SELECT r.status FROM nightbell.delivery_receipts r WHERE r.tenant_id = d.tenant_id AND r.delivery_id = d.id AND r.change = 'taken');
    RETURN QUERY
    WITH told AS MATERIALIZED (
        SELECT c.at, c.code, c.detail ->> 'redriven_by' AS by, c.detail ->> 'problem' AS problem FROM nightbell.decisions c
        WHERE c.tenant_id = d.tenant_id AND c.subject_id = d.id::text AND c.subject = 'delivery' AND c.code IN ('queued', 'failed')
    ), steps (at, place, actor, action, note, note_time) AS (
        SELECT d.created_at, 1, NULL::text, 'made it', 'for ' || d.channel || coalesce(', by the rule ' || d.rule_id, ''), NULL::timestamptz
        UNION ALL
        SELECT d.created_at, 2, NULL, 'fell back', format('from %s %s, %s', p.channel, right(p.id::text, 8), p.status), NULL
        FROM nightbell.deliveries p WHERE p.tenant_id = d.tenant_id AND p.user_id = d.user_id AND p.id = d.fallback_of
        UNION ALL
        SELECT d.created_at, 3, NULL, 'put into it', count(*) || CASE count(*) WHEN 1 THEN ' delivery' ELSE ' deliveries' END || ', as a digest', NULL
        FROM nightbell.deliveries m WHERE m.tenant_id = d.tenant_id AND m.digest_id = d.id HAVING count(*) > 0
        UNION ALL
        SELECT d.created_at, 4, NULL, 'held it', CASE d.held_for WHEN 'quiet_hours' THEN 'quiet hours' WHEN 'do_not_disturb' THEN 'do not disturb'
            WHEN 'held_for_digest' THEN 'the digest' WHEN 'over_rate' THEN 'the rate limit' ELSE d.held_for END || ' until', d.held_slot
        WHERE d.status = 'held'
        UNION ALL
        SELECT d.queued_at, 5, (SELECT c.by FROM told c WHERE c.code = 'queued' AND c.at = d.queued_at LIMIT 1), 'queued it',
            CASE WHEN d.status = 'queued' AND d.attempts > 0 THEN 'again at' WHEN EXISTS (SELECT FROM told c WHERE c.at < d.queued_at) THEN 'again' END,
            CASE WHEN d.status = 'queued' AND d.attempts > 0 THEN d.next_attempt_at END
        WHERE d.queued_at IS NOT NULL
        UNION ALL
        -- what was before: each time that it was a dead letter, and that somebody sent it again
        SELECT c.at, CASE c.code WHEN 'queued' THEN 5 ELSE 11 END, c.by, CASE c.code WHEN 'queued' THEN 'queued it' ELSE 'gave up' END,
            CASE WHEN c.code = 'failed' THEN c.problem WHEN c.by IS NOT NULL THEN 'again' END, NULL
        FROM told c WHERE c.at < d.queued_at
        UNION ALL
        SELECT d.sending_at, 6, NULL, 'sends it', NULL, NULL WHERE d.status = 'sending'
        UNION ALL
        SELECT p.* FROM nightbell.delivery_steps(d.tenant_id, d.id, true) AS p
        UNION ALL
        SELECT d.sent_at, 8, d.provider, 'took it', 'as ' || d.provider_message_id, NULL
        WHERE d.sent_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM nightbell.attempts a WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id AND a.outcome = 'sent')
        UNION ALL
        SELECT d.delivered_at, 9, d.provider, 'delivered it', NULL, NULL WHERE d.delivered_at IS NOT NULL AND 'delivered' <> ALL (told)
        UNION ALL
        SELECT d.read_at, 10, NULL, 'read', NULL, NULL WHERE d.read_at IS NOT NULL AND NOT told && '{opened,clicked}'
        UNION ALL
        SELECT d.ended_at, 11, CASE WHEN d.status = 'bounced' THEN d.provider END, CASE d.status WHEN 'failed' THEN 'gave up' ELSE d.status END,
            CASE d.status WHEN 'digested' THEN 'into ' || right(d.digest_id::text, 8) ELSE d.error END, NULL
        WHERE d.ended_at IS NOT NULL AND d.status IN ('bounced', 'failed', 'cancelled', 'digested')
            AND (d.status <> 'bounced' OR NOT told && '{bounced,failed}')
        UNION ALL
        SELECT f.created_at, 12, NULL, 'fell back', format('to %s %s, %s', f.channel, right(f.id::text, 8), f.status), NULL
        FROM nightbell.deliveries f WHERE f.tenant_id = d.tenant_id AND f.fallback_of = d.id
    )
    SELECT s.at, s.actor, s.action, s.note, s.note_time FROM steps s ORDER BY s.at, s.place LIMIT 1000;
END
$$;

-- What left by outside channels because of a notification or an event (kind), for operators: a row for each delivery, without an actor,
-- and its tries, where there are several, and receipts behind it, with one. What went wrong goes first into the selection of
-- 20; the last row says how many more there are. In the form of a history.
CREATE OR REPLACE FUNCTION nightbell.deliveries_about(kind text, named text)
RETURNS TABLE (at timestamptz, actor text, action text, note text, note_time timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    most CONSTANT int := 20;
    seen CONSTANT int := 1000; -- an event for everybody has any number
BEGIN
    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT DISTINCT d.tenant_id, d.app_event, CASE WHEN d.subject = 'notification' THEN d.user_id END AS user_id
        FROM nightbell.tenants t JOIN nightbell.decisions d ON d.tenant_id = t.id
        WHERE (t.id = (SELECT nightbell.operated_tenant()) OR (SELECT nightbell.operates_globally())) AND d.subject_id = named AND d.subject = kind
            AND d.app_event IS NOT NULL
    ), named_ids AS MATERIALIZED (
        SELECT DISTINCT d.tenant_id, d.subject_id::uuid AS id FROM asked a
        JOIN nightbell.decisions d ON d.tenant_id = a.tenant_id AND d.app_event = a.app_event
        WHERE d.subject = 'delivery' AND (a.user_id IS NULL OR d.user_id = a.user_id) LIMIT seen
    ), found AS MATERIALIZED (
        SELECT d.tenant_id, d.user_id, d.id, d.channel, d.status, d.attempts, d.error, d.held_slot, d.next_attempt_at, d.fallback_of, d.created_at,
            count(*) OVER () AS total, row_number() OVER (ORDER BY d.status NOT IN ('failed', 'bounced'), d.attempts < 2 AND d.fallback_of IS NULL, d.id) AS n
        FROM named_ids i JOIN nightbell.deliveries d ON d.tenant_id = i.tenant_id AND d.id = i.id
    ), lines (delivery, created, step_at, place, at, actor, action, note, note_time) AS (
        SELECT f.id, f.created_at, NULL::timestamptz, 0, f.created_at, NULL::text,
            concat_ws(' ', f.channel::text, 'to', (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = f.tenant_id AND u.id = f.user_id))
                || coalesce(', instead of ' || (SELECT p.channel FROM nightbell.deliveries p WHERE p.tenant_id = f.tenant_id AND p.user_id = f.user_id AND p.id = f.fallback_of), ''),
            CASE WHEN f.status = 'held' THEN 'held until'
                 WHEN f.status = 'queued' AND f.attempts > 0 THEN concat_ws(', ', f.error, 'again at')
                 WHEN f.status IN ('failed', 'bounced') AND f.error IS NOT NULL THEN f.status || ': ' || f.error
                 ELSE f.status END,
            CASE WHEN f.status = 'held' THEN f.held_slot WHEN f.status = 'queued' AND f.attempts > 0 THEN f.next_attempt_at END
        FROM found f WHERE f.n <= most
        UNION ALL
        SELECT f.id, f.created_at, s.at, s.place, s.at, coalesce(s.actor, 'worker'), s.action, s.note, s.note_time
        FROM found f CROSS JOIN LATERAL nightbell.delivery_steps(f.tenant_id, f.id, false) AS s
        WHERE f.n <= most AND (f.attempts > 1 OR s.action = 'receipt')
        UNION ALL
        SELECT NULL, NULL, NULL, 0, max(f.created_at), NULL, format('and %s%s more', CASE WHEN max(f.total) = seen THEN 'at least ' END, max(f.total) - most), NULL, NULL
        FROM found f HAVING max(f.total) > most
    )
    SELECT l.at, l.actor, l.action, l.note, l.note_time FROM lines l ORDER BY l.created, l.delivery, l.step_at NULLS FIRST, l.place;
END
$$;
