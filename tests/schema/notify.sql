-- Producing: what is stored, what is refused and with which words, what is the same again, who may produce what for whom.
BEGIN;
SELECT plan(102);
CREATE TEMP TABLE made (name text, id uuid);
\ir everybody.psql
SET SESSION AUTHORIZATION nightbell_producing; -- a producer without tenant and token: it names the tenant

-- one
INSERT INTO made SELECT 'first', nightbell.notify(:'ACME', :'ADA', 'BOOKING_CREATED', 'A booking', 'It is booked.',
    '{"bookingId": "b1", "sessionId": "s1"}', 'https://acme.example/b1', :'BOB', '{email,in_app}', 'high',
    now() + interval '1 day', 'booking b1');
SELECT is(nightbell.notify(:'ACME', :'ADA', 'BOOKING_CREATED', 'Other words', 'For the same.',
    '{"bookingId": "b1", "sessionId": "s1"}', dedup_key => 'booking b1'),
          (SELECT id FROM made WHERE name = 'first'), 'the same key again gives the first id');
SELECT isnt(nightbell.notify(:'ACME', :'BOB', 'BOOKING_CREATED', 'Other words', 'For another.',
    '{"bookingId": "b1", "sessionId": "s1"}', dedup_key => 'booking b1'),
            (SELECT id FROM made WHERE name = 'first'), 'for another user it is another');
INSERT INTO made SELECT 'content', nightbell.notify(:'ACME', :'ADA', 'WALLET_TOP_UP', 'Topped up', '20 EUR', '{"amount": 20, "transactionId": "t1", "currency": "EUR"}');
SELECT is(nightbell.notify(:'ACME', :'ADA', 'WALLET_TOP_UP', 'Topped up', '20 EUR', '{"transactionId": "t1", "currency": "EUR", "amount": 20}'),
          (SELECT id FROM made WHERE name = 'content'), 'without a key the content counts, whatever the order of its members');
SELECT isnt(nightbell.notify(:'ACME', :'ADA', 'WALLET_TOP_UP', 'Topped up', '20 EUR', '{"transactionId": "t1", "currency": "EUR", "amount": 21}'),
            (SELECT id FROM made WHERE name = 'content'), 'other data is other content');
INSERT INTO made SELECT 'all', nightbell.announce(:'ACME', 'TEST_NOTE', 'To all', 'Read this.');
SELECT is(nightbell.notify(:'ACME', NULL, 'TEST_NOTE', 'To all', 'Read this.'), (SELECT id FROM made WHERE name = 'all'),
          'notify without a user is announce, and the same within the window');
RESET SESSION AUTHORIZATION;

SELECT results_eq(
    $$SELECT user_id, actor_id, type::text, title, message, data, link, channel::text, urgency::text, is_read, dedup_key,
             expires_at > now() FROM nightbell.notifications WHERE id = (SELECT id FROM made WHERE name = 'first')$$,
    format($$VALUES (%L::uuid, %L::uuid, 'BOOKING_CREATED', 'A booking', 'It is booked.', '{"bookingId": "b1", "sessionId": "s1"}'::jsonb,
             'https://acme.example/b1', 'in_app', 'high', false, 'booking b1', true)$$, :'ADA', :'BOB'), 'all of it is stored');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE user_id = :'ADA'), 3::bigint, 'and nothing twice');
SELECT is((SELECT count(*) FROM nightbell.announcements), 1::bigint, 'one announcement');
SELECT is((SELECT urgency::text FROM nightbell.notifications WHERE user_id = :'ADA' AND type = 'WALLET_TOP_UP' LIMIT 1), 'normal', 'the type''s urgency');

-- the window
UPDATE nightbell.dedup_windows SET expires_at = clock_timestamp() - interval '1 s';
SELECT isnt(nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'x', 'y', dedup_key => 'booking b1'),
            (SELECT id FROM made WHERE name = 'first'), 'past the window it is new');
