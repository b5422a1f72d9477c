-- Heartbeats: late before down, silence is an event and return settles it, instance by instance. Time is injected.
BEGIN;
SELECT plan(42);
CREATE FUNCTION pg_temp.at(clock timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.clock', clock::text, true) $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql
SELECT set_config('nightbell.acme', :'ACME', true) IS NULL AS quiet \gset
CREATE FUNCTION pg_temp.import(item text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', i.key, i.change, i.message) FROM nightbell.import_heartbeats(current_setting('nightbell.acme')::uuid, ARRAY[item]) AS i $$;
CREATE FUNCTION pg_temp.beat(slug text, instance text DEFAULT '', kind text DEFAULT 'ok', status int DEFAULT NULL, output text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(', ', h.state, h.verdict, to_char(h.expected_at AT TIME ZONE 'UTC', 'DD HH24:MI'))
    FROM nightbell.heartbeat(slug, current_setting('nightbell.acme')::uuid, instance, kind, status, NULL, output) AS h $$;
CREATE FUNCTION pg_temp.state(slug text, instance text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT i.state FROM nightbell.heartbeat_instances i WHERE i.heartbeat_id = slug AND i.instance = state.instance $$;
CREATE FUNCTION pg_temp.due(clock timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('nightbell.clock', clock::text, true);
    RETURN to_char(nightbell.heartbeats_due() AT TIME ZONE 'UTC', 'DD HH24:MI');
END $$;
CREATE FUNCTION pg_temp.open() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(e.description, ', ' ORDER BY e.fingerprint) FROM nightbell.admin_system_events e WHERE e.source = 'heartbeat' AND NOT e.is_resolved $$;

SELECT pg_temp.at('2026-03-01 12:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.import('{"heartbeat": "queue", "every": "PT10M", "grace": "PT2M"}'), 'queue added', 'every ten minutes');
SELECT is((SELECT string_agg(i.change, ' ') FROM nightbell.import_heartbeats(:'ACME', ARRAY(SELECT d.document FROM nightbell.heartbeat_documents(:'ACME') AS d)) AS i),
    'same', 'what is exported and imported changes nothing');
SELECT is(pg_temp.import('{"heartbeat": "x"}'), 'x every: expected either every, or starts and rrule', 'it must be due some time');
SELECT is(pg_temp.import('{"heartbeat": "x", "every": "PT1S"}'), 'x every: expected 10 seconds to 1 year', 'not too often');
SELECT is(pg_temp.import('{"heartbeat": "x", "rrule": "FREQ=HOURLY", "starts": "2026-01-01T10:00"}'), 'rrule: expected FREQ=DAILY, WEEKLY, MONTHLY or YEARLY first, such as FREQ=WEEKLY;BYDAY=SU', 'a schedule is of days');

-- one that has never reported
SELECT is(nightbell.heartbeats_next(), '2026-03-01 12:10 UTC'::timestamptz, 'it is expected from the beginning');
SELECT is(pg_temp.due('2026-03-01 12:09 UTC'), '01 12:10', 'not before its time');
SELECT is(pg_temp.due('2026-03-01 12:10 UTC'), '01 12:12', 'then until its grace is over');
SELECT is(pg_temp.state('queue'), 'late', 'it is late');
SELECT is(pg_temp.open(), NULL, 'which is no event');
SELECT is(pg_temp.due('2026-03-01 12:12 UTC'), NULL, 'then nothing is to come');
SELECT is(pg_temp.state('queue'), 'down', 'it is down');
SELECT is(pg_temp.open(), 'queue has not reported: expected 2026-03-01 12:10 UTC', 'which is one');
SELECT pg_temp.at('2026-03-01 12:20 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.beat('queue', 'a'), 'up, late, 01 12:30', 'the first instance that reports');
SELECT is(pg_temp.open(), NULL, 'takes its place');
SELECT is(pg_temp.state('queue'), NULL, 'which is gone');

-- a fleet
SELECT is(pg_temp.beat('queue', 'b'), 'up, in time, 01 12:30', 'another is found by itself');
SELECT pg_temp.at('2026-03-01 12:25 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.beat('queue', 'a'), 'up, in time, 01 12:35', 'one reports');
SELECT is(pg_temp.due('2026-03-01 12:32 UTC'), '01 12:35', 'the other does not');
SELECT is(pg_temp.state('queue', 'a') || ' ' || pg_temp.state('queue', 'b'), 'up down', 'and a healthy one hides it not');
SELECT is(pg_temp.open(), 'queue/b has not reported: expected 2026-03-01 12:30 UTC', 'it is an event');
SELECT is(pg_temp.beat('queue', 'b'), 'up, late, 01 12:42', 'its return');
SELECT is(pg_temp.open(), NULL, 'settles it');
SELECT is((SELECT resolution FROM nightbell.admin_system_events WHERE fingerprint = 'queue/b'), 'it reports again', 'and says so');

-- runs
SELECT is(pg_temp.beat('queue', 'a', 'ok', 3, repeat('é', 10000) || 'disk full'), 'failed, failed, 01 12:42', 'an exit status other than 0');
SELECT is(pg_temp.open(), 'queue/a failed with exit status 3', 'is an event at once');
SELECT results_eq($$SELECT details ->> 'exit_status', right(details ->> 'output', 9), octet_length(details ->> 'output') BETWEEN 10000 AND 10240
    FROM nightbell.admin_system_events WHERE source = 'heartbeat' AND NOT is_resolved$$, $$VALUES ('3', 'disk full', true)$$, 'with the end of its output');
SELECT is(pg_temp.beat('queue', 'a', 'start'), 'failed, started, 01 12:42', 'a start is no success');
SELECT is(pg_temp.beat('queue', 'a'), 'up, in time, 01 12:42', 'its end is');
SELECT is(pg_temp.open(), NULL, 'it is settled');
SELECT is(pg_temp.beat('queue', 'a', 'start'), 'running, started, 01 12:42', 'one that starts');
SELECT is(pg_temp.due('2026-03-01 12:34 UTC'), '01 12:42', 'and does not end');
SELECT is(pg_temp.open(), 'queue/a started at 2026-03-01 12:32 UTC and has not ended', 'is an event');

-- a schedule in its zone, over the change to summer time
SELECT pg_temp.at('2026-03-27 12:00 UTC') IS NULL AS quiet \gset
SELECT nightbell.settle_event('heartbeat', 'queue/a', tenant => :'ACME') AS quiet \gset
DELETE FROM nightbell.heartbeats;
SELECT is(pg_temp.import('{"heartbeat": "backup", "starts": "2026-01-01T10:00", "rrule": "FREQ=DAILY", "time_zone": "Europe/Riga", "grace": "PT1H", "early": "PT30M"}'), 'backup added', 'by a schedule');
SELECT nightbell.store_occurrences('heartbeat', :'ACME', 'backup', 1, ARRAY(SELECT generate_series('2026-03-27 10:00'::timestamp, '2026-04-10 10:00', '1 day')), '2026-05-01', NULL) AS quiet \gset
SELECT is(pg_temp.beat('backup'), 'up, too early, 28 08:00', 'much too early, it does not count');
SELECT pg_temp.at('2026-03-28 07:45 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.beat('backup'), 'up, in time, 29 07:00', 'a little too early, it does; the next day is summer');
SELECT pg_temp.at('2026-03-29 03:04 UTC') IS NULL AS quiet \gset
SELECT is((SELECT h.told FROM nightbell.heartbeat('backup', :'ACME') AS h), 'came 2026-03-29 06:04 Europe/Riga (03:04 UTC), expected 2026-03-29 10:00 Europe/Riga (07:00 UTC)', 'what came is told beside what was expected');
SELECT pg_temp.due('2026-03-29 08:00 UTC') IS NULL AS quiet \gset
SELECT pg_temp.due('2026-03-29 08:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.open(), 'backup came 2026-03-29 06:04 Europe/Riga (03:04 UTC), expected 2026-03-29 10:00 Europe/Riga (07:00 UTC): 3h 56m too early', 'and how much too early it was');

-- 100,000 that are not due cost nothing
CREATE FUNCTION pg_temp.plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer json;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, COSTS off, TIMING off, FORMAT json) ' || query INTO answer;
    RETURN concat_ws(' ', answer #>> '{0,Plan,Plans,0,Index Name}', (answer #>> '{0,Plan,Shared Hit Blocks}')::int + (answer #>> '{0,Plan,Shared Read Blocks}')::int < 20);
END $$;
INSERT INTO nightbell.heartbeat_instances (tenant_id, heartbeat_id, instance, due_at)
SELECT :'ACME', 'backup', 'host' || n, '2027-01-01'::timestamptz + n * interval '1 second' FROM generate_series(1, 100000) AS n;
SELECT is(pg_temp.plan('SELECT i.due_at FROM nightbell.heartbeat_instances i WHERE i.due_at IS NOT NULL ORDER BY i.due_at LIMIT 1'),
    'heartbeat_instances_due t', 'when the next is due is the first entry of an index');
SELECT is(pg_temp.plan($$SELECT o.* FROM nightbell.heartbeat_instances o WHERE o.due_at <= '2026-03-29' ORDER BY o.due_at LIMIT 500$$),
    'heartbeat_instances_due t', 'and that none is due as well');

-- whose they are
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_ok(format($$SELECT * FROM nightbell.heartbeat('backup', %L)$$, :'ACME'), '42501', NULL, 'nobody reports for another tenant');
SELECT throws_ok($$SELECT * FROM nightbell.heartbeat('backup')$$, 'P0002', NULL, 'and one''s own tenant has no such heartbeat');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
