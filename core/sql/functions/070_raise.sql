-- Produces system events; and produces from streams, with one outcome per item.

DROP FUNCTION IF EXISTS nightbell.check_event(nightbell.producer, uuid, uuid, text, text, text, jsonb, text, text); -- until version 12
DROP FUNCTION IF EXISTS nightbell.raise_event(text, text, text, jsonb, uuid, uuid, text, text);

-- The first problem, as sqlstate, problem, hint; problem NULL: none.
CREATE OR REPLACE FUNCTION nightbell.check_event(producer nightbell.producer, tenant uuid, "user" uuid, event_type text, severity text, description text,
    details jsonb, fingerprint text, source text, episode_at timestamptz, OUT sqlstate text, OUT problem text, OUT hint text)
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
        WHEN episode_at IS NOT NULL AND (coalesce(source, '') = '' OR fingerprint IS NULL)
            THEN 'an episode is named, but not its source and fingerprint'
        WHEN episode_at IS NOT NULL THEN nightbell.episode_problem(episode_at)
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

DROP FUNCTION IF EXISTS nightbell.store_event(uuid, uuid, text, text, text, jsonb, text, text, text); -- until version 12
DROP FUNCTION IF EXISTS nightbell.raise_item(nightbell.producer, jsonb);

-- If an event with the same tenant, type and fingerprint is open, it counts one more occurrence; its severity may rise
-- but never falls. What a source raises with its episode: functions/400_episodes.sql. Somebody may keep it locked in an open transaction (an operator who writes a note in psql). A
-- producer waits for it at most `patience`, a lock_timeout; then the result is NULL and nothing is stored.
CREATE OR REPLACE FUNCTION nightbell.store_event(tenant uuid, "user" uuid, event_type text, severity text, description text,
    details jsonb, fingerprint text, source text, episode_at timestamptz, patience text) RETURNS bigint
LANGUAGE plpgsql
SET lock_timeout = '2s' -- set here so that its old value is restored at the end
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    settings CONSTANT nightbell.event_types := nightbell.event_settings(tenant, event_type);
    earlier timestamptz[];
    stored bigint;
BEGIN
    PERFORM set_config('lock_timeout', patience, true);
    IF store_event.episode_at IS NOT NULL THEN
        RETURN nightbell.store_episode(tenant, "user", event_type, severity, description, details, fingerprint, source, episode_at, at, settings);
    END IF;
    IF settings.reopen_within IS NOT NULL AND fingerprint IS NOT NULL THEN
        stored := nightbell.return_recent(tenant, event_type, severity, fingerprint, at, settings);
        IF stored IS NOT NULL THEN
            RETURN stored;
        END IF;
    END IF;
    IF fingerprint IS NOT NULL AND tenant IS NOT NULL THEN -- an event that comes again and again is flapping
        SELECT e.changes INTO earlier FROM nightbell.admin_system_events e
        WHERE e.tenant_id = tenant AND e.event_type = store_event.event_type AND e.fingerprint = store_event.fingerprint
            AND e.is_resolved AND e.episode_at IS NULL
        ORDER BY e.id DESC LIMIT 1;
    END IF;
    earlier := nightbell.with_change(earlier, at);
    INSERT INTO nightbell.admin_system_events AS e
        (event_type, severity, description, details, tenant_id, user_id, fingerprint, source, created_at, last_seen_at, noticed_at,
         changes, flapping_until, stale_at, auto_resolve_at)
    VALUES (store_event.event_type, store_event.severity, store_event.description, store_event.details, tenant, "user",
            store_event.fingerprint, store_event.source, at, at, at, earlier,
            nightbell.flaps_until(earlier, settings.flap_changes, settings.flap_within), at + settings.stale_after,
            at + settings.auto_resolve_after)
    ON CONFLICT (tenant_id, event_type, fingerprint)
        WHERE NOT is_resolved AND fingerprint IS NOT NULL AND episode_at IS NULL
        DO UPDATE SET occurrences = e.occurrences + 1,
            last_seen_at = greatest(e.last_seen_at, excluded.last_seen_at),
            severity = nightbell.worse(e.severity, excluded.severity),
            stale_at = nightbell.goes_stale(excluded.last_seen_at, e.created_at, e.occurrences + 1, settings.stale_after),
            auto_resolve_at = excluded.auto_resolve_at
    RETURNING e.id INTO stored;
    RETURN stored;
EXCEPTION WHEN lock_not_available THEN
    RETURN NULL;
END
$$;

-- A higher severity gets a line in the history; another occurrence is only counted. Where it ended an acknowledgement or
-- a snooze (guard_event()), it is an act with a version, so that nobody undoes what is past.
CREATE OR REPLACE FUNCTION nightbell.note_worsening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    INSERT INTO nightbell.event_actions (event_id, tenant_id, action, note, version, previous)
    VALUES (NEW.id, NEW.tenant_id, 'raise_again',
        OLD.severity || ' → ' || NEW.severity
        || CASE WHEN NOT NEW.is_resolved AND OLD.acknowledged_at IS NOT NULL AND NEW.acknowledged_at IS NULL
                THEN ', no longer acknowledged' ELSE '' END
        || CASE WHEN NOT NEW.is_resolved AND OLD.snoozed_until > NEW.noticed_at AND NEW.snoozed_until IS NULL
                THEN ', no longer snoozed' ELSE '' END,
        CASE WHEN OLD.is_resolved = NEW.is_resolved AND NEW.version > OLD.version THEN NEW.version END,
        CASE WHEN OLD.is_resolved = NEW.is_resolved AND NEW.version > OLD.version THEN nightbell.event_state(OLD) END);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER worsened AFTER UPDATE OF severity ON nightbell.admin_system_events
    FOR EACH ROW WHEN (OLD.severity IS DISTINCT FROM NEW.severity) EXECUTE FUNCTION nightbell.note_worsening();

