-- Ids in order of time, and the partitions that rest on them.
BEGIN;
SELECT plan(34);

-- ids
CREATE TEMP TABLE ids AS SELECT n, nightbell.uuidv7() AS id, clock_timestamp() AS at FROM generate_series(1, 20000) AS n;
SELECT is((SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY n) AS before FROM ids) AS i WHERE id <= before), 0::bigint, 'uuidv7: 20,000 of a session, each above the one before');
SELECT is((SELECT count(*) FROM ids WHERE id::text !~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'), 0::bigint, 'version 7, the variant of RFC 9562');
SELECT is((SELECT count(*) FROM ids WHERE nightbell.uuidv7_time(id) NOT BETWEEN at - interval '1 second' AND at + interval '1 millisecond'), 0::bigint, 'with the time in it');
SELECT is(nightbell.uuidv7_time(nightbell.uuidv7_at('2026-11-21 10:00:00.123+00')), '2026-11-21 10:00:00.123+00', 'there and back, to the millisecond');
SELECT ok(nightbell.uuidv7_at('2026-11-21 10:00:00.123456+00') < nightbell.uuidv7_at('2026-11-21 10:00:00.123457+00'), 'a microsecond later is later');
SELECT ok(nightbell.uuidv7_floor('2026-11-21 10:00+00') < nightbell.uuidv7_at('2026-11-21 10:00+00'), 'the floor is below all of its time');
SELECT ok(nightbell.uuidv7_floor('2026-11-21 10:00+00') > nightbell.uuidv7_at('2026-11-21 09:59:59.999+00'), 'and above all before it');

-- a clock that is set back: the session has handed out an id of ten minutes ahead
SELECT set_config('nightbell.last_id', (round(extract(epoch FROM now() + interval '10 minutes') * 1000000))::bigint::text, false) IS NULL AS quiet \gset
CREATE TEMP TABLE back AS SELECT n, nightbell.uuidv7() AS id FROM generate_series(1, 5000) AS n;
SELECT cmp_ok((SELECT nightbell.uuidv7_time(id) FROM back WHERE n = 1), '>=', now() + interval '10 minutes' - interval '1 millisecond', 'ids go on from the last one when the clock is set back');
SELECT is((SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY n) AS before FROM back) AS i WHERE id <= before), 0::bigint, 'each above the one before');
SELECT cmp_ok(nightbell.uuidv7_batch(1000), '>', (SELECT nightbell.uuidv7_time(max(id::text)::uuid) FROM back), 'a batch begins above them');
SELECT cmp_ok(nightbell.uuidv7_time(nightbell.uuidv7()), '>=', now() + interval '10 minutes' + interval '5 milliseconds', 'and what follows is above the batch');
SELECT set_config('nightbell.last_id', (round(extract(epoch FROM now() + interval '2 years') * 1000000))::bigint::text, false) IS NULL AS quiet \gset
SELECT cmp_ok(nightbell.uuidv7_time(nightbell.uuidv7()), '<', now() + interval '1 day', 'years ahead are not believed: no id falls into a partition of its own');

-- what there is after db init
SELECT nightbell.ensure_partitions() >= 0 AS quiet \gset
SELECT cmp_ok((SELECT count(*) FROM nightbell.partitions() WHERE NOT is_default), '>=', 3::bigint, 'there are partitions from now on');
SELECT is((SELECT count(*) FROM nightbell.partitions() p WHERE nightbell.uuidv7() >= p.lower_id AND nightbell.uuidv7() < p.upper_id), 1::bigint, 'one of them for now');
SELECT is((SELECT count(*) FROM nightbell.partitions() p WHERE nightbell.uuidv7_at(now() + interval '3 months') BETWEEN p.lower_id AND p.upper_id), 1::bigint, 'and one for three months ahead');
SELECT is(nightbell.ensure_partitions(), 0, 'again makes none');
SELECT is((SELECT count(*) FROM nightbell.partitions() a JOIN nightbell.partitions() b ON a.lower_id > b.lower_id AND a.lower_id < b.upper_id), 0::bigint, 'none overlaps another');

