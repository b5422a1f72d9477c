-- notify() and broadcast() with outside channels: the inbox has it at once, what leaves goes through the outbox and enters at
-- preferences; the rate limit lets it wait for the next minute, and a repetition leaves once.
BEGIN;
SELECT no_plan();
SELECT set_config('test.tenant', :'ACME', false) AS quiet \gset
\ir engine.psql
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('OUT_NOTE', 'm', 'A note');
INSERT INTO nightbell.notification_types (type, module, description, default_channels) VALUES ('OUT_MAIL', 'm', 'A letter', '{in_app,email}');
CREATE FUNCTION pg_temp.waiting() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL $$;
CREATE FUNCTION pg_temp.sent() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', u.name, d.channel, d.status, d.held_for, d.subject) FROM nightbell.deliveries d JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id $$;
CREATE FUNCTION pg_temp.why_not(notification uuid) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', u.name, d.channel, d.code) FROM nightbell.decisions d JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id WHERE d.subject_id = notification::text $$;
CREATE TEMP TABLE told (name text, id uuid);

-- the inbox only
SELECT nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'inside', 'm') AS quiet \gset
SELECT nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'inside too', 'm', channels => '{in_app}') AS quiet \gset
SELECT nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'inside, without saying so', 'm', channels => '{}') AS quiet \gset
SELECT is(pg_temp.waiting(), 0::bigint, 'what is for the inbox goes nowhere else');

-- one by one
INSERT INTO told SELECT 'letter', nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'a letter', 'the text', channels => '{in_app,email,email}');
SELECT results_eq($$SELECT event_type, module, context, source_kind, user_id, critical FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL$$,
    format($$VALUES ('OUT_NOTE', 'm', '{"channels": ["email"]}'::jsonb, 'notify', %L::uuid, false)$$, :'ADA'), 'what leaves goes into the outbox');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'a letter'), 1::bigint, 'the inbox has it at once');
SELECT nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'a letter', 'the text', channels => '{in_app,email}') AS again \gset
SELECT is(pg_temp.waiting(), 1::bigint, 'the same again leaves no second time');
SELECT is(pg_temp.work(), 1::bigint, 'a worker takes it');
SELECT results_eq($$SELECT d.channel::text, d.status, d.address, d.subject, d.body, d.rule_id, d.notification_id = t.id FROM nightbell.deliveries d, told t WHERE t.name = 'letter'$$,
    $$SELECT 'email', 'queued', email, 'a letter', 'the text', NULL::text, true FROM nightbell.users WHERE name = 'ada'$$, 'it waits for its channel, with the text of the notification');
SELECT set_eq($$SELECT d.code FROM nightbell.decisions d JOIN nightbell.deliveries e ON d.subject_id = e.id::text$$, '{queued}'::text[], 'which is a decision');
INSERT INTO told SELECT 'usual', nightbell.notify(:'ACME', :'ADA', 'OUT_MAIL', 'as usual', 'm');
SELECT is(pg_temp.work(), 1::bigint, 'the channels of the type count where none are named');
INSERT INTO told SELECT 'urgent', nightbell.notify(:'ACME', :'ADA', 'OUT_NOTE', 'urgent', 'm', channels => '{email}', urgency => 'critical');
SELECT is((SELECT critical FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL), true, 'what is critical has its lane');
SELECT is(pg_temp.work(), 1::bigint, 'and leaves');
SELECT results_eq($$SELECT d.urgency::text, d.priority::int FROM nightbell.deliveries d JOIN told t ON t.id = d.notification_id AND t.name = 'urgent'$$, $$VALUES ('critical'::text, 1)$$, 'with the urgency of the notification');

