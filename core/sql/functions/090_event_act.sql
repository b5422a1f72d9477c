-- Operators' acts on system events. Every act that changes an event adds a version and a line of history, which keeps
-- what the act replaced. An undo names a version, takes the old state from there and adds a version itself, so a
-- client's claims about the past are not trusted. Runs as the owner, because clients may not write to the tables; so the restriction to events of
-- the caller's tenant is here.

DROP FUNCTION IF EXISTS nightbell.event_done_by(nightbell.admin_system_events, uuid, timestamptz),
    nightbell.event_refusal(text, nightbell.admin_system_events, nightbell.identity, uuid, timestamptz),
    nightbell.undo_refusal(nightbell.admin_system_events, nightbell.identity, bigint),
    nightbell.event_act(text, bigint[], text, uuid, timestamptz, jsonb[]); -- until version 23

-- "bob", for reasons. The name is taken from the history, which has those of other tenants' people.
CREATE OR REPLACE FUNCTION nightbell.event_done_by(event nightbell.admin_system_events, person uuid) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = event.tenant_id AND u.id = person),
        (SELECT a.actor_name FROM nightbell.event_actions a WHERE a.event_id = event.id AND a.actor = person LIMIT 1),
        (SELECT u.name FROM nightbell.users u WHERE u.id = person LIMIT 1),
        CASE WHEN event.settled_by = 'source' THEN 'its source ' || event.source END,
        'the system')
$$;

-- Why the act does not change the event; '': the caller had done it before; NULL: it does change it. reason_time: the
-- time that the reason ends with ("resolved by bob at"), which the reader sees in their own time zone; NULL: it has none.
CREATE OR REPLACE FUNCTION nightbell.event_refusal(act text, event nightbell.admin_system_events, who nightbell.identity,
                                                   "user" uuid, until timestamptz, OUT reason text, OUT reason_time timestamptz)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF act = 'note' THEN
        RETURN;
    ELSIF act = 'reopen' THEN
        reason := CASE
            WHEN NOT event.is_resolved THEN ''
            WHEN event.fingerprint IS NOT NULL AND EXISTS (
                SELECT FROM nightbell.admin_system_events o
                WHERE coalesce(o.tenant_id, '00000000-0000-0000-0000-000000000000'::uuid)
                        = coalesce(event.tenant_id, '00000000-0000-0000-0000-000000000000'::uuid)
                    AND CASE WHEN event.episode_at IS NULL THEN o.episode_at IS NULL AND o.event_type = event.event_type
                        ELSE o.episode_at IS NOT NULL AND o.source = event.source END
                    AND o.fingerprint = event.fingerprint AND NOT o.is_resolved)
                THEN 'it happened again since: that event is open'
            END;
        RETURN;
    ELSIF event.is_resolved THEN
        IF act = 'resolve' AND event.resolved_by = who.user_id THEN
            reason := '';
        ELSE
            reason := 'resolved by ' || nightbell.event_done_by(event, event.resolved_by) || ' at';
            reason_time := event.resolved_at;
        END IF;
        RETURN;
    END IF;
    IF act = 'acknowledge' AND event.acknowledged_by IS NOT NULL AND event.acknowledged_by IS DISTINCT FROM who.user_id THEN
        reason := 'acknowledged by ' || nightbell.event_done_by(event, event.acknowledged_by) || ' at';
        reason_time := event.acknowledged_at;
        RETURN;
    END IF;
    reason := CASE act
        WHEN 'acknowledge' THEN CASE WHEN event.acknowledged_by = who.user_id THEN '' END
        WHEN 'assign' THEN CASE WHEN event.assigned_to IS NOT DISTINCT FROM "user" THEN '' END
        WHEN 'snooze' THEN CASE WHEN event.snoozed_until IS NOT DISTINCT FROM until THEN '' END
        END;
END
$$;

-- The current state of all that acts can change: kept in the history, and restored by an undo.
CREATE OR REPLACE FUNCTION nightbell.event_state(event nightbell.admin_system_events) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object('is_resolved', event.is_resolved, 'resolved_at', event.resolved_at,
        'resolved_by', event.resolved_by, 'settled_by', event.settled_by, 'resolution', event.resolution, 'acknowledged_at', event.acknowledged_at,
        'acknowledged_by', event.acknowledged_by, 'assigned_to', event.assigned_to, 'snoozed_until', event.snoozed_until)
