-- The delivery queue: what fills it, leases, retries, fallbacks, breakers, fairness, lanes, and what operators do to it. The clock is
-- the test's own.
BEGIN;
SELECT no_plan();
SELECT set_config('test.tenant', :'ACME', false) AS quiet \gset
\ir engine.psql
\ir deliveries.psql

-- what fills the queue
SELECT pg_temp.send('plain', 'email'), pg_temp.send('page', 'email', 'critical') \g /dev/null
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, status, held_for, held_slot) VALUES (nightbell.uuidv7(), :'ACME', :'ADA', 'SEND_NOTE', 'email', 'b', 'held', 'quiet_hours', nightbell.clock());
SELECT set_eq('SELECT pg_temp.queued()', '{page 0 0,plain 1 0}'::text[], 'what is queued is in the queue, critical in its lane; what is held is not');
INSERT INTO made SELECT 'held', id FROM nightbell.deliveries WHERE status = 'held';
UPDATE nightbell.deliveries SET status = 'queued' WHERE status = 'held';
SELECT is((SELECT count(*) FROM pg_temp.queued() q WHERE q = 'held 1 0'), 1::bigint, 'until it is let go');
SELECT throws_like($$UPDATE nightbell.deliveries SET status = 'sent' WHERE id = pg_temp.of('plain')$$, '%does not go from queued to sent%', 'nobody skips a state');
SELECT throws_like($$UPDATE nightbell.deliveries SET status = 'failed' WHERE id = pg_temp.of('plain')$$, '%does not go from queued to failed%', 'not to failed either');
SELECT throws_like($$UPDATE nightbell.deliveries SET status = 'sent', sent_at = clock_timestamp(), next_attempt_at = NULL, changed_xid = pg_current_xact_id() WHERE id = pg_temp.of('plain')$$,
    '%does not go from queued to sent%', 'whatever else the statement says');
SELECT throws_like($$UPDATE nightbell.deliveries SET body = 'another' WHERE id = pg_temp.of('plain')$$, '%is written once%', 'nobody rewrites one');

-- leases
SELECT is((SELECT array_agg(c) FROM pg_temp.claim(:'W1', 'sms') c), NULL, 'who sends by another channel gets nothing');
SELECT results_eq(format('SELECT pg_temp.claim(%L, ''email'')', :'W1'), '{page,plain,held}'::text[], 'a worker takes what is due, critical first');
SELECT is_empty(format('SELECT pg_temp.claim(%L, ''email'')', :'W2'), 'no other one takes it too');
SELECT is((SELECT string_agg(DISTINCT d.status, ' ') FROM nightbell.deliveries d), 'sending', 'it is being sent');
SELECT is(nightbell.delivery_waits('{email}'), nightbell.clock() + interval '2 minutes', 'others wait for the leases to end');
SELECT is(nightbell.delivery_waits('{sms}'), NULL, 'for nothing of channels that they do not send by');
SELECT pg_temp.later('3 minutes');
SELECT set_eq(format('SELECT pg_temp.claim(%L, ''email'')', :'W2'), '{page,plain,held}'::text[], 'a lease that has run out is taken over: the same deliveries again');
SELECT is(pg_temp.answer(:'W1', 'plain', 'sent'), 0::bigint, 'the first one''s answer comes too late');
SELECT is((SELECT concat_ws(' ', a.n, a.outcome, a.code, a.latency_ms, a.provider, a.endpoint, a.message_id, a.address) FROM nightbell.attempts a WHERE a.delivery_id = pg_temp.of('plain')),
    '1 sent 250 12 smtp provider m-plain a…@acme.example', 'but it is recorded, with the address masked');
