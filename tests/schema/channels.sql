-- Channels that workers make known, and endpoints: documents of administrators, people's own, codes that confirm them.
BEGIN;
SELECT no_plan();
CREATE FUNCTION pg_temp.import(VARIADIC items text[]) RETURNS text LANGUAGE sql
    AS $$ SELECT string_agg(coalesce(i.change, i.message), ' | ' ORDER BY i.ordinal) FROM nightbell.import_endpoints((SELECT id FROM nightbell.tenants WHERE name = 'acme'), items) AS i $$;
CREATE FUNCTION pg_temp.item(number int, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql
    AS $$ SELECT (jsonb_build_object('id', format('00000000-0000-4000-9000-%s', lpad(number::text, 12, '0')), 'user', 'ada', 'channel', 'webhook',
                                     'address', 'https://hooks.example/' || number) || more)::text $$;
CREATE FUNCTION pg_temp.problem(channel text, email text DEFAULT NULL) RETURNS text LANGUAGE sql
    AS $$ SELECT nightbell.address_problem(u.tenant_id, u.id, channel, email, NULL) FROM nightbell.users u JOIN nightbell.tenants t ON t.id = u.tenant_id
          WHERE t.name = 'acme' AND u.name = 'ada' $$;

-- names
SELECT is(nightbell.all_channels(), '{in_app,email,push,sms,webhook}', 'five that every installation has');
SELECT lives_ok($$SELECT nightbell.register_channels('{chat,email,lobby}', '{program,smtp,program}', '{t,t,f}')$$, 'a worker tells of its own');
SELECT is(nightbell.all_channels(), '{in_app,email,push,sms,webhook,chat,lobby}', 'they stand behind the five');
SELECT is((SELECT array_agg(format('%s %s %s %s %s', r.name, r.kind, r.needs_address, r.known_at IS NOT NULL, r.waiting)) FROM nightbell.channel_report() AS r),
    '{"email smtp t t 0","push  t f 0","sms  t f 0","webhook  t f 0","chat program t t 0","lobby program f t 0"}', 'with what is known of them');
SELECT lives_ok($$SELECT nightbell.register_channels('{chat}', '{"null"}', '{f}')$$, 'the last one to tell');
SELECT is((SELECT r.kind || ' ' || r.needs_address FROM nightbell.channel_report() AS r WHERE r.name = 'chat'), 'null false', 'is believed');
SELECT lives_ok($$SELECT nightbell.register_channels('{chat}', '{program}', '{t}')$$);
SELECT throws_ok(format('SELECT nightbell.register_channels(%L, %L, %L)', ARRAY[name], '{x}', '{t}'), '22023', NULL, 'no name: ' || name)
    FROM unnest(ARRAY['in_app', 'E', '1st', 'a-b', '', repeat('a', 21)]) AS n (name);
SELECT throws_ok($$SELECT nightbell.register_channels(ARRAY(SELECT 'c' || n FROM generate_series(1, 100) AS n), NULL, NULL)$$, '54000', NULL, 'nor without end');

-- where names are told
SELECT is(nightbell.unknown_channel('{email,fax}'), 'there is no channel "fax": expected in_app, email, push, sms, webhook, chat or lobby (a worker whose channels.conf has [channel.fax] makes it known)', 'what is unknown is told with what is known');
SELECT is(nightbell.unknown_channel('{"Fax!"}'), 'there is no channel "Fax!": expected in_app, email, push, sms, webhook, chat or lobby', 'what can be no name');
SELECT is(nightbell.channel_list_problem('["chat", "email"]', false), NULL, 'a list');
SELECT is(nightbell.channel_list_problem('[]', true), NULL, 'an empty one');
SELECT alike(nightbell.channel_list_problem('[]', false), 'expected a list of in_app%', 'where there must be one');
SELECT alike(nightbell.channel_list_problem('[1]', false), 'expected a list of in_app%', 'no names');
SELECT is((SELECT change FROM nightbell.import_types(ARRAY['{"type": "CHATTY", "module": "m", "description": "d", "default_channels": ["in_app", "chat"]}'])), 'added', 'types');
SELECT is((SELECT change FROM nightbell.import_rules(:'ACME', ARRAY['{"rule_id": "chat", "event_type": "chatted", "recipient_type": "tenant", "notification_type": "CHATTY", "channel": ["chat"], "fallback_channels": ["lobby"]}'])), 'added', 'rules');
SELECT is((SELECT coalesce(change, message) FROM nightbell.import_templates(:'ACME', ARRAY['{"template_code": "chatty", "texts": [{"channel": "chat", "body_template": "hi"}]}'])), 'added', 'templates');
SELECT alike((SELECT message FROM nightbell.import_rules(:'ACME', ARRAY['{"rule_id": "x", "event_type": "e", "recipient_type": "tenant", "notification_type": "CHATTY", "channel": "fax"}'])), 'channel: there is no channel "fax"%', 'not any name');
SELECT lives_ok(format($$SELECT nightbell.notify(%L, %L, 'PAYMENT_RECEIVED', 't', 'm', channels => '{in_app,chat}', data => '{"paymentId": "1", "amount": 1, "currency": "EUR"}')$$, :'ACME', :'ADA'), 'notify');
SELECT throws_like(format($$SELECT nightbell.notify(%L, %L, 'PAYMENT_RECEIVED', 't', 'm', channels => '{fax}', data => '{"paymentId": "1", "amount": 1, "currency": "EUR"}')$$, :'ACME', :'ADA'),
    '%there is no channel "fax"%', 'says so');
SELECT lives_ok(format($$SELECT nightbell.set_preferences('{"preferences": [{"channel": "chat", "enabled": false}]}', NULL, 'acme', 'ada')$$), 'preferences');
SELECT is((SELECT count(*)::int FROM nightbell.preferences WHERE channel = 'chat'), 1, 'are kept');
SELECT is(nightbell.preferences_of('acme', 'ada') -> 'channels', '["in_app", "email", "push", "sms", "webhook", "chat", "lobby"]', 'and shown for what there is');
SELECT is(nightbell.preferences_of('acme', 'ada') -> 'problems' ->> 'chat', 'no_address', 'with what is missing');
SELECT lives_ok($$SELECT nightbell.set_preferences('{"preferences": [{"channel": "chat", "enabled": null}]}', NULL, 'acme', 'ada')$$);

-- documents
SELECT is(pg_temp.problem('webhook'), 'no_address', 'without an endpoint nothing is sent');
SELECT is(pg_temp.problem('lobby'), NULL, 'but where everything goes to one place');
SELECT is(pg_temp.import(pg_temp.item(1), pg_temp.item(2, '{"channel": "chat", "address": "#orders", "label": "the room"}')), 'added | added', 'endpoints');
SELECT is(pg_temp.problem('webhook'), NULL, 'and with one it is');
SELECT is((SELECT array_agg(i.change) FROM nightbell.import_endpoints(:'ACME', ARRAY(SELECT document FROM nightbell.endpoint_documents(:'ACME'))) AS i), '{same,same}', 'what is exported changes nothing');
SELECT is(pg_temp.import(pg_temp.item(1, '{"disabled": true}')), 'changed', 'it is switched off');
SELECT is(pg_temp.problem('webhook'), 'address_disabled', 'and then it is no way any more');
SELECT is(pg_temp.import(pg_temp.item(1, '{"verified": false}')), 'changed', 'it is not confirmed');
SELECT is(pg_temp.problem('webhook'), 'no_address', 'which is as good as none');
SELECT is(pg_temp.import(pg_temp.item(1)), 'changed', 'on again');
SELECT is(pg_temp.import(pg_temp.item(3, '{"address": "https://hooks.example/1"}')), 'address: the endpoint 00000000-0000-4000-9000-000000000001 has it: delete that one first', 'once a person');
SELECT is(pg_temp.import(pg_temp.item(1, '{"address": "https://hooks.example/other"}')), 'changed', 'to another place');
SELECT is((SELECT secret_version FROM nightbell.endpoints WHERE id = '00000000-0000-4000-9000-000000000001'), 2, 'goes with another secret');
SELECT is(pg_temp.import(pg_temp.item(9, jsonb_build_object('channel', channel, 'address', address))), message, 'refused: ' || channel || ' ' || address) FROM (VALUES
    ('email', 'ada@example.org', 'channel: what goes by email goes to the person''s own address: see nightbell users'),
    ('push', 'x', 'channel: what goes by push goes to devices: see nightbell devices'),
    ('in_app', 'x', 'channel: the inbox needs no endpoint'),
    ('lobby', 'x', 'channel: all that goes by lobby goes to one place'),
    ('webhook', 'hooks.example', 'address: expected a URL such as https://example.org/hook, without a name and password in it'),
    ('webhook', 'https://ada:secret@hooks.example/', 'address: expected a URL such as https://example.org/hook, without a name and password in it'),
    ('webhook', 'file:///etc/passwd', 'address: expected a URL such as https://example.org/hook, without a name and password in it'),
    ('webhook', 'https://hooks.example/#part', 'address: expected a URL such as https://example.org/hook, without a name and password in it'),
    ('webhook', 'https://hooks.example\@other/', 'address: expected a URL such as https://example.org/hook, without a name and password in it'),
    ('webhook', E'https://hooks.example/\r\nX: y', 'address: expected 1 to 2048 bytes, no control characters, no blanks around them'),
    ('chat', '', 'address: expected 1 to 2048 bytes, no control characters, no blanks around them'),
    ('chat', repeat('x', 2049), 'address: expected 1 to 2048 bytes, no control characters, no blanks around them')) AS t (channel, address, message);
SELECT is(pg_temp.import(pg_temp.item(9, jsonb_build_object('address', address))), 'added', 'taken: ' || address)
    FROM unnest(ARRAY['http://[2001:db8::1]:8080/hook', 'https://hooks.example:8443/a/b?c=d&e=%20f']) AS a (address) ORDER BY address LIMIT 1;
SELECT ok(nightbell.delete_endpoint(:'ACME', '00000000-0000-4000-9000-000000000009'), 'deleted');
SELECT ok(NOT nightbell.delete_endpoint(:'ACME', '00000000-0000-4000-9000-000000000009'), 'once');
SELECT nightbell.register_channels('{pager}', '{twilio}', '{t}');
SELECT is(pg_temp.import(pg_temp.item(8, '{"channel": "pager", "address": "12"}')), 'address: expected a number such as +37120000000', 'an address of the kind that sends');
SELECT is(pg_temp.import(pg_temp.item(8, '{"channel": "pager", "address": "+37120000000"}')), 'added', 'such as a number');

SELECT is(nightbell.endpoint_targets('webhook', :'ACME', :'ADA', NULL, '{}') #>> '{0,address}', 'https://hooks.example/other', 'a delivery goes there');
SELECT is(nightbell.endpoint_targets('webhook', :'ACME', :'ADA', NULL, '{00000000-0000-4000-9000-000000000001}'), NULL, 'once');
SELECT is(nightbell.endpoint_targets('lobby', :'ACME', :'ADA', NULL, '{}'), '[{"id": null, "address": null}]', 'or to the one place');
INSERT INTO nightbell.disabled_addresses (tenant_id, channel, address) VALUES (:'ACME', 'webhook', 'https://hooks.example/other');
SELECT is(nightbell.endpoint_targets('webhook', :'ACME', :'ADA', NULL, '{}'), NULL, 'not to an address that has ended');
SELECT is(pg_temp.problem('webhook'), 'address_disabled', 'which is known before');
DELETE FROM nightbell.disabled_addresses WHERE channel = 'webhook';

-- one's own
INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('nightbell_console', :'ACME', :'CAROL');
GRANT USAGE ON SCHEMA pgtap TO nightbell_console;
CREATE TABLE pg_temp.mine (id uuid);
GRANT ALL ON pg_temp.mine TO nightbell_console;
SET SESSION AUTHORIZATION nightbell_console;
SELECT lives_ok($$INSERT INTO pg_temp.mine SELECT nightbell.add_endpoint(NULL, NULL, 'chat', '#carol', 'mine')$$, 'somebody adds one');
SELECT is((SELECT format('%s %s %s', e.channel, e.address, e.verified_at IS NULL) FROM nightbell.endpoints_of(NULL, NULL) AS e), 'chat #carol t', 'which is not confirmed');
SELECT throws_ok($$SELECT nightbell.add_endpoint(NULL, NULL, 'chat', '#carol')$$, '23505', NULL, 'once');
SELECT throws_ok($$SELECT nightbell.resend_code(NULL, NULL, (SELECT id::text FROM pg_temp.mine))$$, '55000', NULL, 'one code a minute');
SELECT is(nightbell.confirm_endpoint(NULL, NULL, (SELECT id::text FROM pg_temp.mine), 'abcdef'), 'that is not the code', 'a wrong code');
SELECT throws_ok(format('SELECT %s', call), '42501', NULL, 'nobody else: ' || call) FROM unnest(ARRAY[
    $$nightbell.endpoints_of('acme', 'ada')$$, $$nightbell.add_endpoint('acme', 'ada', 'chat', 'x')$$,
    $$nightbell.confirm_endpoint('acme', 'ada', '00000000-0000-4000-9000-000000000002', '1')$$, $$nightbell.remove_endpoint('acme', 'ada', '00000000-0000-4000-9000-000000000002')$$,
    $$nightbell.rotate_endpoint('acme', 'ada', '00000000-0000-4000-9000-000000000002')$$, $$nightbell.register_channels('{x}', '{x}', '{t}')$$]) AS c (call);
SELECT throws_ok(format($$SELECT nightbell.%s(NULL, NULL, '00000000-0000-4000-9000-000000000002'%s)$$, name, more), 'P0002', NULL, 'ada''s is none of one''s own: ' || name)
    FROM (VALUES ('remove_endpoint', ''), ('rotate_endpoint', ''), ('resend_code', ''), ('confirm_endpoint', $$, '123456'$$)) AS f (name, more);
SELECT is((SELECT count(r.waiting) FROM nightbell.channel_report() AS r), 0::bigint, 'how much waits is not for everybody');
RESET SESSION AUTHORIZATION;
SELECT is(nightbell.address_problem(:'ACME', :'CAROL', 'chat', NULL, NULL), 'no_address', 'nothing is sent to what is not confirmed');
SELECT is((SELECT format('%s %s %s', d.channel, d.status, d.user_id = :'CAROL') FROM nightbell.deliveries d WHERE d.type = 'ADDRESS_CODE'), 'chat queued t', 'but a code');
SELECT is(nightbell.endpoint_targets('chat', :'ACME', :'CAROL', (SELECT d.id FROM nightbell.deliveries d WHERE d.type = 'ADDRESS_CODE'), '{}') #>> '{0,address}', '#carol', 'which goes there');
SELECT is(nightbell.endpoint_targets('chat', :'ACME', :'CAROL', NULL, '{}'), NULL, 'alone');
SELECT alike((SELECT d.body FROM nightbell.deliveries d WHERE d.type = 'ADDRESS_CODE'), '% confirms that notifications may be sent to #carol.%', 'that says what it is for');
SELECT d.id AS code FROM nightbell.deliveries d WHERE d.type = 'ADDRESS_CODE' \gset
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, next_attempt_at) VALUES (nightbell.uuidv7(), :'ACME', :'CAROL', 'DIGEST', 'chat', 'x', now())
RETURNING id AS told \gset
SET SESSION AUTHORIZATION nightbell_console;
SELECT is((SELECT array_agg(x.id) FROM nightbell.delivery_texts(ARRAY[:'code', :'told']::uuid[]) AS x), ARRAY[:'told']::uuid[], 'and cannot be read where one''s other deliveries are');
RESET SESSION AUTHORIZATION;
SELECT is((SELECT nightbell.confirm_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), 'wrong') FROM generate_series(1, 4) AS n OFFSET 3), 'that is not the code', 'five tries');
SELECT is(nightbell.confirm_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), (SELECT payload ->> 'code' FROM nightbell.deliveries WHERE type = 'ADDRESS_CODE')),
    'five wrong codes: have another one sent', 'and no more, though it were right');
