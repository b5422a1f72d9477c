-- What a person's preferences make of a notification: the most specific one decides, the night holds, the inbox does not wait.
BEGIN;
SELECT plan(24);
\ir everybody.psql
CREATE FUNCTION pg_temp.verdict(who uuid, channel text, type text DEFAULT 'TEST_NOTE', urgency text DEFAULT 'normal', context jsonb DEFAULT NULL,
                                at timestamptz DEFAULT '2026-06-01 12:00+00') RETURNS text LANGUAGE sql
AS $$ SELECT concat_ws(' ', coalesce(v.code, 'now'), to_char(v.held_until AT TIME ZONE 'UTC', 'DD HH24:MI'))
      FROM nightbell.channel_verdicts('00000000-0000-4000-8000-00000000acee', type, 'buying', 'po', urgency, context, ARRAY[who], ARRAY[channel], at) v $$;
UPDATE nightbell.users SET phone = '+37120000000' WHERE id = :'ADA';

SELECT is(pg_temp.verdict(:'ADA', 'email'), 'now', 'who said nothing gets everything');
SELECT is(pg_temp.verdict(:'APP', 'email'), 'no_address', 'where there is an address');
SELECT is(pg_temp.verdict(:'ADA', 'push'), 'no_address', 'or a device');
INSERT INTO nightbell.devices (tenant_id, user_id, platform, token, disabled_at) VALUES (:'ACME', :'ADA', 'web', 'a', now());
SELECT is(pg_temp.verdict(:'ADA', 'push'), 'address_disabled', 'that works');
INSERT INTO nightbell.devices (tenant_id, user_id, platform, token) VALUES (:'ACME', :'ADA', 'ios', 'b');
SELECT is(pg_temp.verdict(:'ADA', 'push'), 'now', 'one is enough');
INSERT INTO nightbell.disabled_addresses (tenant_id, channel, address) VALUES (:'ACME', 'email', 'ada@acme.example');
SELECT is(pg_temp.verdict(:'ADA', 'email'), 'address_disabled', 'a bounced address is used no more');
DELETE FROM nightbell.disabled_addresses;
SELECT is((SELECT count(*) FROM nightbell.channel_verdicts(:'ACME', 'TEST_NOTE', NULL, NULL, 'normal', NULL, ARRAY[:'MALLORY', :'ADA', :'BOB']::uuid[], '{email,sms,in_app}', now())),
          6::bigint, 'a row for each person of the tenant and channel');

-- most specific first
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, enabled) VALUES (:'ACME', :'ADA', 'email', false);
SELECT is(pg_temp.verdict(:'ADA', 'email'), 'opted_out', 'no e-mail at all');
SELECT is(pg_temp.verdict(:'ADA', 'sms'), 'now', 'but other channels');
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, module, enabled) VALUES (:'ACME', :'ADA', 'email', 'test', true);
SELECT is(pg_temp.verdict(:'ADA', 'email'), 'now', 'a module beats all');
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, type, enabled) VALUES (:'ACME', :'ADA', 'email', 'TEST_NOTE', false);
SELECT is(pg_temp.verdict(:'ADA', 'email'), 'opted_out', 'a type beats its module');
SELECT is(pg_temp.verdict(:'ADA', 'email', urgency => 'critical'), 'opted_out', 'a critical one too');
INSERT INTO nightbell.preferences (tenant_id, user_id, channel, enabled) VALUES (:'ACME', :'BOB', 'in_app', false), (:'ACME', :'BOB', 'email', false);
SELECT is(pg_temp.verdict(:'BOB', 'in_app'), 'opted_out', 'nothing in the inbox either');
UPDATE nightbell.notification_types SET unsubscribable = false WHERE type = 'TEST_NOTE';
SELECT is(pg_temp.verdict(:'BOB', 'in_app') || ' ' || pg_temp.verdict(:'BOB', 'email'), 'now opted_out', 'but what nobody may miss stands in the inbox');
UPDATE nightbell.notification_types SET unsubscribable = true WHERE type = 'TEST_NOTE';
DELETE FROM nightbell.preferences;

-- holding
INSERT INTO nightbell.user_settings (tenant_id, user_id, quiet_from, quiet_to, time_zone) VALUES (:'ACME', :'ADA', '22:00', '07:00', 'Europe/Riga');
SELECT is(pg_temp.verdict(:'ADA', 'email', at => '2026-06-01 20:00+00'), 'quiet_hours 02 04:00', 'the night is the person''s own');
SELECT is(pg_temp.verdict(:'ADA', 'in_app', at => '2026-06-01 20:00+00'), 'now', 'the inbox does not wait');
SELECT is(pg_temp.verdict(:'ADA', 'email', urgency => 'critical', at => '2026-06-01 20:00+00'), 'now', 'nor what is critical');
UPDATE nightbell.user_settings SET dnd_until = '2026-06-01 15:00+00', digest = 'daily', time_zone = NULL;
SELECT is(pg_temp.verdict(:'ADA', 'email'), 'do_not_disturb 02 08:00', 'do not disturb, and then with the digest');
SELECT is(pg_temp.verdict(:'ADA', 'email', at => '2026-06-01 16:00+00'), 'held_for_digest 02 08:00', 'the digest alone');
SELECT throws_ok($$UPDATE nightbell.user_settings SET time_zone = 'Mars/North'$$, '22023', 'unknown time zone "Mars/North"', 'a zone is one that there is');
DELETE FROM nightbell.user_settings;

-- thresholds
INSERT INTO nightbell.alert_thresholds (tenant_id, user_id, event_type, condition) VALUES (:'ACME', :'ADA', 'po', '$.amount > 1000'), (:'ACME', :'ADA', '*', '$.amount > 1');
SELECT is(pg_temp.verdict(:'ADA', 'email', context => '{"amount": 900}'), 'below_threshold', 'below one''s own threshold');
SELECT is(pg_temp.verdict(:'ADA', 'email', context => '{"amount": 1001}'), 'now', 'above it');
SELECT is(pg_temp.verdict(:'ADA', 'email', context => '{}') || ' ' || pg_temp.verdict(:'ADA', 'email'), 'below_threshold now', 'what is missing does not meet it; what has no context is not asked');
SELECT results_eq($$SELECT n.nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace CROSS JOIN aclexplode(c.relacl) a
    WHERE c.relname IN ('preferences', 'user_settings', 'alert_thresholds', 'devices', 'digest_slots', 'disabled_addresses')
    AND a.grantee NOT IN ('nightbell_owner'::regrole, 'nightbell_admin'::regrole)$$, 'SELECT NULL::text WHERE false', 'no client touches these tables');
SELECT * FROM finish();
ROLLBACK;
