-- Statistics: figures that were worked out by hand, what is counted twice or never, whose figures one gets, and a random check beside SQL
-- that looks at the rows themselves. Time is injected where the figures are not the notifications'.
BEGIN;
SELECT no_plan();
\ir everybody.psql
CREATE FUNCTION pg_temp.at(wanted timestamptz) RETURNS void LANGUAGE sql AS $$ SELECT set_config('nightbell.clock', wanted::text, false) $$;
CREATE FUNCTION pg_temp.be(token text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, false) $$;
-- One line of the document, whatever its period: {events,raised,high}
CREATE FUNCTION pg_temp.figure(path text[], period text DEFAULT '24h', tenant text DEFAULT NULL) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nightbell.stats(period, tenant) #>> path $$;
CREATE FUNCTION pg_temp.channel(name text, path text[], period text DEFAULT '24h') RETURNS text LANGUAGE sql STABLE AS $$
    SELECT c #>> path FROM jsonb_array_elements(nightbell.stats(period) -> 'channels') AS c WHERE c ->> 'channel' = name $$;
CREATE FUNCTION pg_temp.event(tenant uuid, severity text, created timestamptz, acknowledged interval DEFAULT NULL, resolved interval DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO nightbell.admin_system_events (tenant_id, event_type, severity, description, created_at, acknowledged_at, acknowledged_by, is_resolved, resolved_at)
    VALUES (tenant, 'stats_test', severity, 'd', created, created + acknowledged, CASE WHEN acknowledged IS NOT NULL THEN '00000000-0000-4000-8000-0000000000b1'::uuid END,
            resolved IS NOT NULL, created + resolved) RETURNING id $$;
SELECT pg_temp.at('2026-11-30 12:34:56Z');

-- nothing
SELECT pg_temp.be(:'token_bob');
SELECT is(pg_temp.figure('{events,raised}'), '{"low": 0, "high": 0, "medium": 0, "critical": 0}', 'without an event there are none');
SELECT is(pg_temp.figure('{channels}'), '[]', 'no channel');
SELECT is(pg_temp.figure('{events,acknowledged}'), '{"count": 0, "p95_seconds": null, "median_seconds": null}', 'and nothing that took any time');
SELECT is(jsonb_array_length(nightbell.stats('1h') #> '{events,buckets}'), 60, 'an hour has 60 minutes');
SELECT is(jsonb_array_length(nightbell.stats('24h') #> '{events,buckets}'), 24, 'a day 24 hours');
SELECT is(jsonb_array_length(nightbell.stats('7d') #> '{events,buckets}'), 168, 'a week 168');
SELECT is(jsonb_array_length(nightbell.stats('30d') #> '{events,buckets}'), 720, '30 days 720');
SELECT is(pg_temp.figure('{since}'), '2026-11-29T13:00:00+00:00', 'the hour that has begun is the last one');
SELECT is(pg_temp.figure('{events,buckets,23,at}'), '2026-11-30T12:00:00+00:00', 'as its bucket says');
SELECT throws_ok($$SELECT nightbell.stats('2h')$$, '22023', NULL, 'other periods are refused');

-- events
SELECT pg_temp.event(:'ACME', 'high', '2026-11-30 12:10Z', '4 minutes', '20 minutes'),   -- acknowledged 12:14, resolved 12:30
    pg_temp.event(:'ACME', 'high', '2026-11-30 10:59:59Z', '6 minutes'),
    pg_temp.event(:'ACME', 'critical', '2026-11-30 11:00Z', NULL, '50 minutes'),
    pg_temp.event(:'ACME', 'low', '2026-11-29 13:00Z'),
    pg_temp.event(:'ACME', 'low', '2026-11-29 12:59:59Z'),
    pg_temp.event(:'ACME', 'medium', '2026-11-20 00:00Z'),
    pg_temp.event(:'GLOBEX', 'critical', '2026-11-30 12:00Z', '1 minute'),
    pg_temp.event(NULL, 'low', '2026-11-30 12:00Z') \g /dev/null
SELECT is(pg_temp.figure('{events,raised}'), '{"low": 1, "high": 2, "medium": 0, "critical": 1}', 'of a day: what was raised since then, of one''s tenant');
SELECT is(pg_temp.figure('{events,raised}', '1h'), '{"low": 0, "high": 1, "medium": 0, "critical": 0}', 'of an hour');
SELECT is(pg_temp.figure('{events,raised}', '7d'), '{"low": 2, "high": 2, "medium": 0, "critical": 1}', 'of a week');
SELECT is(pg_temp.figure('{events,raised}', '30d'), '{"low": 2, "high": 2, "medium": 1, "critical": 1}', 'of 30 days');
SELECT is(pg_temp.figure('{events,buckets,22}'), '{"at": "2026-11-30T11:00:00+00:00", "low": 0, "high": 0, "medium": 0, "critical": 1}', 'each in its hour');
SELECT is(pg_temp.figure('{events,buckets,21,high}'), '1', 'to the second');
SELECT is(pg_temp.figure('{events,open,high}'), '{"day": 1, "hour": 0, "week": 0, "older": 0}', 'what is open, by its age');
SELECT is(pg_temp.figure('{events,open,low}'), '{"day": 2, "hour": 0, "week": 0, "older": 0}', 'within a day');
SELECT is(pg_temp.figure('{events,open,medium}'), '{"day": 0, "hour": 0, "week": 0, "older": 1}', 'and longer than a week');
-- 240 s and 360 s: in the buckets (200, 250] and (320, 400]; half of two is the end of the first one, 95 % of two is nine tenths into the second
SELECT is(pg_temp.figure('{events,acknowledged}'), '{"count": 2, "p95_seconds": 392, "median_seconds": 250}', 'how long until somebody acknowledged');
-- 1200 s and 3000 s: (1000, 1250] and (2500, 3200]
SELECT is(pg_temp.figure('{events,resolved}'), '{"count": 2, "p95_seconds": 3130, "median_seconds": 1250}', 'and resolved');
SELECT is(pg_temp.figure('{events,acknowledged,count}', '1h'), '1', 'counted when it was done');
SELECT is(pg_temp.figure('{tenant}'), 'acme', 'whose figures they are is said');

-- an act that is taken back
UPDATE nightbell.admin_system_events SET acknowledged_at = NULL, acknowledged_by = NULL WHERE created_at = '2026-11-30 10:59:59Z';
SELECT is(pg_temp.figure('{events,acknowledged}'), '{"count": 1, "p95_seconds": 247.5, "median_seconds": 225}', 'what is taken back counts no more');
UPDATE nightbell.admin_system_events SET acknowledged_at = '2026-11-30 12:00Z', acknowledged_by = :'BOB' WHERE created_at = '2026-11-30 10:59:59Z';
SELECT is(pg_temp.figure('{events,acknowledged,count}'), '2', 'what is done again does');
UPDATE nightbell.admin_system_events SET is_resolved = false WHERE created_at = '2026-11-30 11:00Z';
SELECT is(pg_temp.figure('{events,resolved,count}'), '1', 'what is open again is not resolved');

-- whose
SELECT pg_temp.be(:'token_mallory');
SELECT is(pg_temp.figure('{events,raised}'), '{"low": 0, "high": 0, "medium": 0, "critical": 1}', 'another tenant''s operator gets that one''s');
SELECT is(pg_temp.figure('{workers,list}'), NULL, 'and hears of no worker''s host');
SELECT throws_ok($$SELECT nightbell.stats('24h', 'acme')$$, 'P0002', NULL, 'a tenant that is not one''s own is none');
SELECT throws_ok($$SELECT nightbell.stats_metrics('acme')$$, 'P0002', NULL, 'in metrics neither');
SELECT lives_ok($$SELECT nightbell.stats('24h', 'GLOBEX')$$, 'one''s own may be named');
SELECT pg_temp.be(:'token_olga');
SELECT is(pg_temp.figure('{events,raised}'), '{"low": 2, "high": 2, "medium": 0, "critical": 2}', 'a global operator gets all of them, those of no tenant too');
SELECT is(pg_temp.figure('{events,raised}', '24h', 'globex'), '{"low": 0, "high": 0, "medium": 0, "critical": 1}', 'or one tenant''s, by its name');
SELECT is(pg_temp.figure('{events,raised,critical}', '24h', :'GLOBEX'), '1', 'or its id');
SELECT is(pg_temp.figure('{tenant}'), NULL, 'all of them have no name');

-- adding up changes no figure
CREATE TEMP TABLE before AS SELECT p.period, nightbell.stats(p.period) - '{workers,notifications}'::text[] AS document FROM unnest('{1h,24h,7d,30d}'::text[]) AS p (period);
SELECT is(nightbell.tally_up(5), 5::bigint, 'the duty adds up so many, and says where there are more');
SELECT results_eq($$SELECT nightbell.stats(period) - '{workers,notifications}'::text[] FROM before$$, 'SELECT document FROM before', 'half added up the figures are the same');
SELECT is(nightbell.tally_up(1000), 0::bigint, 'then there are no more');
SELECT is_empty('SELECT FROM nightbell.tallies', 'nothing is left to be added up');
SELECT results_eq($$SELECT nightbell.stats(period) - '{workers,notifications}'::text[] FROM before$$, 'SELECT document FROM before', 'all added up they are, too');
SELECT is((SELECT n FROM nightbell.tally_sums WHERE tenant_id = :'ACME' AND span = 'total' AND measure = 'resolved' AND bucket = nightbell.tally_bucket(3000000)), 1::bigint,
    'what is counted for ever only grows');

-- deliveries
SELECT pg_temp.be(:'token_bob');
INSERT INTO nightbell.notification_types (type, module, description, urgency, data_schema) VALUES ('STATS_NOTE', 'm', 'A note', 'normal', '{"type": "object"}');
CREATE TEMP TABLE made (name text, id uuid);
CREATE FUNCTION pg_temp.send(name text, channel text, tenant uuid DEFAULT '00000000-0000-4000-8000-00000000acee', "user" uuid DEFAULT '00000000-0000-4000-8000-0000000000a1') RETURNS void LANGUAGE sql AS $$
    WITH new AS (
        INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, next_attempt_at, queued_at)
        VALUES (nightbell.uuidv7(), tenant, "user", 'STATS_NOTE', channel::text::nightbell.channel, 'b', nightbell.clock(), nightbell.clock()) RETURNING id)
    INSERT INTO pg_temp.made SELECT send.name, id FROM new $$;
CREATE FUNCTION pg_temp.answer(name text, outcome text) RETURNS bigint LANGUAGE sql AS $$
    SELECT nightbell.delivery_finish('00000000-0000-4000-8000-000000000a01', ARRAY[d.tenant_id], ARRAY[d.user_id], ARRAY[d.id], ARRAY[q.attempt], '{answered}', '{email,sms}',
        '{"{60000}","{60000}"}', '{1}', ARRAY[outcome], '{250}', '{12}', ARRAY['it said no'], ARRAY['m-' || name], '{-1}', '{0}', '{0}', ARRAY[NULL::uuid], ARRAY[d.channel::text], '{provider}', '{smtp}', '{a@b.example}')
    FROM nightbell.deliveries d JOIN made m ON m.id = d.id JOIN nightbell.delivery_queue q ON q.tenant_id = d.tenant_id AND q.delivery_id = d.id WHERE m.name = answer.name $$;
CREATE FUNCTION pg_temp.claim(channel text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM nightbell.delivery_claim('00000000-0000-4000-8000-000000000a01', '2 minutes', array_fill(channel, '{3}'), '{0,1,2}', '{50,50,50}', array_fill('-infinity'::timestamptz, '{3}'), '{100,100,100}', '{}', '{}', '{}') $$;
SELECT pg_temp.send('a', 'email'), pg_temp.send('b', 'email'), pg_temp.send('c', 'email'), pg_temp.send('d', 'email'), pg_temp.send('x', 'sms') \g /dev/null
SELECT pg_temp.send('g', 'email', :'GLOBEX', :'MALLORY') \g /dev/null
SELECT pg_temp.at('2026-11-30 12:35:06Z');
SELECT is(pg_temp.channel('email', '{queue}'), '{"sending": 0, "waiting": 4, "oldest_seconds": 10.0}', 'what waits, and for how long');
SELECT is(pg_temp.claim('email'), 5::bigint, 'all are claimed');
SELECT is(pg_temp.channel('email', '{queue}'), '{"sending": 4, "waiting": 0, "oldest_seconds": null}', 'and then in hand');
-- the shorter way of what is simply sent counts the same
SELECT is((SELECT nightbell.delivery_sent('00000000-0000-4000-8000-000000000a01', ARRAY[q.tenant_id], ARRAY[q.user_id], ARRAY[q.delivery_id], ARRAY[q.attempt], '{1}', '{250}', '{12}', '{m-a}',
    ARRAY[NULL::uuid], '{email}', '{provider}', '{smtp}', '{a@b.example}') FROM nightbell.delivery_queue q JOIN made m ON m.id = q.delivery_id WHERE m.name = 'a'), '{}', 'one is simply sent');
SELECT pg_temp.answer('b', 'sent'), pg_temp.answer('c', 'failed'), pg_temp.answer('d', 'retry'), pg_temp.answer('g', 'sent') \g /dev/null
SELECT is(pg_temp.channel('email', '{}')::jsonb - 'queue', '{"channel": "email", "sent": 2, "delivered": 0, "failed": 1, "bounced": 0, "retried": 1, "success_rate": 0.6667,
    "latency": {"count": 2, "median_seconds": 9, "p95_seconds": 9.9}}', 'what became of them; 10 s is in the bucket (8, 10]');
SELECT is(pg_temp.channel('email', '{queue}'), '{"sending": 0, "waiting": 1, "oldest_seconds": null}', 'what waits for its next try is not late');
SELECT is(pg_temp.figure('{dead_letters}'), '{"is_more": false, "app_events": null, "deliveries": 1}', 'the dead letter');
SELECT is((SELECT count(*) FROM nightbell.import_receipts(ARRAY(SELECT jsonb_build_object('delivery', m.id, 'status', s.status)::text
    FROM made m CROSS JOIN (VALUES (1, 'delivered'), (2, 'delivered'), (3, 'opened')) AS s (n, status) WHERE m.name = 'a' ORDER BY s.n)) AS r WHERE r.change IN ('taken', 'history')), 3::bigint, 'three receipts of one');
SELECT is(pg_temp.channel('email', '{delivered}'), '1', 'which was delivered once');
SELECT is((SELECT change FROM nightbell.import_receipts(ARRAY(SELECT jsonb_build_object('delivery', m.id, 'status', 'bounced')::text FROM made m WHERE m.name = 'b')) AS r), 'taken', 'one bounces');
SELECT is(pg_temp.channel('email', '{bounced}') || ' ' || pg_temp.channel('email', '{success_rate}'), '1 0.3333', 'and was no success');
SELECT is(pg_temp.channel('sms', '{sent}') || pg_temp.channel('sms', '{queue,waiting}'), '01', 'a channel that only waits is shown, too');
SELECT is((SELECT change FROM nightbell.import_receipts(ARRAY(SELECT jsonb_build_object('delivery', m.id, 'status', 'opened')::text FROM made m WHERE m.name = 'c')) AS r), 'history', 'a receipt of what had failed');
SELECT is(pg_temp.channel('email', '{delivered}'), '1', 'delivers nothing');
SELECT pg_temp.be(:'token_olga');
SELECT is(pg_temp.channel('email', '{sent}'), '3', 'a global operator gets those of all tenants');
SELECT is(pg_temp.figure('{queue}'), '{"is_more": false, "sending": 0, "waiting": 2, "oldest_seconds": 10.0}', 'and the queue of all');

-- metrics
SELECT is((SELECT array_agg(concat_ws(' ', m.tenant_name, m.label, m.second, m.value) ORDER BY m.tenant_name, m.second) FROM nightbell.stats_metrics() AS m WHERE m.metric = 'deliveries_total'),
    '{acme email bounced 1,acme email delivered 1,acme email failed 1,acme email retried 1,acme email sent 2,globex email sent 1}', 'what happened, by tenant');
SELECT is((SELECT array_agg(concat_ws(' ', m.tenant_name, m.label, m.value) ORDER BY m.tenant_name, m.label) FROM nightbell.stats_metrics() AS m WHERE m.metric = 'events_total'),
    '{" low 1","acme critical 1","acme high 2","acme low 2","acme medium 1","globex critical 1"}', 'events of no tenant, too');
SELECT is((SELECT array_agg(concat_ws(' ', m.part, m.bound, m.value) ORDER BY m.part, m.bound) FROM nightbell.stats_metrics('acme') AS m WHERE m.metric = 'delivery_seconds' AND (m.bound IS NULL OR m.bound NOT BETWEEN 0.02 AND 4 AND m.bound < 50 OR m.bound > 90000)),
    '{"bucket 0.01 0","bucket 5 0","bucket 10 2","bucket 25 2","bucket 100000 2","bucket Infinity 2","count 2","sum 20"}', 'a histogram is cumulative');
CREATE TEMP TABLE totals AS SELECT * FROM nightbell.stats_metrics() AS m WHERE m.metric ~ '_total$|_seconds$';
SELECT is(nightbell.tally_up(1000), 0::bigint, 'added up');
SELECT set_eq($$SELECT * FROM nightbell.stats_metrics() AS m WHERE m.metric ~ '_total$|_seconds$'$$, 'SELECT * FROM totals', 'metrics are the same then');
SELECT pg_temp.be(:'token_bob');
SELECT is_empty($$SELECT FROM nightbell.stats_metrics() AS m WHERE m.tenant_name <> 'acme' OR m.metric IN ('worker_heartbeat_timestamp_seconds', 'app_events_waiting')$$, 'a tenant''s operator gets no other''s');
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.be(:'token_ada');
SELECT throws_ok('SELECT nightbell.stats()', '42501', NULL, 'who is no operator gets nothing');
SELECT throws_ok('SELECT FROM nightbell.stats_metrics()', '42501', NULL, 'in metrics neither');
SELECT pg_temp.be('');
SELECT throws_ok('SELECT nightbell.stats()', '42501', NULL, 'nor without a token');
SELECT throws_ok('SELECT FROM nightbell.tally_sums', '42501', NULL, 'the sums themselves are nobody''s');
SELECT throws_ok('SELECT FROM nightbell.tallies', '42501', NULL, 'the tallies neither');
SELECT throws_ok('SELECT nightbell.stats_queue(nightbell.tally_of_all(), now())', '42501', NULL, 'nor what the statistics are made by');
SELECT throws_ok('SELECT nightbell.tally_up(1)', '42501', NULL, 'and nobody but the worker adds up');
RESET SESSION AUTHORIZATION;

-- workers
INSERT INTO nightbell.workers (id, name, host, pid, version, heartbeat_at) VALUES (gen_random_uuid(), 'w1', 'h1', 1, '1', clock_timestamp() - interval '1 second'),
    (gen_random_uuid(), 'w2', 'h2', 1, '1', clock_timestamp() - interval '5 minutes');
INSERT INTO nightbell.workers (id, name, host, pid, version, heartbeat_at, stopped_at) VALUES (gen_random_uuid(), 'w3', 'h3', 1, '1', clock_timestamp(), clock_timestamp());
SELECT pg_temp.be(:'token_bob');
SELECT is(pg_temp.figure('{workers,alive}') || pg_temp.figure('{workers,gone}'), '11', 'one is alive, one is gone, one has ended');
SELECT pg_temp.be(:'token_olga');
SELECT is(pg_temp.figure('{workers,list,0,name}') || ' ' || pg_temp.figure('{workers,list,1,alive}'), 'w1 false', 'global operators hear their names');

-- quantiles: of values spread over a bucket the interpolation is theirs
SELECT is(nightbell.tally_quantile(0.5, ARRAY[nightbell.tally_bucket(9000)], '{1}'), 9::double precision, 'the middle of its bucket is as good as any');
SELECT is(nightbell.tally_quantile(0.5, '{}', '{}'), NULL, 'of nothing there is none');
SELECT is(nightbell.tally_quantile(1, ARRAY[nightbell.tally_bucket(99000000000)], '{1}'), 10000000::double precision, 'beyond the last bound it is the last bound');
SELECT is((SELECT count(*) FROM generate_series(1, 300000, 7) AS ms WHERE ms > (nightbell.tally_bounds())[nightbell.tally_bucket(ms)]
           OR ms <= coalesce((nightbell.tally_bounds())[nightbell.tally_bucket(ms) - 1], 0)), 0::bigint, 'each length is within the bounds of its bucket');

-- a random world, beside SQL that looks at the rows
SELECT setseed(0.42);
DELETE FROM nightbell.tally_sums;
DELETE FROM nightbell.tallies;
ALTER TABLE nightbell.admin_system_events DISABLE TRIGGER tally_update;
DELETE FROM nightbell.admin_system_events;
ALTER TABLE nightbell.admin_system_events ENABLE TRIGGER tally_update;
SELECT count(pg_temp.event((ARRAY[:'ACME', :'GLOBEX', NULL]::uuid[])[1 + (random() * 2)::int], (ARRAY['low', 'medium', 'high', 'critical'])[1 + (random() * 3)::int],
    nightbell.clock() - random() * random() * interval '40 days', CASE WHEN random() < 0.6 THEN random() ^ 4 * interval '2 days' END, CASE WHEN random() < 0.5 THEN random() ^ 4 * interval '9 days' END))
FROM generate_series(1, 3000) \g /dev/null
UPDATE nightbell.admin_system_events SET is_resolved = false WHERE is_resolved AND random() < 0.2;
UPDATE nightbell.admin_system_events SET acknowledged_at = NULL, acknowledged_by = NULL WHERE random() < 0.1;
SELECT nightbell.tally_up(1700) \g /dev/null
UPDATE nightbell.admin_system_events SET is_resolved = true, resolved_at = created_at + random() * interval '5 days' WHERE NOT is_resolved AND random() < 0.2;
CREATE FUNCTION pg_temp.slow(period text, since timestamptz, at timestamptz, step interval) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('buckets', (
            SELECT jsonb_agg(jsonb_build_object('at', b, 'low', count.low, 'medium', count.medium, 'high', count.high, 'critical', count.critical) ORDER BY b)
            FROM generate_series(since, at, step) AS b CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE severity = 'low') AS low, count(*) FILTER (WHERE severity = 'medium') AS medium, count(*) FILTER (WHERE severity = 'high') AS high,
                    count(*) FILTER (WHERE severity = 'critical') AS critical
                FROM nightbell.admin_system_events e WHERE e.created_at >= b AND e.created_at < b + step) AS count),
        'acknowledged', (SELECT count(*) FROM nightbell.admin_system_events e WHERE e.acknowledged_at >= since),
        'resolved', (SELECT count(*) FROM nightbell.admin_system_events e WHERE e.resolved_at >= since),
        'open', (SELECT count(*) FROM nightbell.admin_system_events e WHERE NOT e.is_resolved)) $$;
SELECT is(jsonb_build_object('buckets', s.document #> '{events,buckets}', 'acknowledged', s.document #> '{events,acknowledged,count}', 'resolved', s.document #> '{events,resolved,count}',
        'open', (SELECT sum(n.value::int) FROM jsonb_each(s.document #> '{events,open}') AS o, jsonb_each_text(o.value) AS n)),
    pg_temp.slow(p.period, (s.document ->> 'since')::timestamptz, (s.document ->> 'at')::timestamptz, p.step), p.period || ' agrees with the rows')
FROM (VALUES ('1h', interval '1 minute'), ('24h', interval '1 hour'), ('7d', '1 hour'), ('30d', '1 hour')) AS p (period, step)
CROSS JOIN LATERAL (SELECT nightbell.stats(p.period) AS document OFFSET 0) AS s;
-- within its bucket, whose bounds are a quarter apart
SELECT cmp_ok(abs(ln(pg_temp.figure(ARRAY['events', q.measure, q.name], '30d')::double precision / q.exact)), '<', ln(1.34)::double precision, q.measure || ' ' || q.name || ' is as exact as its bucket')
FROM (
    SELECT m.measure, f.name, percentile_disc(f.part) WITHIN GROUP (ORDER BY extract(epoch FROM m.until - e.created_at)) AS exact
    FROM nightbell.admin_system_events e CROSS JOIN LATERAL (VALUES ('acknowledged', e.acknowledged_at), ('resolved', e.resolved_at)) AS m (measure, until)
    CROSS JOIN (VALUES ('median_seconds', 0.5), ('p95_seconds', 0.95)) AS f (name, part)
    WHERE m.until >= '2026-10-31 13:00Z' GROUP BY m.measure, f.name, f.part) AS q;

-- sums end
SELECT pg_temp.at('2027-01-15 12:00Z');
SELECT cmp_ok(nightbell.purge_tallies(1000000), '>', 0::bigint, 'what is older than two days goes by the minute');
SELECT is_empty($$SELECT FROM nightbell.tally_sums WHERE span = 'minute'$$, 'all of it');
SELECT isnt_empty($$SELECT FROM nightbell.tally_sums WHERE span = 'hour'$$, 'not by the hour');
SELECT pg_temp.at('2027-06-15 12:00Z');
SELECT cmp_ok(nightbell.purge_tallies(1000000), '>', 0::bigint, 'which goes after 90 days');
SELECT isnt_empty($$SELECT FROM nightbell.tally_sums WHERE span = 'total'$$, 'what is counted for ever does not');
SELECT * FROM finish();
ROLLBACK;
