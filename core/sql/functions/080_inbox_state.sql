-- A reader may change only the times at which they read, archived or deleted rows of their own inbox, and only through
-- these functions: clients may not write to the tables, so that a time once set cannot be moved. The functions
-- therefore run as the owner, and restrict themselves to the caller's own rows.

-- field: read, archived, deleted. times: one for all, or one for each id; NULL clears. A time that is set is not moved.
-- Returns the rows that really changed, with their previous time.
CREATE OR REPLACE FUNCTION nightbell.inbox_set_state(field text, ids uuid[], times timestamptz[])
RETURNS TABLE (id uuid, previous timestamptz)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    who nightbell.identity := nightbell.claims();
    -- the range of the ids, so that only partitions with some of them are opened
    lowest uuid := (SELECT i FROM unnest(ids) AS i ORDER BY i LIMIT 1);
    highest uuid := (SELECT i FROM unnest(ids) AS i ORDER BY i DESC LIMIT 1);
    to_set uuid[];
    to_clear uuid[];
    found uuid[];
    found_times timestamptz[];
BEGIN
    IF NOT who.known THEN
        RAISE EXCEPTION 'not allowed: %', who.reason
            USING ERRCODE = 'insufficient_privilege', HINT = 'Get a new token; nightbell.whoami() says who a session is.';
    ELSIF field IS NULL OR field <> ALL ('{read,archived,deleted}') THEN
        RAISE EXCEPTION 'the field is none of read, archived, deleted' USING ERRCODE = 'invalid_parameter_value';
    ELSIF cardinality(ids) > 0 AND coalesce(cardinality(times), 0) NOT IN (1, cardinality(ids)) THEN
        RAISE EXCEPTION 'there are % times for % ids', coalesce(cardinality(times), 0), cardinality(ids)
            USING ERRCODE = 'invalid_parameter_value', HINT = 'Give one time for all, or one for each.';
    ELSIF EXISTS (SELECT FROM unnest(times) AS t WHERE NOT isfinite(t)) THEN
        RAISE EXCEPTION 'a time is infinite' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF cardinality(times) = 1 AND cardinality(ids) > 1 THEN
        times := array_fill(times[1], ARRAY[cardinality(ids)]);
    END IF;
    SELECT array_agg(w.wanted_id) FILTER (WHERE w.wanted_time IS NOT NULL), array_agg(w.wanted_id) FILTER (WHERE w.wanted_time IS NULL)
    INTO to_set, to_clear FROM unnest(ids, times) AS w (wanted_id, wanted_time);

    -- Two statements that look up each id by its key instead of a join: for a table that was never analysed, the
    -- planner's default estimates make any join here quadratic. In the order of the key, so that two consoles of one
    -- person do not deadlock.
    SELECT array_agg(o.old_id), array_agg(o.old_time) INTO found, found_times
    FROM (
        SELECT n.id AS old_id,
            CASE field WHEN 'read' THEN n.read_at WHEN 'archived' THEN n.archived_at ELSE n.deleted_at END AS old_time
        FROM nightbell.notifications n
        WHERE n.tenant_id = who.home_tenant_id AND n.user_id = who.user_id AND n.id = ANY (ids)
            AND n.id BETWEEN lowest AND highest AND (n.deleted_at IS NULL OR field = 'deleted')
            AND CASE WHEN CASE field WHEN 'read' THEN n.read_at WHEN 'archived' THEN n.archived_at ELSE n.deleted_at END IS NULL
                THEN n.id = ANY (to_set) ELSE n.id = ANY (to_clear) END
        ORDER BY n.id
        FOR UPDATE
    ) AS o;
    UPDATE nightbell.notifications n
    SET read_at = CASE field WHEN 'read' THEN times[array_position(ids, n.id)] ELSE n.read_at END,
        archived_at = CASE field WHEN 'archived' THEN times[array_position(ids, n.id)] ELSE n.archived_at END,
        deleted_at = CASE field WHEN 'deleted' THEN times[array_position(ids, n.id)] ELSE n.deleted_at END
    WHERE n.tenant_id = who.home_tenant_id AND n.user_id = who.user_id AND n.id = ANY (found)
        AND n.id BETWEEN lowest AND highest;
    RETURN QUERY SELECT f.found_id, f.found_time FROM unnest(found, found_times) AS f (found_id, found_time);

    -- announcements: a receipt is made only when it has a time to record
    INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id)
    SELECT a.tenant_id, a.id, who.user_id
    FROM unnest(ids, times) AS w (wanted_id, wanted_time)
    JOIN nightbell.announcements a ON a.tenant_id = who.home_tenant_id AND a.id = w.wanted_id AND a.deleted_at IS NULL
    WHERE w.wanted_time IS NOT NULL
    ORDER BY a.id
    ON CONFLICT DO NOTHING;

    RETURN QUERY
    WITH wanted AS (
        SELECT DISTINCT ON (w.wanted_id) w.wanted_id, w.wanted_time FROM unnest(ids, times) AS w (wanted_id, wanted_time)
    ), old AS (
        SELECT r.notification_id AS old_id, w.wanted_time,
            CASE field WHEN 'read' THEN r.read_at WHEN 'archived' THEN r.archived_at ELSE r.deleted_at END AS old_time
        FROM wanted w
        JOIN nightbell.receipts r
            ON r.tenant_id = who.home_tenant_id AND r.user_id = who.user_id AND r.notification_id = w.wanted_id
        WHERE (r.deleted_at IS NULL OR field = 'deleted')
            AND (CASE field WHEN 'read' THEN r.read_at WHEN 'archived' THEN r.archived_at ELSE r.deleted_at END IS NULL)
                = (w.wanted_time IS NOT NULL)
        ORDER BY r.notification_id
        FOR UPDATE OF r
    )
    UPDATE nightbell.receipts r
    SET read_at = CASE field WHEN 'read' THEN o.wanted_time ELSE r.read_at END,
        archived_at = CASE field WHEN 'archived' THEN o.wanted_time ELSE r.archived_at END,
        deleted_at = CASE field WHEN 'deleted' THEN o.wanted_time ELSE r.deleted_at END
    FROM old o
    WHERE r.tenant_id = who.home_tenant_id AND r.user_id = who.user_id AND r.notification_id = o.old_id
    RETURNING r.notification_id, o.old_time;