SELECT is(pg_temp.state('plain'), 'sending', 'the delivery is the second one''s');
SELECT is(pg_temp.answer(:'W2', 'plain', 'sent'), 1::bigint, 'who ends it');
SELECT is((SELECT concat_ws(' ', d.status, d.attempts, d.provider, d.provider_message_id, d.sent_at IS NOT NULL) FROM nightbell.deliveries d WHERE d.id = pg_temp.of('plain')), 'sent 1 smtp m-plain t', 'sent');
SELECT set_eq($$SELECT w.code FROM nightbell.why('delivery', pg_temp.of('plain')::text) AS w$$, '{sent}'::text[], 'which why() tells');
SELECT is(pg_temp.answer(:'W2', 'held', NULL, ends => 'back'), 1::bigint, 'one that was not begun is given back');
SELECT is((SELECT concat_ws(' ', d.status, d.attempts, q.tries, q.due_at = nightbell.clock()) FROM nightbell.deliveries d JOIN nightbell.delivery_queue q ON q.delivery_id = d.id WHERE d.id = pg_temp.of('held')), 'queued 0 0 t', 'due at once, and no try');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT is(nightbell.delivery_abandon(:'W1'), 1::bigint, 'what a worker had that is known to be gone is given back');
SELECT results_eq(format('SELECT pg_temp.claim(%L, ''email'')', :'W2'), '{held}'::text[], 'and taken at once');

-- what was simply sent
SELECT pg_temp.send('lost', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W2', 'email') \g /dev/null
SELECT pg_temp.send('simple', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT is((SELECT nightbell.delivery_sent(:'W1', array_agg(d.tenant_id), array_agg(d.user_id), array_agg(d.id), '{1,1}', '{5,5}', '{250,250}', '{7,7}', '{m-simple,NULL}', '{NULL,NULL}', '{email,email}',
    '{provider,provider}', '{smtp,smtp}', array_agg(d.address)) FROM (SELECT d.* FROM nightbell.deliveries d WHERE d.id IN (pg_temp.of('simple'), pg_temp.of('lost')) ORDER BY d.subject DESC) AS d), '{2}'::int[],
    'one that is another worker''s by now is left to it');
SELECT is((SELECT concat_ws(' ', d.status, d.attempts, d.max_attempts, d.provider, d.provider_message_id, d.sent_at = nightbell.clock(), d.changed_xid = pg_current_xact_id()) FROM nightbell.deliveries d WHERE d.id = pg_temp.of('simple')),
    'sent 1 6 smtp m-simple t t', 'the others are sent');
SELECT results_eq($$SELECT concat_ws(' ', a.delivery_id = pg_temp.of('simple'), a.n, a.outcome, a.code, a.latency_ms, a.provider, a.endpoint, a.message_id, a.address) FROM nightbell.attempts a
    WHERE a.delivery_id IN (pg_temp.of('simple'), pg_temp.of('lost'))$$, '{"t 1 sent 250 7 smtp provider m-simple a…@acme.example"}'::text[], 'the try is recorded');
SELECT set_eq('SELECT pg_temp.queued()', '{page 0 0 leased,held 1 0 leased,lost 1 0 leased}'::text[], 'and gone from the queue');
SELECT pg_temp.answer(:'W2', 'lost', 'sent') AS quiet \gset

-- retries
SELECT pg_temp.answer(:'W2', 'held', 'retry') AS quiet \gset
SELECT is((SELECT concat_ws(' ', d.status, d.attempts, d.max_attempts, d.error) FROM nightbell.deliveries d WHERE d.id = pg_temp.of('held')), 'queued 1 4 it said no', 'what may heal is tried again');
SELECT ok(pg_temp.due_in('held') BETWEEN '48 seconds' AND '72 seconds', 'after the time that the channel says, give or take a fifth');
SELECT ok(count(DISTINCT w) > 15 AND min(w) < '52 seconds' AND max(w) > '68 seconds', 'never the same time') FROM (SELECT nightbell.next_try(1, '{60000}', -1, nightbell.clock()) - nightbell.clock() AS w FROM generate_series(1, 200)) AS s;
SELECT ok(nightbell.next_try(1, '{60000}', 7200000, nightbell.clock()) - nightbell.clock() BETWEEN '2 hours' AND '132 minutes', 'a provider that says how long to wait is obeyed');
SELECT ok(nightbell.next_try(1, '{60000}', 360000000, nightbell.clock()) - nightbell.clock() BETWEEN '10 hours' AND '11 hours', 'up to ten hours');
SELECT is(nightbell.next_try(2, '{60000}', 7200000, nightbell.clock()), NULL, 'but not beyond the last try');
SELECT is_empty(format('SELECT pg_temp.claim(%L, ''email'')', :'W1'), 'not before');
SELECT pg_temp.later('75 seconds');
SELECT results_eq(format('SELECT pg_temp.claim(%L, ''email'')', :'W1'), '{held}'::text[], 'then');
SELECT pg_temp.answer(:'W1', 'held', 'retry', retry_after => 7200000) AS quiet \gset
SELECT ok(pg_temp.due_in('held') BETWEEN '2 hours' AND '132 minutes', 'Retry-After holds for a delivery');
SELECT set_eq('SELECT pg_temp.queued()', '{held 2 2,page 0 0 leased}'::text[], 'retries have a lane of their own');
SELECT pg_temp.later('3 hours');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'held', 'retry') AS quiet \gset
SELECT ok(pg_temp.due_in('held') BETWEEN '24 minutes' AND '36 minutes', 'the third wait');
SELECT pg_temp.later('1 hour');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'held', 'retry', error => 'it never answers') AS quiet \gset
SELECT is((SELECT concat_ws(' ', d.status, d.attempts, d.error, d.ended_at IS NOT NULL) FROM nightbell.deliveries d WHERE d.id = pg_temp.of('held')), 'failed 4 it never answers t', 'after the last one it is a dead letter');
SELECT is((SELECT detail FROM nightbell.decisions WHERE subject_id = pg_temp.of('held')::text AND code = 'failed'), '{"problem": "it never answers", "attempts": 4}', 'that says why');
SELECT is((SELECT string_agg(a.n || a.outcome, ' ' ORDER BY a.n) FROM nightbell.attempts a WHERE a.delivery_id = pg_temp.of('held')), '1retry 2retry 3retry 4retry', 'each try is recorded');
SELECT pg_temp.answer(:'W1', 'page', 'failed', error => (SELECT format('550 <%s>: no such user', u.email) FROM nightbell.users u WHERE u.id = :'ADA')) AS quiet \gset
SELECT is(pg_temp.state('page'), 'failed', 'what cannot heal is one at once');
SELECT is((SELECT d.error || ' ' || a.error FROM nightbell.deliveries d JOIN nightbell.attempts a ON a.delivery_id = d.id WHERE d.id = pg_temp.of('page') ORDER BY a.n DESC LIMIT 1),
    '550 <a…@acme.example>: no such user 550 <a…@acme.example>: no such user', 'and what the server repeated of the address is masked, too');