-- preferences, quiet hours, addresses
DELETE FROM nightbell.deliveries;
UPDATE nightbell.users SET email = NULL WHERE name = 'carol';
INSERT INTO nightbell.preferences (tenant_id, user_id, type, channel, enabled) VALUES (:'ACME', :'ADA', 'OUT_NOTE', 'email', false);
INSERT INTO nightbell.user_settings (tenant_id, user_id, dnd_until) VALUES (:'ACME', :'BOB', now() + interval '1 hour');
INSERT INTO told SELECT u.name, nightbell.notify(:'ACME', u.id, 'OUT_NOTE', 'to each', 'm', channels => '{in_app,email}') FROM nightbell.users u WHERE u.name IN ('ada', 'bob', 'carol');
SELECT pg_temp.work() AS quiet \gset
SELECT set_eq($$SELECT pg_temp.sent()$$, '{bob email held do_not_disturb to each}'::text[], 'who is not to be disturbed gets it later, the others do not');
SELECT set_eq($$SELECT pg_temp.why_not(id) FROM told WHERE name IN ('ada', 'carol')$$, '{ada email opted_out,carol email no_address}'::text[], 'and that is said of the notification');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'to each'), 3::bigint, 'all have it in the inbox');

-- many at once
DELETE FROM nightbell.deliveries;
DELETE FROM nightbell.user_settings;
DELETE FROM nightbell.preferences;
SELECT count(*) AS quiet FROM nightbell.notify_many(ARRAY[
    jsonb_build_object('user', :'ADA', 'tenant', :'ACME', 'type', 'OUT_NOTE', 'title', 'many 1', 'message', 'm', 'channels', '["in_app", "email"]'::jsonb),
    jsonb_build_object('user', 'bob', 'tenant', :'ACME', 'type', 'OUT_NOTE', 'title', 'many 2', 'message', 'm', 'channels', '["email"]'::jsonb),
    jsonb_build_object('user', :'BOB', 'tenant', :'ACME', 'type', 'OUT_NOTE', 'title', 'many 3', 'message', 'm'),
    jsonb_build_object('user', :'ADA', 'tenant', :'ACME', 'type', 'OUT_NOTE', 'title', 'many 1', 'message', 'm', 'channels', '["in_app", "email"]'::jsonb)]
    || '{}'::jsonb[]) \gset
SELECT is(pg_temp.waiting(), 2::bigint, 'of many, those that leave, each once');
SELECT is(pg_temp.work(), 2::bigint, 'a worker takes them');
SELECT set_eq($$SELECT pg_temp.sent()$$, '{ada email queued many 1,bob email queued many 2}'::text[], 'each as its own');

-- a broadcast
DELETE FROM nightbell.deliveries;
INSERT INTO nightbell.users (tenant_id, id, name, email) SELECT :'ACME', gen_random_uuid(), 'reader ' || n, 'r' || n || '@acme.example' FROM generate_series(1, 450) AS n;
SELECT is(nightbell.broadcast(:'ACME', 'tenant', NULL, 'OUT_MAIL', 'to all', 'm'), 455::bigint, 'a broadcast');
SELECT is(pg_temp.waiting(), 3::bigint, 'leaves in parts');
SELECT is(pg_temp.work(), (SELECT count(*) FROM nightbell.users WHERE tenant_id = :'ACME' AND email IS NOT NULL), 'to everybody who has an address');
SELECT is_empty($$SELECT FROM nightbell.deliveries d JOIN nightbell.notifications n ON n.id = d.notification_id AND n.tenant_id = d.tenant_id
    WHERE n.user_id <> d.user_id OR n.title <> 'to all' OR d.status <> 'queued'$$, 'each with the notification of its reader');
SELECT is((SELECT count(DISTINCT notification_id) FROM nightbell.deliveries), (SELECT count(*) FROM nightbell.deliveries), 'each once');
SELECT set_eq($$SELECT DISTINCT d.code, u.name FROM nightbell.decisions d JOIN nightbell.notifications n ON n.id::text = d.subject_id JOIN nightbell.users u ON u.id = d.user_id WHERE n.title = 'to all' AND n.user_id = d.user_id$$,
    $$VALUES ('no_address', 'carol'::varchar), ('no_address', 'app')$$, 'who has none is told of on theirs');
