-- Endpoints of deliveries: whose share and breaker a delivery counts for, endpoints that never answer or are gone, and answers that are
-- told twice. The clock is the test's own.
BEGIN;
SELECT no_plan();
SELECT set_config('test.tenant', :'ACME', false) AS quiet \gset
\ir engine.psql
\ir deliveries.psql
CREATE FUNCTION pg_temp.endpoint(n int, who uuid, address text, channel text DEFAULT 'webhook') RETURNS void LANGUAGE sql AS $$
    INSERT INTO nightbell.endpoints (tenant_id, user_id, id, channel, address, created_at, verified_at)
    VALUES (current_setting('test.tenant')::uuid, who, format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, channel, address, nightbell.clock() + n * interval '1 ms', nightbell.clock())
$$;
CREATE FUNCTION pg_temp.where_is(name text) RETURNS text LANGUAGE sql STABLE AS $$ SELECT q.endpoint FROM nightbell.delivery_queue q WHERE q.delivery_id = pg_temp.of(name) $$;
CREATE FUNCTION pg_temp.clear() RETURNS void LANGUAGE sql AS $$ DELETE FROM nightbell.delivery_queue; DELETE FROM nightbell.deliveries; DELETE FROM nightbell.breakers; DELETE FROM nightbell.attempts $$;

-- the host
SELECT is(nightbell.url_origin(url), origin, coalesce(url, 'nothing')) FROM (VALUES
    ('https://hooks.example/a?b=c', 'https://hooks.example'), ('HTTPS://Hooks.EXAMPLE', 'https://hooks.example'), ('https://hooks.example:443/', 'https://hooks.example'),
    ('https://hooks.example:8443/', 'https://hooks.example:8443'), ('http://hooks.example:80?x', 'http://hooks.example'), ('http://hooks.example:443/', 'http://hooks.example:443'),
    ('http://[2001:DB8::1]:8080/hook', 'http://[2001:db8::1]:8080'), ('https://[::1]', 'https://[::1]'), ('https://hooks.example:/x', 'https://hooks.example'),
    ('https://hooks.example:08443/', 'https://hooks.example:8443'), ('ftp://hooks.example/', NULL), ('hooks.example', NULL), ('', NULL), (NULL, NULL)) AS u (url, origin);
SELECT pg_temp.endpoint(1, :'ADA', 'https://one.example/ada'), pg_temp.endpoint(2, :'BOB', 'https://one.example/bob'), pg_temp.endpoint(3, :'CAROL', 'https://one.example/carol'),
    pg_temp.endpoint(4, :'CAROL', 'https://two.example:8443/carol') \g /dev/null
SELECT pg_temp.send('to ada', 'webhook'), pg_temp.send('to bob', 'webhook', 'normal', 'bob'), pg_temp.send('to carol', 'webhook', 'normal', 'carol'), pg_temp.send('a mail', 'email') \g /dev/null
SELECT is(pg_temp.where_is('to ada'), 'https://one.example', 'a webhook bothers its host');
SELECT is(pg_temp.where_is('to bob'), 'https://one.example', 'which may be that of others');
SELECT is(pg_temp.where_is('to carol'), 'https://one.example https://two.example:8443', 'one to two hosts is apart from both');
SELECT is(pg_temp.where_is('a mail'), 'email', 'a mail bothers its provider');
UPDATE nightbell.endpoints SET disabled_at = nightbell.clock() WHERE address LIKE '%two.example%';
SELECT pg_temp.send('half', 'webhook', 'normal', 'carol') AS quiet \gset
SELECT is(pg_temp.where_is('half'), 'https://one.example', 'endpoints that are disabled are none');
UPDATE nightbell.endpoints SET disabled_at = NULL;
INSERT INTO nightbell.devices (tenant_id, user_id, id, platform, token) VALUES
    (:'ACME', :'ADA', '00000000-0000-4000-8000-0000000000d1', 'web', '{"endpoint": "https:\/\/push.example\/v1\/abc", "keys": {"p256dh": "x", "auth": "y"}}'),
    (:'ACME', :'BOB', '00000000-0000-4000-8000-0000000000d2', 'android', 'token'), (:'ACME', :'CAROL', '00000000-0000-4000-8000-0000000000d3', 'web', '{"endpoint": 12');
