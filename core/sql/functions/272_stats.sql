-- The statistics, for operators of their tenant, and of all for those who may see all: what the console's view and `nightbell stats` show.
-- What happened comes from tallies (270_tallies.sql); how things stand is counted from an index, up to stats_most().

-- As much as is counted of what stands: more is said to be more.
CREATE OR REPLACE FUNCTION nightbell.stats_most() RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 100000;

-- Whose statistics the caller gets; named: a tenant's name or id, NULL: one's own, or all. Who is an operator gets what that one may see, also
-- with an administrator's login.
CREATE OR REPLACE FUNCTION nightbell.stats_scope(named text) RETURNS uuid
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    home CONSTANT uuid := nightbell.operated_tenant();
    found uuid;
BEGIN
    IF home IS NULL AND NOT nightbell.operates_globally() AND NOT nightbell.administers(NULL) THEN
        PERFORM nightbell.require_operation(NULL);
    ELSIF named IS NOT NULL THEN
        SELECT t.id INTO found FROM nightbell.tenants t
        WHERE (lower(t.name) = lower(named) OR t.id::text = lower(named)) AND (home IS NULL OR t.id = home) LIMIT 1;
        IF found IS NULL THEN
            RAISE EXCEPTION 'there is no tenant "%"', left(named, 100) USING ERRCODE = 'no_data_found';
        END IF;
        RETURN found;
    END IF;
    RETURN coalesce(home, nightbell.tally_of_all());
END
$$;

