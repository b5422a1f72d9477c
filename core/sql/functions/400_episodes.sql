-- Episodes: how a source's messages, late, doubled or in another order than they were sent, come to the same state. A
-- source reports when an episode began (raise_event() with episode_at) and that it is over (settle_event()). Per alarm of
-- a source the latest settled episode is kept (event_episodes): a firing at or before it is counted and reopens nothing,
-- a newer one is new; a settlement older than the open episode changes nothing. So only the latest firing and the latest
-- settlement matter, whatever comes between them.

-- The patterns that match an event type: itself, and every prefix with * behind it, down to *; the most specific first.
CREATE OR REPLACE FUNCTION nightbell.event_settings(tenant uuid, event_type text) RETURNS nightbell.event_types
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    names text[];
    settings nightbell.event_types;
BEGIN
    -- most tenants have none: one look-up for them
    IF tenant IS NULL OR NOT EXISTS (SELECT FROM nightbell.event_types t WHERE t.tenant_id = tenant) THEN
        RETURN NULL;
    END IF;
    names := nightbell.event_candidates(event_type);
    SELECT * INTO settings FROM nightbell.event_types t
    WHERE t.tenant_id = tenant AND t.event_type = ANY (names)
    ORDER BY array_position(names, t.event_type) LIMIT 1;
    RETURN settings;
END
$$;

