-- Tallies: what is counted as it happens, for the statistics (272_stats.sql), and the duty that adds it up. Deliveries are counted by
-- delivery_sent(), delivery_finish() and take_receipt(), events by a trigger, notifications by the duty.

-- Who is meant by "all of them together", and by "no tenant": events of the whole installation.
CREATE OR REPLACE FUNCTION nightbell.tally_of_all() RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '00000000-0000-0000-0000-000000000000'::uuid;
CREATE OR REPLACE FUNCTION nightbell.tally_of_none() RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid;

-- How long it took from an event's beginning until then, as a tally; times: of one who was faster than the clock, 0.
CREATE OR REPLACE FUNCTION nightbell.tally_length(tenant uuid, measure text, from_at timestamptz, to_at timestamptz, n bigint) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    ms CONSTANT bigint := greatest(extract(epoch FROM to_at - from_at) * 1000, 0);
BEGIN
    INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
    VALUES (tenant, to_at, measure, '', nightbell.tally_bucket(ms), n, n * ms);
END
$$;

-- An act that was taken back (by undo, by reopening, by an acknowledgement that ended) is taken out again, from the time at which it was
-- counted: so the figures are what the rows say.
CREATE OR REPLACE FUNCTION nightbell.tally_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO nightbell.tallies (tenant_id, at, measure, label, n) VALUES (NEW.tenant_id, NEW.created_at, 'raised', NEW.severity, 1);
    ELSE
        IF OLD.acknowledged_at IS NOT NULL AND OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at THEN
            PERFORM nightbell.tally_length(OLD.tenant_id, 'acknowledged', OLD.created_at, OLD.acknowledged_at, -1);
        END IF;
        IF OLD.resolved_at IS NOT NULL AND OLD.resolved_at IS DISTINCT FROM NEW.resolved_at THEN
            PERFORM nightbell.tally_length(OLD.tenant_id, 'resolved', OLD.created_at, OLD.resolved_at, -1);
        END IF;
    END IF;
    IF NEW.acknowledged_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at) THEN
        PERFORM nightbell.tally_length(NEW.tenant_id, 'acknowledged', NEW.created_at, NEW.acknowledged_at, 1);
    END IF;
    IF NEW.resolved_at IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at) THEN
        PERFORM nightbell.tally_length(NEW.tenant_id, 'resolved', NEW.created_at, NEW.resolved_at, 1);
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER tally_insert AFTER INSERT ON nightbell.admin_system_events FOR EACH ROW EXECUTE FUNCTION nightbell.tally_event();
CREATE OR REPLACE TRIGGER tally_update AFTER UPDATE ON nightbell.admin_system_events FOR EACH ROW
    WHEN (OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at OR OLD.resolved_at IS DISTINCT FROM NEW.resolved_at)
    EXECUTE FUNCTION nightbell.tally_event();