$$;

-- The event after the act. For an undo the state comes from the history.
CREATE OR REPLACE FUNCTION nightbell.event_after(act text, INOUT event nightbell.admin_system_events, who nightbell.identity,
                                                 note text, "user" uuid, until timestamptz, state jsonb)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    CASE act
    WHEN 'acknowledge' THEN
        event.acknowledged_at := now();
        event.acknowledged_by := who.user_id;
    WHEN 'resolve' THEN
        event.is_resolved := true;
        event.resolved_at := now();
        event.resolved_by := who.user_id;
        event.resolution := note;
    WHEN 'reopen' THEN
        event.is_resolved := false;
        event.resolved_at := NULL;
        event.resolved_by := NULL;
        event.settled_by := NULL;
        event.resolution := NULL;
    WHEN 'assign' THEN
        event.assigned_to := "user";
    WHEN 'snooze' THEN
        event.snoozed_until := until;
    WHEN 'undo' THEN
        event := jsonb_populate_record(event, state);
    WHEN 'note' THEN
        RETURN; -- adds a line of history but no version, so that a note does not prevent an undo
    END CASE;
    event.version := event.version + 1;
END
$$;

-- The version that an undo is about; NULL: none. previous: as returned by the act to be undone, {"version": …}.
CREATE OR REPLACE FUNCTION nightbell.undone_version(previous jsonb) RETURNS bigint
LANGUAGE sql IMMUTABLE
AS $$
    SELECT CASE WHEN jsonb_typeof(previous -> 'version') = 'number' AND previous ->> 'version' ~ '^[0-9]{1,18}$'
           THEN (previous ->> 'version')::bigint END
$$;

DROP FUNCTION IF EXISTS nightbell.undo_refusal(nightbell.admin_system_events, nightbell.identity, jsonb); -- until version 12

-- Why an undo of this version is refused; NULL: it is not. Later versions do not prevent it where all of them are the
-- caller's own and the event is again as the act left it: so acts are undone one after the other, and redone, which is
-- the undo of an undo.
CREATE OR REPLACE FUNCTION nightbell.undo_refusal(event nightbell.admin_system_events, who nightbell.identity, wanted bigint,
                                                  OUT reason text, OUT reason_time timestamptz)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    done record;
    later record;
BEGIN
    SELECT a.actor, a.previous INTO done
    FROM nightbell.event_actions a WHERE a.event_id = event.id AND a.version = wanted;
    IF NOT FOUND THEN
        reason := 'there is nothing to undo';
        RETURN;
    END IF;

    SELECT a.actor, a.actor_name, a.action, a.at INTO later
    FROM nightbell.event_actions a WHERE a.event_id = event.id AND a.version > wanted
    ORDER BY a.actor IS NOT DISTINCT FROM who.user_id, a.version DESC LIMIT 1;
    IF FOUND AND (later.actor IS DISTINCT FROM who.user_id OR NOT nightbell.event_is_as_left(event, wanted)) THEN
        reason := format('changed since (%s) by %s at', later.action, coalesce(later.actor_name, 'the system'));
        reason_time := later.at;
    ELSIF done.previous IS NULL OR done.actor IS DISTINCT FROM who.user_id THEN
        reason := 'only who did it can undo it';
    ELSIF event.is_resolved AND NOT (done.previous -> 'is_resolved')::boolean THEN
        SELECT nullif(r.reason, ''), r.reason_time INTO reason, reason_time
        FROM nightbell.event_refusal('reopen', event, who, NULL, NULL) AS r;
    END IF;
END
$$;

-- Whether the event's state is the one after this version, which is not its latest. The states are compared as values:
-- the text of a time differs between sessions.
CREATE OR REPLACE FUNCTION nightbell.event_is_as_left(event nightbell.admin_system_events, wanted bigint) RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT coalesce((
        SELECT nightbell.event_state(jsonb_populate_record(event, a.previous)) = nightbell.event_state(event)
        FROM nightbell.event_actions a
        WHERE a.event_id = event.id AND a.version = wanted + 1 AND a.previous IS NOT NULL), false)
$$;

