-- Produces system events; and produces from streams, with one outcome per item.

-- The first problem, as sqlstate, problem, hint; problem NULL: none.
CREATE OR REPLACE FUNCTION nightbell.check_event(producer nightbell.producer, tenant uuid, "user" uuid, event_type text, severity text, description text,
    details jsonb, fingerprint text, source text, OUT sqlstate text, OUT problem text, OUT hint text)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT nightbell.may_produce_for(producer, tenant) THEN
        sqlstate := '42501';
        problem := 'this session may produce for its own tenant only';
        hint := 'Leave the tenant out, or use a token of that tenant.';
        RETURN;
    END IF;
    sqlstate := '22023';
    problem := CASE
        WHEN event_type IS NULL OR event_type = '' THEN 'the event type is empty'
        WHEN char_length(event_type) > 100 THEN 'the event type is longer than 100 characters'
        WHEN nightbell.severity_rank(severity) IS NULL THEN 'the severity is none of low, medium, high, critical'
        WHEN description IS NULL OR description = '' THEN 'the description is empty'
        WHEN octet_length(description) > 8192 THEN format('the description has %s bytes; at most 8192 are allowed', octet_length(description))
        WHEN octet_length(details::text) > 65536 THEN format('details have %s bytes; at most 65536 are allowed', octet_length(details::text))
        WHEN octet_length(fingerprint) NOT BETWEEN 1 AND 255 THEN 'the fingerprint must have 1 to 255 bytes'
        WHEN octet_length(source) > 255 THEN 'the source is longer than 255 bytes'
        WHEN "user" IS NOT NULL AND tenant IS NULL THEN 'a user is named, but no tenant'
        END;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    sqlstate := 'P0002';
    IF tenant IS NOT NULL AND NOT EXISTS (SELECT FROM nightbell.tenants t WHERE t.id = tenant) THEN
        problem := format('there is no tenant %s', tenant);
    ELSIF "user" IS NOT NULL AND NOT EXISTS (SELECT FROM nightbell.users u WHERE u.tenant_id = tenant AND u.id = "user") THEN
        problem := format('there is no user %s in the tenant', "user");
    ELSE
        sqlstate := NULL;
    END IF;
END
$$;

DROP FUNCTION IF EXISTS nightbell.store_event(uuid, uuid, text, text, text, jsonb, text, text); -- until version 12
DROP FUNCTION IF EXISTS nightbell.raise_item(nightbell.producer, jsonb);

-- If an event with the same tenant, type and fingerprint is open, it counts one more occurrence; its severity may rise
-- but never falls. Somebody may keep it locked in an open transaction (an operator who writes a note in psql). A
-- producer waits for it at most `patience`, a lock_timeout; then the result is NULL and nothing is stored.
CREATE OR REPLACE FUNCTION nightbell.store_event(tenant uuid, "user" uuid, event_type text, severity text, description text,
                                                 details jsonb, fingerprint text, source text, patience text) RETURNS bigint
LANGUAGE plpgsql
SET lock_timeout = '2s' -- set here so that its old value is restored at the end
AS $$
#variable_conflict use_column
DECLARE
    stored bigint;
BEGIN
    PERFORM set_config('lock_timeout', patience, true);
    INSERT INTO nightbell.admin_system_events AS e
        (event_type, severity, description, details, tenant_id, user_id, fingerprint, source, last_seen_at)
    VALUES (store_event.event_type, store_event.severity, store_event.description, store_event.details, tenant, "user",
            store_event.fingerprint, store_event.source, clock_timestamp())
    ON CONFLICT (tenant_id, event_type, fingerprint)
        WHERE NOT is_resolved AND fingerprint IS NOT NULL
        DO UPDATE SET occurrences = e.occurrences + 1,
            last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
            severity = CASE WHEN nightbell.severity_rank(excluded.severity) > nightbell.severity_rank(e.severity)
                       THEN excluded.severity ELSE e.severity END
    RETURNING e.id INTO stored;
    RETURN stored;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END
$$;

-- A higher severity gets a line in the history; another occurrence is only counted.
CREATE OR REPLACE FUNCTION nightbell.note_worsening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    INSERT INTO nightbell.event_actions (event_id, tenant_id, action, note)
    VALUES (NEW.id, NEW.tenant_id, 'raise_again', OLD.severity || ' → ' || NEW.severity);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER worsened AFTER UPDATE OF severity ON nightbell.admin_system_events
    FOR EACH ROW WHEN (OLD.severity IS DISTINCT FROM NEW.severity) EXECUTE FUNCTION nightbell.note_worsening();