-- The notifications that became visible since a look, by tenant and minute, however late they were committed. Costs what has changed since.
CREATE OR REPLACE FUNCTION nightbell.new_notifications(last pg_snapshot) RETURNS TABLE (tenant_id uuid, minute timestamptz, n bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    WITH looked AS MATERIALIZED (SELECT pg_snapshot_xmax(last) AS above, ARRAY(SELECT pg_snapshot_xip(last)) AS unfinished)
    SELECT f.tenant_id, date_bin('1 minute', nightbell.uuidv7_time(f.id), 'epoch'), count(*)
    FROM (
        SELECT c.tenant_id, c.id, c.created_xid FROM nightbell.notifications c WHERE c.changed_xid >= (SELECT l.above FROM looked l)
        UNION ALL
        SELECT c.tenant_id, c.id, c.created_xid FROM nightbell.notifications c WHERE c.changed_xid = ANY ((SELECT l.unfinished FROM looked l)::xid8[])) AS f
    WHERE f.created_xid >= (SELECT l.above FROM looked l) OR f.created_xid = ANY ((SELECT l.unfinished FROM looked l)::xid8[])
    GROUP BY 1, 2
$$;

-- A duty of the worker: counts the new notifications, and adds up to `batch` tallies. Returns how many, where there may be more.
CREATE OR REPLACE FUNCTION nightbell.tally_up(batch int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    last pg_snapshot;
    taken bigint;
BEGIN
    SELECT p.snapshot INTO last FROM nightbell.tally_progress p FOR UPDATE; -- another worker's look is waited for, or its rows counted twice
    -- one statement, so that the snapshot that is kept is the one by which the rows are read
    WITH looked AS (UPDATE nightbell.tally_progress p SET snapshot = pg_current_snapshot(), looked_at = clock_timestamp())
    INSERT INTO nightbell.tallies (tenant_id, at, measure, label, n)
    SELECT f.tenant_id, f.minute, 'notified', '', f.n FROM nightbell.new_notifications(last) AS f;

    WITH taken AS (
        DELETE FROM nightbell.tallies t WHERE t.id = ANY (ARRAY(SELECT o.id FROM nightbell.tallies o ORDER BY o.id LIMIT batch FOR UPDATE SKIP LOCKED))
        RETURNING t.*
    ), added AS (
        INSERT INTO nightbell.tally_sums AS s (tenant_id, span, measure, starts_at, label, bucket, n, length_ms)
        SELECT w.whose, p.span, t.measure, CASE WHEN p.length IS NULL THEN '-infinity' ELSE date_bin(p.length, t.at, 'epoch') END, t.label, t.bucket,
            sum(t.n), sum(t.length_ms)
        FROM taken t
        CROSS JOIN LATERAL (VALUES (nightbell.tally_of_all()), (coalesce(t.tenant_id, nightbell.tally_of_none()))) AS w (whose)
        CROSS JOIN (VALUES ('minute', interval '1 minute'), ('hour', interval '1 hour'), ('total', NULL)) AS p (span, length)
        WHERE t.n > 0 OR p.span <> 'total' -- what is counted for ever only grows
        GROUP BY 1, 2, 3, 4, 5, 6
        ORDER BY 1, 2, 3, 4, 5, 6
        ON CONFLICT (tenant_id, span, measure, starts_at, label, bucket) DO UPDATE SET n = s.n + excluded.n, length_ms = s.length_ms + excluded.length_ms
    )
    SELECT count(*) INTO taken FROM taken;
    RETURN CASE WHEN taken = batch THEN taken ELSE 0 END;
END
$$;

-- Sums by the minute are kept for two days, by the hour as long as the history of deliveries: for 90.
CREATE OR REPLACE FUNCTION nightbell.purge_tallies(batch int) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    removed bigint;
    more bigint;
BEGIN
    DELETE FROM nightbell.tally_sums t WHERE t.ctid = ANY (ARRAY(
        SELECT s.ctid FROM nightbell.tally_sums s WHERE s.span = 'minute' AND s.starts_at < nightbell.clock() - interval '2 days' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM nightbell.tally_sums t WHERE t.ctid = ANY (ARRAY(
        SELECT s.ctid FROM nightbell.tally_sums s WHERE s.span = 'hour' AND s.starts_at < nightbell.clock() - interval '90 days' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN removed + more;
END
$$;

-- Sums and what is not added up yet, as one; whose: tally_of_all() or a tenant. Costs by how many spans there are since then, and by what has
-- happened since the duty's last turn.
CREATE OR REPLACE FUNCTION nightbell.tally_rows(whose uuid, wanted text, since timestamptz, measures text[])
RETURNS TABLE (measure text, starts_at timestamptz, label text, bucket smallint, n bigint, length_ms bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    SELECT r.measure, r.starts_at, r.label, r.bucket, sum(r.n)::bigint, sum(r.length_ms)::bigint
    FROM (
        SELECT s.measure, s.starts_at, s.label, s.bucket, s.n, s.length_ms
        FROM unnest(measures) AS m (measure)
        JOIN nightbell.tally_sums s ON s.tenant_id = whose AND s.span = wanted AND s.measure = m.measure AND s.starts_at >= since
        UNION ALL
        SELECT t.measure, date_bin(CASE wanted WHEN 'minute' THEN interval '1 minute' ELSE interval '1 hour' END, t.at, 'epoch'), t.label, t.bucket, t.n, t.length_ms
        FROM nightbell.tallies t
        WHERE t.measure = ANY (measures) AND t.at >= since AND (whose = nightbell.tally_of_all() OR t.tenant_id = whose)) AS r
    GROUP BY 1, 2, 3, 4
$$;

-- The length below which that part of them stays, in seconds: found in its bucket, within which they are taken to be spread evenly. NULL: none.
CREATE OR REPLACE FUNCTION nightbell.tally_quantile(part double precision, buckets smallint[], counts bigint[]) RETURNS double precision
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
    bounds CONSTANT bigint[] := nightbell.tally_bounds();
    whole CONSTANT double precision := (SELECT sum(c) FROM unnest(counts) AS c);
    before double precision := 0;
    lower bigint;
    one record;
BEGIN
    FOR one IN SELECT b.bucket, sum(b.n) AS n FROM unnest(buckets, counts) AS b (bucket, n) GROUP BY b.bucket HAVING sum(b.n) > 0 ORDER BY b.bucket LOOP
        IF before + one.n >= part * whole THEN
            lower := coalesce(bounds[one.bucket - 1], 0);
            RETURN round((lower + (coalesce(bounds[one.bucket], lower) - lower) * (part * whole - before) / one.n)::numeric / 1000, 4);
        END IF;
        before := before + one.n;
    END LOOP;
    RETURN NULL;
END
$$;