SELECT is_empty('SELECT pg_temp.queued()', 'neither is in the queue any more');

-- operators
GRANT USAGE ON SCHEMA pgtap TO nightbell_console;
SET SESSION AUTHORIZATION nightbell_console;
SELECT set_config('nightbell.token', :'token_ada', false) AS quiet \gset
SELECT throws_ok(format('SELECT * FROM nightbell.delivery_retry(ARRAY[%L]::uuid[])', :'ADA'), '42501', NULL, 'who is no operator redrives nothing');
SELECT throws_ok(format('SELECT * FROM nightbell.delivery_cancel(ARRAY[%L]::uuid[])', :'ADA'), '42501', NULL, 'nor cancels');
RESET SESSION AUTHORIZATION;
SELECT set_config('nightbell.token', '', false) AS quiet \gset
SELECT results_eq($$SELECT done, problem FROM nightbell.delivery_retry(ARRAY[pg_temp.of('held'), pg_temp.of('plain'), '00000000-0000-7000-8000-000000000001'])$$,
    $$VALUES (true, NULL), (false, 'it is sent'), (false, 'there is no such delivery here')$$, 'a dead letter is redriven, nothing else');
SELECT set_eq('SELECT pg_temp.queued()', '{held 1 0}'::text[], 'with tries anew');
SELECT is((SELECT string_agg(code, ' ' ORDER BY code) FROM nightbell.decisions WHERE subject_id = pg_temp.of('held')::text), 'failed queued', 'and that is told');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'held', 'retry') AS quiet \gset
SELECT is((SELECT concat_ws(' ', d.attempts, d.max_attempts) FROM nightbell.deliveries d WHERE d.id = pg_temp.of('held')), '5 8', 'attempts go on being counted');
SELECT is((SELECT done FROM nightbell.delivery_retry(ARRAY[pg_temp.of('held')])), true, 'what waits for its next try goes now');
SELECT is(pg_temp.due_in('held'), '0', 'at once');
SELECT pg_temp.send('never', 'email') AS quiet \gset
SELECT results_eq($$SELECT done, problem FROM nightbell.delivery_cancel(ARRAY[pg_temp.of('never'), pg_temp.of('plain')])$$, $$VALUES (true, NULL), (false, 'it is sent')$$, 'what is queued is cancelled');
SELECT is(pg_temp.state('never'), 'cancelled', 'at once');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT is((SELECT done FROM nightbell.delivery_cancel(ARRAY[pg_temp.of('held')])), true, 'what is in flight is called back');
SELECT results_eq(format('SELECT id FROM nightbell.delivery_cancelled(%L)', :'W1'), $$SELECT pg_temp.of('held')$$, 'its worker hears of it');
SELECT pg_temp.answer(:'W1', 'held', 'retry') AS quiet \gset
SELECT is(pg_temp.state('held'), 'cancelled', 'it is not tried again');
SELECT pg_temp.send('too late', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT nightbell.delivery_cancel(ARRAY[pg_temp.of('too late')]) AS quiet \gset
SELECT pg_temp.answer(:'W1', 'too late', 'sent') AS quiet \gset
SELECT is(pg_temp.state('too late'), 'sent', 'unless it was sent before');
SELECT pg_temp.send('stopped', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'stopped', 'cancelled', ends => 'cancelled') AS quiet \gset
SELECT is(pg_temp.state('stopped') || (SELECT string_agg(outcome, ' ') FROM nightbell.attempts WHERE delivery_id = pg_temp.of('stopped')), 'cancelledcancelled', 'a send that was stopped is recorded');
SELECT pg_temp.send('stuck', 'email') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.later('3 minutes');
SELECT is((SELECT done FROM nightbell.delivery_cancel(ARRAY[pg_temp.of('stuck')])), true, 'whose worker is gone is cancelled');
SELECT is(pg_temp.state('stuck'), 'cancelled', 'at once');
SELECT is_empty('SELECT pg_temp.queued()', 'and nothing is left in the queue');

-- lanes: each has its own room
SELECT pg_temp.send('bulk ' || n, 'email') FROM generate_series(1, 20) AS n \g /dev/null
SELECT pg_temp.later('1 second');
SELECT pg_temp.send('urgent', 'email', 'critical') AS quiet \gset
SELECT results_eq(format('SELECT pg_temp.claim(%L, ''email'', 3)', :'W1'), '{urgent,bulk 1,bulk 2,bulk 3}'::text[], 'critical ones do not wait behind a broadcast');
SELECT pg_temp.answer(:'W1', 'bulk 1', 'retry') AS quiet \gset
SELECT pg_temp.later('100 seconds');
SELECT is((SELECT string_agg(c, ',') FROM pg_temp.claim(:'W1', 'email', 1) c), 'bulk 4,bulk 1', 'nor first tries behind retries, nor these behind them');
SELECT is((SELECT string_agg(c, ',') FROM pg_temp.claim(:'W1', 'email', 10, 8, '{email}', '{7}') c), 'bulk 5', 'a worker has no more of a provider in hand than its share');
SELECT is((SELECT count(*) FROM nightbell.delivery_queue WHERE parked), 0::bigint, 'where all is for one provider nothing is parked');
SELECT is_empty(format($$SELECT pg_temp.claim(%L, 'email', 10, floor => nightbell.clock() + '1 second')$$, :'W1'), 'a worker that has seen all until then looks no further back');
DELETE FROM nightbell.deliveries WHERE subject LIKE 'bulk%' OR subject = 'urgent';
SELECT pg_temp.later('10 minutes');
SELECT is_empty(format($$SELECT pg_temp.claim(%L, 'email', 100)$$, :'W1'), 'deliveries that were deleted are not sent');
SELECT is_empty('SELECT pg_temp.queued()', 'and leave the queue');

-- addresses
UPDATE nightbell.users SET email = 'Ada.New@example.org' WHERE tenant_id = :'ACME' AND name = 'ada';
SELECT pg_temp.send('moved', 'email') AS quiet \gset
UPDATE nightbell.deliveries SET address = 'old@example.org' WHERE id = pg_temp.of('moved');
SELECT is((SELECT concat_ws(' ', c.address, c.problem, c.attempt) FROM nightbell.delivery_claim(:'W1', '2 minutes', '{email}', '{1}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 'Ada.New@example.org 1', 'it goes to the address that the person has now');
UPDATE nightbell.deliveries SET address = 'Ada.New@example.org' WHERE id = pg_temp.of('moved');
SELECT pg_temp.answer(:'W1', 'moved', 'failed', ended => 1, error => '550 5.1.1 no such user') AS quiet \gset
SELECT results_eq('SELECT address, reason FROM nightbell.disabled_addresses', $$VALUES ('ada.new@example.org', '550 5.1.1 no such user')$$, 'an address that has ended is disabled');
SELECT results_eq($$SELECT severity::text, description, is_resolved FROM nightbell.admin_system_events WHERE event_type = 'delivery_address_disabled'$$,
    $$VALUES ('medium', 'nothing is sent to the address A…@example.org of ada any more (email): 550 5.1.1 no such user', false)$$, 'operators are told, without the address');
SELECT pg_temp.send('again', 'email') AS quiet \gset
SELECT is((SELECT concat_ws('|', c.address, c.problem) FROM nightbell.delivery_claim(:'W1', '2 minutes', '{email}', '{1}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 'Ada.New@example.org|the address is disabled: 550 5.1.1 no such user', 'and the next delivery says so');
SELECT pg_temp.answer(:'W1', 'again', 'failed', ended => 1) AS quiet \gset
SELECT is((SELECT sum(occurrences)::bigint FROM nightbell.admin_system_events WHERE event_type = 'delivery_address_disabled'), 1::bigint, 'they are told once');
DELETE FROM nightbell.disabled_addresses;
SELECT nightbell.delivery_retry(ARRAY[pg_temp.of('again')]) AS quiet \gset
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
UPDATE nightbell.deliveries SET address = 'Ada.New@example.org' WHERE id = pg_temp.of('again');
SELECT pg_temp.answer(:'W1', 'again', 'sent') AS quiet \gset
SELECT is((SELECT concat_ws(' ', is_resolved, resolution) FROM nightbell.admin_system_events WHERE event_type = 'delivery_address_disabled'), 't it has recovered: something was sent there', 'when it works again that is over');
INSERT INTO nightbell.devices (tenant_id, user_id, id, platform, token) VALUES (:'ACME', :'ADA', '00000000-0000-4000-8000-0000000000d1', 'android', 'one'), (:'ACME', :'ADA', '00000000-0000-4000-8000-0000000000d2', 'ios', 'two');
SELECT pg_temp.send('pushed', 'push') AS quiet \gset
SELECT is((SELECT jsonb_array_length(c.targets::jsonb) FROM nightbell.delivery_claim(:'W1', '2 minutes', '{push}', '{1}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 2, 'a push has a target for each device');
SELECT nightbell.delivery_finish(:'W1', ARRAY[:'ACME'::uuid], ARRAY[:'ADA'::uuid], ARRAY[pg_temp.of('pushed')], '{1}', '{answered}', '{push}', '{"{60000}"}', '{1,1}', '{sent,retry}', '{200,503}', '{1,1}',
    '{NULL,busy}', '{NULL,NULL}', '{-1,-1}', '{0,0}', '{0,1}', '{00000000-0000-4000-8000-0000000000d1,00000000-0000-4000-8000-0000000000d2}', '{push,push}', '{fcm,fcm}', '{fcm,fcm}', '{NULL,NULL}') AS quiet \gset
SELECT is(pg_temp.state('pushed'), 'queued', 'one of them is busy');
SELECT pg_temp.later('90 seconds');
SELECT is((SELECT c.targets::jsonb -> 0 ->> 'address' || jsonb_array_length(c.targets::jsonb) FROM nightbell.delivery_claim(:'W1', '2 minutes', '{push}', '{2}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 'two1', 'which alone is tried again');
SELECT pg_temp.answer(:'W1', 'pushed', 'failed', ended => 1, target => '00000000-0000-4000-8000-0000000000d2', error => 'UNREGISTERED') AS quiet \gset
SELECT is(pg_temp.state('pushed'), 'sent', 'what has reached one device is sent');
SELECT is((SELECT string_agg(token, ' ') FROM nightbell.devices WHERE disabled_at IS NOT NULL), 'two', 'a device that is gone is disabled');

-- fallbacks
SELECT pg_temp.send('chain', 'push', 'high', 'bob', '{sms,email}') AS quiet \gset
INSERT INTO nightbell.preferences (tenant_id, user_id, type, channel, enabled) VALUES (:'ACME', :'BOB', '*', 'sms', false);
SELECT is((SELECT c.problem FROM nightbell.delivery_claim(:'W1', '2 minutes', '{push}', '{1}', '{5}', '{-infinity}', '{9}', '{}', '{}', '{}') AS c), 'the person has no device', 'who has none cannot be pushed to');
SELECT pg_temp.answer(:'W1', 'chain', 'failed', error => 'the person has no device') AS quiet \gset
SELECT is(pg_temp.work(), 1::bigint, 'the next channels are decided on by the engine');
SELECT results_eq($$SELECT d.channel::text, d.status, d.urgency::text, d.subject, d.fallback_channels FROM nightbell.deliveries d WHERE d.fallback_of = pg_temp.of('chain')$$,
    $$VALUES ('email', 'queued', 'high', 'chain', '{}'::text[])$$, 'the first by which the person may be reached, with the urgency of the first');
SELECT set_eq($$SELECT concat_ws(' ', code, channel) FROM nightbell.decisions WHERE subject_id = pg_temp.of('chain')::text$$, '{failed push,opted_out sms,fallback email}'::text[], 'and why');
INSERT INTO made SELECT 'second', id FROM nightbell.deliveries WHERE fallback_of = pg_temp.of('chain');
SELECT pg_temp.claim(:'W1', 'email') \g /dev/null
SELECT pg_temp.answer(:'W1', 'second', 'failed') AS quiet \gset
SELECT is(pg_temp.work(), 0::bigint, 'the end of the chain is the end');
UPDATE nightbell.deliveries SET status = 'queued' WHERE id = pg_temp.of('chain');
SELECT pg_temp.claim(:'W1', 'push') \g /dev/null
SELECT pg_temp.answer(:'W1', 'chain', 'failed') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.deliveries d WHERE d.fallback_of = pg_temp.of('chain')), 1::bigint, 'what is sent again and fails again goes there once: it was there');
SELECT pg_temp.send('inner', 'push', 'normal', 'bob', '{in_app}') AS quiet \gset
SELECT pg_temp.claim(:'W1', 'push') \g /dev/null
SELECT pg_temp.answer(:'W1', 'inner', 'failed') AS quiet \gset
SELECT is(pg_temp.work(), 1::bigint, 'the inbox may be one of them');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'inner'), 1::bigint, 'then it is a notification');

-- the breaker of a provider
DELETE FROM nightbell.breakers;
DELETE FROM nightbell.deliveries;
DELETE FROM nightbell.delivery_queue;
SELECT pg_temp.send('down ' || n, 'email') FROM generate_series(1, 12) AS n \g /dev/null
SELECT pg_temp.claim(:'W1', 'email', 6) \g /dev/null
SELECT pg_temp.answer(:'W1', 'down 1', 'sent') AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.breakers), 0::bigint, 'who is well has no breaker');
SELECT pg_temp.answer(:'W1', 'down ' || n, 'retry', fault => 1) FROM generate_series(2, 5) AS n \g /dev/null
SELECT is((SELECT concat_ws(' ', channel, endpoint, good, bad, opened_at) FROM nightbell.breakers), 'email email 0 4', 'four faults do not open it');
SELECT pg_temp.answer(:'W1', 'down 6', 'retry', fault => 1) AS quiet \gset
SELECT ok((SELECT open_until = nightbell.clock() + interval '30 seconds' FROM nightbell.breakers), 'five do, for half a minute');
SELECT is_empty(format('SELECT pg_temp.claim(%L, ''email'')', :'W1'), 'nothing goes there');
SELECT pg_temp.send('fire', 'email', 'critical') AS quiet \gset
SELECT results_eq(format('SELECT pg_temp.claim(%L, ''email'')', :'W1'), '{fire}'::text[], 'but what is critical');
SELECT pg_temp.answer(:'W1', 'fire', 'retry', fault => 1) AS quiet \gset
SELECT ok((SELECT open_until = nightbell.clock() + interval '30 seconds' FROM nightbell.breakers), 'whose failure makes it no longer');
SELECT is(nightbell.delivery_waits('{email}'), nightbell.clock() + interval '30 seconds', 'workers wait for it');
SELECT pg_temp.later('31 seconds');
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'email')), 3::bigint, 'then a few are tried');
SELECT is_empty(format('SELECT pg_temp.claim(%L, ''email'')', :'W2'), 'by one of all workers');
SELECT is(nightbell.delivery_abandon(:'W1'), 3::bigint, 'which is known to be gone');
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'email')), 3::bigint, 'then the next one tries at once');
SELECT pg_temp.answer(:'W1', 'down 7', 'retry', fault => 1) AS quiet \gset
SELECT ok((SELECT open_until = nightbell.clock() + interval '60 seconds' FROM nightbell.breakers), 'it is down still: twice as long');
SELECT pg_temp.later('61 seconds');
SELECT pg_temp.claim(:'W2', 'email') \g /dev/null
SELECT pg_temp.answer(:'W2', 'down 10', 'sent') AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.breakers), 0::bigint, 'it answers: closed');
SELECT ok((SELECT count(*) FROM pg_temp.claim(:'W1', 'email')) >= 2, 'and everything goes again');
SELECT is((SELECT max(d.attempts) FROM nightbell.deliveries d WHERE d.subject IN ('down 11', 'down 12')), 0, 'what waited has lost no try');