UPDATE nightbell.endpoints SET code_sent_at = code_sent_at - interval '2 minutes' WHERE address = '#carol';
SET SESSION AUTHORIZATION nightbell_console;
SELECT lives_ok($$SELECT nightbell.resend_code(NULL, NULL, (SELECT id::text FROM pg_temp.mine))$$, 'another code');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.endpoints SET code_until = nightbell.clock() WHERE address = '#carol';
SELECT alike(nightbell.confirm_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), '1'), 'there is no code that is still good%', 'which ends');
UPDATE nightbell.endpoints SET code_until = nightbell.clock() + interval '1 minute' WHERE address = '#carol';
SELECT is(nightbell.confirm_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), ' ' || (SELECT d.payload ->> 'code' FROM nightbell.deliveries d JOIN nightbell.endpoints e ON e.code_delivery = d.id)), NULL, 'the right one');
SELECT is(nightbell.address_problem(:'ACME', :'CAROL', 'chat', NULL, NULL), NULL, 'opens it');
SELECT is((SELECT count(nightbell.endpoint_targets('chat', :'ACME', :'CAROL', d.id, '{}')) FROM nightbell.deliveries d WHERE d.type = 'ADDRESS_CODE'), 0::bigint, 'an old code goes nowhere any more');
SELECT is((SELECT format('%s %s', r.version, r.former_until BETWEEN nightbell.clock() + interval '59 minutes' AND nightbell.clock() + interval '1 hour') FROM nightbell.rotate_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), '1 hour') AS r), '2 t', 'another secret');
SELECT is((SELECT format('%s %s %s', e.secret_version, e.former_version, e.former_until > nightbell.clock()) FROM nightbell.endpoints e WHERE e.address = '#carol'), '2 1 t', 'beside the former one, for a time');
SELECT throws_ok($$SELECT nightbell.rotate_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine), '31 days')$$, '22023', NULL, 'which has an end');
SELECT lives_ok($$SELECT nightbell.remove_endpoint('acme', 'carol', (SELECT id::text FROM pg_temp.mine))$$, 'away');
SELECT is((SELECT count(*)::int FROM nightbell.endpoints WHERE address = '#carol'), 0, 'it is');
SELECT throws_ok($$SELECT nightbell.add_endpoint('acme', 'ada', 'chat', '#' || n) FROM generate_series(1, 51) AS n$$, '54000', NULL, 'fifty a person');
INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, next_attempt_at) SELECT nightbell.uuidv7(), :'ACME', :'ADA', 'ADDRESS_CODE', 'chat', 'x', now() FROM generate_series(1, 9);
SELECT lives_ok($$SELECT nightbell.send_code(e) FROM nightbell.endpoints e WHERE e.address = '#orders'$$, 'ten codes a day');
UPDATE nightbell.endpoints SET code_sent_at = NULL WHERE address = '#orders';
SELECT throws_ok($$SELECT nightbell.send_code(e) FROM nightbell.endpoints e WHERE e.address = '#orders'$$, '55000', 'ten codes were sent within a day', 'and no more');
SELECT throws_ok($$INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, body, next_attempt_at) SELECT nightbell.uuidv7(), tenant_id, user_id, 'X', 'No Name', 'x', now() FROM nightbell.endpoints LIMIT 1$$, '23514', NULL, 'a delivery''s channel is a name at least');
SELECT * FROM finish();
ROLLBACK;
