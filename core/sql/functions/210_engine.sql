-- The worker's transaction: engine_claim(), engine_plan(), then the worker renders, engine_write(). A worker that is killed
-- in between leaves nothing behind: the rows were locked, not marked, and all that was decided rolls back.

-- Locks app events that are due, of one lane. The lock is the lease: it ends with the session (a session that hangs is
-- ended by idle_in_transaction_session_timeout), and then another worker takes them. patience: how long one of the next
-- statements of the transaction may take, in milliseconds.
CREATE OR REPLACE FUNCTION nightbell.engine_claim(in_critical boolean, batch int, patience int)
RETURNS TABLE (tenant_id uuid, id bigint, event_type text, source_kind text, context text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    PERFORM set_config('statement_timeout', patience::text, true);
    RETURN QUERY
    SELECT o.tenant_id, o.id, o.event_type, o.source_kind, o.context::text
    FROM nightbell.outbox o
    WHERE o.critical = in_critical AND o.next_attempt_at <= at
    ORDER BY o.next_attempt_at, o.id LIMIT batch
    FOR NO KEY UPDATE SKIP LOCKED;
END
$$;

DROP FUNCTION IF EXISTS nightbell.engine_next_due(); -- until version 21

-- What a worker that could claim nothing waits for. due: now, where an app event is due that nobody works on; else when the
-- next one is (NULL: none). held: others work on some that are due now. Should they be killed, nothing tells of it.
CREATE OR REPLACE FUNCTION nightbell.engine_waits(OUT due timestamptz, OUT held boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
SET enable_sort = off
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    FOR in_lane IN 0 .. 1 LOOP
        PERFORM FROM nightbell.outbox o WHERE o.critical = (in_lane = 1) AND o.next_attempt_at <= at
        ORDER BY o.next_attempt_at, o.id LIMIT 1 FOR SHARE SKIP LOCKED;
        IF FOUND THEN
            due := at;
            held := false;
            RETURN;
        END IF;
    END LOOP;
    due := least((SELECT min(o.next_attempt_at) FROM nightbell.outbox o WHERE o.critical AND o.next_attempt_at > at),
                 (SELECT min(o.next_attempt_at) FROM nightbell.outbox o WHERE NOT o.critical AND o.next_attempt_at > at));
    held := EXISTS (SELECT FROM nightbell.outbox o WHERE o.critical AND o.next_attempt_at <= at)
        OR EXISTS (SELECT FROM nightbell.outbox o WHERE NOT o.critical AND o.next_attempt_at <= at);
END
$$;

-- What of the context becomes a notification's data: the members that the type's schema knows; all, where it names none.
CREATE OR REPLACE FUNCTION nightbell.app_event_data(k nightbell.notification_types, context jsonb) RETURNS jsonb
LANGUAGE sql STABLE
RETURN CASE
    WHEN jsonb_typeof((k).data_schema -> 'properties') = 'object' THEN
        coalesce((SELECT jsonb_object_agg(c.key, c.value) FROM jsonb_each(context) AS c
                  WHERE jsonb_exists((k).data_schema -> 'properties', c.key)), '{}')
    WHEN octet_length(context::text) <= 16384 THEN context
    ELSE '{}' END;

-- Title and message where a rule has no template: what the context says, or what happened.
CREATE OR REPLACE FUNCTION nightbell.app_event_text(k nightbell.notification_types, event_type text, context jsonb,
                                                    OUT title text, OUT message text)
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(nullif(left(regexp_replace(context ->> 'title', '[[:cntrl:]]+', ' ', 'g'), 255), ''),
            CASE WHEN context ? 'severity' THEN left(concat(context ->> 'severity', ': ', event_type), 255) END, left((k).description, 255)),
        left(coalesce(nullif(context ->> 'message', ''), nullif(context ->> 'description', ''), nullif(jsonb_pretty(context), '{' || E'\n' || '}'),
                      event_type), 2000)
$$;

-- Writes down what the rules said, which recipients there are not, and what is wrong with the data (problems: of each rule
-- that matched, or NULL).
DROP FUNCTION IF EXISTS nightbell.tell_matches(nightbell.outbox, text, text, nightbell.rules[], text[], timestamptz); -- until version 27
CREATE OR REPLACE FUNCTION nightbell.tell_matches(o nightbell.outbox, subject text, subject_id text, asked nightbell.rules[],
                                                  codes text[], problems text[], at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_variable
DECLARE
    told CONSTANT int := 50; -- so many rules that do not match are written down one by one
BEGIN
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, rule_id, code, detail)
    SELECT o.tenant_id, at, subject, subject_id, o.id, m.rule_id, m.code,
        CASE m.code WHEN 'condition_not_met' THEN jsonb_build_object('condition', left(m.condition_expr::text, 2000))
                        || CASE WHEN l.lacks <> '{}' THEN jsonb_build_object('missing', l.lacks) ELSE '{}' END
                    WHEN 'module_off' THEN jsonb_build_object('module', o.module) END
    FROM (SELECT asked[s].rule_id, asked[s].condition_expr, codes[s] AS code,
              row_number() OVER (PARTITION BY codes[s] = 'matched' ORDER BY s) AS n
          FROM generate_subscripts(codes, 1) AS s) AS m
    CROSS JOIN LATERAL (SELECT CASE WHEN m.code = 'condition_not_met' AND m.n <= told
                                    THEN nightbell.condition_lacks(o.context, m.condition_expr) END AS lacks) AS l
    WHERE m.code = 'matched' OR m.n <= told;
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, code, detail)
    SELECT o.tenant_id, at, subject, subject_id, o.id, 'condition_not_met', jsonb_build_object('more_rules', count(*) - told)
    FROM unnest(codes) AS c WHERE c <> 'matched' HAVING count(*) > told;
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, rule_id, code, detail)
    SELECT o.tenant_id, at, subject, subject_id, o.id, asked[s].rule_id, 'unknown_recipient', u.detail
    FROM generate_subscripts(codes, 1) AS s CROSS JOIN LATERAL nightbell.unknown_recipients(asked[s], o.context) AS u
    WHERE codes[s] = 'matched';
    INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, rule_id, code, detail)
    SELECT o.tenant_id, at, subject, subject_id, o.id, asked[s].rule_id, 'data_invalid', jsonb_build_object('problem', left(problems[s], 2000))
    FROM generate_subscripts(codes, 1) AS s WHERE problems[s] IS NOT NULL;