CREATE OR REPLACE FUNCTION nightbell.raise_event(event_type text, severity text, description text, details jsonb DEFAULT NULL,
    tenant uuid DEFAULT NULL, "user" uuid DEFAULT NULL, fingerprint text DEFAULT NULL, source text DEFAULT NULL,
    episode_at timestamptz DEFAULT NULL) RETURNS bigint
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
    FROM nightbell.check_event(producer, tenant, "user", event_type, severity, description, details, fingerprint, source, episode_at);
    IF wrong.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(wrong.sqlstate, wrong.problem, wrong.hint);
    END IF;
    stored := nightbell.store_event(tenant, "user", event_type, severity, description, details, fingerprint, source, episode_at, '2s');
    IF stored IS NULL THEN
        PERFORM nightbell.refuse('55P03', 'the open event with this fingerprint is held by a transaction that is open; waited for 2 s',
                                 'Somebody is working on it: call again.');
    END IF;
    RETURN stored;
END
$$;

-- What is wrong with the members of an item: each is a string, but tenant and user are UUIDs, episode_at is a time, and
-- details may be anything. NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.item_problem(item jsonb, members text[]) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    problem text;
BEGIN
    IF jsonb_typeof(item) IS DISTINCT FROM 'object' THEN
        RETURN 'the item is not a JSON object';
    END IF;
    SELECT CASE
        WHEN k.key <> ALL (members) THEN
            format('unknown member "%s": members are %s', left(k.key, 100), array_to_string(members, ', '))
        WHEN k.key = 'tenant' AND k.value <> 'null' AND k.value #>> '{}' !~ uuid_pattern
            THEN format('%s must be a UUID', k.key)
        WHEN k.key NOT IN ('details', 'tenant') AND jsonb_typeof(k.value) NOT IN ('string', 'null')
            THEN format('%s must be a string', k.key)
        WHEN k.key = 'episode_at' AND k.value <> 'null' AND nightbell.item_time(k.value #>> '{}') IS NULL
            THEN 'episode_at must be a time like 2026-11-01T14:30:00Z'
        END INTO problem
    FROM jsonb_each(item) AS k ORDER BY 1 NULLS LAST LIMIT 1;
    RETURN problem;
END
$$;

-- A time as RFC 3339 writes it; NULL: it is none.
CREATE OR REPLACE FUNCTION nightbell.item_time(value text) RETURNS timestamptz
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN CASE WHEN nightbell.is_date_time(value) THEN value::timestamptz END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END
$$;

-- Stores one event from a JSON object whose members are the arguments of raise_event(). Returns a problem instead of
-- raising an error.
CREATE OR REPLACE FUNCTION nightbell.raise_item(producer nightbell.producer, item jsonb, patience text,
                                                OUT id text, OUT sqlstate text, OUT problem text)
LANGUAGE plpgsql
AS $$
DECLARE
    named uuid;
    about uuid;
    began timestamptz;
    wrong record;
BEGIN
    sqlstate := '22023';
    problem := nightbell.item_problem(item, '{event_type,severity,description,details,tenant,user,fingerprint,source,episode_at}');
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    named := coalesce((item ->> 'tenant')::uuid, producer.tenant_id);
    began := nightbell.item_time(item ->> 'episode_at');
    IF item ->> 'user' IS NOT NULL AND nightbell.may_produce_for(producer, named) THEN
        SELECT p.id, p.problem INTO about, problem FROM nightbell.person_of(named, item ->> 'user') AS p;
        IF problem IS NOT NULL THEN
            sqlstate := CASE WHEN named IS NULL THEN '22023' ELSE 'P0002' END;
            RETURN;
        END IF;
    END IF;
    SELECT * INTO wrong
    FROM nightbell.check_event(producer, named, about, item ->> 'event_type', item ->> 'severity',
        item ->> 'description', nullif(item -> 'details', 'null'), item ->> 'fingerprint', item ->> 'source', began);
    sqlstate := wrong.sqlstate;
    problem := wrong.problem;
    IF problem IS NULL THEN
        id := nightbell.store_event(named, about, item ->> 'event_type', item ->> 'severity',
            item ->> 'description', nullif(item -> 'details', 'null'), item ->> 'fingerprint', item ->> 'source', began, patience);
        IF id IS NULL THEN
            sqlstate := '55P03';
            problem := format('the open event with this fingerprint is held by a transaction that is open; waited for %s', patience);
        END IF;
    END IF;
END
$$;

-- For streams: kind is notify, announce, raise, settle or publish. Returns one row per item, in order, with the id or the
-- problem. A bad item does not stop the others. The good ones are stored together; only if that fails (a user was
-- deleted meanwhile) is each tried by itself.
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
    IF kind IS NULL OR kind <> ALL ('{notify,announce,raise,settle,publish}') THEN
        PERFORM nightbell.refuse('22023', 'the kind is none of notify, announce, raise, settle, publish', NULL);
    END IF;
    IF kind = 'publish' THEN
        RETURN QUERY SELECT p.ordinal, p.id, p.sqlstate, p.message FROM nightbell.publish_items(producer, items) AS p;
        RETURN;
    END IF;
    IF kind IN ('raise', 'settle') THEN
        FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
            ordinal := i;
            -- needs no exception handler: they check everything that the table checks
            IF kind = 'raise' THEN
                SELECT * INTO done FROM nightbell.raise_item(producer, items[i], patience);
            ELSE
                SELECT * INTO done FROM nightbell.settle_item(producer, items[i], patience);
            END IF;
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