UPDATE nightbell.tenants SET settings = '{"dedup_window": "0"}' WHERE id = :'ACME';
SELECT isnt(nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'x', 'y', dedup_key => 'booking b1'),
            nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'x', 'y', dedup_key => 'booking b1'), 'a window of 0 switches it off');
UPDATE nightbell.tenants SET settings = '{"dedup_window": "1 hour"}' WHERE id = :'ACME';
SELECT isnt(nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'longer', 'y'), NULL, 'each tenant has its own window');
SELECT ok((SELECT max(expires_at) > clock_timestamp() + interval '59 minutes' FROM nightbell.dedup_windows), 'of this length');
SELECT throws_ok($$UPDATE nightbell.tenants SET settings = '{"dedup_window": "soon"}'$$, '22023', NULL, 'a window that is none is refused when it is set');
SELECT throws_ok($$UPDATE nightbell.tenants SET settings = '{"dedup_window": "-5 minutes"}'$$, '22023', NULL, 'and a negative one');
UPDATE nightbell.tenants SET settings = '{}';

-- the limit
DELETE FROM nightbell.notifications;
CREATE FUNCTION pg_temp.send(count int, title text, urgency text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT nightbell.notify('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000b1', 'TEST_NOTE', title || n, 'm', urgency => urgency)
    FROM generate_series(1, count) n $$;
CREATE FUNCTION pg_temp.heard(title text) RETURNS text LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE NOT n.silent) || ' of ' || count(*) FROM nightbell.notifications n WHERE n.title LIKE heard.title || '%' $$;
SELECT pg_temp.send(5, 'loud ', 'critical');
SELECT pg_temp.send(11, 'usual ');
SELECT is(pg_temp.heard('usual'), '10 of 11', 'ten a minute are heard, critical ones not counted');
SELECT is((SELECT array_agg(title) FROM nightbell.notifications WHERE silent), '{usual 11}', 'the eleventh is stored, silent');
SELECT pg_temp.send(3, 'louder ', 'critical');
SELECT is(pg_temp.heard('loud'), '8 of 8', 'critical ones pass');
SELECT is((SELECT count(*) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', :'ACME', 'user', u, 'type', 'TEST_NOTE',
    'title', 'batch ' || n, 'message', 'm') FROM generate_series(1, 12) n, unnest(ARRAY[:'ADA', :'BOB']::uuid[]) u))), 24::bigint, 'a batch');
SELECT is(pg_temp.heard('batch'), '10 of 24', 'of which one user hears ten, and who has had theirs none');
SELECT is(nightbell.broadcast(:'ACME', 'user', :'ADA' || ',' || :'CAROL', 'BROADCAST_MESSAGE', 'to some', 'm', '{"messageId": "m1"}'), 2::bigint, 'a broadcast');
SELECT is(pg_temp.heard('to some'), '1 of 2', 'counts too');
UPDATE nightbell.tenants SET settings = '{"rate_limit": 12}' WHERE id = :'ACME';
SELECT pg_temp.send(3, 'more ');
SELECT is(pg_temp.heard('more'), '2 of 3', 'each tenant has its own limit');
UPDATE nightbell.tenants SET settings = '{"rate_limit": 0}' WHERE id = :'ACME';
SELECT pg_temp.send(40, 'free ');
SELECT is(pg_temp.heard('free'), '40 of 40', '0 switches it off');
UPDATE nightbell.tenants SET settings = '{"rate_limit": 1}' WHERE id = :'ACME';
SELECT pg_temp.send(2, 'lower ');
SELECT is(pg_temp.heard('lower'), '0 of 2', 'a lower one counts what was heard before');
SELECT set_config('session_replication_role', 'replica', true) IS NOT NULL AS quiet \gset
UPDATE nightbell.notifications SET id = nightbell.uuidv7_at(nightbell.uuidv7_time(id) - interval '61 s');
SELECT set_config('session_replication_role', 'origin', true) IS NOT NULL AS quiet \gset
SELECT pg_temp.send(2, 'later ');
SELECT is(pg_temp.heard('later'), '1 of 2', 'a minute later there is room again');
DELETE FROM nightbell.notifications;
UPDATE nightbell.tenants SET settings = '{"rate_limit": 3}' WHERE id = :'ACME';
SELECT pg_temp.send(300, 'flood ');
SELECT pg_temp.send(300, 'flood still ');
SELECT is(pg_temp.heard('flood'), '3 of 600', 'a flood is heard no more often');
-- as if the flood had begun a minute ago: what was silent then said when the next place would be free
SELECT set_config('session_replication_role', 'replica', true) IS NOT NULL AS quiet \gset
UPDATE nightbell.notifications SET id = nightbell.uuidv7_at(nightbell.uuidv7_time(id) - interval '61 s') WHERE NOT silent;
UPDATE nightbell.notifications SET id = nightbell.uuidv7_at(nightbell.uuidv7_time(id) - interval '31 s'), rate_slot = rate_slot + 3000 WHERE silent;
SELECT set_config('session_replication_role', 'origin', true) IS NOT NULL AS quiet \gset
SELECT pg_temp.send(5, 'on and on ');
SELECT is(pg_temp.heard('on and on'), '3 of 5', 'nor less often while it goes on');
SELECT throws_ok($$UPDATE nightbell.tenants SET settings = '{"rate_limit": "many"}'$$, '22023', NULL, 'a limit that is none is refused when it is set');
SELECT throws_ok($$UPDATE nightbell.tenants SET settings = '{"rate_limit": -1}'$$, '22023', NULL, 'and a negative one');
UPDATE nightbell.tenants SET settings = '{}';
DELETE FROM nightbell.notifications WHERE type = 'TEST_NOTE';

