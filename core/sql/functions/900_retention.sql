-- What is past its time goes: by whole partitions where that is possible, otherwise in chunks that block nobody for long.
-- Called by `db purge` (and the worker) again and again until nothing is left to do.

-- settings is tenants.settings; what is not a number of days means the standard.
CREATE OR REPLACE FUNCTION nightbell.retention(settings jsonb, kind text, standard_days int) RETURNS interval
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT make_interval(days => CASE WHEN settings ->> ('retention_days_' || kind) ~ '^[1-9][0-9]{0,4}$'
                                      THEN (settings ->> ('retention_days_' || kind))::int ELSE standard_days END)
$$;

-- Partitions that end before the longest retention of any tenant. Returns how many went.
CREATE OR REPLACE FUNCTION nightbell.drop_past_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    oldest uuid;
    past record;
    dropped int := 0;
BEGIN
    SELECT nightbell.uuidv7_floor(now() - coalesce(max(nightbell.retention(t.settings, 'notifications', 180)), interval '180 days'))
      INTO oldest FROM nightbell.tenants t;
    FOR past IN
        SELECT p.partition AS name FROM nightbell.partitions() p WHERE p.upper_id <= oldest
    LOOP
        EXECUTE format('DROP TABLE %s', past.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;

-- One chunk of each kind; 0 everywhere: nothing is left.
CREATE OR REPLACE FUNCTION nightbell.purge(batch int DEFAULT 5000) RETURNS TABLE (kind text, removed bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    WITH aged AS (
        SELECT n.tenant_id, n.user_id, n.id FROM nightbell.tenants t CROSS JOIN LATERAL (
            SELECT o.tenant_id, o.user_id, o.id FROM nightbell.notifications o
             WHERE o.tenant_id = t.id
               AND o.id < nightbell.uuidv7_floor(now() - nightbell.retention(t.settings, 'notifications', 180))
             ORDER BY o.id LIMIT batch) AS n
        UNION
        (SELECT e.tenant_id, e.user_id, e.id FROM nightbell.notifications e WHERE e.expires_at <= now() LIMIT batch)
        LIMIT batch)
    DELETE FROM nightbell.notifications n USING aged a
     WHERE n.tenant_id = a.tenant_id AND n.user_id = a.user_id AND n.id = a.id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'notifications';
    RETURN NEXT;

    WITH aged AS (
        SELECT a.tenant_id, a.id FROM nightbell.announcements a JOIN nightbell.tenants t ON t.id = a.tenant_id
         WHERE a.id < nightbell.uuidv7_floor(now() - nightbell.retention(t.settings, 'notifications', 180))
            OR a.expires_at <= now()
         LIMIT batch)
    DELETE FROM nightbell.announcements n USING aged a WHERE n.tenant_id = a.tenant_id AND n.id = a.id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'announcements';
    RETURN NEXT;

    WITH aged AS (
        SELECT e.id FROM nightbell.admin_system_events e LEFT JOIN nightbell.tenants t ON t.id = e.tenant_id
         WHERE e.created_at < now() - nightbell.retention(coalesce(t.settings, '{}'), 'events', 365)
           AND e.last_seen_at < now() - nightbell.retention(coalesce(t.settings, '{}'), 'events', 365)
         ORDER BY e.created_at LIMIT batch)
    DELETE FROM nightbell.admin_system_events e USING aged a WHERE e.id = a.id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'events';
    RETURN NEXT;

    DELETE FROM nightbell.dedup_windows d
     WHERE d.ctid = ANY (ARRAY(SELECT w.ctid FROM nightbell.dedup_windows w WHERE w.expires_at <= now() LIMIT batch));
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'deduplication';
    RETURN NEXT;

    DELETE FROM nightbell.verified_tokens v WHERE v.expires_at <= now();
    DELETE FROM nightbell.revoked_tokens r WHERE r.expires_at <= now();
    GET DIAGNOSTICS removed = ROW_COUNT;
    kind := 'revoked_tokens';
    RETURN NEXT;
END
$$;
