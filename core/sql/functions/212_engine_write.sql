-- What the worker writes when it has rendered: notifications, deliveries, and the decisions for them; and what it does
-- with an app event that failed.

-- What was rendered, as a notification's title and message may be: one line of at most 255 characters, at most 8 KiB.
CREATE OR REPLACE FUNCTION nightbell.inbox_title(subject text, body text, type text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN coalesce(nullif(left(btrim(regexp_replace(coalesce(nullif(subject, ''), split_part(btrim(body, E' \t\r\n'), E'\n', 1)), '[[:cntrl:]]+', ' ', 'g')), 255), ''), type);
CREATE OR REPLACE FUNCTION nightbell.inbox_message(subject text, body text, type text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN coalesce(body, '') = '' THEN coalesce(nullif(left(subject, 255), ''), type)
            WHEN octet_length(body) <= 8192 THEN body ELSE left(body, 2000) || '…' END;

-- Notifications for the rows of channel in_app, as drafts: dedup and rate limit are those of notify(). The arrays are the
-- columns of engine_write(); n of a draft is the row.
CREATE OR REPLACE FUNCTION nightbell.engine_drafts(tenants uuid[], ids bigint[], items int[], rules text[], types text[],
    channels text[], users uuid[], codes text[], texts int[], subjects text[], bodies text[]) RETURNS nightbell.draft[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := clock_timestamp();
    first CONSTANT bigint := round(date_part('epoch', nightbell.uuidv7_batch(cardinality(items))) * 1000000) - 1;
    -- once a text, not once a recipient
    titles CONSTANT text[] := ARRAY(SELECT nightbell.inbox_title(t.subject, t.body, NULL)
                                    FROM unnest(subjects, bodies) WITH ORDINALITY AS t (subject, body, n) ORDER BY t.n);
    messages CONSTANT text[] := ARRAY(SELECT nightbell.inbox_message(t.subject, t.body, NULL)
                                      FROM unnest(subjects, bodies) WITH ORDINALITY AS t (subject, body, n) ORDER BY t.n);
BEGIN
    RETURN ARRAY(
        WITH content AS MATERIALIZED (
            SELECT c.item, c.type, d.data, d.data::text AS written, k.ttl, k.urgency
            FROM (SELECT DISTINCT r.item, r.type FROM unnest(items, types, channels) AS r (item, type, channel) WHERE r.channel = 'in_app') AS c
            JOIN nightbell.outbox o ON o.tenant_id = tenants[c.item] AND o.id = ids[c.item]
            JOIN nightbell.notification_types k ON k.type = c.type
            CROSS JOIN LATERAL (SELECT nightbell.app_event_data(k, o.context)) AS d (data)
        )
        SELECT ROW(r.n, nightbell.uuidv7_of(first + r.n), tenants[r.item], r.reader, r.type, w.title, w.message, c.data,
            NULL, NULL, NULL, 'in_app', u.urgency, at + c.ttl, NULL,
            CASE WHEN t.span > interval '0' THEN nightbell.dedup_digest(r.reader, NULL, r.type, w.title, w.message, c.written) END,
            at + t.span, CASE WHEN t.rate > 0 AND u.urgency <> 'critical' THEN t.rate END, NULL, NULL, NULL, NULL)::nightbell.draft
        FROM unnest(items, rules, types, channels, users, codes, texts) WITH ORDINALITY AS r (item, rule, type, channel, reader, code, text, n)
        JOIN content c ON c.item = r.item AND c.type = r.type
        CROSS JOIN LATERAL (SELECT coalesce(titles[r.text], r.type) AS title, coalesce(messages[r.text], r.type) AS message OFFSET 0) AS w
        LEFT JOIN nightbell.rules q ON q.tenant_id = tenants[r.item] AND q.rule_id = r.rule
        CROSS JOIN LATERAL (SELECT coalesce(q.urgency, c.urgency)::text AS urgency) AS u
        JOIN LATERAL (SELECT coalesce((s.settings ->> 'dedup_window')::interval, '5 minutes') AS span,
                          coalesce((s.settings ->> 'rate_limit')::int, 10) AS rate
                      FROM nightbell.tenants s WHERE s.id = tenants[r.item]) AS t ON true
        WHERE r.channel = 'in_app' AND r.code IS DISTINCT FROM 'no_template'
        ORDER BY r.n);
END
$$;

-- How many deliveries that are not critical have left for a person by a channel within the last minute, as the rate limit counts. What
-- was held counts from its release on. since: an id that bounds what is read, an hour ago of the real time, as ids are. Not inlined, and
-- so planned by each statement that asks: a kept plan of a month that was empty would read what the whole tenant has in it.
CREATE OR REPLACE FUNCTION nightbell.left_lately(tenant uuid, "user" uuid, channel text, since uuid, at timestamptz) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT count(*) FROM nightbell.deliveries d
    WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.id > since AND d.channel = left_lately.channel
        AND d.queued_at > at - interval '1 minute' AND d.urgency <> 'critical'
$$;

-- For the worker, in the transaction of engine_claim(): tenants and ids are the claimed app events; items, rules … users,
-- codes, untils are the columns of engine_plan(); texts says which of the subjects, bodies … is a row's. A row with code
-- no_template has nothing to send: its body says why. missings: JSON lists of variables, or NULL; ccs, bccs: of addresses. What a mail
-- has attached is the member `attachments` of the app event's context, or of the notification's data. Returns the number of
-- notifications and deliveries.
DROP FUNCTION IF EXISTS nightbell.engine_write(uuid[], bigint[], int[], text[], text[], text[], uuid[], text[], timestamptz[], text[], int[], text[],
    text[], text[], text[], text[]);
CREATE OR REPLACE FUNCTION nightbell.engine_write(tenants uuid[], ids bigint[], items int[], rules text[], types text[], channels text[],
    users uuid[], codes text[], untils timestamptz[], templates text[], texts int[], subjects text[], bodies text[], htmls text[],
    locales text[], missings text[], ccs text[], bccs text[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    since CONSTANT uuid := nightbell.uuidv7_floor(clock_timestamp() - interval '1 hour');
    drafts CONSTANT nightbell.draft[] := nightbell.engine_drafts(tenants, ids, items, rules, types, channels, users, codes, texts, subjects, bodies);
    rates CONSTANT int[] := ARRAY(SELECT coalesce((t.settings ->> 'rate_limit')::int, 10) FROM unnest(tenants) WITH ORDINALITY AS i (tenant, n)
                                  JOIN nightbell.tenants t ON t.id = i.tenant ORDER BY i.n);
    -- each row's notification, and whether it was there before: by subscript, for a join of a thousand with a thousand
    -- unnested values is a nested loop
    made uuid[] := array_fill(NULL::uuid, ARRAY[cardinality(items)]);
    before boolean[] := array_fill(NULL::boolean, ARRAY[cardinality(items)]);
    stored uuid[];
    first bigint;
    written bigint;
BEGIN
    IF cardinality(drafts) > 0 THEN
        stored := nightbell.store_drafts(drafts);
        FOR d IN 1 .. cardinality(drafts) LOOP
            made[drafts[d].n] := stored[d];
            before[drafts[d].n] := stored[d] <> drafts[d].id;
        END LOOP;
    END IF;
    first := round(date_part('epoch', nightbell.uuidv7_batch(cardinality(items))) * 1000000) - 1;
    WITH rows AS MATERIALIZED (
        SELECT r.*, tenants[r.item] AS tenant_id, o.id AS app_event, o.source_kind, o.subject_id AS told_of, o.context -> 'attachments' AS attached,
            CASE o.source_kind WHEN 'notify' THEN coalesce(o.subject_id, o.context -> 'to' ->> r.user_id::text)::uuid WHEN 'fallback' THEN f.notification_id END AS notified,
            f.id AS failed, f.app_event AS failed_event, f.urgency AS failed_urgency, f.fallback_channels AS chain,
            -- the notification of the same recipient, by whichever channel the row is
            first_value(r.made) OVER its AS beside, first_value(r.again) OVER its AS repeats
        FROM unnest(items, rules, types, channels, users, codes, untils, templates, texts, made, before)
            WITH ORDINALITY AS r (item, rule_id, type, channel, user_id, code, until, template, text, made, again, n)
        JOIN nightbell.outbox o ON o.tenant_id = tenants[r.item] AND o.id = ids[r.item]
        LEFT JOIN nightbell.deliveries f ON f.tenant_id = o.tenant_id AND f.user_id = o.user_id
            AND f.id = CASE o.source_kind WHEN 'fallback' THEN o.subject_id::uuid END -- a plan may compute the key for every row: an event's is no UUID
        WINDOW its AS (PARTITION BY r.item, r.user_id ORDER BY r.made NULLS LAST)
    ), asked AS MATERIALIZED ( -- is_alone: the inbox is not told of it just now, so that its limit and its dedup say nothing of the row
        SELECT r.*, nightbell.uuidv7_of(first + r.n) AS id, coalesce(r.notified, r.beside) AS notification_id, v.urgency, s.silent, rates[r.item] AS rate,
            coalesce(r.notified, r.beside) IS NULL OR coalesce(r.repeats, false) AS is_alone,
            CASE WHEN r.failed IS NOT NULL THEN r.chain[array_position(r.chain, r.channel) + 1:] ELSE coalesce(q.fallback_channels, '{}') END AS fallbacks,
            CASE r.channel WHEN 'email' THEN u.email WHEN 'sms' THEN u.phone END AS address,
            CASE WHEN r.channel = 'email' THEN CASE WHEN r.notified IS NULL THEN r.attached ELSE s.data -> 'attachments' END END AS attached_here
        FROM rows r
        JOIN nightbell.notification_types k ON k.type = r.type
        JOIN nightbell.users u ON u.tenant_id = r.tenant_id AND u.id = r.user_id
        LEFT JOIN nightbell.rules q ON q.tenant_id = r.tenant_id AND q.rule_id = r.rule_id
        LEFT JOIN nightbell.notifications s ON s.tenant_id = r.tenant_id AND s.user_id = r.user_id AND s.id = coalesce(r.notified, r.beside)
        CROSS JOIN LATERAL (SELECT coalesce(r.failed_urgency::text, q.urgency::text, CASE WHEN r.notified IS NOT NULL THEN s.urgency::text END, k.urgency::text) AS urgency) AS v
        WHERE r.channel <> 'in_app' AND r.code IS DISTINCT FROM 'no_template'
    ), counted AS ( -- lately: how many have left before those of this batch, of which it is the turn-th
        SELECT t.*, max(CASE WHEN t.turn = 1 AND t.leaves AND t.is_counted THEN nightbell.left_lately(t.tenant_id, t.user_id, t.channel, since, at) END)
            OVER (PARTITION BY t.tenant_id, t.user_id, t.channel, t.leaves) AS lately
        FROM (SELECT d.*, row_number() OVER (its ORDER BY d.n) AS turn, bool_or(d.is_alone) OVER its AS is_counted
              FROM (SELECT a.*, w.repeated, a.until IS NULL AND NOT w.repeated AND a.urgency <> 'critical' AND a.rate > 0
                            AND (a.is_alone OR NOT a.silent) AS leaves
                    FROM (SELECT a.*, row_number() OVER (PARTITION BY a.tenant_id, a.user_id, a.beside, a.channel ORDER BY a.n) AS time
                          FROM asked a WHERE (SELECT bool_or(a.is_alone) FROM asked a)) AS a
                    -- a channel that has not had what the inbox has had before gets it all the same
                    CROSS JOIN LATERAL (SELECT coalesce(a.repeats, false) AND (a.time > 1 OR EXISTS (
                        SELECT FROM nightbell.deliveries d WHERE d.tenant_id = a.tenant_id AND d.notification_id = a.beside AND d.channel = a.channel)) AS repeated OFFSET 0) AS w
                   ) AS d
              WINDOW its AS (PARTITION BY d.tenant_id, d.user_id, d.channel, d.leaves)) AS t
        UNION ALL -- most often there is nothing to count
        SELECT a.*, NULL, false, NULL, NULL, false, NULL FROM asked a WHERE (SELECT bool_or(a.is_alone) FROM asked a) IS NOT TRUE
    ), outside AS MATERIALIZED (
        SELECT c.*, CASE WHEN c.until IS NOT NULL THEN c.code WHEN l.over THEN 'over_rate' END AS held_for,
            CASE WHEN c.until IS NOT NULL THEN c.until WHEN l.over THEN at + interval '1 minute' END AS slot
        FROM counted c
        CROSS JOIN LATERAL (SELECT c.urgency <> 'critical' AND CASE WHEN c.is_alone THEN c.leaves AND c.lately + c.turn > c.rate ELSE c.silent END AS over) AS l
    ), sent AS (
        INSERT INTO nightbell.deliveries (id, tenant_id, user_id, notification_id, app_event, rule_id, type, channel, urgency, priority,
            address, template_code, locale, subject, body, html, missing, status, held_for, held_slot, next_attempt_at, queued_at, fallback_channels, fallback_of,
            payload, cc, bcc)
        SELECT r.id, r.tenant_id, r.user_id, r.notification_id, r.app_event, r.rule_id, r.type, r.channel, r.urgency,
            (r.urgency = 'critical')::int, r.address, r.template, locales[r.text], subjects[r.text], bodies[r.text], htmls[r.text],
            ARRAY(SELECT jsonb_array_elements_text(missings[r.text]::jsonb)), CASE WHEN r.slot IS NULL THEN 'queued' ELSE 'held' END,
            r.held_for, r.slot, CASE WHEN r.slot IS NULL THEN at END, CASE WHEN r.slot IS NULL THEN at END, r.fallbacks, r.failed,
            CASE WHEN jsonb_typeof(r.attached_here) <> 'null' THEN jsonb_build_object('attachments', r.attached_here) END,
            ARRAY(SELECT jsonb_array_elements_text(ccs[r.text]::jsonb)), ARRAY(SELECT jsonb_array_elements_text(bccs[r.text]::jsonb))
        FROM outside r WHERE NOT r.repeated
    ), told AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT r.tenant_id, at, 'notification', r.made::text, r.app_event, r.user_id, 'in_app', r.rule_id,
            CASE WHEN r.again THEN 'duplicate' ELSE 'in_app' END,
            CASE WHEN missings[r.text] IS NOT NULL THEN jsonb_build_object('missing', missings[r.text]::jsonb) END
        FROM rows r WHERE r.made IS NOT NULL
        UNION ALL
        SELECT r.tenant_id, at, CASE WHEN r.repeated THEN 'notification' ELSE 'delivery' END,
            CASE WHEN r.repeated THEN r.notification_id ELSE r.id END::text, r.app_event, r.user_id, r.channel, r.rule_id,
            CASE WHEN r.repeated THEN 'duplicate' ELSE coalesce(r.held_for, 'queued') END,
            nullif(jsonb_strip_nulls(jsonb_build_object('until', r.slot, 'missing', missings[r.text]::jsonb)), '{}')
        FROM outside r
        UNION ALL
        SELECT r.tenant_id, at, 'delivery', r.failed::text, r.failed_event, r.user_id, r.channel, r.rule_id, 'fallback',
            jsonb_strip_nulls(jsonb_build_object('delivery', w.id, 'notification', CASE WHEN w.id IS NULL THEN r.made END))
        FROM rows r LEFT JOIN outside w ON w.n = r.n WHERE r.failed IS NOT NULL AND (w.id IS NOT NULL OR r.made IS NOT NULL)
        UNION ALL
        SELECT r.tenant_id, at, CASE r.source_kind WHEN 'event' THEN 'event' ELSE 'app_event' END,
            CASE r.source_kind WHEN 'event' THEN r.told_of ELSE r.app_event::text END, r.app_event, r.user_id, r.channel, r.rule_id,
            'no_template', jsonb_build_object('template', r.template, 'problem', left(bodies[r.text], 2000))
        FROM rows r WHERE r.code = 'no_template'
    )
    SELECT count(*) FROM rows INTO written;
    IF nightbell.is_near((SELECT min(u) FROM unnest(untils) AS u), NULL) THEN
        PERFORM nightbell.ring_duties(); -- of another worker, which has them
    END IF;
    RETURN written;
END
$$;

-- The first rule of an app event whose condition, or whose path to its recipients, fails or takes until the statement's time is
-- up; rule NULL: none. part: which of the two, in words.
DROP FUNCTION IF EXISTS nightbell.failing_rule(nightbell.outbox); -- conditions only, until version 27
CREATE FUNCTION nightbell.failing_rule(o nightbell.outbox, OUT rule text, OUT part text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    r nightbell.rules;
    matched boolean;
BEGIN
    FOR r IN
        SELECT q.* FROM nightbell.rules q
        WHERE q.tenant_id = o.tenant_id AND q.event_type = ANY (nightbell.event_candidates(o.event_type)) AND q.is_active
            AND (q.module IS NULL OR q.module = o.module) AND (q.condition_expr IS NOT NULL OR q.recipient_type = 'dynamic_field')
        ORDER BY q.rule_id
    LOOP
        rule := r.rule_id;
        BEGIN
            part := 'condition';
            matched := r.condition_expr IS NULL OR o.context @@ r.condition_expr;
            part := 'recipient';
            IF matched AND r.recipient_type = 'dynamic_field' THEN
                PERFORM FROM nightbell.recipient_names(r, o.context);
            END IF;
        EXCEPTION WHEN OTHERS OR query_canceled THEN
            RETURN;
        END;
    END LOOP;
    rule := NULL;
    part := NULL;
END
$$;

-- Counts a failed attempt at one app event, in a transaction of its own. It is tried again with growing delays, up to
-- five times; then, or at once where a rule's condition or recipient is to blame, it is a dead letter that names the rule.
-- state and problem: what the attempt said. Returns when it is due again; NULL: never.
CREATE OR REPLACE FUNCTION nightbell.engine_failed(tenant uuid, app_event bigint, state text, problem text) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    most CONSTANT int := 5;
    at CONSTANT timestamptz := nightbell.clock();
    o nightbell.outbox;
    failing record;
    due timestamptz;
    what text := left(problem, 1000);
BEGIN
    SELECT b.* INTO o FROM nightbell.outbox b
    WHERE b.tenant_id = tenant AND b.id = app_event AND b.next_attempt_at IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- 40xxx and 55P03 are the moment's fault, and nobody else's
    SELECT f.* INTO failing FROM nightbell.failing_rule(o) AS f WHERE state NOT LIKE '40%' AND state <> '55P03';
    IF failing.rule IS NOT NULL THEN
        what := left(format('the %s of the rule %s failed: %s', failing.part, failing.rule, problem), 1000);
    END IF;
    IF failing.rule IS NULL AND o.attempts + 1 < most THEN
        due := at + make_interval(secs => 5 * 6 ^ o.attempts);
        UPDATE nightbell.outbox b SET attempts = o.attempts + 1, next_attempt_at = due, error = what
        WHERE b.tenant_id = tenant AND b.id = app_event;
        RETURN due;
    END IF;
    UPDATE nightbell.outbox b SET attempts = o.attempts + 1, next_attempt_at = NULL, dead_at = at, error = what
    WHERE b.tenant_id = tenant AND b.id = app_event;
    PERFORM nightbell.decide(tenant, 'app_event', app_event::text, NULL, NULL, failing.rule,
        CASE failing.part WHEN 'condition' THEN 'condition_failed' ELSE 'dead_letter' END, jsonb_build_object('problem', what, 'attempts', o.attempts + 1), app_event);
    RETURN NULL;
END
$$;

-- What a delivery says, and to whom, is written once.
CREATE OR REPLACE FUNCTION nightbell.guard_delivery_text() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF (NEW.id, NEW.tenant_id, NEW.user_id, NEW.type, NEW.channel, NEW.body, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.tenant_id, OLD.user_id, OLD.type, OLD.channel, OLD.body, OLD.created_at) THEN
        RAISE EXCEPTION 'a delivery is written once: only its state can change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE OR REPLACE TRIGGER guard_text BEFORE UPDATE OF id, tenant_id, user_id, type, channel, body, created_at ON nightbell.deliveries
    FOR EACH ROW EXECUTE FUNCTION nightbell.guard_delivery_text();

-- The states of a delivery and the moves between them.
CREATE OR REPLACE FUNCTION nightbell.guard_delivery() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    moves text[];
BEGIN
    IF NEW.status <> OLD.status THEN
        moves := CASE OLD.status WHEN 'queued' THEN '{sending,cancelled}' WHEN 'sending' THEN '{queued,sent,failed}'
            WHEN 'sent' THEN '{delivered,read,bounced}' WHEN 'delivered' THEN '{read,bounced}' WHEN 'failed' THEN '{queued}'
            WHEN 'held' THEN '{queued,cancelled,digested}' ELSE '{}' END;
        IF NEW.status <> ALL (moves) THEN
            RAISE EXCEPTION 'a delivery does not go from % to %', OLD.status, NEW.status
                USING ERRCODE = 'integrity_constraint_violation',
                      HINT = format('From %s it goes to: %s.', OLD.status, coalesce(nullif(array_to_string(moves, ', '), ''), 'nothing'));
        END IF;
        CASE NEW.status
        WHEN 'queued' THEN NEW.queued_at := nightbell.clock();
        WHEN 'sending' THEN NEW.sending_at := nightbell.clock();
        WHEN 'sent' THEN
            NEW.sent_at := nightbell.clock();
            NEW.status := nightbell.receipt_state('sent', NEW.receipt); -- a receipt that was faster than its sender's answer
            CASE NEW.status
            WHEN 'delivered' THEN NEW.delivered_at := nightbell.clock();
            WHEN 'read' THEN NEW.read_at := nightbell.clock();
            WHEN 'bounced' THEN
                NEW.ended_at := nightbell.clock();
                NEW.error := coalesce(NEW.error, OLD.error); -- what the receipt said
            ELSE NULL;
            END CASE;
        WHEN 'delivered' THEN NEW.delivered_at := nightbell.clock();
        WHEN 'read' THEN NEW.read_at := nightbell.clock();
        ELSE NEW.ended_at := nightbell.clock();
        END CASE;
        IF OLD.status = 'held' THEN
            NEW.held_slot := NULL;
        END IF;
        IF NEW.status = 'queued' THEN
            NEW.next_attempt_at := coalesce(NEW.next_attempt_at, nightbell.clock());
        ELSE
            NEW.next_attempt_at := NULL;
        END IF;
    END IF;
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END
$$;
-- Not called for the two moves that nearly every delivery makes, by delivery_claim() and delivery_finish(), where the statement has written all
-- that the function would: it costs more than the update itself.
CREATE OR REPLACE TRIGGER guard BEFORE UPDATE ON nightbell.deliveries FOR EACH ROW
    WHEN ((NEW.changed_xid = pg_current_xact_id() AND NEW.next_attempt_at IS NULL AND CASE NEW.status
            WHEN 'sending' THEN OLD.status = 'queued' AND NEW.sending_at > coalesce(OLD.sending_at, '-infinity')
            WHEN 'sent' THEN OLD.status = 'sending' AND NEW.receipt IS NULL AND NEW.sent_at > coalesce(OLD.sent_at, '-infinity')
            ELSE false END) IS NOT TRUE)
    EXECUTE FUNCTION nightbell.guard_delivery();

-- A duty of the worker: lets go what was over the rate limit, the oldest first, as many to a user and channel as the minute has
-- room for; the others wait for the next one. Where the person's own hours or digest hold it by now, it waits for them, with what else
-- does: 308_digests.sql. What waits for somebody who was deleted is cancelled. Returns how many it was for.
CREATE OR REPLACE FUNCTION nightbell.release_held(batch int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    since CONSTANT uuid := nightbell.uuidv7_floor(clock_timestamp() - interval '1 hour');
    released bigint;
BEGIN
    WITH due AS MATERIALIZED (
        SELECT d.tenant_id, d.user_id, d.id, d.channel FROM nightbell.deliveries d
        WHERE d.status = 'held' AND d.held_slot <= at AND d.held_for = 'over_rate'
        ORDER BY d.held_slot, d.id LIMIT batch FOR NO KEY UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE nightbell.deliveries d SET status = 'cancelled', held_for = NULL FROM due w
        WHERE d.tenant_id = w.tenant_id AND d.user_id = w.user_id AND d.id = w.id AND NOT EXISTS (
            SELECT FROM nightbell.users u WHERE u.tenant_id = w.tenant_id AND u.id = w.user_id AND u.deleted_at IS NULL)
        RETURNING d.tenant_id, d.user_id, d.id, d.app_event, d.channel, d.rule_id
    ), holds AS MATERIALIZED ( -- their hours, do not disturb or digest have begun meanwhile
        SELECT h.* FROM nightbell.holds_of((SELECT array_agg(d.tenant_id) FROM due d), (SELECT array_agg(d.user_id) FROM due d), at) AS h
    ), again AS (
        UPDATE nightbell.deliveries d SET held_for = h.reason, held_slot = h.until FROM due w JOIN holds h ON h.tenant_id = w.tenant_id AND h.user_id = w.user_id
        WHERE d.tenant_id = w.tenant_id AND d.user_id = w.user_id AND d.id = w.id AND NOT EXISTS (SELECT FROM gone g WHERE g.tenant_id = w.tenant_id AND g.id = w.id)
        RETURNING d.tenant_id, d.user_id, d.id, d.app_event, d.channel, d.rule_id, d.held_for AS code, jsonb_build_object('until', d.held_slot) AS detail
    ), leaving AS (
        SELECT d.* FROM due d WHERE NOT EXISTS (SELECT FROM holds h WHERE h.tenant_id = d.tenant_id AND h.user_id = d.user_id)
            AND NOT EXISTS (SELECT FROM gone g WHERE g.tenant_id = d.tenant_id AND g.id = d.id)
    ), budget AS (
        -- at least one, or new deliveries that come without a pause would keep the older ones waiting for ever
        SELECT w.tenant_id, w.user_id, w.channel, CASE WHEN t.rate > 0 THEN greatest(t.rate - nightbell.left_lately(w.tenant_id, w.user_id, w.channel::text, since, at), 1) END AS room
        FROM (SELECT DISTINCT d.tenant_id, d.user_id, d.channel FROM leaving d) AS w
        JOIN LATERAL (SELECT coalesce((s.settings ->> 'rate_limit')::int, 10) AS rate FROM nightbell.tenants s WHERE s.id = w.tenant_id) AS t ON true
    ), turns AS (
        SELECT d.tenant_id, d.user_id, d.id, b.room IS NULL
            OR row_number() OVER (PARTITION BY d.tenant_id, d.user_id, d.channel ORDER BY d.id) <= b.room AS goes
        FROM leaving d JOIN budget b ON b.tenant_id = d.tenant_id AND b.user_id = d.user_id AND b.channel = d.channel
    ), waits AS (
        UPDATE nightbell.deliveries d SET held_slot = at + interval '1 minute' FROM turns t
        WHERE NOT t.goes AND d.tenant_id = t.tenant_id AND d.user_id = t.user_id AND d.id = t.id
    ), free AS (
        UPDATE nightbell.deliveries d SET status = 'queued', next_attempt_at = at, held_for = NULL FROM turns t
        WHERE t.goes AND d.tenant_id = t.tenant_id AND d.user_id = t.user_id AND d.id = t.id
        RETURNING d.tenant_id, d.user_id, d.id, d.app_event, d.channel, d.rule_id, 'queued', NULL::jsonb
    )
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
    SELECT f.tenant_id, at, 'delivery', f.id::text, f.app_event, f.user_id, f.channel, f.rule_id, f.code, f.detail
    FROM (SELECT * FROM free UNION ALL SELECT * FROM again UNION ALL SELECT g.*, 'cancelled', NULL FROM gone g) AS f (tenant_id, user_id, id, app_event, channel, rule_id, code, detail);
    GET DIAGNOSTICS released = ROW_COUNT;
    IF released > 0 AND nightbell.is_near(nightbell.digest_next(), NULL) THEN
        PERFORM nightbell.ring_duties();
    END IF;
    RETURN released;
END
$$;

-- When the next of them is due; NULL: none.
CREATE OR REPLACE FUNCTION nightbell.release_due() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$ SELECT min(d.held_slot) FROM nightbell.deliveries d WHERE d.status = 'held' AND d.held_for = 'over_rate' $$;