-- what is refused: state, words
SET SESSION AUTHORIZATION nightbell_producing;
CREATE FUNCTION pg_temp.refused(arguments text, state text, words text, name text) RETURNS text LANGUAGE sql
AS $$ SELECT throws_like(format('SELECT nightbell.notify(%s)', arguments), words, name || ': ' || words)
      || E'\n' || throws_ok(format('SELECT nightbell.notify(%s)', arguments), state, NULL, name || ': ' || state) $$;
SELECT pg_temp.refused('NULL, NULL, ''TEST_NOTE'', ''t'', ''m''', '22023', 'no tenant is named%', 'no tenant');
SELECT pg_temp.refused('gen_random_uuid(), NULL, ''TEST_NOTE'', ''t'', ''m''', 'P0002', 'there is no tenant%', 'an unknown tenant');
SELECT pg_temp.refused(format('%L, gen_random_uuid(), ''TEST_NOTE'', ''t'', ''m''', :'ACME'), 'P0002', 'there is no user%', 'an unknown user');
SELECT pg_temp.refused(format('%L, %L, ''TEST_NOTE'', ''t'', ''m''', :'ACME', :'MALLORY'), 'P0002', 'there is no user%', 'a user of another tenant');
SELECT pg_temp.refused(format('%L, %L, ''NO_SUCH'', ''t'', ''m''', :'ACME', :'ADA'), 'P0002', 'there is no notification type "NO_SUCH"', 'an unknown type');
SELECT pg_temp.refused(format('%L, %L, NULL, ''t'', ''m''', :'ACME', :'ADA'), 'P0002', 'there is no notification type%', 'no type');
SELECT pg_temp.refused(format('%L, %L, ''SYSTEM_EVENT'', ''t'', ''m''', :'ACME', :'ADA'), '42501', 'the type SYSTEM_EVENT may be created by%', 'a restricted type');
CREATE FUNCTION pg_temp.badly(more text, words text) RETURNS text LANGUAGE sql
AS $$ SELECT pg_temp.refused($q$'00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000a1', 'TEST_NOTE', $q$ || more, '22023', words, left(more, 30)) $$;
SELECT pg_temp.badly($$'', 'm'$$, 'the title is empty');
SELECT pg_temp.badly($$repeat('é', 256), 'm'$$, 'the title has 256 characters%');
SELECT pg_temp.badly($$E'two\nlines', 'm'$$, 'the title has more than one line');
SELECT pg_temp.badly($$'t', NULL$$, 'the message is empty');
SELECT pg_temp.badly($$'t', repeat('é', 4097)$$, 'the message has 8194 bytes%');
SELECT pg_temp.badly($$'t', 'm', '[]'$$, 'data is a JSON array%');
SELECT pg_temp.badly($$'t', 'm', jsonb_build_object('a', repeat('x', 16384))$$, 'data has % bytes%');
SELECT pg_temp.badly($$'t', 'm', link => repeat('x', 2049)$$, 'the link has 2049 bytes%');
SELECT pg_temp.badly($$'t', 'm', link => E'https://x/\r\nSet-Cookie: a'$$, 'the link contains control characters');
SELECT pg_temp.badly($$'t', 'm', channels => '{fax}'$$, 'there is no channel "fax"%');
SELECT pg_temp.badly($$'t', 'm', urgency => 'urgent'$$, 'the urgency is none of%');
SELECT pg_temp.badly($$'t', 'm', expires_at => now() - interval '1 s'$$, 'expires_at is in the past');
SELECT pg_temp.badly($$'t', 'm', dedup_key => ''$$, 'the dedup key must have%');
SELECT lives_ok(format($$SELECT nightbell.notify(%L, %L, 'TEST_NOTE', repeat('é', 255), repeat('é', 4096))$$, :'ACME', :'ADA'), 'exactly as long as allowed');

