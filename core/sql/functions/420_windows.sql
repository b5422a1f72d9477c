-- Maintenance windows: what they match, when they hold, and what happens when they end. Spans are worked out ahead by a
-- program (426_occurrences.sql); here they are looked up. A program that is not running means that people are told.

CREATE OR REPLACE TRIGGER time_zones_inserted AFTER INSERT ON nightbell.windows
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
CREATE OR REPLACE TRIGGER time_zones_updated AFTER UPDATE ON nightbell.windows
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();

-- The windows that hold such an event at that time, and until when.
CREATE OR REPLACE FUNCTION nightbell.window_holding(tenant uuid, event_type text, source text, severity text, details jsonb, at timestamptz)
RETURNS TABLE (window_id text, behaviour text, until timestamptz)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
#variable_conflict use_variable
BEGIN
    RETURN QUERY SELECT w.window_id, w.behaviour, s.ends_at
    FROM nightbell.window_spans s
    JOIN nightbell.windows w ON w.tenant_id = s.tenant_id AND w.window_id = s.window_id
    WHERE s.tenant_id = tenant AND s.ends_at > at AND s.starts_at <= at
        AND nightbell.window_matches(w, event_type, source, severity, details);
END
$$;

-- ---- documents ----

CREATE OR REPLACE FUNCTION nightbell.window_document(w nightbell.windows) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('window', (w).window_id, 'behaviour', (w).behaviour, 'event_type', (w).event_type, 'source', (w).source,
    'severity', (w).severity, 'details', (w).details, 'time_zone', (w).time_zone, 'starts', nightbell.local_text((w).starts),
    'ends', nightbell.local_text((w).ends), 'rrule', (w).rrule,
    'until', CASE WHEN (w).rrule IS NOT NULL THEN nightbell.local_text((w).until) END, 'reason', (w).reason);

-- Who acts, for the record.
CREATE OR REPLACE FUNCTION nightbell.acting_name() RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    who CONSTANT nightbell.identity := nightbell.claims();
BEGIN
    RETURN coalesce((SELECT u.name FROM nightbell.users u WHERE u.id = who.user_id
                     ORDER BY u.tenant_id = who.home_tenant_id DESC NULLS LAST LIMIT 1), session_user::text);
END
$$;

-- Replaces the spans that have not ended by those that begin at these local times.
CREATE OR REPLACE FUNCTION nightbell.place_spans(w nightbell.windows, begins timestamp[], at timestamptz) RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM nightbell.window_spans s WHERE s.tenant_id = w.tenant_id AND s.window_id = w.window_id AND s.starts_at > at;
    INSERT INTO nightbell.window_spans AS s (tenant_id, window_id, starts_at, ends_at)
    SELECT DISTINCT ON (b.starts_at) w.tenant_id, w.window_id, b.starts_at, greatest(b.ends_at, b.starts_at)
    FROM (SELECT nightbell.clock_reaches(t, w.time_zone) AS starts_at, nightbell.clock_reaches(t + (w.ends - w.starts), w.time_zone) AS ends_at
          FROM unnest(begins) AS t) AS b
    WHERE b.ends_at > at
    ORDER BY b.starts_at, b.ends_at DESC
    ON CONFLICT (tenant_id, window_id, starts_at) DO UPDATE SET ends_at = excluded.ends_at, caught_up_at = NULL, held = NULL
        WHERE s.ends_at <> excluded.ends_at
$$;

-- Ends what holds now, and takes away what is to come.
CREATE OR REPLACE FUNCTION nightbell.cut_spans(tenant uuid, named text, at timestamptz) RETURNS void
LANGUAGE sql
AS $$
    DELETE FROM nightbell.window_spans s WHERE s.tenant_id = tenant AND s.window_id = named AND s.starts_at > at;
    UPDATE nightbell.window_spans s SET ends_at = at WHERE s.tenant_id = tenant AND s.window_id = named AND s.ends_at > at
$$;