SELECT is(nightbell.broadcast(:'ACME', 'tenant', NULL, 'OUT_NOTE', 'inside for all', 'm'), 455::bigint, 'one for the inbox');
SELECT is(pg_temp.waiting(), 0::bigint, 'leaves nowhere');
SELECT nightbell.announce(:'ACME', 'OUT_MAIL', 'announced', 'm') AS quiet \gset
SELECT is(pg_temp.waiting(), 0::bigint, 'an announcement is for the inbox, of who joins later too');

-- over the rate
DELETE FROM nightbell.deliveries;
UPDATE nightbell.tenants SET settings = settings || '{"rate_limit": 3}' WHERE id = :'ACME';
UPDATE nightbell.users SET email = 'late@acme.example' WHERE name = 'carol';
INSERT INTO nightbell.users (tenant_id, id, name, email) VALUES (:'ACME', '00000000-0000-4000-8000-00000000cafe', 'flooded', 'f@acme.example');
SELECT nightbell.notify(:'ACME', '00000000-0000-4000-8000-00000000cafe', 'OUT_NOTE', 'flood ' || n, 'm', channels => '{in_app,email}') AS quiet FROM generate_series(1, 10) AS n \g /dev/null
SELECT pg_temp.work() AS quiet \gset
CREATE FUNCTION pg_temp.flood() RETURNS TABLE (status text, n bigint) LANGUAGE sql AS $$ SELECT d.status, count(*) FROM nightbell.deliveries d GROUP BY 1 ORDER BY 1 $$;
SELECT results_eq($$SELECT * FROM pg_temp.flood()$$, $$VALUES ('held', 7::bigint), ('queued', 3)$$, 'what is over the rate waits');
SELECT set_eq($$SELECT held_for FROM nightbell.deliveries WHERE status = 'held'$$, '{over_rate}'::text[], 'and says so');
SELECT is(nightbell.release_held(100), 0::bigint, 'for the minute to be over');
SELECT set_config('nightbell.clock', (clock_timestamp() + interval '62 seconds')::text, false) AS quiet \gset
SELECT is(nightbell.release_held(100), 3::bigint, 'then as many go as the minute has room for, not all');
SELECT is(nightbell.release_held(100), 0::bigint, 'the others wait for the next');
SELECT ok(nightbell.release_due() BETWEEN nightbell.clock() + interval '50 seconds' AND nightbell.clock() + interval '60 seconds', 'minute');
SELECT results_eq($$SELECT DISTINCT subject FROM nightbell.deliveries WHERE status = 'held' ORDER BY 1$$, $$VALUES ('flood 10'::text), ('flood 7'), ('flood 8'), ('flood 9')$$, 'the oldest went first');
SELECT set_config('nightbell.clock', (clock_timestamp() + interval '124 seconds')::text, false) AS quiet \gset
SELECT is(nightbell.release_held(100), 3::bigint, 'and so on');
SELECT set_config('nightbell.clock', (clock_timestamp() + interval '186 seconds')::text, false) AS quiet \gset
SELECT is(nightbell.release_held(100), 1::bigint, 'until nothing is left: nothing is dropped');

-- when its minute comes, the person sleeps, or is gone
DELETE FROM nightbell.deliveries;
SELECT set_config('nightbell.clock', clock_timestamp()::text, false) AS quiet \gset
SELECT nightbell.notify(:'ACME', '00000000-0000-4000-8000-00000000cafe', 'OUT_NOTE', 'evening ' || n, 'm', channels => '{in_app,email}') AS quiet FROM generate_series(1, 4) AS n \g /dev/null
SELECT pg_temp.work() AS quiet \gset
INSERT INTO nightbell.user_settings (tenant_id, user_id, dnd_until) VALUES (:'ACME', '00000000-0000-4000-8000-00000000cafe', nightbell.clock() + interval '1 hour');
SELECT set_config('nightbell.clock', (clock_timestamp() + interval '62 seconds')::text, false) AS quiet \gset
SELECT is(nightbell.release_held(100), 4::bigint, 'what was over the rate is decided on');
SELECT results_eq($$SELECT DISTINCT d.status, d.held_for, d.held_slot = s.dnd_until FROM nightbell.deliveries d JOIN nightbell.user_settings s USING (tenant_id, user_id)$$,
    $$VALUES ('held', 'do_not_disturb', true)$$, 'and wakes nobody who is not to be disturbed by then');