-- Returns one row for each event that exists and is visible to the caller. changed: whether the act changed it; reason:
-- why not (NULL: it already was as wanted), and reason_time the time that this text ends with, for the reader's time zone
-- (NULL: it has none); previous: for an undo of this act; version: after the act.
CREATE OR REPLACE FUNCTION nightbell.event_act(act text, ids bigint[], note text DEFAULT NULL, "user" uuid DEFAULT NULL,
                                               until timestamptz DEFAULT NULL, states jsonb[] DEFAULT NULL)
RETURNS TABLE (id bigint, changed boolean, reason text, previous jsonb, version bigint, reason_time timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    who nightbell.identity := nightbell.claims();
    befores nightbell.admin_system_events[];
    afters nightbell.admin_system_events[] := '{}';
    event nightbell.admin_system_events;
    refusal text;
    state jsonb;
    undone bigint;
    undones bigint[] := '{}'; -- for each of afters, the version that was undone
BEGIN
    PERFORM nightbell.check_event_act(who, act, ids, note, "user", until, states);

    -- locked in the order of the key, so that two operators wait for each other instead of deadlocking
    befores := ARRAY(
        SELECT e FROM nightbell.admin_system_events e
        WHERE e.id = ANY (ids) AND (who.is_global OR e.tenant_id = who.tenant_id)
        ORDER BY e.id FOR UPDATE);

    FOREACH event IN ARRAY befores LOOP
        state := NULL;
        undone := NULL;
        IF act = 'undo' THEN
            undone := nightbell.undone_version(states[array_position(ids, event.id)]);
            SELECT r.reason, r.reason_time INTO refusal, reason_time FROM nightbell.undo_refusal(event, who, undone) AS r;
            SELECT a.previous INTO state FROM nightbell.event_actions a
            WHERE a.event_id = event.id AND a.version = undone;
        ELSE
            SELECT r.reason, r.reason_time INTO refusal, reason_time
            FROM nightbell.event_refusal(act, event, who, "user", until) AS r;
        END IF;
        IF act = 'assign' AND refusal IS NULL AND NOT nightbell.can_be_assigned(event, who, "user") THEN
            refusal := 'that person is not of the event''s tenant';
        END IF;
        IF refusal IS NULL AND (act = 'reopen' OR act = 'undo' AND event.is_resolved AND NOT (state -> 'is_resolved')::boolean)
            AND EXISTS (SELECT FROM unnest(afters) AS other
                        WHERE NOT other.is_resolved AND other.fingerprint = event.fingerprint
                            AND (other.episode_at IS NULL) = (event.episode_at IS NULL)
                            AND CASE WHEN event.episode_at IS NULL THEN other.event_type = event.event_type
                                ELSE other.source = event.source END AND other.tenant_id IS NOT DISTINCT FROM event.tenant_id) THEN
            refusal := 'an event with the same fingerprint is reopened with it';
        END IF;
        id := event.id;
        changed := refusal IS NULL;
        reason := nullif(refusal, '');
        previous := NULL;
        version := event.version;
        IF changed THEN
            event := nightbell.event_after(act, event, who, note, "user", until, state);
            afters := afters || event;
            undones := undones || undone;
            version := event.version;
            IF act <> 'note' THEN
                previous := jsonb_build_object('id', event.id, 'act', act, 'version', event.version);
            END IF;
        END IF;
        RETURN NEXT;
    END LOOP;

    -- an undo is noted with the name of the act that it is about; the undo of an undo is a redo
    INSERT INTO nightbell.event_actions (event_id, tenant_id, actor, actor_name, action, note, note_time, version, previous)
    SELECT a.id, a.tenant_id, who.user_id,
        (SELECT u.name FROM nightbell.users u WHERE u.tenant_id = who.home_tenant_id AND u.id = who.user_id),
        CASE WHEN h.action = 'undo' THEN 'redo' ELSE act END,
        CASE act WHEN 'assign' THEN coalesce('to ' || (SELECT u.name FROM nightbell.users u WHERE u.id = "user"
                                                       ORDER BY u.tenant_id = a.tenant_id DESC NULLS LAST LIMIT 1), 'to nobody')
            WHEN 'snooze' THEN CASE WHEN until IS NULL THEN 'ended' ELSE 'until' END
            WHEN 'undo' THEN CASE WHEN h.action IN ('undo', 'redo') THEN h.note ELSE h.action END
            ELSE event_act.note END,
        CASE WHEN act = 'snooze' THEN until END,
        CASE WHEN act <> 'note' THEN a.version END, CASE WHEN act <> 'note' THEN nightbell.event_state(b) END
    FROM unnest(afters) WITH ORDINALITY AS a JOIN unnest(befores) AS b ON b.id = a.id
    LEFT JOIN nightbell.event_actions h ON h.event_id = a.id AND h.version = undones[a.ordinality];

    UPDATE nightbell.admin_system_events e
    SET is_resolved = a.is_resolved, resolved_at = a.resolved_at, resolved_by = a.resolved_by, settled_by = a.settled_by, resolution = a.resolution,
        acknowledged_at = a.acknowledged_at, acknowledged_by = a.acknowledged_by, assigned_to = a.assigned_to,
        snoozed_until = a.snoozed_until, version = a.version
    FROM unnest(afters) AS a
    WHERE e.id = a.id;
END
$$;

-- What is wrong with the request as a whole.
CREATE OR REPLACE FUNCTION nightbell.check_event_act(who nightbell.identity, act text, ids bigint[], note text, "user" uuid,
                                                     until timestamptz, states jsonb[]) RETURNS void
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF NOT who.known THEN
        PERFORM nightbell.refuse('42501', 'not allowed: ' || who.reason,
                                 'Get a new token; nightbell.whoami() says who a session is.');
    ELSIF 'operator' <> ALL (who.roles) THEN
        PERFORM nightbell.refuse('42501', 'working on system events needs the role operator', 'Ask the administrator for it.');
    ELSIF act IS NULL OR act <> ALL ('{acknowledge,resolve,reopen,assign,snooze,note,undo}') THEN
        PERFORM nightbell.refuse('22023', 'the act is none of acknowledge, resolve, reopen, assign, snooze, note, undo', NULL);
    ELSIF octet_length(note) > 4096 THEN
        PERFORM nightbell.refuse('22023', 'the note is longer than 4096 bytes', NULL);
    ELSIF act = 'note' AND coalesce(btrim(note), '') = '' THEN
        PERFORM nightbell.refuse('22023', 'the note is empty', NULL);
    ELSIF act = 'snooze' AND NOT (until > now() AND isfinite(until)) THEN
        PERFORM nightbell.refuse('22023', 'the time to snooze until is not in the future', NULL);
    ELSIF act = 'undo' AND cardinality(states) IS DISTINCT FROM cardinality(ids) THEN
        PERFORM nightbell.refuse('22023', 'an undo needs what the act gave back for each event', NULL);
    ELSIF act = 'assign' AND "user" IS NOT NULL AND NOT EXISTS (
        SELECT FROM nightbell.users u
        WHERE u.id = "user" AND u.deleted_at IS NULL AND (who.is_global OR u.tenant_id = who.tenant_id)) THEN
        PERFORM nightbell.refuse('P0002', 'there is no such person to assign to', NULL);
    END IF;
END
$$;

-- A tenant's event can be assigned to the tenant's people, or taken by a global operator; the installation's own event
-- can be assigned to anybody.
CREATE OR REPLACE FUNCTION nightbell.can_be_assigned(event nightbell.admin_system_events, who nightbell.identity, "user" uuid)
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT "user" IS NULL OR event.tenant_id IS NULL OR "user" = who.user_id OR EXISTS (
        SELECT FROM nightbell.users u WHERE u.tenant_id = event.tenant_id AND u.id = "user")
$$;

-- People to whom an event can be assigned, with e-mail addresses: for operators only. contains, begins: LIKE patterns.
CREATE OR REPLACE FUNCTION nightbell.people_find(contains text, begins text) RETURNS TABLE (id uuid, name text, email text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT u.id, u.name, u.email
    FROM nightbell.claims() who
    JOIN nightbell.users u ON u.deleted_at IS NULL AND (who.is_global OR u.tenant_id = who.tenant_id)
    WHERE 'operator' = ANY (who.roles) AND (u.name ILIKE contains OR u.email ILIKE contains)
    ORDER BY u.name ILIKE begins DESC, lower(u.name), u.id
    LIMIT 50
$$;
