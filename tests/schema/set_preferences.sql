-- What people say they prefer: read in one document, changed without losing what somebody else changed meanwhile, and by nobody
-- but themselves and their administrators.
BEGIN;
SELECT no_plan();
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
CREATE FUNCTION pg_temp.switch(wanted text, channel text) RETURNS text LANGUAGE sql
AS $$ SELECT concat_ws(' ', c ->> 'enabled', c ->> 'from', CASE WHEN (c ->> 'locked')::boolean THEN 'locked' END)
      FROM jsonb_array_elements(nightbell.my_preferences() -> 'types') AS t CROSS JOIN LATERAL (SELECT t -> 'channels' -> channel) AS x (c) WHERE t ->> 'type' = wanted $$;
CREATE FUNCTION pg_temp.problem(changes jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN PERFORM nightbell.set_preferences(changes); RETURN 'changed'; EXCEPTION WHEN invalid_parameter_value THEN RETURN SQLERRM; END $$;
\ir everybody.psql
INSERT INTO nightbell.notification_types (type, module, description, unsubscribable) VALUES ('TEST_ALARM', 'test', 'What nobody may miss', false);
INSERT INTO nightbell.module_config (tenant_id, module_code) VALUES (:'ACME', 'own');
SET SESSION AUTHORIZATION nightbell_console;
SELECT throws_ok('SELECT nightbell.my_preferences()', '42501', NULL, 'nobody has none');
SELECT pg_temp.become(:'token_app') IS NULL AS quiet \gset
SELECT throws_ok('SELECT nightbell.my_preferences()', '42501', 'who only produces has no preferences', 'nor who only produces');
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset

-- reading
SELECT is(nightbell.my_preferences() - '{types,tenant_id,user_id}'::text[], '{"name": "ada", "version": 0, "quiet": null, "quiet_days": [], "dnd_until": null,
    "digest": "off", "digest_at": "08:00", "time_zone": "UTC", "time_zone_is_own": false, "locale": null, "locale_is_own": false,
    "addresses": {"email": "ada@acme.example", "sms": null}, "problems": {"email": null, "sms": "no_address", "push": "no_address", "webhook": "no_address"}, "channels": ["in_app", "email", "push", "sms", "webhook"],
    "preferences": [], "thresholds": []}'::jsonb, 'who said nothing');
SELECT is((SELECT count(*) FROM jsonb_array_elements(nightbell.my_preferences() -> 'types')), (SELECT count(*) - 1 FROM nightbell.notification_types),
    'gets every type; a digest is no type of its own');
SELECT is(pg_temp.switch('TEST_ALARM', 'in_app') || ', ' || pg_temp.switch('TEST_ALARM', 'email'), 'true default locked, true default', 'and sees what cannot be switched off');

-- switches, most specific first
SELECT is(nightbell.set_preferences('{"preferences": [{"channel": "email", "enabled": false}]}') -> 'version', '1', 'a change has a version');
SELECT is(pg_temp.switch('TEST_NOTE', 'email') || ', ' || pg_temp.switch('TEST_NOTE', 'sms'), 'false all, true default', 'by one channel nothing');
SELECT is(nightbell.set_preferences('{"preferences": [{"channel": "email", "module": "test", "enabled": true}, {"channel": "email", "type": "TEST_ALARM", "enabled": false}]}', 1) -> 'version',
    '2', 'upon the version that one knows');
SELECT is(pg_temp.switch('TEST_NOTE', 'email') || ', ' || pg_temp.switch('TEST_ALARM', 'email'), 'true module, false type', 'but of a module, and not of a type');
SELECT throws_ok($$SELECT nightbell.set_preferences('{"preferences": [{"channel": "sms", "enabled": false}]}', 1)$$, '40001', 'the preferences were changed meanwhile',
    'not upon one that is over');
SELECT throws_ok($$SELECT nightbell.set_preferences('{}', 3)$$, '40001', NULL, 'nor upon one that is not yet');
SELECT is(nightbell.my_preferences() -> 'version', '2', 'which changes nothing');
SELECT is(nightbell.set_preferences('{"preferences": [{"channel": "email", "type": "TEST_ALARM", "enabled": null}, {"channel": "email", "enabled": null}, {"channel": "email", "module": "test", "enabled": null},
    {"channel": "in_app", "enabled": false}]}') -> 'preferences', '[{"type": "*", "module": "*", "channel": "in_app", "enabled": false}]', 'a word is taken back');
SELECT is(pg_temp.switch('TEST_NOTE', 'in_app') || ', ' || pg_temp.switch('TEST_ALARM', 'in_app'), 'false all, true default locked', 'what nobody may miss is never switched off with the rest');

-- what it says is what the engine does
RESET SESSION AUTHORIZATION;
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, type, module, enabled)
SELECT :'ACME', :'ADA', c, t.type, t.module, (hashtext(c || t.type || t.module) & 1) = 0
FROM unnest('{in_app,email,push,sms,webhook}'::text[]) AS c CROSS JOIN (
    SELECT type::text, '*' AS module FROM nightbell.notification_types WHERE hashtext(type) % 3 = 0
    UNION ALL SELECT DISTINCT '*', module::text FROM nightbell.notification_types WHERE hashtext(module) % 2 = 0) AS t