SELECT is((SELECT count(*) FROM nightbell.decisions d JOIN nightbell.deliveries e ON e.id::text = d.subject_id WHERE d.code = 'do_not_disturb' AND d.detail ->> 'until' IS NOT NULL), 4::bigint, 'which is said of each');
DELETE FROM nightbell.user_settings;
UPDATE nightbell.deliveries SET held_for = 'over_rate', held_slot = nightbell.clock();
UPDATE nightbell.users SET deleted_at = now() WHERE name = 'flooded';
SELECT is(nightbell.release_held(100), 4::bigint, 'for somebody who was deleted');
SELECT results_eq($$SELECT DISTINCT d.status, e.code FROM nightbell.deliveries d JOIN LATERAL (SELECT c.code FROM nightbell.decisions c WHERE c.subject_id = d.id::text ORDER BY c.at DESC, c.code LIMIT 1) AS e ON true$$,
    $$VALUES ('cancelled', 'cancelled')$$, 'it is cancelled');

-- what is critical by one channel does not wait for what is not by another
UPDATE nightbell.users SET deleted_at = NULL WHERE name = 'flooded';
DELETE FROM nightbell.deliveries;
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, recipient_value, notification_type, channel, urgency) VALUES
    (:'ACME', 'calm', 'smoke', 'user', 'flooded', 'OUT_NOTE', '{in_app,sms}', NULL), (:'ACME', 'loud', 'smoke', 'user', 'flooded', 'OUT_NOTE', '{email}', 'critical');
UPDATE nightbell.users SET phone = '+4930123456' WHERE name = 'flooded';
SELECT nightbell.publish(:'ACME', 'smoke', 'm', '{"title": "m"}') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT set_eq($$SELECT pg_temp.sent()$$, '{flooded email queued m,flooded sms held over_rate m}'::text[], 'what is critical passes the limit that holds the rest');

-- what is not in the inbox has no silence there to go by: it is counted by channel
CREATE FUNCTION pg_temp.told(title text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', d.subject, d.channel, d.status, d.held_for, c.code) FROM nightbell.deliveries d
    JOIN nightbell.decisions c ON c.subject = 'delivery' AND c.subject_id = d.id::text WHERE d.subject LIKE title || '%' $$;
CREATE FUNCTION pg_temp.smoke(events text[], title text) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(nightbell.publish(current_setting('test.tenant')::uuid, e, 'm', jsonb_build_object('title', title || ' ' || n))) FROM unnest(events) WITH ORDINALITY AS u (e, n) $$;
DELETE FROM nightbell.deliveries;
DELETE FROM nightbell.rules;
INSERT INTO nightbell.users (tenant_id, id, name, email, phone) VALUES (:'ACME', '00000000-0000-4000-8000-00000000f4e5', 'fresh', 'fresh@acme.example', '+4930654321');
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, recipient_value, notification_type, channel, urgency) VALUES
    (:'ACME', 'mail', 'mail', 'user', 'fresh', 'OUT_NOTE', '{email,sms}', NULL), (:'ACME', 'both', 'both', 'user', 'fresh', 'OUT_NOTE', '{in_app,email}', NULL),
    (:'ACME', 'siren', 'siren', 'user', 'fresh', 'OUT_NOTE', '{email}', 'critical');
SELECT pg_temp.smoke('{siren,siren,siren,siren,both,mail}', 'one') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT is((SELECT count(*) FROM pg_temp.told('one') AS t WHERE t ~ 'email queued queued'), 6::bigint, 'what is critical leaves and does not count');
SELECT pg_temp.smoke('{mail,mail,mail}', 'two') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT set_eq($$SELECT pg_temp.told('two')$$, '{two 1 email queued queued,two 1 sms queued queued,two 2 email held over_rate over_rate,two 2 sms queued queued,two 3 email held over_rate over_rate,two 3 sms held over_rate over_rate}'::text[],
    'a rule without the inbox keeps to the limit, each channel by itself, and says so');
