-- Partitions of notifications: each is a range of ids, which is a range of time. They are made ahead of time; rows that
-- fell into the default partition are moved into real ones.
--
-- Functions here lock out readers or writers only for a bounded time: they take all their locks first
-- (lock_notifications), wait at most 200 ms for each (the caller tries again), and then move at most `chunk` rows or
-- change only the catalogue. So they give up before anybody's deadlock_timeout, and no producer becomes the victim of a
-- deadlock.

-- The attached partitions and their bounds; the default one has none.
CREATE OR REPLACE FUNCTION nightbell.partitions()
RETURNS TABLE (partition regclass, is_default boolean, lower_id uuid, upper_id uuid)
LANGUAGE sql STABLE
AS $$
    SELECT c.oid::regclass, b.bound = 'DEFAULT',
        substring(b.bound FROM 'FROM \(''([0-9a-f-]{36})''\)')::uuid, substring(b.bound FROM 'TO \(''([0-9a-f-]{36})''\)')::uuid
    FROM pg_catalog.pg_inherits i
    JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid)) AS b (bound)
    WHERE i.inhparent = 'nightbell.notifications'::regclass
$$;

-- Takes the locks in the order in which producers do. Attaching a partition creates the triggers of its foreign keys,
-- and detaching one drops and creates triggers on the referenced tables, so those are locked, too.
CREATE OR REPLACE FUNCTION nightbell.lock_notifications(to_detach boolean) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF to_detach THEN
        LOCK TABLE nightbell.users, nightbell.notification_types IN ACCESS EXCLUSIVE MODE;
        LOCK TABLE ONLY nightbell.notifications IN ACCESS EXCLUSIVE MODE;
    ELSE
        LOCK TABLE nightbell.users, nightbell.notification_types IN SHARE ROW EXCLUSIVE MODE;
        LOCK TABLE ONLY nightbell.notifications IN SHARE UPDATE EXCLUSIVE MODE;
    END IF;
    LOCK TABLE nightbell.notifications_default IN ACCESS EXCLUSIVE MODE;
END
$$;

-- The end of a span (week, month) that begins at the given time.
CREATE OR REPLACE FUNCTION nightbell.span_end(begins timestamptz, span text) RETURNS timestamptz
LANGUAGE sql STABLE
AS $$
    SELECT date_trunc(span, begins + CASE span WHEN 'week' THEN interval '8 days' ELSE interval '32 days' END, 'UTC')
$$;

-- The range of the span around the ids, cut to the gap between the neighbouring partitions.
CREATE OR REPLACE FUNCTION nightbell.free_range(first uuid, last uuid, span text, OUT lower_bound uuid, OUT upper_bound uuid)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    lower_bound := nightbell.uuidv7_floor(date_trunc(span, nightbell.uuidv7_time(first), 'UTC'));
    upper_bound := nightbell.uuidv7_floor(nightbell.span_end(date_trunc(span, nightbell.uuidv7_time(last), 'UTC'), span));
    -- a neighbour may reach into the span when it was changed from month to week, or back
    lower_bound := greatest(lower_bound, (SELECT p.upper_id FROM nightbell.partitions() p WHERE p.upper_id <= first
                                          ORDER BY p.upper_id DESC LIMIT 1));
    upper_bound := least(upper_bound, (SELECT p.lower_id FROM nightbell.partitions() p WHERE p.lower_id > last
                                       ORDER BY p.lower_id LIMIT 1));
END
$$;

-- notifications_20261101, with the time of day if it does not begin at midnight.
CREATE OR REPLACE FUNCTION nightbell.partition_name(lower_bound uuid) RETURNS text
LANGUAGE sql STABLE
AS $$
    SELECT 'notifications_' || replace(to_char(t.at, 'YYYYMMDD_HH24MISSMS'), '_000000000', '')
    FROM (SELECT nightbell.uuidv7_time(lower_bound) AT TIME ZONE 'UTC') AS t (at)
$$;