-- The more severe of two.
CREATE OR REPLACE FUNCTION nightbell.worse(one text, other text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN nightbell.severity_rank(other) > nightbell.severity_rank(one) THEN other ELSE one END;

-- When an event that is not refreshed becomes stale: after the time that is set for its type, or after three times its
-- usual interval where it has one, between 5 minutes and 3 days.
CREATE OR REPLACE FUNCTION nightbell.goes_stale(seen timestamptz, first timestamptz, occurrences bigint, after interval)
RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE WHEN after IS NOT NULL THEN seen + after
    WHEN occurrences >= 4 AND seen > first AND seen - first <= (occurrences - 1) * interval '1 day'
        THEN seen + greatest(3 * (seen - first) / (occurrences - 1), interval '5 minutes') END;

-- With one more change of state, of which the latest twenty are kept.
CREATE OR REPLACE FUNCTION nightbell.with_change(changes timestamptz[], at timestamptz) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (changes || at)[greatest(coalesce(cardinality(changes), 0) - 18, 1):];

-- Until when an event with these changes counts as flapping: five within an hour, unless its type says otherwise.
CREATE OR REPLACE FUNCTION nightbell.flaps_until(changes timestamptz[], number int, within interval) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN changes[cardinality(changes) - coalesce(number, 5) + 1] + coalesce(within, interval '1 hour');

-- Reopens a resolved event that is locked by the caller, because its source raises it again.
CREATE OR REPLACE FUNCTION nightbell.return_event(event nightbell.admin_system_events, severity text, episode_at timestamptz,
                                                  at timestamptz, settings nightbell.event_types) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    changes CONSTANT timestamptz[] := nightbell.with_change(event.changes, at);
BEGIN
    UPDATE nightbell.admin_system_events e
    SET is_resolved = false, occurrences = e.occurrences + 1, last_seen_at = greatest(e.last_seen_at, at),
        severity = nightbell.worse(e.severity, severity), episode_at = greatest(e.episode_at, episode_at),
        acknowledged_at = NULL, acknowledged_by = NULL, ack_remind_at = NULL, ack_expires_at = NULL, noticed_at = at,
        changes = changes, flapping_until = nightbell.flaps_until(changes, settings.flap_changes, settings.flap_within),
        stale_at = nightbell.goes_stale(at, e.created_at, e.occurrences + 1, settings.stale_after),
        auto_resolve_at = at + settings.auto_resolve_after, version = e.version + 1
    WHERE e.id = event.id;
    INSERT INTO nightbell.event_actions (event_id, tenant_id, at, actor_name, action, version, previous)
    VALUES (event.id, event.tenant_id, at, event.source, 'return', event.version + 1, nightbell.event_state(event));
END
$$;

-- Reopens the last event with that type and fingerprint, if it was resolved within the time that is set for the type and
-- none is open. Returns its id; NULL: there is no such event.
CREATE OR REPLACE FUNCTION nightbell.return_recent(tenant uuid, event_type text, severity text, fingerprint text, at timestamptz,
                                                   settings nightbell.event_types) RETURNS bigint
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    event nightbell.admin_system_events;
BEGIN
    SELECT * INTO event FROM nightbell.admin_system_events e
    WHERE e.tenant_id = tenant AND e.event_type = event_type AND e.fingerprint = fingerprint AND e.episode_at IS NULL
        AND e.is_resolved AND e.resolved_at > at - settings.reopen_within
        AND NOT EXISTS (
            SELECT FROM nightbell.admin_system_events o
            WHERE o.tenant_id = tenant AND o.event_type = event_type AND o.fingerprint = fingerprint AND o.episode_at IS NULL
                AND NOT o.is_resolved)
    ORDER BY e.id DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM nightbell.return_event(event, severity, NULL, at, settings);
    RETURN event.id;
EXCEPTION WHEN unique_violation THEN -- another session raised it at this moment
    RETURN NULL;
END
$$;

-- Locks the alarm's row, and makes it where there is none.
CREATE OR REPLACE FUNCTION nightbell.lock_episodes(tenant uuid, source text, fingerprint text, at timestamptz)
RETURNS nightbell.event_episodes
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    key nightbell.event_episodes;
BEGIN
    INSERT INTO nightbell.event_episodes AS k (tenant_id, source, fingerprint, seen_at)
    VALUES (tenant, source, fingerprint, at)
    ON CONFLICT ON CONSTRAINT event_episodes_tenant_id_source_fingerprint_key DO UPDATE SET seen_at = greatest(k.seen_at, excluded.seen_at)
    RETURNING * INTO key;
    RETURN key;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.keep_last_event(tenant uuid, source text, fingerprint text, event bigint) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
BEGIN
    UPDATE nightbell.event_episodes k SET event_id = event
    WHERE k.source = source AND k.fingerprint = fingerprint AND (k.tenant_id = tenant OR tenant IS NULL AND k.tenant_id IS NULL);
END
$$;

-- Stores what a source raises with its episode: see above.
CREATE OR REPLACE FUNCTION nightbell.store_episode(tenant uuid, "user" uuid, event_type text, severity text, description text,
    details jsonb, fingerprint text, source text, episode_at timestamptz, at timestamptz, settings nightbell.event_types) RETURNS bigint
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    key CONSTANT nightbell.event_episodes := nightbell.lock_episodes(tenant, source, fingerprint, at);
    event nightbell.admin_system_events;
    is_over boolean;
    changes timestamptz[];
BEGIN
    -- what is open comes first: an operator may have reopened an older one
    SELECT * INTO event FROM nightbell.admin_system_events e
    WHERE NOT e.is_resolved AND e.episode_at IS NOT NULL AND e.source = source AND e.fingerprint = fingerprint
        AND (e.tenant_id = tenant OR tenant IS NULL AND e.tenant_id IS NULL)
    FOR UPDATE;
    IF NOT FOUND THEN
        SELECT * INTO event FROM nightbell.admin_system_events e WHERE e.id = key.event_id FOR UPDATE;
    END IF;
    is_over := coalesce(episode_at <= greatest(key.settled_at, CASE WHEN event.is_resolved THEN event.episode_at END), false);
    IF event.id IS NOT NULL AND (is_over OR NOT event.is_resolved) THEN
        IF event.is_resolved OR episode_at < event.episode_at THEN -- late
            UPDATE nightbell.admin_system_events e SET occurrences = e.occurrences + 1 WHERE e.id = event.id;
        ELSE
            UPDATE nightbell.admin_system_events e
            SET occurrences = e.occurrences + 1, last_seen_at = greatest(e.last_seen_at, at), episode_at = episode_at,
                severity = nightbell.worse(e.severity, severity),
                stale_at = nightbell.goes_stale(at, e.created_at, e.occurrences + 1, settings.stale_after),
                auto_resolve_at = at + settings.auto_resolve_after
            WHERE e.id = event.id;
            PERFORM nightbell.keep_last_event(tenant, source, fingerprint, event.id) WHERE key.event_id IS DISTINCT FROM event.id;
        END IF;
        RETURN event.id;
    ELSIF event.resolved_at > at - settings.reopen_within THEN
        PERFORM nightbell.return_event(event, severity, episode_at, at, settings);
        RETURN event.id;
    END IF;

    changes := nightbell.with_change(event.changes, at);
    INSERT INTO nightbell.admin_system_events AS e
        (event_type, severity, description, details, tenant_id, user_id, fingerprint, source, created_at, last_seen_at, noticed_at,
         episode_at, is_resolved, resolved_at, settled_by, changes, flapping_until, stale_at, auto_resolve_at)
    VALUES (event_type, severity, description, details, tenant, "user", fingerprint, source, at, at, at, episode_at,
        is_over, CASE WHEN is_over THEN at END, CASE WHEN is_over THEN 'source' END, changes,
        nightbell.flaps_until(changes, settings.flap_changes, settings.flap_within), at + settings.stale_after,
        at + settings.auto_resolve_after)
    RETURNING e.id INTO event.id;
    PERFORM nightbell.keep_last_event(tenant, source, fingerprint, event.id);
    RETURN event.id;
END
$$;

-- "2d 4h 0m": a span for people, to the minute.
CREATE OR REPLACE FUNCTION nightbell.span_text(span interval) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN regexp_replace(to_char(justify_hours(span), 'FMDD"d "FMHH24"h "FMMI"m"'), '^0d (0h )?', '');

-- Resolves an open event that is locked by the caller, without a person. settled_by: source or quiet.
CREATE OR REPLACE FUNCTION nightbell.settle_row(event nightbell.admin_system_events, settled_by text, note text, at timestamptz,
                                                settings nightbell.event_types) RETURNS void
LANGUAGE plpgsql
AS $$
#variable_conflict use_variable
DECLARE
    changes CONSTANT timestamptz[] := nightbell.with_change(event.changes, at);
BEGIN
    UPDATE nightbell.admin_system_events e
    SET is_resolved = true, resolved_at = at, resolved_by = NULL, resolution = note, settled_by = settled_by,
        version = e.version + 1, changes = changes,
        flapping_until = nightbell.flaps_until(changes, settings.flap_changes, settings.flap_within)
    WHERE e.id = event.id;
    INSERT INTO nightbell.event_actions (event_id, tenant_id, at, actor_name, action, note, version, previous)
    VALUES (event.id, event.tenant_id, at, CASE WHEN settled_by = 'source' THEN event.source END, 'settle', note, event.version + 1,
            nightbell.event_state(event));
END
$$;

-- The first problem of a settlement, as sqlstate, problem, hint; problem NULL: none.
CREATE OR REPLACE FUNCTION nightbell.check_settlement(producer nightbell.producer, tenant uuid, source text, fingerprint text,
    episode_at timestamptz, note text, OUT sqlstate text, OUT problem text, OUT hint text)
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
        WHEN coalesce(octet_length(source), 0) NOT BETWEEN 1 AND 255 THEN 'the source must have 1 to 255 bytes'
        WHEN coalesce(octet_length(fingerprint), 0) NOT BETWEEN 1 AND 255 THEN 'the fingerprint must have 1 to 255 bytes'
        WHEN octet_length(note) > 4096 THEN 'the note is longer than 4096 bytes'
        ELSE nightbell.episode_problem(episode_at)
        END;
    IF problem IS NULL AND tenant IS NOT NULL AND NOT EXISTS (SELECT FROM nightbell.tenants t WHERE t.id = tenant) THEN
        sqlstate := 'P0002';
        problem := format('there is no tenant %s', tenant);
    ELSIF problem IS NULL THEN
        sqlstate := NULL;
    END IF;
END
$$;

-- A time far ahead would settle all that is still to come.
CREATE OR REPLACE FUNCTION nightbell.episode_problem(episode_at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN CASE WHEN episode_at > nightbell.clock() + interval '1 day' OR episode_at < '0001-01-01+00'
        THEN 'the episode does not begin between the year 1 and tomorrow' END;
END
$$;

-- Settles what is open of a source's alarm. outcome: settled, already (nothing of it was open any more), ignored (what is
-- open began later), orphan (nobody had raised it: noted, so that its firing opens nothing when it comes late); NULL:
-- somebody else keeps it locked in an open transaction for longer than `patience`. episode_at NULL: whatever is open.
CREATE OR REPLACE FUNCTION nightbell.store_settlement(tenant uuid, source text, fingerprint text, episode_at timestamptz, note text,
                                                      patience text, OUT id bigint, OUT outcome text)
LANGUAGE plpgsql
SET lock_timeout = '2s' -- set here so that its old value is restored at the end
AS $$
#variable_conflict use_variable
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    key nightbell.event_episodes;
    event nightbell.admin_system_events;
    upto timestamptz := episode_at;
BEGIN
    PERFORM set_config('lock_timeout', patience, true);
    key := nightbell.lock_episodes(tenant, source, fingerprint, at);
    FOR event IN
        SELECT e.* FROM nightbell.admin_system_events e
        WHERE NOT e.is_resolved AND e.source = source AND e.fingerprint = fingerprint
            AND (e.tenant_id = tenant OR tenant IS NULL AND e.tenant_id IS NULL)
        ORDER BY e.id FOR UPDATE
    LOOP
        IF episode_at < coalesce(event.episode_at, event.created_at) THEN
            CONTINUE WHEN outcome = 'settled';
            outcome := 'ignored';
        ELSE
            PERFORM nightbell.settle_row(event, 'source', note, at, nightbell.event_settings(tenant, event.event_type));
            outcome := 'settled';
            upto := greatest(upto, event.episode_at);
        END IF;
        id := event.id;
    END LOOP;
    IF outcome IS NULL THEN
        SELECT * INTO event FROM nightbell.admin_system_events e WHERE e.id = key.event_id;
        id := event.id;
        outcome := CASE WHEN episode_at <= greatest(key.settled_at, event.episode_at) OR episode_at IS NULL AND key.settlements > 0
                   THEN 'already' ELSE 'orphan' END;
    END IF;
    UPDATE nightbell.event_episodes k
    SET settled_at = greatest(k.settled_at, upto), settlements = k.settlements + (outcome = 'settled')::int,
        orphans = k.orphans + (outcome = 'orphan')::int, orphaned_at = CASE WHEN outcome = 'orphan' THEN at ELSE k.orphaned_at END
    WHERE k.source = source AND k.fingerprint = fingerprint AND (k.tenant_id = tenant OR tenant IS NULL AND k.tenant_id IS NULL);
EXCEPTION WHEN lock_not_available THEN
    id := NULL;
    outcome := NULL;
END
$$;

-- The counterpart of raise_event(): the source says that it is over. Who resolved it first stays; see store_settlement().
CREATE OR REPLACE FUNCTION nightbell.settle_event(source text, fingerprint text, episode_at timestamptz DEFAULT NULL, note text DEFAULT NULL,
                                                  tenant uuid DEFAULT NULL, OUT id bigint, OUT outcome text)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    producer CONSTANT nightbell.producer := nightbell.producing();
    wrong record;
BEGIN
    tenant := coalesce(tenant, producer.tenant_id);
    SELECT * INTO wrong FROM nightbell.check_settlement(producer, tenant, source, fingerprint, episode_at, note);
    IF wrong.problem IS NOT NULL THEN
        PERFORM nightbell.refuse(wrong.sqlstate, wrong.problem, wrong.hint);
    END IF;
    SELECT s.id, s.outcome INTO id, outcome
    FROM nightbell.store_settlement(tenant, source, fingerprint, episode_at, note, '2s') AS s;
    IF outcome IS NULL THEN
        PERFORM nightbell.refuse('55P03', 'the open event of this source and fingerprint is held by a transaction that is open; waited for 2 s',
                                 'Somebody is working on it: call again.');
    END IF;
END
$$;

-- Settles one from a JSON object whose members are the arguments of settle_event(). Returns a problem instead of raising
-- an error. id: the outcome, and behind a blank the event where there is one.
CREATE OR REPLACE FUNCTION nightbell.settle_item(producer nightbell.producer, item jsonb, patience text,
                                                 OUT id text, OUT sqlstate text, OUT problem text)
LANGUAGE plpgsql
AS $$
DECLARE
    named uuid;
    began timestamptz;
    wrong record;
    done record;
BEGIN
    sqlstate := '22023';
    problem := nightbell.item_problem(item, '{source,fingerprint,episode_at,note,tenant}');
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    named := coalesce((item ->> 'tenant')::uuid, producer.tenant_id);
    began := nightbell.item_time(item ->> 'episode_at');
    SELECT * INTO wrong
    FROM nightbell.check_settlement(producer, named, item ->> 'source', item ->> 'fingerprint', began, item ->> 'note');
    sqlstate := wrong.sqlstate;
    problem := wrong.problem;
    IF problem IS NULL THEN
        SELECT * INTO done
        FROM nightbell.store_settlement(named, item ->> 'source', item ->> 'fingerprint', began, item ->> 'note', patience);
        id := concat_ws(' ', done.outcome, done.id);
        IF done.outcome IS NULL THEN
            sqlstate := '55P03';
            problem := format('the open event of this source and fingerprint is held by a transaction that is open; waited for %s', patience);
        END IF;
    END IF;
END
$$;
