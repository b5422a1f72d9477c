-- Maintenance windows: what they match, spans in every zone, held and caught up once. Time is injected.
BEGIN;
SELECT plan(40);
CREATE FUNCTION pg_temp.at(clock timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.clock', clock::text, true) $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql
SELECT set_config('nightbell.acme', :'ACME', true) IS NULL AS quiet \gset
CREATE FUNCTION pg_temp.import(item text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', i.key, i.change, i.message) FROM nightbell.import_windows(current_setting('nightbell.acme')::uuid, ARRAY[item]) AS i $$;
CREATE FUNCTION pg_temp.raise(type text, severity text DEFAULT 'medium', details jsonb DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    SELECT nightbell.raise_event(type, severity, 'd', details, tenant => current_setting('nightbell.acme')::uuid, fingerprint => type, source => 's') $$;
CREATE FUNCTION pg_temp.holding(type text, source text DEFAULT 's', severity text DEFAULT 'medium', details jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(w.window_id || ' ' || to_char(w.until AT TIME ZONE 'UTC', 'HH24:MI'), ', ' ORDER BY w.window_id)
    FROM nightbell.window_holding(current_setting('nightbell.acme')::uuid, type, source, severity, details, nightbell.clock()) AS w $$;

SELECT pg_temp.at('2026-03-01 12:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.import('{"window": "db", "behaviour": "notices", "event_type": "db_*", "severity": ["low", "medium"], "details": "$.host == \"db1\"",
    "time_zone": "Europe/Riga", "starts": "2026-03-01T15:00", "ends": "2026-03-01T17:00", "reason": "upgrade"}'), 'db added', 'a window');
SELECT is((SELECT string_agg(i.change, ' ') FROM nightbell.import_windows(:'ACME', ARRAY(SELECT d.document FROM nightbell.window_documents(:'ACME') AS d)) AS i),
    'same', 'what is exported and imported changes nothing');
SELECT is(pg_temp.holding('db_slow', details => '{"host": "db1"}'), NULL, 'before it begins nothing is held');
SELECT pg_temp.at('2026-03-01 13:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.holding('db_slow', details => '{"host": "db1"}'), 'db 15:00', 'from its first second on, in its zone');
SELECT is(pg_temp.holding('db_slow', details => '{"host": "db2"}'), NULL, 'not with other details');
SELECT is(pg_temp.holding('db_slow'), NULL, 'nor with none');
SELECT is(pg_temp.holding('disk', details => '{"host": "db1"}'), NULL, 'nor another type');
SELECT is(pg_temp.holding('db_slow', severity => 'critical', details => '{"host": "db1"}'), NULL, 'nor what is worse');
SELECT pg_temp.at('2026-03-01 15:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.holding('db_slow', details => '{"host": "db1"}'), NULL, 'nor at its end');

-- what is refused
SELECT is(pg_temp.import('{"window": "x", "behaviour": "notices", "starts": "2026-03-01T15:00", "ends": "2026-03-01T17:00", "reason": "r", "rrule": "FREQ=DAILY"}'), 'x until: is missing: a window that recurs must end', 'one that recurs must end');
SELECT is(pg_temp.import('{"window": "x", "behaviour": "notices", "starts": "2026-03-01T15:00", "ends": "2026-05-01T17:00", "reason": "r"}'), 'x ends: expected at most 31 days after starts', 'and is no longer than a month');
SELECT is(pg_temp.import('{"window": "x", "behaviour": "notices", "starts": "2026-03-01T15:00", "ends": "2026-03-01T17:00"}'), 'reason: is missing', 'and has a reason');
SELECT is(pg_temp.import('{"window": "x", "behaviour": "notices", "starts": "2026-02-30T15:00", "ends": "2026-03-01T17:00", "reason": "r"}'), 'starts: date/time field value out of range: "2026-02-30T15:00"', 'a day that there is');
SELECT is(pg_temp.import('{"window": "x", "behaviour": "notices", "starts": "2026-03-01T15:00", "ends": "2026-03-01T17:00", "reason": "r", "time_zone": "Mars"}'), 'time_zone: expected the name of a time zone, such as Europe/Berlin', 'in a zone that there is');
SELECT is(nightbell.rrule_problem(rule) IS NULL, good, rule) FROM (VALUES ('FREQ=WEEKLY;BYDAY=SU', true), ('FREQ=MONTHLY;BYDAY=-1SU,2MO;INTERVAL=2', true),
    ('FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30', false), ('FREQ=DAILY;BYHOUR=1,2', false), ('FREQ=DAILY;COUNT=3', false), ('FREQ=DAILY;INTERVAL=0', false), ('BYDAY=SU', false)) AS r (rule, good);

-- held, and told once at the end
SELECT is(nightbell.start_window(:'ACME', 'notices', 'net_*', NULL, NULL, '2 hours', 'router') LIKE 'now-20260301-150000-%', true, 'one that holds from now on');
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_WINDOW', 'test', 'd');
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, recipient_value, notification_type) VALUES (:'ACME', 'net', 'net_*', 'role', 'operator', 'TEST_WINDOW');
SELECT pg_temp.raise('net_burns') AS burns \gset
SELECT pg_temp.raise('net_over') AS over \gset
SELECT nightbell.settle_event('s', 'net_over', tenant => :'ACME') AS quiet \gset
DELETE FROM nightbell.outbox;
SELECT is((SELECT held FROM nightbell.window_list(:'ACME') WHERE state = 'holding'), 0::bigint, 'counted once time has gone on');
SELECT pg_temp.at('2026-03-01 16:00 UTC') IS NULL AS quiet \gset
SELECT is((SELECT held FROM nightbell.window_list(:'ACME') WHERE state = 'holding'), 2::bigint, 'what it holds is counted');
SELECT is(nightbell.windows_ended(), '2026-03-01 17:00 UTC'::timestamptz, 'nothing is due before its end');
SELECT pg_temp.at('2026-03-01 17:00 UTC') IS NULL AS quiet \gset
SELECT is(nightbell.windows_ended(), NULL, 'then nothing is to come');
SELECT is((SELECT string_agg(subject_id, ',') FROM nightbell.outbox), :'burns', 'what still burns is told, once, and nothing else');
SELECT is(nightbell.windows_ended(), NULL, 'and again');
SELECT is((SELECT held FROM nightbell.window_list(:'ACME') WHERE window_id LIKE 'now-%'), 2::bigint, 'what it held is counted once');
UPDATE nightbell.window_spans SET held = 7 WHERE window_id LIKE 'now-%';
SELECT is((SELECT held FROM nightbell.window_list(:'ACME') WHERE window_id LIKE 'now-%'), 7::bigint, 'and not again for each list');
SELECT is((SELECT count(*) FROM nightbell.outbox), 1::bigint, 'nothing more');

-- in use: ended early, never deleted
SELECT nightbell.start_window(:'ACME', 'events', NULL, NULL, '{critical}', '1 day', 'all of it') AS name \gset
SELECT throws_ok(format('SELECT nightbell.delete_window(%L, %L)', :'ACME', :'name'), '55006', NULL, 'one in use is not deleted');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(nightbell.end_window(:'ACME', :'name'), true, 'an operator ends it');
SELECT is(nightbell.end_window(:'ACME', :'name'), false, 'once');
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SET SESSION AUTHORIZATION nightbell_console;
SELECT throws_ok(format($$SELECT nightbell.end_window(%L, %L)$$, :'ACME', :'name'), '42501', NULL, 'nobody ends another tenant''s');
SELECT is_empty('SELECT * FROM nightbell.windows', 'nor sees it');
RESET SESSION AUTHORIZATION;

-- spans that were long over go, but for the latest of each window
SELECT pg_temp.at('2026-09-01 12:00 UTC') IS NULL AS quiet \gset
DELETE FROM nightbell.window_spans WHERE window_id LIKE 'now-%';
INSERT INTO nightbell.window_spans (tenant_id, window_id, starts_at, ends_at, caught_up_at)
    SELECT :'ACME'::uuid, 'db', t, t + interval '1 hour', CASE WHEN t <> '2026-05-03 10:00+00' THEN t + interval '1 hour' END
    FROM unnest('{2026-05-01 10:00+00,2026-05-02 10:00+00,2026-05-03 10:00+00,2026-06-20 10:00+00,2026-10-01 10:00+00}'::timestamptz[]) AS t
    UNION ALL SELECT :'ACME'::uuid, :'name', t, t + interval '1 hour', t + interval '1 hour' FROM unnest('{2026-05-01 10:00+00,2026-10-01 10:00+00}'::timestamptz[]) AS t;
DELETE FROM nightbell.window_spans WHERE window_id = 'db' AND starts_at = '2026-03-01 13:00+00';
DELETE FROM nightbell.outbox;
SELECT is(nightbell.purge_window_spans(1), 1::bigint, 'spans go 90 days after their end, some at a time');
SELECT is(nightbell.purge_engine(1000), 1::bigint, 'as a duty of the worker');
SELECT results_eq($$SELECT window_id LIKE 'now-%', to_char(starts_at AT TIME ZONE 'UTC', 'MM-DD') FROM nightbell.window_spans ORDER BY 1, 2$$,
    $$VALUES (false, '05-03'), (false, '06-20'), (false, '10-01'), (true, '05-01'), (true, '10-01')$$,
    'not what nobody was told of yet, nor what is young, nor the latest that has begun');
SELECT throws_ok(format('SELECT nightbell.delete_window(%L, %L)', :'ACME', :'name'), '55006', NULL, 'so a window that has held is known to have');
SELECT * FROM finish();
ROLLBACK;