SELECT pg_temp.send('browser', 'push'), pg_temp.send('phone', 'push', 'normal', 'bob'), pg_temp.send('odd', 'push', 'normal', 'carol'), pg_temp.send('nobody', 'webhook', 'normal', 'dave') \g /dev/null
SELECT is(pg_temp.where_is('browser'), 'https://push.example', 'a browser its push service');
SELECT is(pg_temp.where_is('phone'), 'fcm', 'an app FCM');
SELECT is(pg_temp.where_is('odd'), 'push', 'what is no subscription counts for the channel');
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, status, held_for, held_slot) VALUES (nightbell.uuidv7(), :'ACME', :'ADA', 'SEND_NOTE', 'webhook', 'b', 'held', 'quiet_hours', nightbell.clock());
INSERT INTO made SELECT 'late', id FROM nightbell.deliveries WHERE status = 'held';
UPDATE nightbell.deliveries SET status = 'queued' WHERE status = 'held';
SELECT is(pg_temp.where_is('late'), 'https://one.example', 'the same of what was held');
SELECT nightbell.register_channels('{hooks,push}', '{webhook,program}', '{t,t}') AS quiet \gset
SELECT pg_temp.endpoint(5, :'ADA', 'https://three.example/', 'hooks') AS quiet \gset
SELECT pg_temp.send('other name', 'hooks'), pg_temp.send('other kind', 'push') \g /dev/null
SELECT is(pg_temp.where_is('other name') || ' ' || pg_temp.where_is('other kind'), 'https://three.example push', 'the kind decides, not the channel''s name');
SELECT nightbell.register_channels('{push}', '{push}', '{t}') AS quiet \gset

-- its share
SELECT pg_temp.clear() AS quiet \gset
SELECT pg_temp.send('hangs ' || n, 'webhook') FROM generate_series(1, 30) AS n \g /dev/null
SELECT pg_temp.later('1 second');
UPDATE nightbell.endpoints SET address = 'https://good.example/' WHERE address LIKE '%/bob';
SELECT pg_temp.send('good ' || n, 'webhook', 'normal', 'bob') FROM generate_series(1, 3) AS n \g /dev/null
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'webhook', 20, 4)), 4::bigint, 'no more for a host than its share');
SELECT is((SELECT string_agg(c, ',' ORDER BY c) FROM pg_temp.claim(:'W1', 'webhook', 20, 4, '{https://one.example}', '{4}') AS c), 'good 1,good 2,good 3', 'another host''s pass it');