END
$$;

-- Analyses, before an act on many rows, the partitions that were never analysed (after an import): the planner expects
-- one row in them, and every chunk would read all of it. Does nothing for the others, which autovacuum keeps analysed.
CREATE OR REPLACE FUNCTION nightbell.know_the_inbox() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN
        SELECT c.oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'nightbell.notifications'::regclass AND c.reltuples < 0 AND pg_relation_size(c.oid) > 262144
    LOOP
        EXECUTE format('ANALYZE %s', partition);
    END LOOP;
END
$$;

-- Records which action of a notification the reader took last; false: it was that one already. What an action does is
-- up to its link, so a person may come back and take another one.
CREATE OR REPLACE FUNCTION nightbell.inbox_take_action(id uuid, action text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    who nightbell.identity := nightbell.claims();
    wanted CONSTANT uuid := inbox_take_action.id;
    offered jsonb;
    announced boolean := false;
BEGIN
    IF NOT who.known THEN
        RAISE EXCEPTION 'not allowed: %', who.reason
            USING ERRCODE = 'insufficient_privilege', HINT = 'Get a new token; nightbell.whoami() says who a session is.';
    END IF;
    SELECT n.actions INTO offered FROM nightbell.notifications n
    WHERE n.tenant_id = who.home_tenant_id AND n.user_id = who.user_id AND n.id = wanted
        AND n.deleted_at IS NULL AND (n.expires_at IS NULL OR n.expires_at > now())
    FOR UPDATE;
    IF NOT FOUND THEN
        SELECT a.actions INTO offered FROM nightbell.announcements a
        WHERE a.tenant_id = who.home_tenant_id AND a.id = wanted
            AND a.deleted_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > now())
            AND NOT EXISTS (SELECT FROM nightbell.receipts r
                WHERE r.tenant_id = a.tenant_id AND r.user_id = who.user_id AND r.notification_id = a.id AND r.deleted_at IS NOT NULL);
        announced := FOUND;
        IF NOT announced THEN
            RAISE EXCEPTION 'there is no such notification' USING ERRCODE = 'no_data_found';
        END IF;
    END IF;
    IF NOT EXISTS (SELECT FROM jsonb_array_elements(offered) AS o WHERE o ->> 'id' = action) THEN
        RAISE EXCEPTION 'the notification does not offer the action "%"', left(action, 100)
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = coalesce('It offers: ' || (SELECT string_agg(o ->> 'id', ', ') FROM jsonb_array_elements(offered) AS o), 'It offers none.');
    END IF;
    IF announced THEN
        INSERT INTO nightbell.receipts AS r (tenant_id, notification_id, user_id, action_taken)
        VALUES (who.home_tenant_id, wanted, who.user_id, action)
        ON CONFLICT (tenant_id, user_id, notification_id) DO UPDATE SET action_taken = excluded.action_taken
        WHERE r.action_taken IS DISTINCT FROM excluded.action_taken;
    ELSE
        UPDATE nightbell.notifications n SET action_taken = action
        WHERE n.tenant_id = who.home_tenant_id AND n.user_id = who.user_id AND n.id = wanted
            AND n.action_taken IS DISTINCT FROM action;
    END IF;
    RETURN FOUND;
END
$$;
