-- Heartbeats: sources that must report. One that is late is late first and down after its grace; then it is an event,
-- which its return settles. Each instance that reports is looked after by itself, so that a healthy one hides no other.

CREATE OR REPLACE TRIGGER time_zones_inserted AFTER INSERT ON nightbell.heartbeats
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();
CREATE OR REPLACE TRIGGER time_zones_updated AFTER UPDATE ON nightbell.heartbeats
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION nightbell.guard_time_zones();

-- The next time that is expected after a report at `at`; NULL: not worked out yet. Days and months of an interval are those
-- of the heartbeat's clock, whatever the zone of the session that reports.
CREATE OR REPLACE FUNCTION nightbell.expected_after(h nightbell.heartbeats, at timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    days CONSTANT interval := date_trunc('day', h.every);
BEGIN
    IF days > interval '0' THEN
        RETURN nightbell.clock_reaches(at AT TIME ZONE h.time_zone + days, h.time_zone) + (h.every - days);
    ELSIF h.every IS NOT NULL THEN
        RETURN at + h.every;
    END IF;
    RETURN (SELECT t.expected_at FROM nightbell.heartbeat_times t
            WHERE t.tenant_id = h.tenant_id AND t.heartbeat_id = h.heartbeat_id AND t.expected_at > at ORDER BY t.expected_at LIMIT 1);
END
$$;

-- Sets what is expected of instances whose next time is to come and may have changed, or was not known.
CREATE OR REPLACE FUNCTION nightbell.expect_again(h nightbell.heartbeats, at timestamptz) RETURNS void
LANGUAGE sql
AS $$
    UPDATE nightbell.heartbeat_instances i
    SET expected_at = e.expected_at, due_at = CASE WHEN i.state = 'running' THEN i.due_at ELSE e.expected_at END
    FROM (SELECT o.instance, CASE WHEN h.is_active THEN nightbell.expected_after(h, greatest(o.succeeded_at, at)) END AS expected_at
          FROM nightbell.heartbeat_instances o WHERE o.tenant_id = h.tenant_id AND o.heartbeat_id = h.heartbeat_id) AS e
    WHERE i.tenant_id = h.tenant_id AND i.heartbeat_id = h.heartbeat_id AND i.instance = e.instance AND i.state IN ('new', 'up', 'running')
$$;

-- ---- documents ----

CREATE OR REPLACE FUNCTION nightbell.heartbeat_document(h nightbell.heartbeats) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('heartbeat', (h).heartbeat_id, 'description', (h).description, 'every', nightbell.iso_interval((h).every),
    'starts', nightbell.local_text((h).starts), 'rrule', (h).rrule, 'time_zone', (h).time_zone, 'grace', nightbell.iso_interval((h).grace),
    'early', nightbell.iso_interval((h).early), 'longest_run', nightbell.iso_interval((h).longest_run), 'event_type', (h).event_type,
    'severity', (h).severity, 'is_active', (h).is_active);

CREATE OR REPLACE FUNCTION nightbell.import_heartbeat(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    old nightbell.heartbeats;
    new nightbell.heartbeats;
BEGIN
    new.tenant_id := tenant;
    new.heartbeat_id := item ->> 'heartbeat';
    new.description := item ->> 'description';
    new.every := item ->> 'every';
    new.starts := item ->> 'starts';
    new.rrule := item ->> 'rrule';
    new.time_zone := coalesce(item ->> 'time_zone', 'UTC');
    new.grace := coalesce((item ->> 'grace')::interval, '5 minutes');
    new.early := coalesce((item ->> 'early')::interval, '1 hour');
    new.longest_run := item ->> 'longest_run';
    new.event_type := coalesce(item ->> 'event_type', 'heartbeat_missed');
    new.severity := coalesce(item ->> 'severity', 'high');
    new.is_active := coalesce((item -> 'is_active')::text::boolean, true);
    IF (new.every IS NULL) = (new.rrule IS NULL) THEN
        PERFORM nightbell.refuse_member('every: expected either every, or starts and rrule');
    ELSIF (new.rrule IS NULL) <> (new.starts IS NULL) THEN
        PERFORM nightbell.refuse_member('starts: expected with rrule, and only with it');
    ELSIF new.every NOT BETWEEN interval '10 seconds' AND interval '1 year' THEN
        PERFORM nightbell.refuse_member('every: expected 10 seconds to 1 year');
    ELSIF new.grace NOT BETWEEN interval '1 second' AND interval '30 days' THEN
        PERFORM nightbell.refuse_member('grace: expected 1 second to 30 days');
    ELSIF new.early NOT BETWEEN interval '0' AND interval '30 days' THEN
        PERFORM nightbell.refuse_member('early: expected 0 to 30 days');
    ELSIF new.longest_run NOT BETWEEN interval '1 second' AND interval '30 days' THEN
        PERFORM nightbell.refuse_member('longest_run: expected 1 second to 30 days');
    END IF;
    SELECT * INTO old FROM nightbell.heartbeats h WHERE h.tenant_id = tenant AND h.heartbeat_id = new.heartbeat_id FOR UPDATE;
    IF nightbell.heartbeat_document(old)::text = nightbell.heartbeat_document(new)::text THEN
        RETURN 'same';
    END IF;
    INSERT INTO nightbell.heartbeats AS h (tenant_id, heartbeat_id, description, every, starts, rrule, time_zone, grace, early, longest_run,
                                           event_type, severity, is_active, created_at)
    VALUES (tenant, new.heartbeat_id, new.description, new.every, new.starts, new.rrule, new.time_zone, new.grace, new.early,
        new.longest_run, new.event_type, new.severity, new.is_active, at)
    ON CONFLICT (tenant_id, heartbeat_id) DO UPDATE SET description = excluded.description, every = excluded.every, starts = excluded.starts,
        rrule = excluded.rrule, time_zone = excluded.time_zone, grace = excluded.grace, early = excluded.early,
        longest_run = excluded.longest_run, event_type = excluded.event_type, severity = excluded.severity,
        is_active = excluded.is_active, revision = h.revision + 1, expanded_until = NULL, problem = NULL
    RETURNING h.* INTO new;
    IF old.tenant_id IS NULL THEN
        INSERT INTO nightbell.heartbeat_instances (tenant_id, heartbeat_id, instance, since) VALUES (tenant, new.heartbeat_id, '', at);
    END IF;
    DELETE FROM nightbell.heartbeat_times t WHERE t.tenant_id = tenant AND t.heartbeat_id = new.heartbeat_id;
    PERFORM nightbell.expect_again(new, at);
    UPDATE nightbell.heartbeat_instances i SET due_at = NULL
    WHERE i.tenant_id = tenant AND i.heartbeat_id = new.heartbeat_id AND NOT new.is_active;
    RETURN CASE WHEN old.tenant_id IS NULL THEN 'added' ELSE 'changed' END;
END
$$;

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.heartbeat_document_problem(item jsonb) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT nightbell.document_problem(item, '{"heartbeat": "slug!", "description": "text", "every": "interval",
        "starts": "local", "rrule": "rrule", "time_zone": "zone", "grace": "interval", "early": "interval", "longest_run": "interval",
        "event_type": "text", "severity": "severity", "is_active": "boolean"}')
$$;

CREATE OR REPLACE FUNCTION nightbell.import_heartbeats(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'heartbeat_document_problem', 'heartbeat', 'import_heartbeat') $$;

CREATE OR REPLACE FUNCTION nightbell.heartbeat_documents(tenant uuid, slug text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT h.heartbeat_id, nightbell.heartbeat_document(h)::text FROM nightbell.heartbeats h
        WHERE h.tenant_id = tenant AND (slug IS NULL OR h.heartbeat_id = slug) ORDER BY h.heartbeat_id COLLATE "C";
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_heartbeat(tenant uuid, slug text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    PERFORM nightbell.store_settlement(tenant, 'heartbeat', nightbell.heartbeat_mark(i.heartbeat_id, i.instance), NULL, 'the heartbeat was deleted', '2s')
    FROM nightbell.heartbeat_instances i WHERE i.tenant_id = tenant AND i.heartbeat_id = slug AND i.state IN ('down', 'failed');
    DELETE FROM nightbell.heartbeats h WHERE h.tenant_id = tenant AND h.heartbeat_id = slug;
    RETURN FOUND;
END
$$;

-- Pauses a heartbeat, or lets it go on; false: there is none. What is down or failed stays so until it reports.
CREATE OR REPLACE FUNCTION nightbell.switch_heartbeat(tenant uuid, slug text, active boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    h nightbell.heartbeats;
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    SELECT * INTO h FROM nightbell.heartbeats b WHERE b.tenant_id = tenant AND b.heartbeat_id = slug FOR UPDATE;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM nightbell.import_heartbeat(tenant, jsonb_strip_nulls(nightbell.heartbeat_document(h)::jsonb)
        || jsonb_build_object('is_active', active));
    RETURN true;
END
$$;

-- ---- reports ----

CREATE OR REPLACE FUNCTION nightbell.heartbeat_mark(slug text, instance text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN slug || CASE WHEN instance = '' THEN '' ELSE '/' || instance END;

-- The end of an output: at most 10 KiB, cut between characters.
CREATE OR REPLACE FUNCTION nightbell.output_end(output text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
BEGIN
    output := right(output, 10240);
    WHILE octet_length(output) > 10240 LOOP
        output := right(output, -greatest(1, (octet_length(output) - 10240) / 4));
    END LOOP;
    RETURN output;
END
$$;

-- "10:00 Europe/Riga (08:00 UTC)"
CREATE OR REPLACE FUNCTION nightbell.time_in_zones(at timestamptz, zone text) RETURNS text
LANGUAGE sql STABLE
RETURN to_char(at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI ') || zone
    || CASE WHEN zone = 'UTC' THEN '' ELSE to_char(at AT TIME ZONE 'UTC', ' (HH24:MI "UTC)"') END;

-- Makes the silence or failure of an instance an event.
CREATE OR REPLACE FUNCTION nightbell.raise_heartbeat(h nightbell.heartbeats, i nightbell.heartbeat_instances, what text, began timestamptz)
RETURNS bigint
LANGUAGE sql
AS $$
    SELECT nightbell.store_event(h.tenant_id, NULL, h.event_type, h.severity, nightbell.heartbeat_mark(h.heartbeat_id, i.instance) || ' ' || what,
        jsonb_strip_nulls(jsonb_build_object('heartbeat', h.heartbeat_id, 'instance', nullif(i.instance, ''),
            'expected', nightbell.time_in_zones(i.expected_at, h.time_zone), 'grace', nightbell.iso_interval(h.grace),
            'received', nightbell.time_in_zones(i.received_at, h.time_zone), 'verdict', i.verdict, 'exit_status', i.exit_status,
            'run_id', i.run_id, 'output', i.output)),
        nightbell.heartbeat_mark(h.heartbeat_id, i.instance), 'heartbeat', began, '2s')
$$;

-- The instance that reports, locked; a new one is made, and takes the place of the one that has never reported.
CREATE OR REPLACE FUNCTION nightbell.lock_instance(h nightbell.heartbeats, named text, at timestamptz) RETURNS nightbell.heartbeat_instances
LANGUAGE plpgsql
AS $$
DECLARE
    most CONSTANT int := 10000;
    i nightbell.heartbeat_instances;
BEGIN
    SELECT * INTO i FROM nightbell.heartbeat_instances o
    WHERE o.tenant_id = h.tenant_id AND o.heartbeat_id = h.heartbeat_id AND o.instance = named FOR UPDATE;
    IF FOUND THEN
        RETURN i;
    END IF;
    DELETE FROM nightbell.heartbeat_instances o
    WHERE o.tenant_id = h.tenant_id AND o.heartbeat_id = h.heartbeat_id AND o.instance = '' AND o.received_at IS NULL
    RETURNING * INTO i;
    IF i.state = 'down' THEN
        PERFORM nightbell.store_settlement(h.tenant_id, 'heartbeat', h.heartbeat_id, NULL, format('"%s" reports', named), '2s');
    END IF;
    IF (SELECT count(*) >= most FROM (SELECT FROM nightbell.heartbeat_instances o
                                      WHERE o.tenant_id = h.tenant_id AND o.heartbeat_id = h.heartbeat_id LIMIT most) AS o) THEN
        PERFORM nightbell.refuse('54000', format('the heartbeat has %s instances already', most), 'Name those that stay: hosts, not runs.');
    END IF;
    INSERT INTO nightbell.heartbeat_instances AS o (tenant_id, heartbeat_id, instance, since, expected_at)
    VALUES (h.tenant_id, h.heartbeat_id, named, at, i.expected_at)
    ON CONFLICT (tenant_id, heartbeat_id, instance) DO UPDATE SET instance = excluded.instance
    RETURNING * INTO i;
    RETURN i;
END
$$;

-- The instance after a report. A success counts for the expected time, unless it comes more than `early` before it.
CREATE OR REPLACE FUNCTION nightbell.report(h nightbell.heartbeats, INOUT i nightbell.heartbeat_instances, kind text, at timestamptz)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    was CONSTANT text := i.state;
    is_early CONSTANT boolean := h.rrule IS NOT NULL AND i.expected_at - at > h.early IS TRUE;
BEGIN
    i.received_at := at;
    IF kind = 'start' THEN
        i.started_at := at;
        i.verdict := 'started';
        -- one that is down or failed stays so until it has succeeded
        IF was NOT IN ('down', 'failed') THEN
            i.state := 'running';
            i.due_at := at + coalesce(h.longest_run, h.grace);
        END IF;
    ELSIF kind = 'fail' THEN
        i.started_at := NULL;
        i.verdict := 'failed';
        i.state := 'failed';
        i.expected_at := nightbell.expected_after(h, at);
        i.due_at := i.expected_at;
    ELSE
        i.started_at := NULL;
        i.state := 'up';
        i.verdict := CASE WHEN is_early THEN 'too early' WHEN at > i.expected_at THEN 'late' ELSE 'in time' END;
        IF NOT is_early THEN
            i.succeeded_at := at;
            i.expected_at := nightbell.expected_after(h, CASE WHEN h.rrule IS NULL THEN at ELSE greatest(at, i.expected_at) END);
        END IF;
        i.due_at := i.expected_at;
    END IF;
    IF NOT h.is_active THEN
        i.due_at := NULL;
    END IF;
    i.since := CASE WHEN i.state = was THEN i.since ELSE at END;
END
$$;

-- A source reports. kind: start, ok or fail (an exit status other than 0 is fail); run_id, output (its last 10 KiB are
-- kept) and exit status are evidence. Returns what came of it.
CREATE OR REPLACE FUNCTION nightbell.heartbeat(slug text, tenant uuid DEFAULT NULL, instance text DEFAULT '', kind text DEFAULT 'ok',
    exit_status int DEFAULT NULL, run_id text DEFAULT NULL, output text DEFAULT NULL,
    OUT state text, OUT verdict text, OUT received_at timestamptz, OUT expected_at timestamptz, OUT told text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer CONSTANT nightbell.producer := nightbell.producing();
    at CONSTANT timestamptz := nightbell.clock();
    h nightbell.heartbeats;
    i nightbell.heartbeat_instances;
    was text;
BEGIN
    tenant := coalesce(tenant, producer.tenant_id);
    instance := coalesce(instance, '');
    IF tenant IS NULL OR NOT nightbell.may_produce_for(producer, tenant) THEN
        PERFORM nightbell.refuse('42501', CASE WHEN tenant IS NULL THEN 'no tenant is named, and this session has none of its own'
            ELSE 'this session may produce for its own tenant only' END, NULL);
    ELSIF kind IS NULL OR kind NOT IN ('start', 'ok', 'fail') THEN
        PERFORM nightbell.refuse('22023', 'the kind is none of start, ok, fail', NULL);
    ELSIF octet_length(instance) > 150 OR instance ~ '[[:cntrl:]]' THEN
        PERFORM nightbell.refuse('22023', 'the instance must have at most 150 bytes, no control characters', NULL);
    ELSIF octet_length(run_id) > 255 THEN
        PERFORM nightbell.refuse('22023', 'the run id is longer than 255 bytes', NULL);
    END IF;
    SELECT * INTO h FROM nightbell.heartbeats b WHERE b.tenant_id = tenant AND b.heartbeat_id = slug FOR KEY SHARE;
    IF NOT FOUND THEN
        PERFORM nightbell.refuse('P0002', format('there is no heartbeat "%s"', left(slug, 100)), 'nightbell heartbeats list names them.');
    END IF;
    i := nightbell.lock_instance(h, instance, at);
    was := i.state;
    told := CASE WHEN i.expected_at IS NOT NULL THEN format('came %s, expected %s', nightbell.time_in_zones(at, h.time_zone),
                                                            nightbell.time_in_zones(i.expected_at, h.time_zone)) END;
    i.exit_status := exit_status;
    i.run_id := coalesce(run_id, i.run_id);
    i.output := coalesce(nightbell.output_end(output), CASE WHEN kind = 'start' THEN i.output END);
    i := nightbell.report(h, i, CASE WHEN exit_status <> 0 THEN 'fail' ELSE kind END, at);
    UPDATE nightbell.heartbeat_instances o
    SET state = i.state, expected_at = i.expected_at, due_at = i.due_at, received_at = i.received_at, succeeded_at = i.succeeded_at,
        started_at = i.started_at, verdict = i.verdict, exit_status = i.exit_status, run_id = i.run_id, output = i.output, since = i.since
    WHERE o.tenant_id = i.tenant_id AND o.heartbeat_id = i.heartbeat_id AND o.instance = i.instance;
    IF i.state = 'failed' THEN
        PERFORM nightbell.raise_heartbeat(h, i, 'failed' || coalesce(' with exit status ' || exit_status, ''), at);
    ELSIF was IN ('down', 'failed') AND i.state = 'up' THEN
        PERFORM nightbell.store_settlement(tenant, 'heartbeat', nightbell.heartbeat_mark(slug, instance), at, 'it reports again', '2s');
    END IF;
    state := i.state;
    verdict := i.verdict;
    received_at := i.received_at;
    expected_at := i.expected_at;
END
$$;

-- Late and down: what is due. Returns when it is to be called next; NULL: nothing is to come.
CREATE OR REPLACE FUNCTION nightbell.heartbeats_due(batch int DEFAULT 500) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    i nightbell.heartbeat_instances;
    h nightbell.heartbeats;
    is_down boolean;
BEGIN
    FOR i IN
        SELECT o.* FROM nightbell.heartbeat_instances o WHERE o.due_at <= at ORDER BY o.due_at LIMIT batch FOR UPDATE SKIP LOCKED
    LOOP
        SELECT * INTO h FROM nightbell.heartbeats b WHERE b.tenant_id = i.tenant_id AND b.heartbeat_id = i.heartbeat_id;
        is_down := i.state = 'running' OR at >= i.expected_at + h.grace;
        UPDATE nightbell.heartbeat_instances o
        SET state = CASE WHEN is_down THEN 'down' ELSE 'late' END, since = at, due_at = CASE WHEN NOT is_down THEN i.expected_at + h.grace END
        WHERE o.tenant_id = i.tenant_id AND o.heartbeat_id = i.heartbeat_id AND o.instance = i.instance;
        IF is_down THEN
            PERFORM nightbell.raise_heartbeat(h, i, CASE
                WHEN i.state = 'running' THEN format('started at %s and has not ended', nightbell.time_in_zones(i.started_at, h.time_zone))
                WHEN i.verdict = 'too early' THEN format('came %s, expected %s: %s too early', nightbell.time_in_zones(i.received_at, h.time_zone),
                    nightbell.time_in_zones(i.expected_at, h.time_zone), nightbell.span_text(i.expected_at - i.received_at))
                ELSE format('has not reported: expected %s', nightbell.time_in_zones(i.expected_at, h.time_zone)) END,
                CASE WHEN i.state = 'running' THEN i.due_at ELSE i.expected_at END);
        END IF;
    END LOOP;
    RETURN nightbell.heartbeats_next();
END
$$;

CREATE OR REPLACE FUNCTION nightbell.heartbeats_next() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT i.due_at FROM nightbell.heartbeat_instances i WHERE i.due_at IS NOT NULL ORDER BY i.due_at LIMIT 1 $$;

-- The tenant's heartbeats, a row each instance, the worst first: expected and received in the heartbeat's zone and in UTC.
DROP FUNCTION IF EXISTS nightbell.heartbeat_list(uuid); -- without the times, until version 21
CREATE FUNCTION nightbell.heartbeat_list(tenant uuid)
RETURNS TABLE (heartbeat_id text, instance text, state text, since timestamptz, verdict text, received text, expected text,
               exit_status int, run_id text, output text, problem text, description text, schedule text, received_at timestamptz,
               expected_at timestamptz, down_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_operation(tenant);
    RETURN QUERY SELECT h.heartbeat_id, i.instance, CASE WHEN h.is_active THEN i.state ELSE 'paused' END, i.since, i.verdict,
        nightbell.time_in_zones(i.received_at, h.time_zone), nightbell.time_in_zones(i.expected_at, h.time_zone),
        i.exit_status, i.run_id, i.output, h.problem, h.description,
        coalesce('every ' || nightbell.iso_interval(h.every), h.rrule || ' from ' || nightbell.local_text(h.starts)),
        i.received_at, i.expected_at, i.expected_at + h.grace
    FROM nightbell.heartbeats h LEFT JOIN nightbell.heartbeat_instances i ON i.tenant_id = h.tenant_id AND i.heartbeat_id = h.heartbeat_id
    WHERE h.tenant_id = tenant
    ORDER BY array_position('{down,failed,late,running,new,up}'::text[], i.state), h.heartbeat_id COLLATE "C", i.instance COLLATE "C";
END
$$;