-- fairness: endpoints side by side
DELETE FROM nightbell.deliveries;
DELETE FROM nightbell.delivery_queue;
SELECT pg_temp.send('slow ' || n, 'push') FROM generate_series(1, 30) AS n \g /dev/null
UPDATE nightbell.delivery_queue SET endpoint = 'slow.example';
SELECT pg_temp.later('1 second');
SELECT pg_temp.send('good ' || n, 'push') FROM generate_series(1, 3) AS n \g /dev/null
UPDATE nightbell.delivery_queue SET endpoint = 'good.example' WHERE endpoint <> 'slow.example';
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'push', 20, 4)), 4::bigint, 'no more of an endpoint than its share');
SELECT is((SELECT count(*) FROM nightbell.delivery_queue WHERE parked), 16::bigint, 'the rest stands aside');
SELECT is((SELECT string_agg(c, ',' ORDER BY c) FROM pg_temp.claim(:'W1', 'push', 20, 4, '{slow.example}', '{4}') AS c), 'good 1,good 2,good 3', 'others pass it');
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'push', 20, 4, '{slow.example}', '{3}')), 1::bigint, 'as one ends the next goes');
SELECT pg_temp.send('slow page', 'push', 'critical') AS quiet \gset
UPDATE nightbell.delivery_queue SET endpoint = 'slow.example' WHERE delivery_id = pg_temp.of('slow page');
SELECT is((SELECT string_agg(c, ',') FROM pg_temp.claim(:'W1', 'push', 20, 4, '{slow.example}', '{4}') AS c), 'slow page', 'what is critical has room of its own there');
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W2', 'push', 20, 20)), 20::bigint, 'another worker has its own share: those that were parked are found by their endpoint');
SELECT is((SELECT count(*) FROM nightbell.delivery_queue WHERE worker IS NULL), 5::bigint, 'all but what is over both shares is in hand');
INSERT INTO nightbell.breakers (channel, endpoint, window_until, opened_at, open_until, openings) VALUES ('push', 'slow.example', nightbell.clock(), nightbell.clock(), nightbell.clock() + interval '30 seconds', 1);
SELECT is_empty(format($$SELECT pg_temp.claim(%L, 'push', 20, 40)$$, :'W1'), 'an endpoint whose breaker is open keeps its own');
SELECT pg_temp.later('31 seconds');
SELECT is((SELECT count(*) FROM pg_temp.claim(:'W1', 'push', 20, 40)), 3::bigint, 'half-open: a few of them');
SELECT * FROM finish();
ROLLBACK;