ON CONFLICT DO NOTHING;
SELECT is_empty(format($$SELECT t ->> 'type', c.key, c.value FROM jsonb_array_elements(nightbell.preferences_document(%L, %L) -> 'types') AS t CROSS JOIN jsonb_each(t -> 'channels') AS c
    CROSS JOIN LATERAL nightbell.channel_verdicts(%L, t ->> 'type', NULL, NULL, 'normal', NULL, ARRAY[%L]::uuid[], ARRAY[c.key], now()) AS v
    WHERE (c.value ->> 'enabled')::boolean IS DISTINCT FROM (v.code IS DISTINCT FROM 'opted_out')$$, :'ACME', :'ADA', :'ACME', :'ADA'),
    'of every type and channel: the document agrees with the verdict');
SELECT is((SELECT count(DISTINCT c.value ->> 'from') FROM jsonb_array_elements(nightbell.preferences_document(:'ACME', :'ADA') -> 'types') AS t CROSS JOIN jsonb_each(t -> 'channels') AS c), 4::bigint,
    'whatever word decides');
DELETE FROM nightbell.preferences;
SET SESSION AUTHORIZATION nightbell_console;

-- settings
SELECT is((SELECT d - '{types,tenant_id,user_id,name,addresses,problems,preferences,version,dnd_until,channels}'::text[] FROM nightbell.set_preferences('{"quiet": {"from": "22:00", "to": "07:00"}, "quiet_days": ["sun", "sat"],
    "digest": "daily", "digest_at": "07:30", "time_zone": "Europe/Riga", "locale": "lv", "thresholds": [{"event_type": "po", "condition": "$.amount > 1000"}]}') AS d),
    '{"quiet": {"from": "22:00", "to": "07:00"}, "quiet_days": ["sat", "sun"], "digest": "daily", "digest_at": "07:30", "time_zone": "Europe/Riga", "time_zone_is_own": true,
    "locale": "lv", "locale_is_own": true, "thresholds": [{"event_type": "po", "module": "*", "condition": "($.\"amount\" > 1000)", "is_active": true}]}'::jsonb, 'quiet hours and days, digest, zone, language, a threshold');
SELECT is((nightbell.set_preferences('{"dnd_until": "2099-01-01T00:00:00Z"}') ->> 'dnd_until')::timestamptz, '2099-01-01 00:00+00', 'do not disturb');
SELECT is(nightbell.my_preferences() -> 'digest', '"daily"', 'what a change does not name stays');
SELECT is((SELECT d - '{types,tenant_id,user_id,name,addresses,problems,preferences,version,digest_at,channels}'::text[] FROM nightbell.set_preferences('{"quiet": null, "quiet_days": null,
    "digest": "off", "time_zone": null, "locale": null, "dnd_until": null, "thresholds": [{"event_type": "po", "condition": null}]}') AS d),
    '{"quiet": null, "quiet_days": [], "digest": "off", "time_zone": "UTC", "time_zone_is_own": false, "dnd_until": null, "locale": null, "locale_is_own": false, "thresholds": []}'::jsonb, 'and back');

-- what is wrong is named, and changes nothing
SELECT is(pg_temp.problem(changes::jsonb), problem, problem) FROM (VALUES
    ('[]', 'the change is not a JSON object'), ('{"quite": null}', 'quite: there is no such setting'),
    ('{"quiet": {"from": "25:00", "to": "07:00"}}', 'quiet: expected a time of day such as 22:00'), ('{"quiet": {"from": "07:00", "to": "07:00"}}', 'quiet: they would end when they begin'),
    ('{"quiet": {"from": "07:00"}}', 'quiet: expected a time of day such as 22:00'),
    ('{"quiet_days": ["sunday"]}', 'quiet_days: expected days of mon, tue, wed, thu, fri, sat, sun'),
    ('{"quiet_days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}', 'quiet_days: every day would be quiet for ever: switch channels off instead'),
    ('{"dnd_until": "soon"}', 'dnd_until: expected null or a time before the year 10000'), ('{"dnd_until": "infinity"}', 'dnd_until: expected null or a time before the year 10000'),
    ('{"digest": "weekly"}', 'digest: expected off, hourly or daily'), ('{"digest_at": "8"}', 'digest_at: expected a time of day such as 22:00'),
    ('{"time_zone": "Mars/North"}', 'time_zone: expected the name of a time zone, such as Europe/Berlin'), ('{"locale": "l"}', 'locale: expected a language such as lv or pt-BR'),
    ('{"preferences": {}}', 'preferences: expected a list of at most 1000'),
    ('{"preferences": [{"channel": "fax", "enabled": false}]}', 'there is no channel "fax": expected in_app, email, push, sms or webhook (a worker whose channels.conf has [channel.fax] makes it known)'),
    ('{"preferences": [{"channel": "sms", "enabled": "no"}]}', 'enabled: expected true, false or null'),
    ('{"preferences": [{"channel": "sms", "enabled": true}, {"channel": "email", "type": "NO_SUCH", "enabled": false}]}', 'there is no type "NO_SUCH"'),
    ('{"preferences": [{"channel": "email", "type": "DIGEST", "enabled": false}]}', 'there is no type "DIGEST"'),
    ('{"preferences": [{"channel": "email", "module": "nowhere", "enabled": false}]}', 'there is no module "nowhere"'),
    ('{"preferences": [{"channel": "email", "module": "test", "type": "TEST_NOTE", "enabled": false}]}', 'a type has its module: name one of them'),
    ('{"preferences": [{"channel": "in_app", "type": "TEST_ALARM", "enabled": false}]}', 'TEST_ALARM cannot be switched off in the inbox'),
    ('{"preferences": [{"channel": "email", "module": "own", "enabled": false}]}', 'changed'),
    ('{"preferences": [{"channel": "email", "module": "own", "enabled": null}]}', 'changed'),
    ('{"preferences": [{"channel": "email", "type": "NO_SUCH", "enabled": null}]}', 'changed'),
    ('{"thresholds": [{"condition": "$.amount"}]}', 'threshold: expected a condition such as $.amount > 1000'),
    ('{"thresholds": [{"condition": "$.amount >"}]}', 'threshold: expected a condition such as $.amount > 1000'),
    ('{"thresholds": [{"condition": "exists($.amount) && ($.po.currency == \"EUR\" || $.vip == true) && !($.amount < -1.5)"}]}', 'changed'),
    ('{"thresholds": [{"condition": "$.name like_regex \"(a*)*b\""}]}', 'threshold: expected a condition such as $.amount > 1000'),
    ('{"thresholds": [{"condition": "$.a == 1 && $.name like_regex \"(a*)*b\""}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"'),
    ('{"thresholds": [{"condition": "$x == 1"}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"'),
    ('{"thresholds": [{"condition": "$.** == 1"}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"'),
    ('{"thresholds": [{"condition": "$.a == $.b"}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"'),
    ('{"thresholds": [{"condition": "exists($.a[*] ? (@ > 1))"}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"'),
    ('{"thresholds": [{"condition": "$.a.size() > 1"}]}', 'threshold: expected only comparisons of members with values, such as $.amount > 1000 && $.currency == "EUR"')) AS v (changes, problem);
SELECT is(nightbell.my_preferences() -> 'preferences', '[]', 'and nothing of a change that is refused is kept');

-- whose
SELECT throws_ok(format($$SELECT nightbell.preferences_of(NULL, %L)$$, name), '42501', 'this needs an administrator of the tenant', name || ' is somebody else''s, or not told to be')
FROM unnest('{bob,nobody,ada}'::text[]) AS name;
SELECT throws_ok($$SELECT nightbell.set_preferences('{"digest": "daily"}', NULL, NULL, 'bob')$$, '42501', NULL, 'nor changed');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT throws_ok($$SELECT nightbell.preferences_of('acme', 'ada')$$, '42501', NULL, 'an operator is no administrator');
SELECT is(nightbell.set_preferences('{"digest": "hourly"}') -> 'user_id', to_jsonb(:'BOB'::text), 'one''s own are one''s own');
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT throws_ok($$SELECT nightbell.preferences_of('acme', 'ada')$$, '42501', NULL, 'somebody of another tenant');
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT is(nightbell.set_preferences('{"preferences": [{"channel": "sms", "enabled": false}]}', NULL, 'acme', 'Ada@acme.example') ->> 'name', 'ada', 'an administrator changes somebody''s, by an address');
SELECT throws_ok($$SELECT nightbell.preferences_of('acme', 'nemo')$$, 'P0002', 'nobody in the tenant is called "nemo"', 'who is not there');
SELECT throws_ok($$SELECT nightbell.preferences_of('globex', 'ada')$$, 'P0002', NULL, 'or elsewhere');
SELECT is(nightbell.my_preferences() ->> 'name', 'olga', 'and has their own');
SELECT throws_ok('SELECT * FROM nightbell.preferences', '42501', NULL, 'no client touches the tables');
SELECT throws_ok(format('SELECT nightbell.preferences_document(%L, %L)', :'ACME', :'ADA'), '42501', NULL, 'nor what reads them for anybody');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT results_eq('SELECT u.name, p.channel::text FROM nightbell.preferences p JOIN nightbell.users u ON u.id = p.user_id', $$VALUES ('ada', 'sms')$$, 'what is left of it');
SELECT is(nightbell.preferences_of('acme', 'bob') -> 'digest', '"hourly"', 'the administrator''s login reads anybody''s');
SELECT throws_ok('SELECT nightbell.preferences_of(NULL, NULL)', '42501', NULL, 'and has none itself');

-- language and zone of one's own, in what is rendered
SELECT nightbell.set_preferences('{"locale": "fr", "time_zone": "Asia/Tokyo"}', NULL, 'acme', 'ada') IS NULL AS quiet \gset
SELECT is((SELECT p.locale || ' ' || (p.recipient::jsonb ->> 'time_zone') FROM nightbell.template_preview(:'ACME', '{}', 'ada') AS p), 'fr Asia/Tokyo', 'a preview takes them');

-- quiet days
CREATE FUNCTION pg_temp.quiet(at timestamptz, days smallint[], quiet_from time DEFAULT NULL, quiet_to time DEFAULT NULL, zone text DEFAULT 'Europe/Riga') RETURNS text LANGUAGE sql
AS $$ SELECT to_char(nightbell.quiet_until(at, zone, quiet_from, quiet_to, days) AT TIME ZONE zone, 'Dy HH24:MI') $$;
SELECT is(pg_temp.quiet('2026-06-05 20:59+00', '{6,7}'), 'Fri 23:59', 'not yet the week-end');
SELECT is(pg_temp.quiet('2026-06-05 21:00+00', '{6,7}'), 'Mon 00:00', 'until Monday');
SELECT is(pg_temp.quiet('2026-06-05 19:30+00', '{6,7}', '22:00', '07:00'), 'Mon 07:00', 'from Friday night until Monday morning');
SELECT is(pg_temp.quiet('2026-06-01 21:30+00', '{2,3,4,5,6,7}', '22:00', '07:00'), 'Mon 07:00', 'six days at most');
SELECT is(pg_temp.quiet('2026-03-28 21:59+00', '{7}'), 'Sat 23:59', 'the day that has 23 hours');
SELECT is(nightbell.quiet_until('2026-03-28 22:00+00', 'Europe/Riga', NULL, NULL, '{7}') - '2026-03-28 22:00+00', '23:00', 'is over after 23');
SELECT is(nightbell.quiet_until('2026-10-24 21:00+00', 'Europe/Riga', NULL, NULL, '{7}') - '2026-10-24 21:00+00', '25:00', 'and the one that has 25 after 25');
SELECT is(pg_temp.quiet('2026-04-24 12:00+00', '{5}', zone => 'Africa/Cairo'), 'Sat 00:00', 'a day that begins at one o''clock');
SELECT is(nightbell.held_until('2026-06-06 10:00+00', 'UTC', NULL, NULL, NULL, 'daily', '08:00', '{6,7}'), '2026-06-08 08:00+00', 'the digest waits for Monday too');
SELECT * FROM finish();
ROLLBACK;