END
$$;

-- Decides on what publish() and raise_event() told: windows, rules, recipients, verdicts. Writes every "no" and "not yet"
-- that is certain, and returns what is to be rendered and written: a row for each recipient and channel. An app event
-- with more than `most` recipients is left due, for the next chunk.
CREATE OR REPLACE FUNCTION nightbell.plan_app_event(o nightbell.outbox, most int)
RETURNS TABLE (rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
               title text, message text, person text, locale text)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    subject CONSTANT text := CASE o.source_kind WHEN 'event' THEN 'event' ELSE 'app_event' END;
    subject_id CONSTANT text := CASE o.source_kind WHEN 'event' THEN o.subject_id ELSE o.id::text END;
    holding record;
    asked nightbell.rules[];
    codes text[];
    problems text[];
    matched nightbell.rules[];
    cut uuid;
    served int;
BEGIN
    SELECT w.* INTO holding
    FROM nightbell.window_holding(o.tenant_id, o.event_type, o.context ->> 'source', o.context ->> 'severity',
        CASE o.source_kind WHEN 'event' THEN o.context -> 'details' ELSE o.context END, at) AS w
    WHERE w.behaviour <> 'escalation' ORDER BY w.until LIMIT 1;
    IF FOUND THEN
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, code, detail)
        VALUES (o.tenant_id, at, subject, subject_id, o.id, 'window',
                jsonb_build_object('window', holding.window_id, 'behaviour', holding.behaviour, 'until', holding.until));
        UPDATE nightbell.outbox b SET processed_at = at, next_attempt_at = NULL, progress = NULL
        WHERE b.tenant_id = o.tenant_id AND b.id = o.id;
        RETURN;
    END IF;

    SELECT array_agg(m.rule ORDER BY (m.rule).rule_id), array_agg(m.code ORDER BY (m.rule).rule_id),
        array_agg(CASE WHEN m.code = 'matched' THEN (SELECT nightbell.app_event_data_problem(k, o.context) FROM nightbell.notification_types k
                                                     WHERE k.type = (m.rule).notification_type) END ORDER BY (m.rule).rule_id)
    INTO asked, codes, problems
    FROM nightbell.match_rules(o.tenant_id, o.event_type, o.module, o.context) AS m;
    IF o.progress IS NULL THEN
        PERFORM nightbell.tell_matches(o, subject, subject_id, asked, codes, problems, at);
    END IF;
    matched := ARRAY(SELECT asked[s] FROM generate_subscripts(asked, 1) AS s WHERE codes[s] = 'matched' AND problems[s] IS NULL ORDER BY s);

    -- the chunk ends with the user up to whom every rule has told all of its recipients
    SELECT count(*), (array_agg(p.id ORDER BY p.id))[most] INTO served, cut
    FROM (SELECT DISTINCT a.id FROM generate_subscripts(matched, 1) AS s
          CROSS JOIN LATERAL nightbell.rule_audience(matched[s], o.context, o.progress, most) AS a (id)
          ORDER BY a.id LIMIT most) AS p;
    IF served < most THEN
        UPDATE nightbell.outbox b SET processed_at = at, next_attempt_at = NULL, progress = NULL, error = NULL
        WHERE b.tenant_id = o.tenant_id AND b.id = o.id;
        cut := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    ELSE
        -- behind those that are waiting
        UPDATE nightbell.outbox b SET next_attempt_at = greatest(at, b.next_attempt_at), progress = cut
        WHERE b.tenant_id = o.tenant_id AND b.id = o.id;
    END IF;
    IF served = 0 THEN
        RETURN;
    END IF;

    RETURN QUERY
    WITH asked AS MATERIALIZED (
        SELECT (m.rule).rule_id, (m.rule).template_code, (m.rule).notification_type AS type, (m.rule).channel AS channels, u.urgency,
            nightbell.urgency_rank(u.urgency) AS rank, t.title, t.message,
            ARRAY(SELECT c FROM unnest((m.rule).channel) AS c WHERE NOT nightbell.has_text(o.tenant_id, (m.rule).template_code, c::text)) AS wordless,
            ARRAY(SELECT a FROM nightbell.rule_audience(m.rule, o.context, o.progress, most) AS a WHERE a <= cut) AS people
        FROM (SELECT matched[s] AS rule FROM generate_subscripts(matched, 1) AS s) AS m
        JOIN nightbell.notification_types k ON k.type = (m.rule).notification_type
        CROSS JOIN LATERAL (SELECT coalesce((m.rule).urgency, k.urgency)::text AS urgency) AS u
        LEFT JOIN LATERAL nightbell.app_event_text(k, o.event_type, o.context) AS t ON (m.rule).template_code IS NULL
    ), judged AS MATERIALIZED (
        SELECT a.rule_id, a.rank, v.user_id, v.channel, coalesce(v.slot, v.held_until) AS until,
            CASE WHEN (v.code IS NULL OR coalesce(v.slot, v.held_until) IS NOT NULL) AND v.channel = ANY (a.wordless) THEN 'no_template' ELSE v.code END AS code,
            CASE WHEN v.channel = ANY (a.wordless) THEN jsonb_build_object('template', a.template_code, 'problem', CASE
                WHEN nightbell.has_text(o.tenant_id, a.template_code, NULL) THEN format('the template %s has no text for %s', a.template_code, v.channel)
                ELSE format('there is no template "%s"', a.template_code) END) END AS lack,
            v.detail
        FROM asked a CROSS JOIN LATERAL nightbell.channel_verdicts(o.tenant_id, a.type, o.module, o.event_type, a.urgency, o.context,
            a.people, a.channels, at) AS v
    ), ranked AS MATERIALIZED ( -- a rule that has nothing to say by the channel keeps no other from it
        SELECT j.rule_id, j.user_id, j.channel, j.code, j.until, f.is_refused, CASE j.code WHEN 'no_template' THEN j.lack ELSE j.detail END AS detail,
            row_number() OVER alike AS turn, first_value(j.rule_id) OVER alike AS first_rule
        FROM judged j CROSS JOIN LATERAL (SELECT j.code IS NOT NULL AND (j.code = 'no_template' OR j.until IS NULL)) AS f (is_refused)
        WINDOW alike AS (PARTITION BY j.user_id, j.channel, f.is_refused ORDER BY j.rank DESC, j.code IS NOT NULL, j.rule_id)
    ), refused AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, rule_id, code, detail)
        SELECT o.tenant_id, at, subject, subject_id, o.id, r.user_id, r.channel, r.rule_id,
            CASE WHEN r.is_refused THEN r.code ELSE 'duplicate_recipient' END,
            CASE WHEN r.is_refused THEN r.detail ELSE jsonb_build_object('heard_by', r.first_rule) END
        FROM ranked r WHERE r.is_refused OR r.turn > 1
    )
    SELECT r.rule_id, a.template_code, a.type::text, r.channel, r.user_id, r.code, r.until, a.title, a.message,
        CASE WHEN a.template_code IS NOT NULL THEN nightbell.template_user(u, s)::text END, coalesce(s.locale, u.locale)
    FROM ranked r
    JOIN asked a USING (rule_id)
    JOIN nightbell.users u ON u.tenant_id = o.tenant_id AND u.id = r.user_id
    LEFT JOIN nightbell.user_settings s ON s.tenant_id = u.tenant_id AND s.user_id = u.id
    WHERE NOT r.is_refused AND r.turn = 1
    ORDER BY r.user_id, r.channel;