-- Makes a table that can become a partition, with the row security of one.
CREATE OR REPLACE FUNCTION nightbell.make_partition_table(name text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE TABLE nightbell.%I (LIKE nightbell.notifications INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE nightbell.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY definer ON nightbell.%I TO nightbell_owner USING (true) WITH CHECK (true)', name);
    PERFORM nightbell.collect_no_statistics(format('nightbell.%I', name)::regclass);
END
$$;

-- Moves the rows selected by a condition on their id, unchanged: without firing triggers.
CREATE OR REPLACE FUNCTION nightbell.move_notifications(source text, target text, condition text) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    columns text := (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
                     WHERE a.attrelid = 'nightbell.notifications'::regclass AND a.attnum > 0 AND NOT a.attisdropped
                         AND a.attgenerated = '');
    moved bigint;
BEGIN
    EXECUTE format('WITH moved AS (DELETE FROM nightbell.%1$I WHERE %3$s RETURNING %4$s) '
                   'INSERT INTO nightbell.%2$I (%4$s) SELECT %4$s FROM moved', source, target, condition, columns);
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END
$$;

-- Makes the partition of that range, which must be free, and moves the range's rows there from the default partition.
CREATE OR REPLACE FUNCTION nightbell.make_partition(lower_bound uuid, upper_bound uuid) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    name text := nightbell.partition_name(lower_bound);
    moved bigint;
BEGIN
    -- creates it apart and attaches it, which leaves all but the default partition readable and writable
    PERFORM nightbell.make_partition_table(name);
    PERFORM nightbell.lock_notifications(false);
    moved := nightbell.move_notifications('notifications_default', name, format('id >= %L AND id < %L', lower_bound, upper_bound));
    EXECUTE format('ALTER TABLE nightbell.notifications ATTACH PARTITION nightbell.%I FOR VALUES FROM (%L) TO (%L)',
                   name, lower_bound, upper_bound);
    RETURN moved;
END
$$;

-- Makes the partition that covers the time `at`. false: it exists already.
CREATE OR REPLACE FUNCTION nightbell.ensure_partition(at timestamptz, span text) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    inside uuid := nightbell.uuidv7_floor(at);
    free record;
BEGIN
    IF EXISTS (SELECT FROM nightbell.partitions() p WHERE inside >= p.lower_id AND inside < p.upper_id) THEN
        RETURN false;
    END IF;
    SELECT * INTO free FROM nightbell.free_range(inside, inside, span);
    PERFORM nightbell.make_partition(free.lower_bound, free.upper_bound);
    RETURN true;
END
$$;

-- Turns the default partition with all its rows into a real one, and puts an empty one in its place: no row is copied,
-- only scanned once. The range must not overlap another partition.
CREATE OR REPLACE FUNCTION nightbell.convert_default(lower_bound uuid, upper_bound uuid) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    name text := nightbell.partition_name(lower_bound);
    converted bigint;
BEGIN
    PERFORM nightbell.lock_notifications(true);
    ALTER TABLE nightbell.notifications DETACH PARTITION nightbell.notifications_default;
    EXECUTE format('ALTER TABLE nightbell.notifications_default RENAME TO %I', name);
    PERFORM nightbell.make_partition_table('notifications_default');
    -- rows outside the range that have come since it was chosen
    PERFORM nightbell.move_notifications(name, 'notifications_default', format('id < %L OR id >= %L', lower_bound, upper_bound));
    EXECUTE format('SELECT count(*) FROM nightbell.%I', name) INTO converted;
    EXECUTE format('ALTER TABLE nightbell.notifications ATTACH PARTITION nightbell.%I FOR VALUES FROM (%L) TO (%L)',
                   name, lower_bound, upper_bound);
    ALTER TABLE nightbell.notifications ATTACH PARTITION nightbell.notifications_default DEFAULT;
    RETURN converted;
END
$$;

-- One step of emptying the default partition. Returns how many rows it moved to a real partition. Call it, each time in
-- its own transaction, until it returns NULL.
CREATE OR REPLACE FUNCTION nightbell.drain_default(chunk int DEFAULT 10000) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    span text := (SELECT i.partition_span FROM nightbell.installation i);
    small record;
    extent record;
    free record;
    cut uuid;
BEGIN
    -- one at a time: two concurrent calls would make the same partition
    LOCK TABLE nightbell.installation IN SHARE ROW EXCLUSIVE MODE; -- which no client can hold against us
    -- a span with few enough rows to move in one step
    SELECT s.first INTO small
    FROM (SELECT min(nightbell.uuidv7_time(d.id)) AS first FROM nightbell.notifications_default d
          GROUP BY date_trunc(span, nightbell.uuidv7_time(d.id), 'UTC') HAVING count(*) <= chunk) AS s
    ORDER BY s.first LIMIT 1;
    IF FOUND THEN
        SELECT f.* INTO free FROM nightbell.free_range(nightbell.uuidv7_floor(small.first), nightbell.uuidv7_floor(small.first), span) AS f;
        RETURN nightbell.make_partition(free.lower_bound, free.upper_bound);
    END IF;

    SELECT nightbell.uuidv7_floor(min(nightbell.uuidv7_time(d.id))) AS first,
        nightbell.uuidv7_floor(max(nightbell.uuidv7_time(d.id))) AS last INTO extent
    FROM nightbell.notifications_default d;
    IF extent.first IS NULL THEN
        RETURN NULL;
    END IF;
    IF NOT EXISTS (SELECT FROM nightbell.partitions() p WHERE p.lower_id > extent.first AND p.lower_id <= extent.last) THEN
        SELECT f.* INTO free FROM nightbell.free_range(extent.first, extent.last, span) AS f;
        RETURN nightbell.convert_default(free.lower_bound, free.upper_bound);
    END IF;
    -- many rows on both sides of a partition: the oldest of them get a partition narrow enough for one step
    SELECT nightbell.uuidv7_floor(nightbell.uuidv7_time(d.id)) INTO cut FROM nightbell.notifications_default d
    ORDER BY d.id OFFSET chunk LIMIT 1;
    SELECT f.* INTO free FROM nightbell.free_range(extent.first, extent.first, span) AS f;
    RETURN nightbell.make_partition(free.lower_bound, least(free.upper_bound,
        greatest(cut, nightbell.uuidv7_floor(nightbell.uuidv7_time(extent.first) + interval '1 millisecond'))));
END
$$;

-- Makes the missing partitions from now to that far ahead; returns the names of the new ones.
CREATE OR REPLACE FUNCTION nightbell.make_partitions(ahead interval DEFAULT '3 months') RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET lock_timeout = '200ms'
AS $$
DECLARE
    span text := (SELECT i.partition_span FROM nightbell.installation i);
    at timestamptz := date_trunc(span, now(), 'UTC');
BEGIN
    IF ahead IS NULL OR ahead NOT BETWEEN interval '0' AND interval '5 years' THEN
        PERFORM nightbell.refuse('22023', 'partitions can be made 0 to 60 months ahead', NULL);
    END IF;
    LOCK TABLE nightbell.installation IN SHARE ROW EXCLUSIVE MODE; -- which no client can hold against us
    WHILE at <= now() + ahead LOOP
        IF nightbell.ensure_partition(at, span) THEN
            RETURN NEXT (SELECT p.partition::text FROM nightbell.partitions() p
                         WHERE nightbell.uuidv7_floor(at) >= p.lower_id AND nightbell.uuidv7_floor(at) < p.upper_id);
        END IF;
        -- continue from the partition's end, which differs from the span's where weeks follow months or months weeks
        at := (SELECT nightbell.uuidv7_time(p.upper_id) FROM nightbell.partitions() p
               WHERE nightbell.uuidv7_floor(at) >= p.lower_id AND nightbell.uuidv7_floor(at) < p.upper_id);
    END LOOP;
END
$$;

-- For scripts: empties the default partition and makes partitions ahead, in one transaction. Returns how many were
-- made.
CREATE OR REPLACE FUNCTION nightbell.ensure_partitions(ahead interval DEFAULT '3 months') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    made int := 0;
BEGIN
    -- bounded, so that ids of a wrong clock do not make thousands of partitions
    FOR turn IN 1 .. 240 LOOP
        EXIT WHEN nightbell.drain_default() IS NULL;
        made := made + 1;
    END LOOP;
    RETURN made + (SELECT count(*) FROM nightbell.make_partitions(ahead));
END
$$;

-- For db status: the number of partitions, the time up to which they are made without a gap from now (NULL: not even
-- for now), and the rows in the default partition.
CREATE OR REPLACE FUNCTION nightbell.partition_report()
RETURNS TABLE (attached int, ahead_until timestamptz, default_rows bigint, past int, detached int, unfinished_archives int)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    reach uuid := nightbell.uuidv7_floor(now());
    next uuid;
BEGIN
    LOOP
        SELECT p.upper_id INTO next FROM nightbell.partitions() p WHERE reach >= p.lower_id AND reach < p.upper_id;
        EXIT WHEN NOT FOUND;
        reach := next;
        ahead_until := nightbell.uuidv7_time(reach);
    END LOOP;
    attached := (SELECT count(*) FROM nightbell.partitions() p WHERE NOT p.is_default);
    default_rows := (SELECT count(*) FROM nightbell.notifications_default);
    past := (SELECT count(*) FROM nightbell.past_partitions());
    detached := (SELECT count(*) FROM nightbell.detached_partitions());
    unfinished_archives := (SELECT count(*) FROM nightbell.archives a WHERE a.finished_at IS NULL);
    RETURN NEXT;
END
$$;