-- what falls beside is drained into real ones, as it was
INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, created_at, read_at)
SELECT nightbell.uuidv7_at(now() - n * interval '40 days'), :'ACME', :'ADA', 'WALLET_TOP_UP', 'aged ' || n, 'm', now() - n * interval '40 days',
    CASE WHEN n % 2 = 0 THEN now() END
FROM generate_series(1, 6) AS n;
CREATE TEMP TABLE before AS SELECT * FROM nightbell.notifications;
SELECT is((SELECT count(*) FROM nightbell.notifications_default), 6::bigint, 'rows of old times lie in the default partition');
SELECT cmp_ok(nightbell.ensure_partitions(), '>=', 6, 'a partition is made for each');
SELECT is((SELECT count(*) FROM nightbell.notifications_default), 0::bigint, 'the default partition is empty');
SELECT results_eq('SELECT n::text FROM nightbell.notifications n ORDER BY id', 'SELECT b::text FROM before b ORDER BY id', 'every row is there, unchanged');
SELECT is_empty('SELECT * FROM nightbell.security_report()', 'new partitions are protected like the others');
SELECT throws_ok($$UPDATE nightbell.notifications SET title = 'x' WHERE title = 'aged 3'$$, '23000', NULL, 'and guarded');
SELECT is((SELECT count(*) FROM pg_index i JOIN nightbell.partitions() p ON i.indrelid = p.partition GROUP BY p.partition ORDER BY 1 LIMIT 1),
          (SELECT count(*) FROM pg_index WHERE indrelid = 'nightbell.notifications'::regclass), 'with all the indexes');

-- weeks, from an end of months that is no Monday
SELECT nightbell.ensure_partitions(CASE extract(isodow FROM date_trunc('month', now() + interval '4 months', 'UTC') AT TIME ZONE 'UTC')
    WHEN 1 THEN interval '4 months' ELSE interval '3 months' END) >= 0 AS quiet \gset
UPDATE nightbell.installation SET partition_span = 'week';
SELECT cmp_ok(nightbell.ensure_partitions('6 months'), '>', 8, 'weeks instead of months from where those end');
SELECT is((SELECT count(*) FROM nightbell.partitions() a JOIN nightbell.partitions() b ON a.lower_id > b.lower_id AND a.lower_id < b.upper_id), 0::bigint, 'still none overlaps another');
SELECT is((SELECT count(*) FROM nightbell.partitions() a WHERE NOT is_default AND a.lower_id > nightbell.uuidv7() AND NOT EXISTS (
    SELECT FROM nightbell.partitions() b WHERE b.upper_id = a.lower_id)), 0::bigint, 'and no gap is left ahead');
SELECT throws_ok($$SELECT nightbell.ensure_partitions('-1 day')$$, '22023', NULL, 'not into the past');
SELECT throws_ok($$SELECT nightbell.ensure_partitions('100 years')$$, '22023', NULL, 'not for a century');

-- people, while we are at constraints
SELECT throws_ok(format($$INSERT INTO nightbell.users (tenant_id, id, name, time_zone) VALUES (%L, gen_random_uuid(), 'x', 'Europe/Nowhere')$$, :'ACME'), '22023', NULL, 'an unknown time zone');
SELECT throws_ok($$UPDATE nightbell.users SET time_zone = 'EST+5foo' WHERE name = 'ada'$$, '22023', NULL, 'a time zone that only looks like one');
SELECT lives_ok($$UPDATE nightbell.users SET time_zone = 'Europe/Berlin' WHERE name = 'ada'$$, 'a time zone');
SELECT throws_ok(format($$INSERT INTO nightbell.users (tenant_id, id, name, %s) VALUES (%L, gen_random_uuid(), 'x', %L)$$, field, :'ACME', value), '23514', NULL, value)
FROM (VALUES ('email', 'no address'), ('phone', '0049 30 123456')) AS bad (field, value);
SELECT * FROM finish();
ROLLBACK;
