-- What is set for events by their type, and what falls due with it: acknowledgements that run out, snoozes that end,
-- events that are resolved when they have been quiet for long enough.

CREATE OR REPLACE FUNCTION nightbell.event_type_document(t nightbell.event_types) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('event_type', (t).event_type, 'description', (t).description,
    'ack_expires', nightbell.iso_interval((t).ack_expires), 'auto_resolve_after', nightbell.iso_interval((t).auto_resolve_after),
    'reopen_within', nightbell.iso_interval((t).reopen_within), 'stale_after', nightbell.iso_interval((t).stale_after),
    'flap_changes', (t).flap_changes, 'flap_within', nightbell.iso_interval((t).flap_within));

-- Applies what is set for their type to events that are open.
CREATE OR REPLACE FUNCTION nightbell.apply_event_settings(tenant uuid) RETURNS void
LANGUAGE sql
AS $$
    UPDATE nightbell.admin_system_events e
    SET auto_resolve_at = n.auto_resolve_at, stale_at = n.stale_at, ack_expires_at = n.ack_expires_at,
        ack_remind_at = n.ack_expires_at - (n.ack_expires_at - e.acknowledged_at) / 4
    FROM (SELECT o.id, o.last_seen_at + s.auto_resolve_after AS auto_resolve_at, o.acknowledged_at + s.ack_expires AS ack_expires_at,
              nightbell.goes_stale(o.last_seen_at, o.created_at, o.occurrences, s.stale_after) AS stale_at
          FROM nightbell.admin_system_events o CROSS JOIN LATERAL nightbell.event_settings(o.tenant_id, o.event_type) AS s
          WHERE o.tenant_id = tenant AND NOT o.is_resolved) AS n
    WHERE e.id = n.id AND (e.auto_resolve_at, e.stale_at, e.ack_expires_at) IS DISTINCT FROM (n.auto_resolve_at, n.stale_at, n.ack_expires_at)
$$;

