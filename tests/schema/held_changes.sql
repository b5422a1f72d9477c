-- What a person changes holds for what is waiting for them already: an opt-out cancels it, other hours give it another time, and why
-- says both. What was over the rate is not let go into quiet hours.
BEGIN;
SELECT no_plan();
\ir everybody.psql
\ir digests.psql
CREATE FUNCTION pg_temp.shown() RETURNS SETOF text LANGUAGE sql
AS $$ SELECT concat_ws(' ', d.subject, d.channel, d.status, d.held_for, to_char(d.held_slot AT TIME ZONE 'UTC', 'DD HH24:MI')) FROM nightbell.deliveries d ORDER BY 1 $$;
CREATE FUNCTION pg_temp.told() RETURNS SETOF text LANGUAGE sql
AS $$ SELECT concat_ws(' ', d.subject, c.channel, c.code, c.rule_id, to_char((c.detail ->> 'until')::timestamptz AT TIME ZONE 'UTC', 'DD HH24:MI'), c.detail ->> 'type', c.detail ->> 'module')
      FROM nightbell.decisions c JOIN nightbell.deliveries d ON d.id::text = c.subject_id AND c.subject = 'delivery' AND c.user_id = d.user_id ORDER BY 1 $$;
CREATE FUNCTION pg_temp.prefer(changes jsonb, person text DEFAULT 'ada') RETURNS boolean LANGUAGE sql
AS $$ SELECT nightbell.set_preferences(changes, NULL, 'acme', person) IS NULL $$;
INSERT INTO nightbell.notification_types (type, module, description, unsubscribable) VALUES ('HELD_PO', 'purchasing', 'Approvals', true), ('HELD_ALARM', 'safety', 'Alarms', false);
SELECT pg_temp.at('2027-06-02 23:00+00') IS NULL AS quiet \gset
SELECT pg_temp.prefer('{"quiet": {"from": "22:00", "to": "07:00"}, "time_zone": "UTC"}') AS quiet \gset

-- ---- an opt-out ----
SELECT pg_temp.hold(:'ADA', 'alarm', '2027-06-03 07:00+00', 'quiet_hours', type => 'HELD_ALARM') AS alarm, pg_temp.hold(:'ADA', 'note', '2027-06-03 07:00+00', 'quiet_hours') AS note,
    pg_temp.hold(:'ADA', 'over', '2027-06-02 23:01+00', 'over_rate') AS over, pg_temp.hold(:'ADA', 'po', '2027-06-03 07:00+00', 'quiet_hours', type => 'HELD_PO') AS po,
    pg_temp.hold(:'ADA', 'text', '2027-06-03 07:00+00', 'quiet_hours', 'sms') AS text, pg_temp.hold(:'BOB', 'to bob', '2027-06-03 07:00+00', 'quiet_hours') AS bobs \gset
