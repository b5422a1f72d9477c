-- Partitions and retention of what the engine writes. Deliveries are partitioned by id (a UUIDv7, which is a time), a
-- partition a month; decisions and attempts by time, a partition a week. Nothing refers to them, so making and dropping one locks
-- nothing else.

-- The bound of a partition: a time, or for deliveries the smallest id of that time.
CREATE OR REPLACE FUNCTION nightbell.log_bound(parent text, at timestamptz) RETURNS text
LANGUAGE sql STABLE
RETURN CASE parent WHEN 'deliveries' THEN nightbell.uuidv7_floor(at)::text ELSE at::text END;

-- The partitions of one of these tables, by name: its span begins at the date in it.
CREATE OR REPLACE FUNCTION nightbell.log_partitions(parent text) RETURNS TABLE (partition text, begins timestamptz, ends timestamptz)
LANGUAGE sql STABLE
AS $$
    SELECT c.relname::text, b.begins,
        nightbell.span_end(b.begins, CASE parent WHEN 'deliveries' THEN 'month' ELSE 'week' END)
    FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC') AS b (begins)
    WHERE i.inhparent = format('nightbell.%I', parent)::regclass AND c.relname ~ '_[0-9]{8}$'
$$;

-- Makes the partition that covers a time; rows of its span that fell into the default one move. false: it is there.
CREATE OR REPLACE FUNCTION nightbell.make_log_partition(parent text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    span CONSTANT text := CASE parent WHEN 'deliveries' THEN 'month' ELSE 'week' END;
    key CONSTANT text := CASE parent WHEN 'deliveries' THEN 'id' ELSE 'at' END;
    begins CONSTANT timestamptz := date_trunc(span, at, 'UTC');
    name CONSTANT text := parent || '_' || to_char(begins AT TIME ZONE 'UTC', 'YYYYMMDD');
    lower CONSTANT text := nightbell.log_bound(parent, begins);
    upper CONSTANT text := nightbell.log_bound(parent, nightbell.span_end(begins, span));
BEGIN
    IF to_regclass('nightbell.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE nightbell.%I (LIKE nightbell.%I INCLUDING ALL)%s', name, parent,
                   CASE parent WHEN 'deliveries' THEN ' WITH (fillfactor = 50)' END); -- room for what is updated as it is sent
    EXECUTE format('ALTER TABLE nightbell.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY definer ON nightbell.%I TO nightbell_owner USING (true) WITH CHECK (true)', name);
    PERFORM nightbell.collect_no_statistics(format('nightbell.%I', name)::regclass);
    EXECUTE format('LOCK TABLE ONLY nightbell.%I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    EXECUTE format('LOCK TABLE nightbell.%I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format('WITH moved AS (DELETE FROM nightbell.%1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING %5$s) INSERT INTO nightbell.%6$I (%5$s) SELECT * FROM moved',
                   parent || '_default', key, lower, upper, (
                       SELECT string_agg(quote_ident(a.attname), ', ') FROM pg_attribute a -- what is computed is not written
                       WHERE a.attrelid = format('nightbell.%I', parent)::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), name);
    EXECUTE format('ALTER TABLE nightbell.%I ATTACH PARTITION nightbell.%I FOR VALUES FROM (%L) TO (%L)', parent, name, lower, upper);
    RETURN true;
END
$$;

-- A duty of the worker, and of db init: makes the partitions of the next weeks. Returns how many.
CREATE OR REPLACE FUNCTION nightbell.make_log_partitions() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '200ms'
AS $$
DECLARE
    made int := 0;
BEGIN
    LOCK TABLE nightbell.installation IN SHARE ROW EXCLUSIVE MODE; -- which no client can hold against us
    FOR ahead IN 0 .. 8 LOOP
        made := made + nightbell.make_log_partition('decisions', nightbell.clock() + ahead * interval '7 days')::int
            + nightbell.make_log_partition('attempts', nightbell.clock() + ahead * interval '7 days')::int
            + nightbell.make_log_partition('delivery_receipts', nightbell.clock() + ahead * interval '7 days')::int
            + nightbell.make_log_partition('deliveries', nightbell.clock() + ahead * interval '7 days')::int;
    END LOOP;
    RETURN made;
END
$$;

-- Drops one partition whose rows are all older than their retention: 90 days. Returns its name; NULL: there is none.
CREATE OR REPLACE FUNCTION nightbell.drop_past_log_partition() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '200ms'
AS $$
DECLARE
    past text;
BEGIN
    SELECT p.partition INTO past FROM unnest('{decisions,attempts,delivery_receipts,deliveries}'::text[]) AS t (parent)
    CROSS JOIN LATERAL nightbell.log_partitions(t.parent) AS p WHERE p.ends < nightbell.clock() - interval '90 days' ORDER BY p.begins LIMIT 1;
    IF past IS NOT NULL THEN
        EXECUTE format('DROP TABLE nightbell.%I', past);
    END IF;
    RETURN past;
END
$$;

-- A duty of the worker: removes app events 7 days after they were processed (dead letters, and what nobody ever processed,
-- after 90 days), spans of windows that are long over, workers that ended 30 days ago, and what 257_delivery_watch.sql forgets. Returns how many; 0: nothing is left to do.
CREATE OR REPLACE FUNCTION nightbell.purge_engine(batch int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    removed bigint;
    more bigint;
BEGIN
    DELETE FROM nightbell.outbox b WHERE b.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.outbox o WHERE o.processed_at < at - interval '7 days' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS removed = ROW_COUNT;
    DELETE FROM nightbell.outbox b WHERE b.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.outbox o WHERE o.dead_at < at - interval '90 days' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS more = ROW_COUNT;
    removed := removed + more;
    DELETE FROM nightbell.outbox b WHERE b.ctid = ANY (ARRAY(
        SELECT o.ctid FROM nightbell.outbox o WHERE o.next_attempt_at < at - interval '90 days' LIMIT batch FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS more = ROW_COUNT;
    removed := removed + more;
    DELETE FROM nightbell.workers w WHERE w.stopped_at < clock_timestamp() - interval '30 days';
    GET DIAGNOSTICS more = ROW_COUNT;
    RETURN removed + more + nightbell.purge_window_spans(batch) + nightbell.purge_carriers();
END
$$;