CREATE OR REPLACE FUNCTION nightbell.import_event_type(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    old nightbell.event_types;
    new nightbell.event_types := (tenant, item ->> 'event_type', item ->> 'description', (item ->> 'ack_expires')::interval,
        (item ->> 'auto_resolve_after')::interval, (item ->> 'reopen_within')::interval, (item ->> 'stale_after')::interval,
        (item ->> 'flap_changes')::int, (item ->> 'flap_within')::interval);
    member text;
BEGIN
    FOREACH member IN ARRAY '{ack_expires,auto_resolve_after,stale_after}'::text[] LOOP
        IF (item ->> member)::interval NOT BETWEEN interval '1 minute' AND interval '1 year' THEN
            PERFORM nightbell.refuse_member(member || ': expected 1 minute to 1 year');
        END IF;
    END LOOP;
    IF new.reopen_within NOT BETWEEN interval '1 second' AND interval '1 year' THEN
        PERFORM nightbell.refuse_member('reopen_within: expected 1 second to 1 year');
    ELSIF new.flap_changes NOT BETWEEN 3 AND 20 THEN
        PERFORM nightbell.refuse_member('flap_changes: expected 3 to 20');
    ELSIF new.flap_within NOT BETWEEN interval '1 minute' AND interval '7 days' THEN
        PERFORM nightbell.refuse_member('flap_within: expected 1 minute to 7 days');
    END IF;
    SELECT * INTO old FROM nightbell.event_types t WHERE t.tenant_id = tenant AND t.event_type = new.event_type;
    IF nightbell.event_type_document(old)::text = nightbell.event_type_document(new)::text THEN
        RETURN 'same';
    END IF;
    DELETE FROM nightbell.event_types t WHERE t.tenant_id = tenant AND t.event_type = new.event_type;
    INSERT INTO nightbell.event_types SELECT new.*;
    PERFORM nightbell.apply_event_settings(tenant);
    RETURN CASE WHEN old.tenant_id IS NULL THEN 'added' ELSE 'changed' END;
END
$$;

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.event_type_document_problem(item jsonb) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT nightbell.document_problem(item, '{"event_type": "pattern!", "description": "text", "ack_expires": "interval",
        "auto_resolve_after": "interval", "reopen_within": "interval", "stale_after": "interval", "flap_changes": "number",
        "flap_within": "interval"}')
$$;

CREATE OR REPLACE FUNCTION nightbell.import_event_types(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'event_type_document_problem', 'event_type', 'import_event_type') $$;

CREATE OR REPLACE FUNCTION nightbell.event_type_documents(tenant uuid, type text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT t.event_type, nightbell.event_type_document(t)::text FROM nightbell.event_types t
        WHERE t.tenant_id = tenant AND (type IS NULL OR t.event_type = type) ORDER BY t.event_type COLLATE "C";
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_event_type(tenant uuid, type text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.event_types t WHERE t.tenant_id = tenant AND t.event_type = type;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM nightbell.apply_event_settings(tenant);
    RETURN true;
END
$$;

-- ---- what is due ----

DROP FUNCTION IF EXISTS nightbell.note_system_act(nightbell.admin_system_events, text, text, timestamptz, boolean); -- until version 23

-- A change of an event by the system itself, with a line of history. note_time: the time that the note ends with.
CREATE OR REPLACE FUNCTION nightbell.note_system_act(event nightbell.admin_system_events, act text, at timestamptz, has_version boolean,
                                                     note text DEFAULT NULL, note_time timestamptz DEFAULT NULL)
RETURNS void
LANGUAGE sql
AS $$
    INSERT INTO nightbell.event_actions (event_id, tenant_id, at, action, note, note_time, version, previous)
    VALUES (event.id, event.tenant_id, at, act, note, note_time, CASE WHEN has_version THEN event.version + 1 END,
            CASE WHEN has_version THEN nightbell.event_state(event) END)
$$;

-- Reminds of acknowledgements that will run out, and ends those that have. Both are told to people.
CREATE OR REPLACE FUNCTION nightbell.lapse_acknowledgements(at timestamptz, batch int) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    event nightbell.admin_system_events;
BEGIN
    FOR event IN
        SELECT e.* FROM nightbell.admin_system_events e
        WHERE NOT e.is_resolved AND e.ack_expires_at IS NOT NULL AND least(e.ack_remind_at, e.ack_expires_at) <= at
        ORDER BY least(e.ack_remind_at, e.ack_expires_at) LIMIT batch FOR UPDATE SKIP LOCKED
    LOOP
        IF event.ack_expires_at <= at THEN
            PERFORM nightbell.note_system_act(event, 'lapse', at, true);
            UPDATE nightbell.admin_system_events e
            SET acknowledged_at = NULL, acknowledged_by = NULL, noticed_at = at, version = e.version + 1 WHERE e.id = event.id;
        ELSE
            PERFORM nightbell.note_system_act(event, 'remind', at, false, 'it ends at', event.ack_expires_at);
            UPDATE nightbell.admin_system_events e SET ack_remind_at = NULL, noticed_at = at WHERE e.id = event.id;
        END IF;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.end_snoozes(at timestamptz, batch int) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    event nightbell.admin_system_events;
BEGIN
    FOR event IN
        SELECT e.* FROM nightbell.admin_system_events e
        WHERE NOT e.is_resolved AND e.snoozed_until <= at ORDER BY e.snoozed_until LIMIT batch FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM nightbell.note_system_act(event, 'wake', at, true);
        UPDATE nightbell.admin_system_events e SET snoozed_until = NULL, noticed_at = at, version = e.version + 1 WHERE e.id = event.id;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.resolve_quiet(at timestamptz, batch int) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    event nightbell.admin_system_events;
BEGIN
    FOR event IN
        SELECT e.* FROM nightbell.admin_system_events e
        WHERE NOT e.is_resolved AND e.auto_resolve_at <= at ORDER BY e.auto_resolve_at LIMIT batch FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM nightbell.settle_row(event, 'quiet', format('not raised again for %s', nightbell.span_text(at - event.last_seen_at)),
                                     at, nightbell.event_settings(event.tenant_id, event.event_type));
    END LOOP;
END
$$;

-- Does what is due of all that; returns when it is to be called next: at once, where more is due than one batch; NULL:
-- nothing is to come. For workers, and for an administrator.
CREATE OR REPLACE FUNCTION nightbell.events_due(batch int DEFAULT 500) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
BEGIN
    PERFORM nightbell.lapse_acknowledgements(at, batch);
    PERFORM nightbell.end_snoozes(at, batch);
    PERFORM nightbell.resolve_quiet(at, batch);
    RETURN nightbell.events_due_next();
END
$$;

CREATE OR REPLACE FUNCTION nightbell.events_due_next() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT least(
        (SELECT least(e.ack_remind_at, e.ack_expires_at) FROM nightbell.admin_system_events e
         WHERE NOT e.is_resolved AND e.ack_expires_at IS NOT NULL ORDER BY least(e.ack_remind_at, e.ack_expires_at) LIMIT 1),
        (SELECT e.snoozed_until FROM nightbell.admin_system_events e
         WHERE NOT e.is_resolved AND e.snoozed_until IS NOT NULL ORDER BY e.snoozed_until LIMIT 1),
        (SELECT e.auto_resolve_at FROM nightbell.admin_system_events e
         WHERE NOT e.is_resolved AND e.auto_resolve_at IS NOT NULL ORDER BY e.auto_resolve_at LIMIT 1))
$$;