CREATE OR REPLACE FUNCTION nightbell.import_window(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    old nightbell.windows;
    new nightbell.windows;
BEGIN
    new.tenant_id := tenant;
    new.window_id := item ->> 'window';
    new.behaviour := item ->> 'behaviour';
    new.event_type := coalesce(item ->> 'event_type', '*');
    new.source := item ->> 'source';
    new.severity := CASE WHEN jsonb_typeof(item -> 'severity') = 'array' THEN ARRAY(
        SELECT s FROM jsonb_array_elements_text(item -> 'severity') AS s GROUP BY s ORDER BY nightbell.severity_rank(s)) END;
    new.details := (item ->> 'details')::jsonpath;
    new.time_zone := coalesce(item ->> 'time_zone', 'UTC');
    new.starts := item ->> 'starts';
    new.ends := item ->> 'ends';
    new.rrule := item ->> 'rrule';
    new.until := CASE WHEN new.rrule IS NULL THEN new.starts ELSE (item ->> 'until')::timestamp END;
    new.reason := item ->> 'reason';
    IF new.ends <= new.starts OR new.ends > new.starts + interval '31 days' THEN
        PERFORM nightbell.refuse_member('ends: expected at most 31 days after starts');
    ELSIF new.until IS NULL THEN
        PERFORM nightbell.refuse_member('until: is missing: a window that recurs must end');
    ELSIF new.until NOT BETWEEN new.starts AND new.starts + interval '10 years' THEN
        PERFORM nightbell.refuse_member('until: expected at most 10 years after starts');
    END IF;
    SELECT * INTO old FROM nightbell.windows w WHERE w.tenant_id = tenant AND w.window_id = new.window_id FOR UPDATE;
    IF nightbell.window_document(old)::text = nightbell.window_document(new)::text THEN
        RETURN 'same';
    ELSIF old.ended_at IS NOT NULL THEN
        PERFORM nightbell.refuse_member(format('window: %s was ended at %s: give the new one another name', old.window_id,
                                               to_char(old.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')));
    END IF;
    INSERT INTO nightbell.windows AS w (tenant_id, window_id, behaviour, event_type, source, severity, details, time_zone, starts, ends,
                                        rrule, until, reason, created_at, created_by, expanded_until)
    VALUES (tenant, new.window_id, new.behaviour, new.event_type, new.source, new.severity, new.details, new.time_zone, new.starts,
        new.ends, new.rrule, new.until, new.reason, at, nightbell.acting_name(), CASE WHEN new.rrule IS NULL THEN 'infinity'::timestamptz END)
    ON CONFLICT (tenant_id, window_id) DO UPDATE SET behaviour = excluded.behaviour, event_type = excluded.event_type,
        source = excluded.source, severity = excluded.severity, details = excluded.details, time_zone = excluded.time_zone,
        starts = excluded.starts, ends = excluded.ends, rrule = excluded.rrule, until = excluded.until, reason = excluded.reason,
        revision = w.revision + 1, expanded_until = excluded.expanded_until, problem = NULL
    RETURNING w.* INTO new;
    PERFORM nightbell.cut_spans(tenant, new.window_id, at);
    IF new.rrule IS NULL THEN
        PERFORM nightbell.place_spans(new, ARRAY[new.starts], at);
    END IF;
    RETURN CASE WHEN old.tenant_id IS NULL THEN 'added' ELSE 'changed' END;
END
$$;

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.window_document_problem(item jsonb) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT nightbell.document_problem(item, '{"window": "name!", "behaviour": "behaviour!", "event_type": "pattern",
        "source": "pattern", "severity": "severities", "details": "jsonpath", "time_zone": "zone", "starts": "local!", "ends": "local!",
        "rrule": "rrule", "until": "local", "reason": "text!"}')
$$;

CREATE OR REPLACE FUNCTION nightbell.import_windows(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'window_document_problem', 'window', 'import_window') $$;

CREATE OR REPLACE FUNCTION nightbell.window_documents(tenant uuid, named text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    -- what was ended or is over is history, and no configuration any more
    RETURN QUERY SELECT w.window_id, nightbell.window_document(w)::text FROM nightbell.windows w
        WHERE w.tenant_id = tenant AND (w.window_id = named OR named IS NULL AND w.ended_at IS NULL)
        ORDER BY w.window_id COLLATE "C";
END
$$;

-- Deletes a window that has never held; false: there is none. One in use can only be ended: its record says why people
-- were not told.
CREATE OR REPLACE FUNCTION nightbell.delete_window(tenant uuid, named text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    IF EXISTS (SELECT FROM nightbell.window_spans s WHERE s.tenant_id = tenant AND s.window_id = named AND s.starts_at <= nightbell.clock()) THEN
        RAISE EXCEPTION 'the window % has held: it can be ended, not deleted', left(named, 100)
            USING ERRCODE = 'object_in_use', HINT = 'nightbell windows end ends it now.';
    END IF;
    DELETE FROM nightbell.windows w WHERE w.tenant_id = tenant AND w.window_id = named;
    RETURN FOUND;
END
$$;

-- ---- what operators do ----

-- Operators of the tenant and its administrators may see, start and end windows and see heartbeats.
CREATE OR REPLACE FUNCTION nightbell.require_operation(tenant uuid) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF tenant IS NULL OR tenant IS DISTINCT FROM nightbell.operated_tenant() AND NOT nightbell.operates_globally() THEN
        PERFORM nightbell.require_administrator(tenant);
    END IF;
END
$$;

-- Makes a window that holds from now on. Returns its name.
CREATE OR REPLACE FUNCTION nightbell.start_window(tenant uuid, behaviour text, event_type text, source text, severity text[],
                                                  length interval, reason text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamp := date_trunc('second', nightbell.clock() AT TIME ZONE 'UTC');
    item jsonb;
    problem text;
BEGIN
    PERFORM nightbell.require_operation(tenant);
    IF length IS NULL OR length NOT BETWEEN interval '1 minute' AND interval '31 days' THEN
        PERFORM nightbell.refuse('22023', 'a window lasts 1 minute to 31 days', NULL);
    END IF;
    item := jsonb_strip_nulls(jsonb_build_object('window', 'now-' || to_char(at, 'YYYYMMDD-HH24MISS') || '-' || substr(gen_random_uuid()::text, 1, 4),
        'behaviour', behaviour, 'event_type', event_type, 'source', source, 'severity', severity, 'starts', nightbell.local_text(at),
        'ends', nightbell.local_text(date_trunc('second', at + length)), 'reason', reason));
    problem := nightbell.window_document_problem(item);
    IF problem IS NOT NULL THEN
        PERFORM nightbell.refuse('22023', problem, NULL);
    END IF;
    PERFORM nightbell.import_window(tenant, item);
    RETURN item ->> 'window';
END
$$;

-- Ends a window for good, now; false: there is none, or it was over.
CREATE OR REPLACE FUNCTION nightbell.end_window(tenant uuid, named text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    PERFORM nightbell.require_operation(tenant);
    UPDATE nightbell.windows w SET ended_at = at, ended_by = nightbell.acting_name(), revision = w.revision + 1
    WHERE w.tenant_id = tenant AND w.window_id = named AND w.ended_at IS NULL
        AND (w.expanded_until IS DISTINCT FROM 'infinity' OR EXISTS (
            SELECT FROM nightbell.window_spans s WHERE s.tenant_id = tenant AND s.window_id = named AND s.ends_at > at));
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM nightbell.cut_spans(tenant, named, at);
    RETURN true;
END
$$;

-- How many events were raised between two times that a window matches.
CREATE OR REPLACE FUNCTION nightbell.events_held(w nightbell.windows, since timestamptz, until timestamptz) RETURNS bigint
LANGUAGE sql STABLE
AS $$
    SELECT count(*) FROM nightbell.admin_system_events e
    WHERE e.tenant_id = w.tenant_id AND e.created_at >= since AND e.created_at < until
        AND nightbell.window_matches(w, e.event_type, e.source, e.severity::text, e.details)
$$;

-- The tenant's windows with what they do now: state is holding, waiting, over, ended or failed; the span that holds or
-- comes next; held: how many events were raised in it that it matches (of the last one, where none holds).
CREATE OR REPLACE FUNCTION nightbell.window_list(tenant uuid)
RETURNS TABLE (window_id text, state text, behaviour text, matches text, starts_at timestamptz, ends_at timestamptz, time_zone text,
               local_starts text, held bigint, reason text, created_by text, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    PERFORM nightbell.require_operation(tenant);
    RETURN QUERY SELECT w.window_id,
        CASE WHEN w.ended_at IS NOT NULL THEN 'ended' WHEN w.problem IS NOT NULL THEN 'failed' WHEN n.starts_at <= at THEN 'holding'
             WHEN n.starts_at IS NOT NULL OR w.expanded_until IS NULL THEN 'waiting' ELSE 'over' END,
        w.behaviour,
        concat_ws(' ', w.event_type, 'source:' || w.source, 'severity:' || array_to_string(w.severity, ','), w.details::text),
        n.starts_at, n.ends_at, w.time_zone, to_char(n.starts_at AT TIME ZONE w.time_zone, 'Dy YYYY-MM-DD HH24:MI'),
        CASE WHEN l.starts_at IS NULL THEN 0 ELSE coalesce(l.held, nightbell.events_held(w, l.starts_at, least(l.ends_at, at))) END,
        w.reason, w.created_by, w.problem
    FROM nightbell.windows w
    LEFT JOIN LATERAL (SELECT s.* FROM nightbell.window_spans s WHERE s.tenant_id = w.tenant_id AND s.window_id = w.window_id
                           AND s.ends_at > at ORDER BY s.starts_at LIMIT 1) AS n ON true
    LEFT JOIN LATERAL (SELECT s.* FROM nightbell.window_spans s WHERE s.tenant_id = w.tenant_id AND s.window_id = w.window_id
                           AND s.starts_at <= at ORDER BY s.starts_at DESC LIMIT 1) AS l ON true
    WHERE w.tenant_id = tenant
    ORDER BY n.starts_at NULLS LAST, w.window_id COLLATE "C";
END
$$;

-- ---- the end of a window ----

-- Tells people once of each event that still burns and of which a window kept them from hearing: raised, worse or back
-- in a span that is over, and held by no other window. Returns when it is to be called next; NULL: nothing is to come.
CREATE OR REPLACE FUNCTION nightbell.windows_ended(batch int DEFAULT 500) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    span nightbell.window_spans;
    told bigint;
BEGIN
    LOOP
        SELECT * INTO span FROM nightbell.window_spans s
        WHERE s.caught_up_at IS NULL AND s.ends_at <= at ORDER BY s.ends_at LIMIT 1 FOR UPDATE SKIP LOCKED;
        EXIT WHEN NOT FOUND;
        UPDATE nightbell.admin_system_events e SET noticed_at = at
        WHERE e.id = ANY (ARRAY(
            SELECT o.id FROM nightbell.admin_system_events o JOIN nightbell.windows w ON w.tenant_id = o.tenant_id
            WHERE w.tenant_id = span.tenant_id AND w.window_id = span.window_id AND w.behaviour <> 'escalation'
                AND NOT o.is_resolved AND o.noticed_at >= span.starts_at AND o.noticed_at < span.ends_at
                AND nightbell.window_matches(w, o.event_type, o.source, o.severity, o.details)
                AND NOT EXISTS (SELECT FROM nightbell.window_holding(o.tenant_id, o.event_type, o.source, o.severity, o.details, at) AS h
                                WHERE h.behaviour <> 'escalation')
            ORDER BY o.id LIMIT batch FOR UPDATE OF o SKIP LOCKED));
        GET DIAGNOSTICS told = ROW_COUNT;
        IF told >= batch THEN
            RETURN at; -- the rest of them in another transaction
        END IF;
        UPDATE nightbell.window_spans s SET caught_up_at = at,
            held = (SELECT nightbell.events_held(w, s.starts_at, s.ends_at) FROM nightbell.windows w
                    WHERE w.tenant_id = s.tenant_id AND w.window_id = s.window_id)
        WHERE s.tenant_id = span.tenant_id AND s.window_id = span.window_id AND s.starts_at = span.starts_at;
    END LOOP;
    RETURN (SELECT s.ends_at FROM nightbell.window_spans s WHERE s.caught_up_at IS NULL ORDER BY s.ends_at LIMIT 1);
END
$$;

-- Removes spans that were over 90 days ago, as the decisions are that name their windows; but never a window's latest one, which
-- says that it has held, and how much. Returns how many.
CREATE OR REPLACE FUNCTION nightbell.purge_window_spans(batch int) RETURNS bigint
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    removed bigint;
BEGIN
    DELETE FROM nightbell.window_spans b WHERE b.ctid = ANY (ARRAY(
        SELECT s.ctid FROM nightbell.window_spans s
        WHERE s.caught_up_at IS NOT NULL AND s.ends_at < at - interval '90 days'
            AND EXISTS (SELECT FROM nightbell.window_spans l WHERE l.tenant_id = s.tenant_id AND l.window_id = s.window_id
                            AND l.starts_at > s.starts_at AND l.starts_at <= at)
        LIMIT batch FOR UPDATE OF s SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END
$$;

-- The tenant that an operator or administrator means: its name or UUID; NULL or '': one's own.
CREATE OR REPLACE FUNCTION nightbell.tenant_to_operate(named text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    own CONSTANT uuid := nightbell.operated_tenant();
    found uuid;
BEGIN
    IF coalesce(named, '') = '' AND own IS NOT NULL THEN
        RETURN own;
    ELSIF own IS NOT NULL OR nightbell.operates_globally() THEN
        SELECT t.id INTO found FROM nightbell.tenants t
        WHERE (t.id::text = lower(named) OR lower(t.name) = lower(named)) AND (t.id = own OR nightbell.operates_globally())
        ORDER BY t.id::text = lower(named) DESC LIMIT 1;
        IF found IS NOT NULL THEN
            RETURN found;
        ELSIF nightbell.operates_globally() THEN -- more roles would not help: the tenant has to be named, and named right
            IF named <> '' THEN
                RAISE EXCEPTION 'there is no tenant "%"', left(named, 100) USING ERRCODE = 'no_data_found';
            END IF;
            RETURN nightbell.only_tenant();
        END IF;
    END IF;
    RETURN nightbell.tenant_to_configure(named);
END
$$;