SELECT ok(bool_and(held_slot BETWEEN nightbell.clock() + interval '50 seconds' AND nightbell.clock() + interval '60 seconds'), 'for a minute') FROM nightbell.deliveries WHERE status = 'held';
SELECT pg_temp.smoke('{siren,mail}', 'three') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT set_eq($$SELECT pg_temp.told('three')$$, '{three 1 email queued queued,three 2 email held over_rate over_rate,three 2 sms held over_rate over_rate}'::text[], 'nor does what came later pass');
SELECT set_config('nightbell.clock', (nightbell.clock() + interval '62 seconds')::text, false) AS quiet \gset
SELECT is(nightbell.release_held(100), 5::bigint, 'a minute later there is room for three by each channel');
SELECT pg_temp.smoke('{mail}', 'four') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT set_eq($$SELECT pg_temp.told('four')$$, '{four 1 email held over_rate over_rate,four 1 sms queued queued}'::text[], 'and what was let go counts');
UPDATE nightbell.tenants SET settings = settings || '{"rate_limit": 0}' WHERE id = :'ACME';
SELECT pg_temp.smoke(array_fill('mail'::text, ARRAY[20]), 'five') AS quiet \gset
SELECT pg_temp.work() AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.deliveries WHERE subject LIKE 'five%' AND status = 'queued'), 40::bigint, 'without a limit all leave');

-- a repetition leaves by no channel that has had it, and by each that has not; in one batch as in several
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, recipient_value, notification_type, channel) VALUES
    (:'ACME', 'inside', 'fire*', 'user', 'flooded', 'OUT_NOTE', '{in_app,email}'), (:'ACME', 'texts', 'fire_again', 'user', 'flooded', 'OUT_NOTE', '{sms}');
DELETE FROM nightbell.deliveries;
SELECT nightbell.publish(:'ACME', e, 'm', '{"title": "fire"}') AS quiet FROM unnest('{fire,fire_again,fire_again}'::text[]) AS e \g /dev/null
SELECT pg_temp.work(1000, 50) AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'fire'), 1::bigint, 'the inbox has it once');
SELECT set_eq($$SELECT pg_temp.sent()$$, '{flooded email queued fire,flooded sms queued fire}'::text[], 'each channel has it once, also the one that only the repetition has a rule for');
SELECT is((SELECT count(*) FROM nightbell.deliveries d JOIN nightbell.notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id), 2::bigint, 'as that notification');
SELECT set_eq($$SELECT pg_temp.why_not(id) FROM nightbell.notifications WHERE title = 'fire'$$, '{flooded in_app in_app,flooded in_app duplicate,flooded email duplicate,flooded sms duplicate}'::text[], 'what is a repetition says so');
DELETE FROM nightbell.deliveries;
SELECT nightbell.publish(:'ACME', e, 'm', '{"title": "smoke"}') AS quiet FROM unnest('{fire,fire_again,fire_again}'::text[]) AS e \g /dev/null
SELECT pg_temp.work(1000, 1) AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'smoke'), 1::bigint, 'the inbox has it once');
SELECT set_eq($$SELECT pg_temp.sent()$$, '{flooded email queued smoke,flooded sms queued smoke}'::text[], 'each channel has it once, also the one that only the repetition has a rule for');
SELECT is((SELECT count(*) FROM nightbell.deliveries d JOIN nightbell.notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id), 2::bigint, 'as that notification');
SELECT set_eq($$SELECT pg_temp.why_not(id) FROM nightbell.notifications WHERE title = 'smoke'$$, '{flooded in_app in_app,flooded in_app duplicate,flooded email duplicate,flooded sms duplicate}'::text[], 'what is a repetition says so');
SELECT * FROM finish();
ROLLBACK;