UPDATE nightbell.deliveries SET rule_id = 'orders' WHERE id = :'po';
SELECT pg_temp.prefer('{"preferences": [{"type": "HELD_PO", "channel": "sms", "enabled": false}]}') AS quiet \gset
SELECT is_empty('SELECT pg_temp.told()', 'who opts out of what does not wait cancels nothing');
SELECT pg_temp.prefer('{"preferences": [{"type": "TEST_NOTE", "channel": "email", "enabled": false}]}') AS quiet \gset
SELECT results_eq('SELECT pg_temp.shown()', $$VALUES ('alarm email held quiet_hours 03 07:00'), ('note email cancelled'), ('over email cancelled'),
    ('po email held quiet_hours 03 07:00'), ('text sms held quiet_hours 03 07:00'), ('to bob email held quiet_hours 03 07:00')$$,
    'what waits is cancelled: of that person, type and channel, whatever it waits for');
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('note email opted_out TEST_NOTE'), ('over email opted_out TEST_NOTE')$$, 'and why says so');
SELECT pg_temp.prefer('{"preferences": [{"type": "TEST_NOTE", "channel": "email", "enabled": true}]}') AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.deliveries WHERE status = 'cancelled'), 2::bigint, 'who comes back has not got it again');
DELETE FROM nightbell.decisions;
SELECT pg_temp.prefer('{"preferences": [{"module": "purchasing", "channel": "email", "enabled": false}, {"type": "HELD_PO", "channel": "email", "enabled": true}]}') AS quiet \gset
SELECT is_empty('SELECT pg_temp.told()', 'the most specific word counts');
SELECT pg_temp.prefer('{"preferences": [{"type": "HELD_PO", "channel": "email", "enabled": null}]}') AS quiet \gset
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('po email opted_out orders purchasing')$$, 'by the word on its module');
DELETE FROM nightbell.decisions;
SELECT pg_temp.prefer('{"preferences": [{"channel": "email", "enabled": false}, {"channel": "sms", "enabled": false}]}') AS quiet \gset
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('alarm email opted_out'), ('text sms opted_out')$$, 'also of what nobody may miss, which stays in the inbox');
-- the module that it was published for, where the type has another
DELETE FROM nightbell.decisions;
INSERT INTO nightbell.outbox (tenant_id, event_type, module, context, occurred_at, next_attempt_at, processed_at) VALUES (:'ACME', 'e', 'published', '{}', now(), NULL, now()) RETURNING id AS published \gset
SELECT pg_temp.hold(:'CAROL', 'for carol', '2027-06-03 07:00+00', 'quiet_hours') AS carols \gset
UPDATE nightbell.deliveries SET app_event = :published WHERE id = :'carols';
INSERT INTO nightbell.module_config (tenant_id, module_code) VALUES (:'ACME', 'published');
SELECT pg_temp.prefer('{"preferences": [{"module": "published", "channel": "email", "enabled": false}]}', 'carol') AS quiet \gset
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('for carol email opted_out published')$$, 'by the word on the module that it was published for');
-- a link
DELETE FROM nightbell.decisions;
SELECT is((SELECT changed FROM nightbell.unsubscribe(nightbell.unsubscribe_token(:'ACME', :'BOB', 'TEST_NOTE', 'email'))), true, 'one click');
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('to bob email opted_out TEST_NOTE')$$, 'cancels what waits');
SELECT is(pg_temp.digest(), 0::bigint, 'nothing of it leaves');
SELECT pg_temp.at('2027-06-04 12:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 0::bigint, 'nor later');
SELECT is(nightbell.release_held(100), 0::bigint, 'nor what was over the rate');

-- ---- other hours ----
DELETE FROM nightbell.deliveries; DELETE FROM nightbell.decisions;
SELECT pg_temp.prefer('{"preferences": [{"channel": "email", "enabled": null}, {"channel": "sms", "enabled": null}]}') AS quiet \gset
SELECT pg_temp.at('2027-06-02 23:00+00') IS NULL AS quiet \gset
SELECT pg_temp.hold(:'ADA', 'one', '2027-06-03 07:00+00', 'quiet_hours') AS one, pg_temp.hold(:'ADA', 'over', '2027-06-02 23:01+00', 'over_rate') AS over \gset
SELECT pg_temp.prefer('{"locale": "lv"}') AS quiet \gset
SELECT pg_temp.prefer('{"quiet": {"from": "21:00", "to": "07:00"}}') AS quiet \gset
SELECT is_empty('SELECT pg_temp.told()', 'where the time stays nothing is said');
SELECT pg_temp.prefer('{"quiet": {"from": "21:00", "to": "08:30"}}') AS quiet \gset
SELECT results_eq('SELECT pg_temp.told()', $$VALUES ('one email retimed 03 08:30')$$, 'it waits until the new end, and why says so');
SELECT is((SELECT detail ->> 'was' FROM nightbell.decisions)::timestamptz, '2027-06-03 07:00+00', 'with the time that it had');
SELECT results_eq('SELECT pg_temp.shown()', $$VALUES ('one email held quiet_hours 03 08:30'), ('over email held over_rate 02 23:01')$$, 'what is over the rate has its own time');
DELETE FROM nightbell.decisions;
SELECT pg_temp.prefer('{"dnd_until": "2027-06-05T12:00:00Z"}') AS quiet \gset
SELECT pg_temp.prefer('{"dnd_until": null, "quiet": null}') AS quiet \gset
SELECT set_eq('SELECT pg_temp.told()', $$VALUES ('one email retimed 02 23:00'), ('one email retimed 05 12:00')$$, 'or leaves now');
SELECT is(pg_temp.digest(), 0::bigint, 'as itself');
SELECT results_eq($$SELECT status FROM nightbell.deliveries WHERE subject = 'one'$$, $$VALUES ('queued')$$, 'it does');

-- ---- over the rate, and quiet ----
DELETE FROM nightbell.deliveries; DELETE FROM nightbell.decisions;
SELECT pg_temp.prefer('{"quiet": {"from": "22:00", "to": "07:00"}}') AS quiet \gset
SELECT pg_temp.at('2027-06-02 22:00+00') IS NULL AS quiet \gset
SELECT pg_temp.hold(:'ADA', 'late ' || n, '2027-06-02 22:00+00', 'over_rate') AS quiet FROM generate_series(1, 12) AS n \g /dev/null
SELECT pg_temp.hold(:'BOB', 'to bob', '2027-06-02 22:00+00', 'over_rate') AS bobs \gset
SELECT ok(nightbell.release_held(100) > 0, 'the minute is over');
SELECT is(nightbell.release_held(100), 0::bigint, 'which is done at once');
SELECT set_eq('SELECT s, count(*) FROM (SELECT regexp_replace(s, ''^late \d+'', ''late'') AS s FROM pg_temp.shown() AS s) AS t GROUP BY s',
    $$VALUES ('late email held quiet_hours 03 07:00', 12::bigint), ('to bob email queued', 1)$$, 'the night has begun meanwhile: all of it waits for its end');
SELECT set_eq('SELECT DISTINCT regexp_replace(s, ''^late \d+'', ''late'') FROM pg_temp.told() AS s', $$VALUES ('late email quiet_hours 03 07:00'), ('to bob email queued')$$, 'which is said');
SELECT pg_temp.at('2027-06-03 07:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 12::bigint, 'then they leave together');
SELECT * FROM finish();
ROLLBACK;