-- many
SELECT is((SELECT count(DISTINCT id) FROM nightbell.notify_many(ARRAY(SELECT jsonb_build_object('tenant', :'ACME', 'user', :'ADA',
    'type', 'TEST_NOTE', 'title', 'many ' || n % 50, 'message', 'm') FROM generate_series(1, 100) n)) AS id), 50::bigint,
    'notify_many: a hundred, each twice, are fifty');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(title ORDER BY id) FROM nightbell.notifications WHERE title LIKE 'many %'),
          ARRAY(SELECT 'many ' || n % 50 FROM generate_series(1, 50) n), 'their ids are in the order of the items');
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_like($$SELECT nightbell.notify_many('{"[]"}')$$, 'item 1: %', 'the first bad item refuses all, by its number');
SELECT is((SELECT count(*) FROM nightbell.notify_many('{}')), 0::bigint, 'none is none');
SELECT results_eq(format($$SELECT ordinal, id IS NOT NULL, sqlstate, message FROM nightbell.produce_many('notify', ARRAY[
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "title": "good", "message": "m", "channels": ["email"],
      "expires_at": "2100-01-01T00:00:00Z", "actions": [{"id": "ok", "label": "OK"}]}',
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "titel": "bad", "message": "m"}',
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "title": 7, "message": "m"}',
    '{"tenant": "%1$s", "user": "mallory", "type": "TEST_NOTE", "title": "bad", "message": "m"}',
    '{"tenant": "%1$s", "type": "TEST_NOTE", "title": "bad", "message": "m"}',
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "title": "bad", "message": "m", "expires_at": "soon"}',
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "title": "bad", "message": "m", "actions": [{"id": "no label"}]}',
    '{"tenant": "%1$s", "user": null, "type": "TEST_NOTE", "title": "to all of you", "message": "m"}',
    '7']::jsonb[])$$, :'ACME', :'ADA'),
    $$VALUES (1, true, NULL, NULL), (2, false, '22023', 'unknown member "titel"'), (3, false, '22023', 'title must be a string'),
        (4, false, 'P0002', 'nobody in the tenant is called "mallory"'), (5, false, '22023', 'no user is named'),
        (6, false, '22023', 'expires_at "soon" is not a time'),
        (7, false, '22023', 'an action must be {"id": …, "label": …, "link": …} with an id of its own'),
        (8, true, NULL, NULL), (9, false, '22023', 'the item is not a JSON object')$$,
    'produce_many reports each item, and the good ones go in');
