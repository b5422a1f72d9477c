-- What the statistics are made of. Who writes a row of tallies counts what has just happened, in its own transaction, and waits for nobody:
-- rows are only added. A duty of the worker adds them up (tally_sums), so that reading costs the same however much there is.

-- measure: raised (label: the severity); acknowledged, resolved, notified (no label); sent, retried, failed, delivered, bounced (label: the
-- channel).
-- bucket: of what has a length, which of tally_bounds() it stays within; 0 for all others. n may be negative: an acknowledgement that was
-- taken back. tenant_id NULL: an event of the whole installation.
CREATE TABLE nightbell.tallies (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id uuid,
    at        timestamptz NOT NULL,
    measure   text NOT NULL,
    label     text NOT NULL,
    bucket    smallint NOT NULL DEFAULT 0,
    n         bigint NOT NULL,
    length_ms bigint NOT NULL DEFAULT 0
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

-- tenant_id: nil for all of them together. span: minute and hour, which begin at starts_at, and total, for ever (-infinity).
CREATE TABLE nightbell.tally_sums (
    tenant_id uuid NOT NULL,
    span      text NOT NULL CHECK (span IN ('minute', 'hour', 'total')),
    measure   text NOT NULL,
    starts_at timestamptz NOT NULL,
    label     text NOT NULL,
    bucket    smallint NOT NULL,
    n         bigint NOT NULL,
    length_ms bigint NOT NULL,
    PRIMARY KEY (tenant_id, span, measure, starts_at, label, bucket)
) WITH (fillfactor = 70);
CREATE INDEX tally_sums_past ON nightbell.tally_sums (span, starts_at);

-- Up to where notifications are counted: producing one writes no tally, since that would cost each of them; the duty finds the new ones.
CREATE TABLE nightbell.tally_progress (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    snapshot  pg_snapshot NOT NULL,
    looked_at timestamptz NOT NULL
);
INSERT INTO nightbell.tally_progress (snapshot, looked_at) VALUES (pg_current_snapshot(), clock_timestamp());

-- Open events by their age, read from the index alone.
CREATE INDEX events_open_since ON nightbell.admin_system_events (tenant_id, created_at, severity) WHERE NOT is_resolved;

-- The bounds of the buckets in milliseconds, ten to a power of ten; what is longer than the last, 115 days, is in one more. Stored rows
-- rest on them, so they change only by a migration that changes the rows, too.
CREATE FUNCTION nightbell.tally_bounds() RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{1,2,3,4,5,6,8,10,12,16,20,25,32,40,50,63,80,100,125,160,200,250,320,400,500,630,800,1000,1250,1600,2000,2500,3200,4000,5000,6300,8000,
10000,12500,16000,20000,25000,32000,40000,50000,63000,80000,100000,125000,160000,200000,250000,320000,400000,500000,630000,800000,1000000,1250000,
1600000,2000000,2500000,3200000,4000000,5000000,6300000,8000000,10000000,12500000,16000000,20000000,25000000,32000000,40000000,50000000,63000000,
80000000,100000000,125000000,160000000,200000000,250000000,320000000,400000000,500000000,630000000,800000000,1000000000,1250000000,1600000000,
2000000000,2500000000,3200000000,4000000000,5000000000,6300000000,8000000000,10000000000}'::bigint[];

CREATE FUNCTION nightbell.tally_bucket(length_ms bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN width_bucket(greatest(length_ms, 1) - 1, nightbell.tally_bounds())::smallint + 1;

-- What there is already, of the last 90 days.
INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
SELECT e.tenant_id, date_trunc('hour', m.at), m.measure, m.label, m.bucket, count(*), sum(m.length_ms)
FROM nightbell.admin_system_events e CROSS JOIN LATERAL (
    SELECT 'raised' AS measure, e.created_at AS at, e.severity::text AS label, 0::smallint AS bucket, 0::bigint AS length_ms
    UNION ALL
    SELECT l.measure, l.at, '', nightbell.tally_bucket(l.ms), greatest(l.ms, 0)
    FROM (VALUES ('acknowledged', e.acknowledged_at, (extract(epoch FROM e.acknowledged_at - e.created_at) * 1000)::bigint),
                 ('resolved', e.resolved_at, (extract(epoch FROM e.resolved_at - e.created_at) * 1000)::bigint)) AS l (measure, at, ms)) AS m
WHERE m.at > now() - interval '90 days'
GROUP BY 1, 2, 3, 4, 5;
INSERT INTO nightbell.tallies (tenant_id, at, measure, label, bucket, n, length_ms)
SELECT d.tenant_id, date_trunc('hour', m.at), m.measure, d.channel::text, m.bucket, count(*), sum(m.length_ms)
FROM nightbell.deliveries d CROSS JOIN LATERAL (
    SELECT 'sent' AS measure, d.sent_at AS at, nightbell.tally_bucket(l.ms) AS bucket, greatest(l.ms, 0) AS length_ms
    FROM (SELECT (extract(epoch FROM d.sent_at - coalesce(d.queued_at, d.created_at)) * 1000)::bigint) AS l (ms)
    UNION ALL
    SELECT 'delivered', coalesce(d.delivered_at, d.read_at), 0, 0
    UNION ALL
    SELECT d.status, d.ended_at, 0, 0 WHERE d.status IN ('failed', 'bounced')) AS m
WHERE m.at > now() - interval '90 days'
GROUP BY 1, 2, 3, 4, 5;
