-- Partitions of notifications: a range of ids, which is a range of time. Made ahead; what fell into the default partition
-- meanwhile is moved into real ones.

-- The existing partitions and their bounds; the default one has none.
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

-- Makes the partition that covers the time at, no wider than the gap between its neighbours, and moves its rows out of the
-- default partition. false: it exists already.
CREATE OR REPLACE FUNCTION nightbell.ensure_partition(at timestamptz, span text) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    begins timestamptz := date_trunc(span, at, 'UTC');
    lower_bound uuid := nightbell.uuidv7_floor(begins);
    upper_bound uuid := nightbell.uuidv7_floor(date_trunc(span, begins + CASE span WHEN 'week' THEN interval '8 days' ELSE interval '32 days' END, 'UTC'));
    inside uuid := nightbell.uuidv7_floor(at);
    name text;
    columns text;
BEGIN
    IF EXISTS (SELECT FROM nightbell.partitions() p WHERE inside >= p.lower_id AND inside < p.upper_id) THEN
        RETURN false;
    END IF;
    -- where the span was changed from month to week, or back
    lower_bound := greatest(lower_bound, (SELECT p.upper_id FROM nightbell.partitions() p WHERE p.upper_id <= inside
                                          ORDER BY p.upper_id DESC LIMIT 1));
    upper_bound := least(upper_bound, (SELECT p.lower_id FROM nightbell.partitions() p WHERE p.lower_id > inside
                                       ORDER BY p.lower_id LIMIT 1));

    name := 'notifications_' || to_char(nightbell.uuidv7_time(lower_bound) AT TIME ZONE 'UTC', 'YYYYMMDD');
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = 'nightbell.notifications'::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '';

    -- made apart and attached: that leaves the table readable and writable but for the default partition
    EXECUTE format('CREATE TABLE nightbell.%I (LIKE nightbell.notifications INCLUDING ALL)', name);
    EXECUTE format('ALTER TABLE nightbell.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY definer ON nightbell.%I TO nightbell_owner USING (true) WITH CHECK (true)', name);
    LOCK TABLE nightbell.notifications_default IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('WITH moved AS (DELETE FROM nightbell.notifications_default WHERE id >= %1$L AND id < %2$L RETURNING %4$s) '
                   'INSERT INTO nightbell.%3$I (%4$s) SELECT %4$s FROM moved', lower_bound, upper_bound, name, columns);
    EXECUTE format('ALTER TABLE nightbell.notifications ATTACH PARTITION nightbell.%I FOR VALUES FROM (%L) TO (%L)',
                   name, lower_bound, upper_bound);
    RETURN true;
END
$$;

-- Partitions from now to that far ahead, and for whatever lies in the default partition; how many were made.
CREATE OR REPLACE FUNCTION nightbell.ensure_partitions(ahead interval DEFAULT '3 months') RETURNS int
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    span text := (SELECT partition_span FROM nightbell.installation);
    step interval := CASE span WHEN 'week' THEN interval '1 week' ELSE interval '1 month' END;
    at timestamptz := date_trunc(span, now(), 'UTC');
    stray uuid;
    made int := 0;
BEGIN
    IF ahead IS NULL OR ahead NOT BETWEEN interval '0' AND interval '5 years' THEN
        PERFORM nightbell.refuse('22023', 'partitions can be made 0 to 60 months ahead', NULL);
    END IF;
    -- one at a time: two would make the same partition
    PERFORM pg_advisory_xact_lock(hashtextextended('nightbell.ensure_partitions', 0));
    WHILE at <= now() + ahead LOOP
        made := made + nightbell.ensure_partition(at, span)::int;
        at := at + step;
    END LOOP;
    -- bounded: ids of a clock that went astray must not make thousands of partitions
    FOR turn IN 1 .. 240 LOOP
        SELECT d.id INTO stray FROM nightbell.notifications_default d ORDER BY d.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        made := made + nightbell.ensure_partition(nightbell.uuidv7_time(stray), span)::int;
    END LOOP;
    RETURN made;
END
$$;