SELECT throws_ok($$SELECT nightbell.produce_many('shout', '{}')$$, '22023', NULL, 'of a known kind');
SELECT results_eq(format($$SELECT sqlstate FROM nightbell.produce_many('announce', ARRAY[
    '{"tenant": "%1$s", "type": "TEST_NOTE", "title": "a", "message": "m"}',
    '{"tenant": "%1$s", "user": "%2$s", "type": "TEST_NOTE", "title": "b", "message": "m"}']::jsonb[])$$, :'ACME', :'ADA'),
    $$VALUES (NULL), ('22023')$$, 'announcements have no user');

-- what only the table refuses keeps the others of its batch in
RESET SESSION AUTHORIZATION;
CREATE FUNCTION pg_temp.refuse_bad() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.title = 'bad' THEN RAISE EXCEPTION 'none of these' USING ERRCODE = 'integrity_constraint_violation'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_bad BEFORE INSERT ON nightbell.notifications FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse_bad();
SET SESSION AUTHORIZATION nightbell_producing;
SELECT results_eq(format($$SELECT ordinal, id IS NOT NULL, sqlstate, message FROM nightbell.produce_many('notify', ARRAY(
    SELECT jsonb_build_object('tenant', %L, 'user', %L, 'type', 'TEST_NOTE', 'title', t, 'message', 'of a batch')
    FROM unnest('{one,bad,two,bad}'::text[]) AS t))$$, :'ACME', :'CAROL'),
    $$VALUES (1, true, NULL, NULL), (2, false, '23000', 'none of these'), (3, true, NULL, NULL), (4, false, '23000', 'none of these')$$,
    'a row that the table refuses is reported');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT array_agg(title ORDER BY id) FROM nightbell.notifications WHERE message = 'of a batch'), '{one,two}', 'and the others are in');
DROP TRIGGER refuse_bad ON nightbell.notifications;
SET SESSION AUTHORIZATION nightbell_producing;

-- broadcast
SELECT is(nightbell.broadcast(:'ACME', 'tenant', NULL, 'TEST_NOTE', 'To each', 'm'), 5::bigint, 'a row for each of the tenant');
SELECT is(nightbell.broadcast(:'ACME', 'tenant', NULL, 'TEST_NOTE', 'To each', 'm'), 0::bigint, 'once within the window');
SELECT is(nightbell.broadcast(:'ACME', 'role', 'operator', 'TEST_NOTE', 'To each', 'm'), 3::bigint, 'for each with a role');
SELECT is(nightbell.broadcast(:'ACME', 'user', :'ADA' || ' , ' || :'BOB' || ',' || :'MALLORY', 'TEST_NOTE', 'To each', 'm'), 2::bigint,
          'for those named who are of the tenant');
RESET SESSION AUTHORIZATION;
INSERT INTO nightbell.groups VALUES (:'ACME', gen_random_uuid(), 'Night shift');
INSERT INTO nightbell.group_members SELECT tenant_id, id, :'CAROL' FROM nightbell.groups;
SET SESSION AUTHORIZATION nightbell_producing;
SELECT is(nightbell.broadcast(:'ACME', 'group', 'night SHIFT', 'TEST_NOTE', 'To each', 'm'), 1::bigint, 'for a group by its name');
SELECT throws_ok(format($$SELECT nightbell.broadcast(%L, 'group', 'x', 'TEST_NOTE', 'To each', 'm')$$, :'ACME'), 'P0002', NULL, 'no such group');
SELECT throws_ok(format($$SELECT nightbell.broadcast(%L, 'role', 'boss', 'TEST_NOTE', 'To each', 'm')$$, :'ACME'), '22023', NULL, 'no such role');
SELECT throws_ok(format($$SELECT nightbell.broadcast(%L, 'user', 'ada', 'TEST_NOTE', 'To each', 'm')$$, :'ACME'), '22023', NULL, 'no list of UUIDs');
SELECT throws_ok(format($$SELECT nightbell.broadcast(%L, 'planet', NULL, 'TEST_NOTE', 'To each', 'm')$$, :'ACME'), '22023', NULL, 'no such kind');

-- a producer reads nothing back
SELECT is_empty('SELECT * FROM nightbell.inbox', 'a producer that is nobody reads nothing back');
SELECT is_empty('SELECT * FROM nightbell.events', 'nor events');

