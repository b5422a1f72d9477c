-- What the engine notices of deliveries, once each, and what it forgets of those who carry them. The clock is the test's own; workers' signs of life have
-- the server's.
BEGIN;
SELECT no_plan();
SELECT set_config('test.tenant', :'ACME', false) AS quiet \gset
\ir engine.psql
\ir deliveries.psql
CREATE FUNCTION pg_temp.told() RETURNS SETOF text LANGUAGE sql STABLE AS $$
    SELECT concat_ws(' ', CASE WHEN e.tenant_id IS NULL THEN 'all' ELSE 'acme' END, e.fingerprint, e.severity, e.occurrences, CASE WHEN e.is_resolved THEN 'over' ELSE 'open' END)
    FROM nightbell.admin_system_events e WHERE e.event_type LIKE 'delivery_%' ORDER BY e.id
$$;
CREATE FUNCTION pg_temp.open() RETURNS SETOF text LANGUAGE sql STABLE AS $$ SELECT t FROM pg_temp.told() AS t WHERE t LIKE '%open' $$;
CREATE FUNCTION pg_temp.sends_by(channels text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO nightbell.workers AS w (id, name, host, pid, version, channels) VALUES ('00000000-0000-4000-8000-000000000a01', 'one', 'here', 1, '1', channels)
    ON CONFLICT (id) DO UPDATE SET channels = excluded.channels, heartbeat_at = clock_timestamp(), stopped_at = NULL
$$;
SELECT is(nightbell.engine_watch(), 0::bigint, 'where nothing is sent nothing is noticed');

-- nobody sends by it
SELECT pg_temp.send('mail', 'email') AS quiet \gset
SELECT pg_temp.later('2 minutes');
SELECT is(nightbell.engine_watch(), 0::bigint, 'a delivery may wait a while');
SELECT pg_temp.later('1 second');
SELECT is(nightbell.engine_watch(), 1::bigint, 'one that nobody sends is noticed');
SELECT results_eq('SELECT pg_temp.open()', '{all delivery_no_worker:email high 1 open}'::text[], 'by its channel');
SELECT pg_temp.later('1 hour');
SELECT is(nightbell.engine_watch(), 0::bigint, 'once');
SELECT pg_temp.sends_by('{sms}');
SELECT is(nightbell.engine_watch(), 0::bigint, 'a worker that sends by another channel changes nothing');
SELECT pg_temp.sends_by('{sms,email}');
SELECT is(nightbell.engine_watch(), 2::bigint, 'with one that does it is over');
SELECT results_eq('SELECT pg_temp.told()', '{all delivery_no_worker:email high 1 over,all delivery_queue:email high 1 open}'::text[], 'and what is late is late for another reason');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT is(nightbell.engine_watch(), 1::bigint, 'what is in hand does not wait');
SELECT is_empty('SELECT pg_temp.open()', 'that is over, too');
SELECT pg_temp.later('8 minutes');
SELECT is(nightbell.engine_watch(), 1::bigint, 'unless its lease has ended long ago');
SELECT results_eq('SELECT pg_temp.open()', '{all delivery_queue:email high 1 open}'::text[], 'which is late again');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'mail', 'sent') AS quiet \gset
SELECT is(nightbell.engine_watch(), 1::bigint, 'sent: over');
UPDATE nightbell.workers SET heartbeat_at = clock_timestamp() - interval '3 minutes';
SELECT pg_temp.send('second', 'email') AS quiet \gset
SELECT pg_temp.later('3 minutes');
SELECT nightbell.engine_watch() AS quiet \gset
SELECT results_eq('SELECT pg_temp.open()', '{all delivery_no_worker:email high 1 open}'::text[], 'a worker that gives no sign of life sends nothing');
SELECT pg_temp.sends_by('{sms,email}');
UPDATE nightbell.workers SET stopped_at = clock_timestamp();
SELECT is(nightbell.engine_watch(), 1::bigint, 'nor does one that has ended: only that it is gone is over');
SELECT pg_temp.sends_by('{sms,email}');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT nightbell.engine_watch() AS quiet \gset
SELECT is_empty('SELECT pg_temp.open()', 'nothing is open');