END
$$;

-- What is wrong with the context as data of a type; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.app_event_data_problem(k nightbell.notification_types, context jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    data CONSTANT jsonb := nightbell.app_event_data(k, context);
BEGIN
    IF octet_length(data::text) > 16384 THEN
        RETURN format('data has %s bytes; at most 16384 are allowed', octet_length(data::text));
    END IF;
    RETURN nightbell.data_problem(k.type, k.data_schema, data);
END
$$;

-- Decides on the outside channels of what notify() and broadcast() have stored: no rule, only verdicts.
CREATE OR REPLACE FUNCTION nightbell.plan_notification(o nightbell.outbox)
RETURNS TABLE (rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
               title text, message text, person text, locale text)
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    users CONSTANT uuid[] := CASE WHEN o.user_id IS NULL THEN ARRAY(SELECT jsonb_object_keys(o.context -> 'to')::uuid) ELSE ARRAY[o.user_id] END;
    n record;
BEGIN
    UPDATE nightbell.outbox b SET processed_at = at, next_attempt_at = NULL, error = NULL WHERE b.tenant_id = o.tenant_id AND b.id = o.id;
    -- the notifications of a broadcast differ only in their recipient: one stands for all
    SELECT m.type, m.title, m.message, m.urgency, m.data INTO n
    FROM unnest(users) AS u (id)
    JOIN nightbell.notifications m ON m.tenant_id = o.tenant_id AND m.user_id = u.id AND m.id = coalesce(o.subject_id, o.context -> 'to' ->> u.id::text)::uuid
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN; -- purged meanwhile
    END IF;
    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT v.user_id, v.channel, v.code, coalesce(v.slot, v.held_until) AS until, v.detail
        FROM nightbell.channel_verdicts(o.tenant_id, n.type, o.module, o.event_type, n.urgency, coalesce(n.data, '{}'), users,
            ARRAY(SELECT jsonb_array_elements_text(o.context -> 'channels')), at) AS v
    ), refused AS (
        INSERT INTO nightbell.decisions (tenant_id, at, subject, subject_id, app_event, user_id, channel, code, detail)
        SELECT o.tenant_id, at, 'notification', coalesce(o.subject_id, o.context -> 'to' ->> j.user_id::text), o.id, j.user_id, j.channel, j.code, j.detail
        FROM judged j WHERE j.code IS NOT NULL AND j.until IS NULL
    )
    SELECT NULL, NULL, n.type::text, j.channel, j.user_id, j.code, j.until, n.title, n.message, NULL, NULL
    FROM judged j WHERE j.code IS NULL OR j.until IS NOT NULL
    ORDER BY j.user_id, j.channel;