-- its breaker
SELECT pg_temp.answer(:'W1', 'hangs ' || n, 'retry', fault => 1, endpoint => 'https://one.example') FROM generate_series(1, 4) AS n \g /dev/null
SELECT pg_temp.claim(:'W1', 'webhook', 20, 40) \g /dev/null
SELECT pg_temp.answer(:'W1', 'hangs 5', 'retry', fault => 1, endpoint => 'https://one.example') AS quiet \gset
SELECT pg_temp.answer(:'W1', 'good 1', 'sent', endpoint => 'https://good.example') AS quiet \gset
SELECT is((SELECT string_agg(b.endpoint || (b.opened_at IS NOT NULL), ' ') FROM nightbell.breakers b), 'https://one.exampletrue', 'five faults open the breaker of their host');
SELECT pg_temp.clear() AS quiet \gset
INSERT INTO nightbell.breakers (channel, endpoint, window_until, opened_at, open_until, openings) VALUES ('webhook', 'https://one.example', nightbell.clock(), nightbell.clock(), nightbell.clock() + interval '30 seconds', 1);
SELECT pg_temp.send('stopped', 'webhook'), pg_temp.send('passes', 'webhook', 'normal', 'bob'), pg_temp.send('either', 'webhook', 'normal', 'carol') \g /dev/null
SELECT set_eq(format($$SELECT pg_temp.claim(%L, 'webhook', 20, 40)$$, :'W1'), '{passes,either}'::text[], 'it keeps its own; what goes to another host as well is not kept');
SELECT nightbell.delivery_finish(:'W1', ARRAY[:'ACME'::uuid], ARRAY[:'CAROL'::uuid], ARRAY[pg_temp.of('either')], '{1}', '{answered}', '{webhook}', '{"{60000}"}', '{1,1}', '{sent,retry}', '{200,503}', '{1,1}',
    '{NULL,busy}', '{NULL,NULL}', '{-1,-1}', '{0,0}', '{0,1}', '{00000000-0000-4000-8000-000000000004,00000000-0000-4000-8000-000000000003}', '{webhook,webhook}', '{https://two.example:8443,https://one.example}', '{webhook,webhook}', '{a,b}') AS quiet \gset
SELECT is(pg_temp.where_is('either'), 'https://one.example', 'once the other one is reached it counts for the one that is left');

-- answers that are told twice
SELECT pg_temp.clear() AS quiet \gset
SELECT pg_temp.send('twice', 'email'), pg_temp.send('retried twice', 'email'), pg_temp.send('overtaken', 'email') \g /dev/null
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'twice', 'sent', number => 1) FROM generate_series(1, 2) \g /dev/null
SELECT pg_temp.answer(:'W1', 'retried twice', 'retry', fault => 1, number => 1) FROM generate_series(1, 6) \g /dev/null
SELECT is((SELECT string_agg(concat_ws(' ', pg_temp.called(d.id), d.status, d.attempts), ', ' ORDER BY d.id) FROM nightbell.deliveries d), 'twice sent 1, retried twice queued 1, overtaken sending 0', 'an answer counts once');
SELECT is((SELECT count(*) FROM nightbell.attempts), 2::bigint, 'and is recorded once');
SELECT is((SELECT count(*) FROM nightbell.why('delivery', pg_temp.of('twice')::text) AS w WHERE w.code = 'sent'), 1::bigint, 'and told once');
SELECT is((SELECT b.bad FROM nightbell.breakers b), 1, 'and counted once for the breaker');
SELECT pg_temp.later('90 seconds');
SELECT results_eq(format($$SELECT pg_temp.claim(%L, 'email')$$, :'W1'), '{retried twice}'::text[], 'the same worker has it again');
SELECT is(pg_temp.answer(:'W1', 'retried twice', 'retry', number => 1), 0::bigint, 'what it told of the first try is none to the second');
SELECT is(pg_temp.answer(:'W1', 'retried twice', 'sent', number => 2), 1::bigint, 'but the answer to that one');
SELECT is((SELECT string_agg(a.n || a.outcome, ' ' ORDER BY a.n) FROM nightbell.attempts a WHERE a.delivery_id = pg_temp.of('retried twice')), '1retry 2sent', 'each is recorded once');
SELECT pg_temp.later('2 minutes');
SELECT pg_temp.claim(:'W2', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'overtaken', 'retry', number => 1) FROM generate_series(1, 2) \g /dev/null
SELECT is(pg_temp.answer(:'W2', 'overtaken', 'sent', number => 1), 1::bigint, 'a try whose lease had ended');
SELECT is((SELECT string_agg(a.n || a.outcome, ' ' ORDER BY a.outcome) FROM nightbell.attempts a WHERE a.delivery_id = pg_temp.of('overtaken')), '1retry 1sent', 'is recorded beside that of the worker that took it over, once');
SELECT nightbell.delivery_retry(ARRAY[pg_temp.of('twice')]) AS quiet \gset
SELECT pg_temp.send('dead', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'dead', 'failed') AS quiet \gset
SELECT nightbell.delivery_retry(ARRAY[pg_temp.of('dead')]) AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT is(pg_temp.answer(:'W1', 'dead', 'failed', number => 1), 0::bigint, 'nor does an old answer end what was redriven');
SELECT is(pg_temp.answer(:'W1', 'dead', 'sent', number => 2), 1::bigint, 'whose tries go on being counted');