-- The open events, by tenant, severity and age.
CREATE OR REPLACE FUNCTION nightbell.stats_open(whose uuid, at timestamptz) RETURNS TABLE (tenant_id uuid, severity text, age text, n bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    SELECT o.tenant_id, o.severity, CASE WHEN o.created_at > at - interval '1 hour' THEN 'hour' WHEN o.created_at > at - interval '1 day' THEN 'day'
        WHEN o.created_at > at - interval '7 days' THEN 'week' ELSE 'older' END, count(*)
    FROM (
        (SELECT e.tenant_id, e.created_at, e.severity::text AS severity FROM nightbell.admin_system_events e
         WHERE NOT e.is_resolved AND e.tenant_id = whose LIMIT nightbell.stats_most() + 1)
        UNION ALL
        (SELECT e.tenant_id, e.created_at, e.severity::text FROM nightbell.admin_system_events e
         WHERE NOT e.is_resolved AND whose = nightbell.tally_of_all() LIMIT nightbell.stats_most() + 1)) AS o
    GROUP BY 1, 2, 3
$$;

-- What waits to be sent or is being sent. oldest: since when the one is due that has waited longest. Of a tenant the oldest are counted first; of
-- all the one of each channel that has waited longest is found by the index that claims use, also where not everything is counted.
CREATE OR REPLACE FUNCTION nightbell.stats_queue(whose uuid, at timestamptz) RETURNS TABLE (tenant_id uuid, channel text, waiting bigint, sending bigint, oldest timestamptz)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    WITH seen AS (
        (SELECT q.tenant_id, q.channel, q.due_at, q.lease_until > at IS TRUE AS sending, 1 AS n FROM nightbell.delivery_queue q
         WHERE q.tenant_id = whose ORDER BY q.delivery_id LIMIT nightbell.stats_most() + 1)
        UNION ALL
        (SELECT q.tenant_id, q.channel, q.due_at, q.lease_until > at IS TRUE, 1 FROM nightbell.delivery_queue q
         WHERE whose = nightbell.tally_of_all() LIMIT nightbell.stats_most() + 1)
        UNION ALL
        SELECT f.tenant_id, c.name::text, f.due_at, false, 0 FROM nightbell.channels c CROSS JOIN generate_series(0, 2) AS l (lane) CROSS JOIN LATERAL (
            SELECT q.tenant_id, q.due_at FROM nightbell.delivery_queue q WHERE NOT q.parked AND q.channel = c.name::text AND q.lane = l.lane AND q.due_at <= at
                AND (q.lease_until > at) IS NOT TRUE
            ORDER BY q.due_at LIMIT 1) AS f
        WHERE whose = nightbell.tally_of_all()
    )
    SELECT s.tenant_id, s.channel, coalesce(sum(s.n) FILTER (WHERE NOT s.sending), 0), coalesce(sum(s.n) FILTER (WHERE s.sending), 0),
        min(s.due_at) FILTER (WHERE NOT s.sending AND s.due_at <= at)
    FROM seen s GROUP BY s.tenant_id, s.channel
$$;

-- Deliveries that were given up, by tenant.
CREATE OR REPLACE FUNCTION nightbell.stats_dead(whose uuid) RETURNS TABLE (tenant_id uuid, n bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    SELECT o.tenant_id, count(*) FROM (
        (SELECT d.tenant_id FROM nightbell.deliveries d WHERE d.is_dead AND d.tenant_id = whose LIMIT nightbell.stats_most() + 1)
        UNION ALL
        (SELECT d.tenant_id FROM nightbell.deliveries d WHERE d.is_dead AND whose = nightbell.tally_of_all() LIMIT nightbell.stats_most() + 1)) AS o
    GROUP BY 1
$$;

-- App events: what is due, since when, and what was given up. For those who see all: the outbox is in the order of time, not of tenants.
CREATE OR REPLACE FUNCTION nightbell.stats_outbox(at timestamptz) RETURNS TABLE (waiting bigint, oldest timestamptz, dead bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    SELECT (SELECT count(*) FROM (SELECT FROM nightbell.outbox o WHERE o.next_attempt_at <= at LIMIT nightbell.stats_most() + 1) AS w),
        (SELECT min(f.due) FROM (VALUES (true), (false)) AS l (critical) CROSS JOIN LATERAL (
            SELECT o.next_attempt_at AS due FROM nightbell.outbox o WHERE o.critical = l.critical AND o.next_attempt_at <= at
            ORDER BY o.next_attempt_at LIMIT 1) AS f),
        (SELECT count(*) FROM (SELECT FROM nightbell.outbox o WHERE o.dead_at IS NOT NULL LIMIT nightbell.stats_most() + 1) AS d)
$$;

-- Those that have not said that they end, and those that have not been heard of for long: alive is who gave a sign of life within two minutes.
CREATE OR REPLACE FUNCTION nightbell.stats_workers() RETURNS TABLE (name text, host text, version text, started_at timestamptz, heartbeat_at timestamptz, alive boolean)
LANGUAGE sql STABLE
AS $$
    SELECT w.name, w.host, w.version, w.started_at, w.heartbeat_at, w.heartbeat_at > clock_timestamp() - interval '2 minutes'
    FROM nightbell.workers w WHERE w.stopped_at IS NULL AND w.heartbeat_at > clock_timestamp() - interval '1 day'
    ORDER BY w.heartbeat_at > clock_timestamp() - interval '2 minutes' DESC, w.name, w.heartbeat_at DESC LIMIT 1000
$$;

-- ---- the document ----

CREATE OR REPLACE FUNCTION nightbell.stats_lengths(rows_buckets smallint[], rows_counts bigint[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('count', coalesce((SELECT sum(c) FROM unnest(rows_counts) AS c), 0),
    'median_seconds', nightbell.tally_quantile(0.5, rows_buckets, rows_counts), 'p95_seconds', nightbell.tally_quantile(0.95, rows_buckets, rows_counts));

CREATE OR REPLACE FUNCTION nightbell.stats_events(whose uuid, span text, since timestamptz, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    WITH counted AS MATERIALIZED (
        SELECT r.* FROM nightbell.tally_rows(whose, span, since, '{raised,acknowledged,resolved}') AS r
    ), raised AS (
        SELECT c.starts_at, coalesce(sum(c.n) FILTER (WHERE c.label = 'low'), 0) AS low, coalesce(sum(c.n) FILTER (WHERE c.label = 'medium'), 0) AS medium,
            coalesce(sum(c.n) FILTER (WHERE c.label = 'high'), 0) AS high, coalesce(sum(c.n) FILTER (WHERE c.label = 'critical'), 0) AS critical
        FROM counted c WHERE c.measure = 'raised' GROUP BY c.starts_at
    ), open AS MATERIALIZED (
        SELECT o.severity, o.age, sum(o.n) AS n FROM nightbell.stats_open(whose, at) AS o GROUP BY 1, 2
    )
    SELECT jsonb_build_object(
        'raised', (SELECT jsonb_build_object('low', coalesce(sum(r.low), 0), 'medium', coalesce(sum(r.medium), 0), 'high', coalesce(sum(r.high), 0),
                                             'critical', coalesce(sum(r.critical), 0)) FROM raised r),
        'buckets', (SELECT jsonb_agg(jsonb_build_object('at', b.at, 'low', coalesce(r.low, 0), 'medium', coalesce(r.medium, 0), 'high', coalesce(r.high, 0),
                                                        'critical', coalesce(r.critical, 0)) ORDER BY b.at)
                    FROM generate_series(since, at, CASE span WHEN 'minute' THEN interval '1 minute' ELSE interval '1 hour' END) AS b (at)
                    LEFT JOIN raised r ON r.starts_at = b.at),
        'open', (SELECT jsonb_object_agg(s.severity, (SELECT jsonb_object_agg(a.age, coalesce((SELECT o.n FROM open o WHERE o.severity = s.severity AND o.age = a.age), 0))
                                                      FROM unnest('{hour,day,week,older}'::text[]) AS a (age)))
                 FROM unnest('{low,medium,high,critical}'::text[]) AS s (severity)),
        'open_is_more', coalesce((SELECT sum(o.n) > nightbell.stats_most() FROM open o), false),
        'acknowledged', (SELECT nightbell.stats_lengths(array_agg(c.bucket), array_agg(c.n)) FROM counted c WHERE c.measure = 'acknowledged'),
        'resolved', (SELECT nightbell.stats_lengths(array_agg(c.bucket), array_agg(c.n)) FROM counted c WHERE c.measure = 'resolved'))
$$;

-- NULL where nobody has counted them for long: then no worker is at work.
CREATE OR REPLACE FUNCTION nightbell.stats_notifications(whose uuid, span text, since timestamptz, at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    progress record;
    counts bigint[];
    fresh_count bigint;
    total numeric;
    first CONSTANT timestamptz := date_bin('1 minute', at, 'epoch') - interval '59 minutes';
BEGIN
    SELECT p.snapshot, p.looked_at INTO progress FROM nightbell.tally_progress p;
    IF progress.looked_at < clock_timestamp() - interval '10 minutes' THEN
        RETURN NULL;
    END IF;
    WITH fresh AS MATERIALIZED (
        SELECT f.minute, f.n FROM nightbell.new_notifications(progress.snapshot) AS f WHERE whose = nightbell.tally_of_all() OR f.tenant_id = whose
    ), minutes AS (
        SELECT r.starts_at AS minute, r.n FROM nightbell.tally_rows(whose, 'minute', first, '{notified}') AS r UNION ALL SELECT f.minute, f.n FROM fresh f
    )
    SELECT (SELECT array_agg(coalesce(s.n, 0) ORDER BY m.minute) FROM generate_series(first, at, interval '1 minute') AS m (minute)
            LEFT JOIN (SELECT i.minute, sum(i.n) AS n FROM minutes i GROUP BY 1) AS s ON s.minute = m.minute),
        (SELECT sum(f.n) FROM fresh f WHERE f.minute >= since)
    INTO counts, fresh_count;
    total := coalesce((SELECT sum(r.n) FROM nightbell.tally_rows(whose, span, since, '{notified}') AS r), 0) + coalesce(fresh_count, 0);
    RETURN jsonb_build_object('count', total, 'per_minute', round((SELECT avg(c) FROM unnest(counts[55:59]) AS c), 1), 'minutes', to_jsonb(counts));
END
$$;

-- Each channel that has had or has something to send. oldest_seconds: how long the one waits that is due and has waited longest.
CREATE OR REPLACE FUNCTION nightbell.stats_channels(whose uuid, span text, since timestamptz, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    WITH counted AS MATERIALIZED (
        SELECT r.* FROM nightbell.tally_rows(whose, span, since, '{sent,retried,failed,delivered,bounced}') AS r
    ), went AS (
        SELECT c.label AS channel, coalesce(sum(c.n) FILTER (WHERE c.measure = 'sent'), 0) AS sent, coalesce(sum(c.n) FILTER (WHERE c.measure = 'retried'), 0) AS retried,
            coalesce(sum(c.n) FILTER (WHERE c.measure = 'failed'), 0) AS failed, coalesce(sum(c.n) FILTER (WHERE c.measure = 'delivered'), 0) AS delivered,
            coalesce(sum(c.n) FILTER (WHERE c.measure = 'bounced'), 0) AS bounced,
            nightbell.stats_lengths(array_agg(c.bucket) FILTER (WHERE c.measure = 'sent'), array_agg(c.n) FILTER (WHERE c.measure = 'sent')) AS latency
        FROM counted c GROUP BY c.label
    ), waits AS MATERIALIZED (
        SELECT q.channel, sum(q.waiting) AS waiting, sum(q.sending) AS sending, min(q.oldest) AS oldest FROM nightbell.stats_queue(whose, at) AS q GROUP BY q.channel
    )
    SELECT jsonb_build_object(
        'channels', coalesce(jsonb_agg(jsonb_build_object('channel', n.name, 'sent', coalesce(w.sent, 0), 'delivered', coalesce(w.delivered, 0),
            'failed', coalesce(w.failed, 0), 'bounced', coalesce(w.bounced, 0), 'retried', coalesce(w.retried, 0),
            'success_rate', round(greatest(w.sent - w.bounced, 0) / nullif(w.sent + w.failed, 0), 4),
            'latency', coalesce(w.latency, nightbell.stats_lengths(NULL, NULL)),
            'queue', jsonb_build_object('waiting', coalesce(q.waiting, 0), 'sending', coalesce(q.sending, 0),
                                        'oldest_seconds', round(extract(epoch FROM at - q.oldest), 1))) ORDER BY c.rank, n.name), '[]'),
        'queue', jsonb_build_object('waiting', coalesce(sum(q.waiting), 0), 'sending', coalesce(sum(q.sending), 0),
            'oldest_seconds', round(extract(epoch FROM at - min(q.oldest)), 1),
            'is_more', coalesce(sum(q.waiting) + sum(q.sending), 0) > nightbell.stats_most()))
    FROM (SELECT w.channel AS name FROM went w UNION SELECT q.channel FROM waits q) AS n
    LEFT JOIN went w ON w.channel = n.name
    LEFT JOIN waits q ON q.channel = n.name
    LEFT JOIN nightbell.channels c ON c.name = n.name
$$;

-- Everything at once, for the last hours or days: period 1h is counted by the minute, all others by the hour, the one that has begun included.
-- Which workers there are, and on which hosts, is for those who see all; a tenant's operators are told how many.
CREATE OR REPLACE FUNCTION nightbell.stats(period text DEFAULT '24h', tenant text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET timezone = 'UTC'
AS $$
DECLARE
    whose CONSTANT uuid := nightbell.stats_scope(tenant);
    at CONSTANT timestamptz := nightbell.clock();
    hours CONSTANT int := CASE period WHEN '1h' THEN 1 WHEN '24h' THEN 24 WHEN '7d' THEN 168 WHEN '30d' THEN 720 END;
    span CONSTANT text := CASE hours WHEN 1 THEN 'minute' ELSE 'hour' END;
    since timestamptz := CASE hours WHEN 1 THEN date_bin('1 minute', at, 'epoch') - interval '59 minutes'
                         ELSE date_bin('1 hour', at, 'epoch') - (hours - 1) * interval '1 hour' END;
    everybody CONSTANT boolean := whose = nightbell.tally_of_all();
    outbox record;
    dead bigint;
    workers jsonb;
BEGIN
    IF hours IS NULL THEN
        RAISE EXCEPTION 'the period is 1h, 24h, 7d or 30d' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT o.* INTO outbox FROM nightbell.stats_outbox(at) AS o WHERE everybody;
    dead := coalesce((SELECT sum(d.n) FROM nightbell.stats_dead(whose) AS d), 0);
    SELECT jsonb_build_object('alive', count(*) FILTER (WHERE w.alive), 'gone', count(*) FILTER (WHERE NOT w.alive), 'heartbeat_at', max(w.heartbeat_at),
        'list', CASE WHEN everybody THEN coalesce(jsonb_agg(to_jsonb(w)), '[]') END)
    INTO workers FROM nightbell.stats_workers() AS w;
    RETURN jsonb_build_object('at', at, 'since', since, 'period', period, 'step_seconds', CASE span WHEN 'minute' THEN 60 ELSE 3600 END,
        'tenant', CASE WHEN NOT everybody THEN (SELECT t.name FROM nightbell.tenants t WHERE t.id = whose) END,
        'events', nightbell.stats_events(whose, span, since, at),
        'notifications', nightbell.stats_notifications(whose, span, since, at),
        'dead_letters', jsonb_build_object('deliveries', least(dead, nightbell.stats_most()), 'is_more', dead > nightbell.stats_most(), 'app_events', outbox.dead),
        'app_events', CASE WHEN everybody THEN jsonb_build_object('waiting', outbox.waiting, 'oldest_seconds', round(extract(epoch FROM at - outbox.oldest), 1)) END,
        'workers', workers) || nightbell.stats_channels(whose, span, since, at);
END
$$;

-- ---- as series of numbers ----

-- How long something took, as a cumulative histogram: a row for each bound, then the one without, the sum and the count.
CREATE OR REPLACE FUNCTION nightbell.stats_histogram(metric text, tenant text, label text, buckets smallint[], counts bigint[], length_ms bigint, first_ms bigint, last_ms bigint)
RETURNS TABLE (metric text, part text, tenant text, label text, second text, bound double precision, value double precision)
LANGUAGE sql IMMUTABLE
AS $$
    SELECT stats_histogram.metric, 'bucket', stats_histogram.tenant, stats_histogram.label, NULL, b.ms / 1000.0,
        coalesce((SELECT sum(c.n) FROM unnest(buckets, counts) AS c (bucket, n) WHERE c.bucket <= b.bucket), 0)
    FROM unnest(nightbell.tally_bounds()) WITH ORDINALITY AS b (ms, bucket) WHERE b.ms BETWEEN first_ms AND last_ms AND b.ms::text ~ '^(1|25|5)0*$'
    UNION ALL
    SELECT stats_histogram.metric, p.part, stats_histogram.tenant, stats_histogram.label, NULL, CASE p.part WHEN 'bucket' THEN 'infinity'::double precision END,
        CASE p.part WHEN 'sum' THEN length_ms / 1000.0 ELSE coalesce((SELECT sum(c) FROM unnest(counts) AS c), 0) END
    FROM unnest('{bucket,sum,count}'::text[]) AS p (part)
$$;

-- What has been counted since ever, of a tenant or of each.
CREATE OR REPLACE FUNCTION nightbell.stats_totals(whose uuid)
RETURNS TABLE (metric text, part text, tenant text, label text, second text, bound double precision, value double precision)
LANGUAGE sql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
    WITH places AS MATERIALIZED (
        SELECT t.id, t.name FROM nightbell.tenants t WHERE whose = nightbell.tally_of_all() OR t.id = whose
        UNION ALL
        SELECT nightbell.tally_of_none(), '' WHERE whose = nightbell.tally_of_all()
    ), counted AS MATERIALIZED (
        SELECT p.name, r.measure, r.label, r.bucket, sum(r.n) AS n, sum(r.length_ms) AS length_ms
        FROM places p CROSS JOIN LATERAL (
            SELECT s.measure, s.label, s.bucket, s.n, s.length_ms FROM nightbell.tally_sums s WHERE s.tenant_id = p.id AND s.span = 'total'
            UNION ALL
            SELECT 'notified', '', 0, 0, 0) AS r
        GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT p.name, t.measure, t.label, t.bucket, sum(t.n), sum(t.length_ms)
        FROM nightbell.tallies t JOIN places p ON p.id = coalesce(t.tenant_id, nightbell.tally_of_none())
        WHERE t.n > 0 GROUP BY 1, 2, 3, 4
        UNION ALL
        SELECT p.name, 'notified', '', 0, sum(f.n), 0
        FROM nightbell.tally_progress g CROSS JOIN LATERAL nightbell.new_notifications(g.snapshot) AS f JOIN places p ON p.id = f.tenant_id
        WHERE g.looked_at > clock_timestamp() - interval '10 minutes' GROUP BY 1
    )
    SELECT CASE c.measure WHEN 'raised' THEN 'events_total' WHEN 'notified' THEN 'notifications_total' ELSE 'deliveries_total' END, 'value', c.name,
        nullif(c.label, ''), CASE WHEN c.measure NOT IN ('raised', 'notified') THEN c.measure END, NULL::double precision, sum(c.n)::double precision
    FROM counted c WHERE c.measure NOT IN ('acknowledged', 'resolved') GROUP BY c.name, c.measure, c.label
    UNION ALL
    SELECT h.* FROM (
        SELECT c.name, c.measure, c.label, array_agg(c.bucket::smallint) AS buckets, array_agg(c.n::bigint) AS counts, sum(c.length_ms)::bigint AS length_ms
        FROM counted c WHERE c.measure IN ('acknowledged', 'resolved', 'sent') GROUP BY c.name, c.measure, c.label) AS c
    CROSS JOIN LATERAL nightbell.stats_histogram(
        CASE c.measure WHEN 'acknowledged' THEN 'event_acknowledge_seconds' WHEN 'resolved' THEN 'event_resolve_seconds' ELSE 'delivery_seconds' END,
        c.name, nullif(c.label, ''), c.buckets, c.counts, c.length_ms, CASE c.measure WHEN 'sent' THEN 10 ELSE 1000 END,
        CASE c.measure WHEN 'sent' THEN 100000000 ELSE 10000000000 END) AS h
$$;

-- All of it for a monitor, and how things stand now.
CREATE OR REPLACE FUNCTION nightbell.stats_metrics(tenant text DEFAULT NULL)
RETURNS TABLE (metric text, part text, tenant_name text, label text, second text, bound double precision, value double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose CONSTANT uuid := nightbell.stats_scope(tenant);
    at CONSTANT timestamptz := nightbell.clock();
    everybody CONSTANT boolean := whose = nightbell.tally_of_all();
BEGIN
    RETURN QUERY
    WITH places AS MATERIALIZED (
        SELECT t.id, t.name FROM nightbell.tenants t WHERE everybody OR t.id = whose
        UNION ALL
        SELECT NULL, '' WHERE everybody
    ), queued AS MATERIALIZED (
        SELECT q.* FROM nightbell.stats_queue(whose, at) AS q
    ), open AS MATERIALIZED (
        SELECT o.tenant_id, o.severity, sum(o.n) AS n FROM nightbell.stats_open(whose, at) AS o GROUP BY 1, 2
    ), dead AS MATERIALIZED (
        SELECT d.* FROM nightbell.stats_dead(whose) AS d
    ), workers AS MATERIALIZED (
        SELECT w.* FROM nightbell.stats_workers() AS w
    )
    SELECT a.* FROM (
        SELECT t.metric, t.part, t.tenant, t.label, t.second, t.bound, t.value FROM nightbell.stats_totals(whose) AS t
        UNION ALL
        SELECT 'events_open', 'value', p.name, s.severity, NULL, NULL, coalesce(o.n, 0)
        FROM places p CROSS JOIN unnest('{low,medium,high,critical}'::text[]) AS s (severity)
        LEFT JOIN open o ON o.tenant_id IS NOT DISTINCT FROM p.id AND o.severity = s.severity
        UNION ALL
        SELECT 'delivery_queue', 'value', p.name, q.channel, v.state, NULL, v.n
        FROM queued q JOIN places p ON p.id = q.tenant_id CROSS JOIN LATERAL (VALUES ('waiting', q.waiting), ('sending', q.sending)) AS v (state, n)
        UNION ALL
        SELECT 'delivery_queue_oldest_seconds', 'value', p.name, q.channel, NULL, NULL, coalesce(extract(epoch FROM at - q.oldest), 0)
        FROM queued q JOIN places p ON p.id = q.tenant_id
        UNION ALL
        SELECT 'dead_letters', 'value', p.name, NULL, NULL, NULL, coalesce(d.n, 0)
        FROM places p LEFT JOIN dead d ON d.tenant_id = p.id WHERE p.id IS NOT NULL
        UNION ALL
        SELECT v.metric, 'value', NULL, NULL, NULL, NULL, v.n
        FROM nightbell.stats_outbox(at) AS o CROSS JOIN LATERAL (VALUES ('app_events_waiting', o.waiting::double precision), ('app_events_dead', o.dead),
            ('app_events_oldest_seconds', coalesce(extract(epoch FROM at - o.oldest), 0))) AS v (metric, n)
        WHERE everybody
        UNION ALL
        SELECT 'workers', 'value', NULL, v.state, NULL, NULL, v.n
        FROM (SELECT count(*) FILTER (WHERE w.alive) AS alive, count(*) FILTER (WHERE NOT w.alive) AS gone FROM workers w) AS c
        CROSS JOIN LATERAL (VALUES ('alive', c.alive), ('gone', c.gone)) AS v (state, n)
        UNION ALL
        SELECT 'worker_heartbeat_timestamp_seconds', 'value', NULL, w.name, w.host, NULL, max(extract(epoch FROM w.heartbeat_at)) FROM workers w WHERE everybody GROUP BY w.name, w.host
    ) AS a (metric, part, tenant, label, second, bound, value)
    ORDER BY a.metric, a.tenant NULLS FIRST, a.label, a.second, array_position('{bucket,sum,count}'::text[], a.part), a.bound;
END
$$;