END
$$;

-- For the worker: the plans of claimed app events, in their order. at_item: which of them. Once there are `most` rows the
-- rest stay due, so that a transaction is never much longer than a chunk.
CREATE OR REPLACE FUNCTION nightbell.engine_plan(tenants uuid[], ids bigint[], most int)
RETURNS TABLE (at_item int, rule_id text, template_code text, type text, channel text, user_id uuid, code text, until timestamptz,
               title text, message text, person text, locale text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    o nightbell.outbox;
    planned bigint := 0;
    more bigint;
BEGIN
    FOR i IN 1 .. coalesce(cardinality(ids), 0) LOOP
        SELECT b.* INTO o FROM nightbell.outbox b WHERE b.tenant_id = tenants[i] AND b.id = ids[i];
        CONTINUE WHEN NOT FOUND OR o.next_attempt_at IS NULL;
        IF o.source_kind = 'notify' THEN
            RETURN QUERY SELECT i, p.* FROM nightbell.plan_notification(o) AS p;
        ELSIF o.source_kind = 'fallback' THEN
            RETURN QUERY SELECT i, p.* FROM nightbell.plan_fallback(o) AS p;
        ELSE
            RETURN QUERY SELECT i, p.* FROM nightbell.plan_app_event(o, most) AS p;
        END IF;
        GET DIAGNOSTICS more = ROW_COUNT;
        planned := planned + more;
        EXIT WHEN planned >= most;
    END LOOP;
END
$$;