CREATE OR REPLACE FUNCTION nightbell.raise_event(event_type text, severity text, description text, details jsonb DEFAULT NULL,
    tenant uuid DEFAULT NULL, "user" uuid DEFAULT NULL, fingerprint text DEFAULT NULL, source text DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer nightbell.producer := nightbell.producing();
    wrong record;
    stored bigint;
BEGIN
    tenant := coalesce(tenant, producer.tenant_id);
    SELECT * INTO wrong
    FROM nightbell.check_event(producer, tenant, "user", event_type, severity, description, details, fingerprint, source);
    IF wrong.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(wrong.sqlstate, wrong.problem, wrong.hint);
    END IF;
    stored := nightbell.store_event(tenant, "user", event_type, severity, description, details, fingerprint, source, '2s');
    IF stored IS NULL THEN
        PERFORM nightbell.refuse('55P03', 'the open event with this fingerprint is held by a transaction that is open; waited for 2 s',
                                 'Somebody is working on it: call again.');
    END IF;
    RETURN stored;
END
$$;

-- Stores one event from a JSON object whose members are the arguments of raise_event(). Returns a problem instead of
-- raising an error.
CREATE OR REPLACE FUNCTION nightbell.raise_item(producer nightbell.producer, item jsonb, patience text,
                                                OUT id text, OUT sqlstate text, OUT problem text)
LANGUAGE plpgsql
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    members CONSTANT text[] := '{event_type,severity,description,details,tenant,user,fingerprint,source}';
    named uuid;
    wrong record;
BEGIN
    sqlstate := '22023';
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        problem := 'the item is not a JSON object';
        RETURN;
    END IF;
    SELECT CASE
        WHEN k.key <> ALL (members) THEN
            format('unknown member "%s": members are %s', left(k.key, 100), array_to_string(members, ', '))
        WHEN k.key IN ('tenant', 'user') AND k.value <> 'null' AND k.value #>> '{}' !~ uuid_pattern
            THEN format('%s must be a UUID', k.key)
        WHEN k.key NOT IN ('details', 'tenant', 'user') AND jsonb_typeof(k.value) NOT IN ('string', 'null')
            THEN format('%s must be a string', k.key)
        END INTO problem
    FROM jsonb_each(item) AS k ORDER BY 1 NULLS LAST LIMIT 1;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    named := coalesce((item ->> 'tenant')::uuid, producer.tenant_id);
    SELECT * INTO wrong
    FROM nightbell.check_event(producer, named, (item ->> 'user')::uuid, item ->> 'event_type', item ->> 'severity',
        item ->> 'description', nullif(item -> 'details', 'null'), item ->> 'fingerprint', item ->> 'source');
    sqlstate := wrong.sqlstate;
    problem := wrong.problem;
    IF problem IS NULL THEN
        id := nightbell.store_event(named, (item ->> 'user')::uuid, item ->> 'event_type', item ->> 'severity',
            item ->> 'description', nullif(item -> 'details', 'null'), item ->> 'fingerprint', item ->> 'source', patience);
        IF id IS NULL THEN
            sqlstate := '55P03';
            problem := format('the open event with this fingerprint is held by a transaction that is open; waited for %s', patience);
        END IF;
    END IF;
END
$$;

-- For streams: kind is notify, announce, raise or publish. Returns one row per item, in order, with the id or the problem. A bad
-- item does not stop the others. The good ones are stored together; only if that fails (a user was deleted meanwhile)
-- is each tried by itself.
CREATE OR REPLACE FUNCTION nightbell.produce_many(kind text, items jsonb[])
RETURNS TABLE (ordinal int, id text, sqlstate text, message text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer nightbell.producer := nightbell.producing();
    drafts nightbell.draft[];
    good nightbell.draft[];
    ids uuid[];
    done record;
    patience text := '2s';
BEGIN
    IF kind IS NULL OR kind <> ALL ('{notify,announce,raise,publish}') THEN
        PERFORM nightbell.refuse('22023', 'the kind is none of notify, announce, raise, publish', NULL);
    END IF;
    IF kind = 'publish' THEN
        RETURN QUERY SELECT p.ordinal, p.id, p.sqlstate, p.message FROM nightbell.publish_items(producer, items) AS p;
        RETURN;
    END IF;
    IF kind = 'raise' THEN
        FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
            ordinal := i;
            -- needs no exception handler: raise_item() checks everything that the table checks
            SELECT * INTO done FROM nightbell.raise_item(producer, items[i], patience);
            IF done.sqlstate = '55P03' THEN
                patience := '20ms'; -- the other items must not each wait that long again
            END IF;
            id := done.id;
            sqlstate := done.sqlstate;
            message := done.problem;
            RETURN NEXT;
        END LOOP;
        RETURN;
    END IF;

    drafts := nightbell.draft_items(producer, items, kind = 'announce');
    good := ARRAY(SELECT d::nightbell.draft FROM unnest(drafts) AS d WHERE d.problem IS NULL ORDER BY d.n);
    IF cardinality(good) > 0 THEN
        BEGIN
            ids := nightbell.store_drafts(good);
        EXCEPTION WHEN data_exception OR integrity_constraint_violation OR serialization_failure THEN
            FOR i IN 1 .. cardinality(good) LOOP
                BEGIN
                    ids[i] := (nightbell.store_drafts(good[i:i]))[1];
                EXCEPTION WHEN data_exception OR integrity_constraint_violation OR serialization_failure THEN
                    ids[i] := NULL;
                    done := good[i];
                    done.sqlstate := SQLSTATE;
                    done.problem := SQLERRM;
                    drafts[done.n] := done;
                END;
            END LOOP;
        END;
    END IF;
    RETURN QUERY
        SELECT d.n, g.id::text, d.sqlstate, d.problem
        FROM unnest(drafts) AS d
        LEFT JOIN (SELECT (good[s]).n, ids[s] AS id FROM generate_subscripts(good, 1) AS s) AS g ON g.n = d.n
        ORDER BY d.n;
END
$$;