-- one that never answers: five days
SELECT pg_temp.clear() AS quiet \gset
UPDATE nightbell.endpoints SET address = 'https://dead.example/' WHERE id = '00000000-0000-4000-8000-000000000001';
CREATE FUNCTION pg_temp.try(name text, outcome text, ended int DEFAULT 0) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.send(name, 'webhook');
    PERFORM pg_temp.claim('00000000-0000-4000-8000-000000000a01', 'webhook', 1000, 1000);
    PERFORM pg_temp.answer('00000000-0000-4000-8000-000000000a01', name, outcome, ended => ended, error => outcome || ' at dead.example', target => '00000000-0000-4000-8000-000000000001', endpoint => 'https://dead.example');
    RETURN (SELECT concat_ws(' ', e.disabled_at IS NOT NULL, nightbell.clock() - e.failing_since, nightbell.clock() - e.last_success_at) FROM nightbell.endpoints e WHERE e.id = '00000000-0000-4000-8000-000000000001');
END
$$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(concat_ws('|', e.severity, e.description, e.occurrences, e.is_resolved, e.resolution), ' / ' ORDER BY e.id) FROM nightbell.admin_system_events e WHERE e.event_type = 'delivery_address_disabled'
$$;
SELECT pg_temp.at('2026-12-01 12:00:00Z');
SELECT is(pg_temp.try('fine', 'sent'), 'f 00:00:00', 'an endpoint that answers');
SELECT pg_temp.later('1 hour');
SELECT is(pg_temp.try('fails', 'failed'), 'f 00:00:00 01:00:00', 'fails');
SELECT pg_temp.later('4 days');
SELECT is(pg_temp.try('fails again', 'failed'), 'f 4 days 4 days 01:00:00', 'for four days');
SELECT is(pg_temp.try('answers', 'sent'), 'f 00:00:00', 'answers once');
SELECT is(pg_temp.try('fails anew', 'failed'), 'f 00:00:00 00:00:00', 'and fails again');
SELECT pg_temp.later('5 days');
SELECT is(pg_temp.try('not yet', 'failed'), 'f 5 days 5 days', 'for five days since, and not a moment more');
SELECT is(pg_temp.told(), NULL, 'nobody is told of it');
SELECT pg_temp.later('1 second');
SELECT is(pg_temp.try('over', 'failed'), 't 5 days 00:00:01 5 days 00:00:01', 'then it is disabled');
SELECT is(pg_temp.told(), 'medium|nothing is sent to an endpoint of ada any more (webhook): nothing has arrived there for 5 days: failed at dead.example|1|f', 'the operators are told');
SELECT pg_temp.send('nowhere', 'webhook') AS quiet \gset
SELECT is((SELECT c.problem FROM nightbell.delivery_claim(:'W1', '2 minutes', '{webhook}', '{1}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 'the person has no endpoint of that channel', 'nothing is sent there');
SELECT pg_temp.answer(:'W1', 'nowhere', 'failed') AS quiet \gset
SELECT is((SELECT concat_ws('|', e.occurrences, e.is_resolved) FROM nightbell.admin_system_events e WHERE e.event_type = 'delivery_address_disabled'), '1|f', 'and they are not told again');
UPDATE nightbell.endpoints SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL WHERE id = '00000000-0000-4000-8000-000000000001';
SELECT is(pg_temp.try('still', 'retry'), 'f 00:00:00 5 days 00:00:01', 'it is enabled again, and does not answer at first');
SELECT ok(pg_temp.told() LIKE '%|1|f', 'the event stays');
SELECT is(pg_temp.try('well', 'sent'), 'f 00:00:00', 'then it does');
SELECT is(pg_temp.told(), 'medium|nothing is sent to an endpoint of ada any more (webhook): nothing has arrived there for 5 days: failed at dead.example|1|t|it has recovered: something was sent there', 'and has recovered');

-- one that says that it is gone
SELECT is(split_part(pg_temp.try('gone', 'failed', ended => 1), ' ', 1), 't', 'who answers 410 is disabled at once');
SELECT ok(pg_temp.told() LIKE '% / medium|nothing is sent to an endpoint of ada any more (webhook): failed at dead.example|1|f', 'and the operators are told of it');
SELECT pg_temp.send('late 410', 'webhook') AS quiet \gset
UPDATE nightbell.endpoints SET disabled_at = NULL WHERE id = '00000000-0000-4000-8000-000000000001';
SELECT is(split_part(pg_temp.try('back', 'sent'), ' ', 1), 'f', 'enabled again it works');
SELECT ok(pg_temp.told() LIKE '%|1|t|it has recovered: something was sent there', 'and has recovered once more');

-- what was simply sent, beside one that is another worker's by now
SELECT pg_temp.clear() AS quiet \gset
UPDATE nightbell.endpoints SET last_success_at = NULL, failing_since = nightbell.clock() - interval '1 day', disabled_at = NULL;
UPDATE nightbell.admin_system_events SET is_resolved = true WHERE event_type = 'delivery_address_disabled' AND NOT is_resolved;
SELECT nightbell.end_address(:'ACME', :'BOB', 'webhook', '00000000-0000-4000-8000-000000000002', NULL, 'gone', nightbell.clock()) AS quiet \gset
UPDATE nightbell.endpoints SET disabled_at = NULL;
INSERT INTO nightbell.breakers (channel, endpoint, window_until, opened_at, open_until, openings)
SELECT 'webhook', e, nightbell.clock(), nightbell.clock(), nightbell.clock(), 1 FROM unnest('{https://taken.example,https://good.example}'::text[]) AS e;
SELECT pg_temp.send('taken over', 'webhook', 'critical') AS quiet \gset
SELECT pg_temp.claim(:'W2', 'webhook') \g /dev/null
SELECT pg_temp.send('simple', 'webhook', 'critical', 'bob') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'webhook') \g /dev/null
SELECT is((SELECT nightbell.delivery_sent(:'W1', ARRAY[:'ACME', :'ACME']::uuid[], ARRAY[:'ADA', :'BOB']::uuid[], ARRAY[pg_temp.of('taken over'), pg_temp.of('simple')], '{1,1}', '{2,2}', '{200,200}', '{7,7}', '{NULL,NULL}',
    '{00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000002}', '{webhook,webhook}', '{https://taken.example,https://good.example}', '{webhook,webhook}', '{a,b}')), '{1}'::int[], 'of two the second was this worker''s');
SELECT is((SELECT string_agg(concat_ws(' ', u.name, e.failing_since IS NULL, e.last_success_at), ', ' ORDER BY u.name) FROM nightbell.endpoints e JOIN nightbell.users u ON u.id = e.user_id AND u.tenant_id = e.tenant_id
    WHERE e.channel = 'webhook' AND u.name IN ('ada', 'bob')), format('ada f, bob t %s', nightbell.clock()), 'the endpoint of that one works');
SELECT is((SELECT string_agg(b.endpoint, ' ') FROM nightbell.breakers b), 'https://taken.example', 'and its host is well');
SELECT ok(pg_temp.told() LIKE '%an endpoint of bob %|1|t|it has recovered: something was sent there', 'and the event about it is over');
SELECT * FROM finish();
ROLLBACK;