-- a provider is down
SELECT pg_temp.send('down ' || n, 'email') FROM generate_series(1, 5) AS n \g /dev/null
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'down ' || n, 'retry', fault => 1) FROM generate_series(1, 5) AS n \g /dev/null
SELECT is(nightbell.engine_watch(), 1::bigint, 'a breaker that is open is noticed');
SELECT pg_temp.later('20 minutes');
SELECT is(nightbell.engine_watch(), 0::bigint, 'and what waits for it is not told beside it');
SELECT results_eq('SELECT pg_temp.open()', '{all delivery_breaker:email high 1 open}'::text[], 'as its provider''s');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'down 1', 'sent') AS quiet \gset
SELECT nightbell.delivery_cancel(ARRAY(SELECT d.id FROM nightbell.deliveries d WHERE d.status IN ('queued', 'sending'))) \g /dev/null
DELETE FROM nightbell.delivery_queue;
SELECT is(nightbell.engine_watch(), 1::bigint, 'when it answers that is over');
INSERT INTO nightbell.breakers (channel, endpoint, window_until, opened_at, open_until, openings)
SELECT 'webhook', 'https://' || n || '.example', nightbell.clock(), nightbell.clock() - n * interval '1 s', nightbell.clock() + interval '30 s', 1 FROM generate_series(1, 12) AS n;
SELECT is(nightbell.engine_watch(), 1::bigint, 'hosts of webhooks that are down are one event');
SELECT results_eq($$SELECT severity::text, details ->> 'count', jsonb_array_length(details -> 'endpoints'), details #>> '{endpoints,0}' FROM nightbell.admin_system_events WHERE fingerprint = 'delivery_breaker:webhook'$$,
    $$VALUES ('low', '12', 10, 'https://12.example')$$, 'of those who have them, which names ten of them, the longest first');

-- forgotten
SELECT is(nightbell.purge_carriers(), 0::bigint, 'breakers stay while something may be heard of them');
SELECT pg_temp.later('61 minutes 31 seconds');
SELECT is(nightbell.purge_engine(100), 12::bigint, 'and go when nothing was for an hour');
SELECT is(nightbell.engine_watch(), 1::bigint, 'which settles their event');
INSERT INTO nightbell.breakers (channel, endpoint, window_until, good, bad) VALUES ('webhook', 'https://once.example', nightbell.clock(), 0, 1);
SELECT pg_temp.later('2 hours');
SELECT is(nightbell.purge_carriers(), 1::bigint, 'so do counts that nobody goes on with');

-- dead letters
SELECT pg_temp.send('dead ' || n, 'email') FROM generate_series(1, 3) AS n \g /dev/null
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'dead ' || n, 'failed', error => 'no such user ' || n) FROM generate_series(1, 2) AS n \g /dev/null
SELECT is(nightbell.engine_watch(), 1::bigint, 'dead letters are noticed');
SELECT results_eq($$SELECT tenant_id, description, details ->> 'dead_letters' FROM nightbell.admin_system_events WHERE event_type = 'delivery_dead_letters'$$,
    format($$VALUES (%L::uuid, '2 deliveries have failed for good and are dead letters', '2')$$, :'ACME'), 'by their tenant');
SELECT pg_temp.answer(:'W1', 'dead 3', 'failed') AS quiet \gset
SELECT is(nightbell.engine_watch(), 0::bigint, 'once');
SELECT nightbell.delivery_retry(ARRAY(SELECT d.id FROM nightbell.deliveries d WHERE d.is_dead)) \g /dev/null
SELECT is(nightbell.engine_watch(), 1::bigint, 'when they are sent again that is over');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'dead 1', 'failed') AS quiet \gset
SELECT is(nightbell.engine_watch(), 1::bigint, 'the next one opens it again');
SELECT pg_temp.later('23 hours 59 minutes');
SELECT is((SELECT count(*) FROM pg_temp.open() AS t WHERE t LIKE '%dead_letters%'), 1::bigint, 'for a day');
SELECT pg_temp.later('1 minute');
SELECT nightbell.engine_watch() AS quiet \gset
SELECT is((SELECT count(*) FROM pg_temp.open() AS t WHERE t LIKE '%dead_letters%'), 0::bigint, 'then everybody has seen it');

