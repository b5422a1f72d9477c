-- One click unsubscribes: from one type by one channel, for whoever has the link, and no link can be made or changed by others.
BEGIN;
SELECT no_plan();
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
CREATE FUNCTION pg_temp.off() RETURNS SETOF text LANGUAGE sql
AS $$ SELECT concat_ws(' ', u.name, p.type, p.channel, CASE WHEN p.enabled THEN 'on' ELSE 'off' END) FROM nightbell.preferences p JOIN nightbell.users u ON u.id = p.user_id $$;
\ir everybody.psql
INSERT INTO nightbell.notification_types (type, module, description, unsubscribable) VALUES ('TEST_ALARM', 'test', 'What nobody may miss', false), ('TEST_OLD', 'test', 'Old', true);
SELECT nightbell.unsubscribe_token(:'ACME', :'ADA', 'TEST_NOTE', 'email') AS token, nightbell.unsubscribe_token(:'ACME', :'ADA', 'TEST_OLD', 'email') AS old,
    nightbell.unsubscribe_token(:'ACME', :'CAROL', 'TEST_NOTE', 'email') AS gone \gset
SELECT is(nightbell.unsubscribe_token(:'ACME', :'ADA', t, 'email'), NULL, t || ': there is no link for it') FROM unnest('{TEST_ALARM,DIGEST,NO_SUCH,*}'::text[]) AS t;
SELECT throws_ok(format('SELECT nightbell.unsubscribe_token(%L, %L, ''TEST_NOTE'', ''fax'')', :'ACME', :'ADA'), '22023', NULL, 'by a channel that there is');

-- without a token of a session
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT results_eq(format('SELECT * FROM nightbell.unsubscribe(%L)', :'token'), $$VALUES ('TEST_NOTE', 'email', 'Of the tests', true)$$, 'a click');
SELECT results_eq(format('SELECT * FROM nightbell.unsubscribe(%L)', :'token'), $$VALUES ('TEST_NOTE', 'email', 'Of the tests', false)$$, 'a second one changes nothing');
SELECT throws_ok('SELECT nightbell.unsubscribe_token(NULL, NULL, NULL, NULL)', '42501', NULL, 'a client makes no links');
SELECT throws_ok(format('SELECT * FROM nightbell.unsubscribe_meaning(%L)', :'token'), '42501', NULL, 'nor reads them');
SELECT throws_ok('SELECT nightbell.rotate_unsubscribe_secret()', '42501', NULL, 'nor ends them');
SELECT throws_ok('SELECT unsubscribe_secret FROM nightbell.installation', '42501', NULL, 'nor sees the secret');
RESET SESSION AUTHORIZATION;
SELECT results_eq('SELECT pg_temp.off()', $$VALUES ('ada TEST_NOTE email off')$$, 'that type by that channel, of that person');
SELECT is((SELECT version FROM nightbell.user_settings WHERE user_id = :'ADA'), 1::bigint, 'other consoles notice it, once');
SELECT nightbell.set_preferences('{"preferences": [{"type": "TEST_NOTE", "channel": "email", "enabled": true}]}', NULL, 'acme', 'ada') IS NULL AS quiet \gset
SELECT is((SELECT changed FROM nightbell.unsubscribe(:'token')), true, 'who came back may leave again');

-- tampering: each character changed, cut, made longer, put together from two
CREATE FUNCTION pg_temp.takes(link text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN PERFORM nightbell.unsubscribe(link); RETURN true; EXCEPTION WHEN invalid_parameter_value THEN RETURN false; END $$;
SELECT is((SELECT count(*) FROM generate_series(1, char_length(:'token')) AS n CROSS JOIN unnest('{A,b,_,7}'::text[]) AS c
           WHERE substr(:'token', n, 1) <> c AND pg_temp.takes(overlay(:'token' PLACING c FROM n))), 0::bigint, 'no character can be another');
SELECT is((SELECT count(*) FROM generate_series(0, char_length(:'token') - 1) AS n WHERE pg_temp.takes(left(:'token', n))), 0::bigint, 'nothing can be cut off');
SELECT is(pg_temp.takes(link), false, name) FROM (VALUES (:'token' || 'AAAA', 'nothing added'), (:'token' || '=', 'nor padded'), (NULL, 'no link'), ('', 'an empty one'), (repeat('A', 1000), 'a long one'),
    (left(:'token', 60) || substr(:'old', 61), 'nor two put together'), (' ' || :'token', 'nor one with a blank')) AS v (link, name);
SELECT is((SELECT count(*) FROM (VALUES ('\x01'::bytea), ('\x02'::bytea)) AS v (version) CROSS JOIN unnest(ARRAY['\x'::bytea, repeat('x', 32)::bytea]) AS secret
           WHERE pg_temp.takes((SELECT nightbell.base64url(c || nightbell.unsubscribe_signature(c, secret)) FROM (SELECT version || uuid_send(:'ADA') || uuid_send(:'ADA') || 'email:TEST_NOTE'::bytea) AS x (c)))),
    0::bigint, 'nor signed with another secret');

-- what changes after the mail
UPDATE nightbell.notification_types SET unsubscribable = false WHERE type = 'TEST_OLD';
SELECT throws_ok(format('SELECT nightbell.unsubscribe(%L)', :'old'), '22023', 'TEST_OLD is nothing that one unsubscribes from', 'a type that nobody may miss any more');
UPDATE nightbell.notification_types SET unsubscribable = true WHERE type = 'TEST_OLD';
UPDATE nightbell.users SET deleted_at = now() WHERE id = :'CAROL';
SELECT is(pg_temp.takes(:'gone'), false, 'somebody who was deleted');
SELECT count(nightbell.rotate_unsubscribe_secret()) AS quiet FROM generate_series(1, 4) \gset
SELECT is(pg_temp.takes(:'old'), true, 'links of former secrets stay good');
SELECT isnt(nightbell.unsubscribe_token(:'ACME', :'ADA', 'TEST_OLD', 'email'), :'old', 'new ones are signed anew');
SELECT nightbell.rotate_unsubscribe_secret() IS NULL AS quiet \gset
SELECT is(pg_temp.takes(:'old'), false, 'five rotations later it is over');
SELECT nightbell.unsubscribe_token(:'ACME', :'ADA', 'TEST_NOTE', 'sms') AS token \gset
SELECT nightbell.rotate_unsubscribe_secret(true) IS NULL AS quiet \gset
SELECT is(pg_temp.takes(:'token'), false, 'a secret that became known is over at once');
SELECT is(pg_temp.takes(nightbell.unsubscribe_token(:'ACME', :'ADA', 'TEST_NOTE', 'sms')), true, 'and new links work');
SELECT * FROM finish();
ROLLBACK;
