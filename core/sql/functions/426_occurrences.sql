-- What recurs is worked out by a program, which asks here what is to be worked out and brings the local times.

-- How far ahead, and how long before the end of that it is done again.
CREATE OR REPLACE FUNCTION nightbell.occurrences_ahead() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '35 days';

-- What is to be worked out now: local times of occurrences from `since` to `upto`, of a rule that began at starts.
CREATE OR REPLACE FUNCTION nightbell.occurrences_wanted(batch int DEFAULT 20)
RETURNS TABLE (kind text, tenant_id uuid, key text, revision int, starts timestamp, rrule text, since timestamp, upto timestamp)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    ahead CONSTANT interval := nightbell.occurrences_ahead();
BEGIN
    RETURN QUERY SELECT 'window', w.tenant_id, w.window_id, w.revision, w.starts, w.rrule,
        at AT TIME ZONE w.time_zone - (w.ends - w.starts) - interval '1 day', least(w.until, (at + ahead) AT TIME ZONE w.time_zone)
    FROM nightbell.windows w
    WHERE w.ended_at IS NULL AND w.problem IS NULL AND coalesce(w.expanded_until, '-infinity') < at + ahead - interval '5 days'
    ORDER BY coalesce(w.expanded_until, '-infinity') LIMIT batch;
    RETURN QUERY SELECT 'heartbeat', h.tenant_id, h.heartbeat_id, h.revision, h.starts, h.rrule,
        at AT TIME ZONE h.time_zone - interval '1 day', (at + ahead) AT TIME ZONE h.time_zone
    FROM nightbell.heartbeats h
    WHERE h.is_active AND h.rrule IS NOT NULL AND h.problem IS NULL
        AND coalesce(h.expanded_until, '-infinity') < at + ahead - interval '5 days'
    ORDER BY coalesce(h.expanded_until, '-infinity') LIMIT batch;
END
$$;

-- Stores what was worked out; or why it could not be. false: it was changed meanwhile, and is to be worked out again.
CREATE OR REPLACE FUNCTION nightbell.store_occurrences(kind text, tenant uuid, key text, revision int, begins timestamp[], upto timestamp,
                                                       problem text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    w nightbell.windows;
    h nightbell.heartbeats;
BEGIN
    IF kind = 'window' THEN
        UPDATE nightbell.windows x
        SET problem = store_occurrences.problem,
            expanded_until = CASE WHEN upto >= x.until THEN 'infinity' ELSE upto AT TIME ZONE x.time_zone END
        WHERE x.tenant_id = tenant AND x.window_id = key AND x.revision = store_occurrences.revision
        RETURNING x.* INTO w;
        IF FOUND AND store_occurrences.problem IS NULL THEN
            PERFORM nightbell.place_spans(w, begins, at);
        END IF;
        RETURN w.tenant_id IS NOT NULL;
    END IF;
    UPDATE nightbell.heartbeats x
    SET problem = store_occurrences.problem, expanded_until = upto AT TIME ZONE x.time_zone
    WHERE x.tenant_id = tenant AND x.heartbeat_id = key AND x.revision = store_occurrences.revision
    RETURNING x.* INTO h;
    IF FOUND AND store_occurrences.problem IS NULL THEN
        DELETE FROM nightbell.heartbeat_times t WHERE t.tenant_id = tenant AND t.heartbeat_id = key;
        INSERT INTO nightbell.heartbeat_times SELECT tenant, key, nightbell.clock_reaches(t, h.time_zone) FROM unnest(begins) AS t ON CONFLICT DO NOTHING;
        PERFORM nightbell.expect_again(h, at);
    END IF;
    RETURN h.tenant_id IS NOT NULL;
END
$$;

-- When occurrences are to be worked out next; NULL: never.
CREATE OR REPLACE FUNCTION nightbell.occurrences_next() RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    SELECT nullif(least(
        (SELECT coalesce(w.expanded_until, '-infinity') FROM nightbell.windows w
         WHERE w.ended_at IS NULL AND w.problem IS NULL ORDER BY coalesce(w.expanded_until, '-infinity') LIMIT 1),
        (SELECT coalesce(h.expanded_until, '-infinity') FROM nightbell.heartbeats h
         WHERE h.is_active AND h.rrule IS NOT NULL AND h.problem IS NULL ORDER BY coalesce(h.expanded_until, '-infinity') LIMIT 1)),
        'infinity') - nightbell.occurrences_ahead() + interval '5 days'
$$;