-- channels
SELECT nightbell.register_channels('{chat,pager,lobby,wall}', '{program,program,program,program}', '{t,t,f,f}') AS quiet \gset
SELECT pg_temp.sends_by('{wall}');
INSERT INTO nightbell.endpoints (tenant_id, user_id, channel, address) VALUES (:'ACME', :'ADA', 'chat', '#ada');
SELECT pg_temp.later('90 days');
SELECT is(nightbell.purge_carriers(), 0::bigint, 'a channel that no worker tells of stays for 90 days');
SELECT pg_temp.later('1 second');
SELECT is(nightbell.purge_carriers(), 2::bigint, 'then it is forgotten');
SELECT results_eq($$SELECT c.name::text FROM nightbell.channels c ORDER BY c.rank, c.name$$, '{in_app,email,push,sms,webhook,chat,wall}'::text[],
    'but not one where somebody has an endpoint, one by which a worker sends, or that every installation has');
SELECT ok((SELECT c.known_at > nightbell.clock() - interval '1 day' FROM nightbell.channels c WHERE c.name = 'wall'), 'which is known from then on');
DELETE FROM nightbell.endpoints WHERE channel = 'chat';
UPDATE nightbell.channels SET known_at = nightbell.clock() - interval '91 days' WHERE name = 'chat';
CREATE FUNCTION pg_temp.named(what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    forgotten bigint;
BEGIN
    EXECUTE what;
    forgotten := nightbell.purge_carriers();
    RAISE EXCEPTION USING ERRCODE = 'U0000', MESSAGE = forgotten::text; -- taken back
EXCEPTION WHEN SQLSTATE 'U0000' THEN
    RETURN SQLERRM;
END
$$;
SELECT is(pg_temp.named(what), '0', 'nor one that is named: ' || what) FROM unnest(ARRAY[
    $$SELECT pg_temp.send('kept', 'chat')$$,
    $$UPDATE nightbell.notification_types SET default_channels = '{chat}' WHERE type = 'SEND_NOTE'$$,
    format($$INSERT INTO nightbell.preferences (tenant_id, user_id, type, channel, enabled) VALUES (%L, %L, '*', 'chat', true)$$, :'ACME', :'ADA')]) AS n (what);
SELECT is(pg_temp.named('SELECT 1'), '1', 'and one that is not goes');

-- what a worker hears of others
INSERT INTO nightbell.workers (id, name, host, pid, version, heartbeat_at, stopped_at) VALUES (:'W2', 'two', 'here', 2, '1', clock_timestamp(), NULL),
    ('00000000-0000-4000-8000-000000000a03', 'gone', 'here', 3, '1', clock_timestamp() - interval '3 minutes', NULL), ('00000000-0000-4000-8000-000000000a04', 'ended', 'here', 4, '1', clock_timestamp(), clock_timestamp());
UPDATE nightbell.workers SET channels = '{email}' WHERE name IN ('gone', 'ended');
SELECT results_eq(format($$SELECT * FROM nightbell.worker_sends(%L, '{email,wall}')$$, :'W2'), $$VALUES ('email', 1), ('wall', 2)$$, 'how many send by each of its channels, and are alive');
SELECT results_eq(format($$SELECT * FROM nightbell.worker_sends(%L, '{wall,email}')$$, :'W1'), $$VALUES ('wall', 2), ('email', 2)$$, 'in their order');
SELECT * FROM finish();
ROLLBACK;