-- who may, by token
SELECT set_config('nightbell.token', :'token_app', true) IS NOT NULL AS quiet \gset
SELECT lives_ok(format($$SELECT nightbell.notify(NULL, %L, 'TEST_NOTE', 'by token', 'm')$$, :'ADA'), 'a producer by token: its own tenant');
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'TEST_NOTE', 'by token', 'm')$$, :'GLOBEX', :'MALLORY'), '42501', NULL, 'and no other');
SELECT throws_ok(format($$SELECT nightbell.notify(%L, NULL, 'TEST_NOTE', 'by token', 'm')$$, gen_random_uuid()), '42501', NULL, 'whether it exists or not');
SET SESSION AUTHORIZATION nightbell_console;
SELECT lives_ok(format($$SELECT nightbell.notify(NULL, %L, 'TEST_NOTE', 'by token and console', 'm')$$, :'ADA'), 'the token is enough');
SELECT set_config('nightbell.token', :'token_ada', true) IS NOT NULL AS quiet \gset
SELECT throws_like(format($$SELECT nightbell.notify(NULL, %L, 'TEST_NOTE', 't', 'm')$$, :'ADA'), 'producing needs the role producer', 'a user may not, not even to herself');
SELECT throws_ok($$SELECT nightbell.raise_event('x', 'low', 'd')$$, '42501', NULL, 'nor raise');
SELECT throws_ok($$SELECT nightbell.produce_many('raise', '{}')$$, '42501', NULL, 'nor many');
SELECT set_config('nightbell.token', 'rubbish', true) IS NOT NULL AS quiet \gset
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_like(format($$SELECT nightbell.notify(%L, NULL, 'TEST_NOTE', 't', 'm')$$, :'ACME'), 'the token is not accepted%', 'a bad token is no token less: it is refused');
SELECT set_config('nightbell.token', '', true) IS NOT NULL AS quiet \gset

-- a deleted user gets nothing
RESET SESSION AUTHORIZATION;
UPDATE nightbell.users SET deleted_at = now() WHERE name = 'carol';
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'TEST_NOTE', 't', 'm')$$, :'ACME', :'CAROL'), 'P0002', NULL, 'a deleted user is not there');
SELECT is(nightbell.broadcast(:'ACME', 'tenant', NULL, 'TEST_NOTE', 'To those left', 'm'), 4::bigint, 'and in no broadcast');

-- whose deed it is, by name, on each way in
CREATE TEMP TABLE deeds AS
SELECT nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'deed one', 'm', actor => :'BOB') AS one,
    nightbell.announce(:'ACME', 'TEST_NOTE', 'deed all', 'm', actor => :'BOB') AS for_all,
    nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'deed of a stranger', 'm', actor => :'MALLORY') AS stranger,
    ARRAY(SELECT nightbell.notify_many(ARRAY[jsonb_build_object('tenant', :'ACME', 'user', :'ADA', 'type', 'TEST_NOTE', 'title', 'deed many', 'message', 'm', 'actor', :'BOB'),
        jsonb_build_object('tenant', :'ACME', 'user', NULL, 'type', 'TEST_NOTE', 'title', 'deed many all', 'message', 'm', 'actor', :'BOB')])) AS many,
    nightbell.broadcast(:'ACME', 'user', :'ADA', 'TEST_NOTE', 'deed broadcast', 'm', actor => :'BOB');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.users SET name = 'robert' WHERE id = :'BOB';
SELECT results_eq($$SELECT title || ': ' || coalesce(actor_name, 'nobody known') FROM (
        SELECT title, actor_name FROM nightbell.notifications UNION ALL SELECT title, actor_name FROM nightbell.announcements) AS r
        WHERE title LIKE 'deed %' ORDER BY title$$,
    ARRAY['deed all: bob', 'deed broadcast: bob', 'deed many: bob', 'deed many all: bob', 'deed of a stranger: nobody known', 'deed one: bob'],
    'the actor''s name as it was then; another tenant''s people have none here');
SELECT * FROM finish();
ROLLBACK;
