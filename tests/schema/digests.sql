-- What was held leaves when its time has come: one alone as itself, several together, each once; what comes late the next time.
BEGIN;
SELECT no_plan();
\ir everybody.psql
\ir digests.psql
CREATE FUNCTION pg_temp.shown(who uuid) RETURNS SETOF text LANGUAGE sql
AS $$ SELECT concat_ws(' ', coalesce(d.subject, d.type), d.channel, d.status, to_char(d.held_slot AT TIME ZONE 'UTC', 'DD HH24:MI')) FROM nightbell.deliveries d
      WHERE d.user_id = who $$;
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_PO', 'test', 'Approvals');
INSERT INTO nightbell.user_settings (tenant_id, user_id, quiet_from, quiet_to, time_zone) VALUES (:'ACME', :'ADA', '22:00', '07:00', 'UTC');

-- the night is over
SELECT pg_temp.hold(:'ADA', 'alone', '2027-06-02 07:00+00', 'quiet_hours') IS NULL AS quiet \gset
SELECT pg_temp.at('2027-06-02 06:59+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 0::bigint, 'not yet');
SELECT is(nightbell.digest_next(), '2027-06-02 07:00+00', 'and it says when');
SELECT pg_temp.at('2027-06-02 07:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 0::bigint, 'one alone makes no digest');
SELECT results_eq(format('SELECT pg_temp.shown(%L)', :'ADA'), $$VALUES ('alone email queued')$$, 'it leaves as itself');
SELECT results_eq($$SELECT code FROM nightbell.decisions$$, $$VALUES ('queued')$$, 'and says so');
SELECT is(nightbell.digest_next(), NULL, 'nothing waits any more');

-- several together, by type
DELETE FROM nightbell.deliveries; DELETE FROM nightbell.decisions;
SELECT count(pg_temp.hold(:'ADA', 'po ' || n, '2027-06-03 07:00+00', 'quiet_hours', type => 'TEST_PO')) AS quiet FROM generate_series(1, 12) AS n \gset
SELECT pg_temp.hold(:'ADA', 'note', '2027-06-03 07:00+00', 'do_not_disturb', urgency => 'high') AS note \gset
SELECT count(pg_temp.hold(:'ADA', 'other channel', '2027-06-03 07:00+00', 'quiet_hours', 'sms')) + count(pg_temp.hold(:'ADA', 'later', '2027-06-03 07:01+00', 'quiet_hours'))
    + count(pg_temp.hold(:'ADA', 'over', '2027-06-03 07:00+00', 'over_rate')) + count(pg_temp.hold(:'ADA', 'hook ' || n, '2027-06-03 07:00+00', 'quiet_hours', 'webhook')) AS quiet
FROM generate_series(1, 2) AS n \gset
SELECT pg_temp.at('2027-06-03 07:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 15::bigint, 'thirteen are in one, and two in another');
SELECT results_eq(format('SELECT body::jsonb #- ''{groups,1,items}'' FROM nightbell.deliveries WHERE type = ''DIGEST'' AND channel = ''email'''),
    $$VALUES ('{"count": 13, "more": 2, "groups": [{"type": "TEST_NOTE", "title": "Of the tests", "count": 1, "items": [{"title": "note", "message": "body of note"}]},
        {"type": "TEST_PO", "title": "Approvals", "count": 12}]}'::jsonb)$$, 'a type is one line, the most urgent first');
SELECT is((SELECT jsonb_path_query_array(body::jsonb, '$.groups[1].items[*].title') FROM nightbell.deliveries WHERE type = 'DIGEST' AND channel = 'email'),
    '["po 1", "po 2", "po 3", "po 4", "po 5", "po 6", "po 7", "po 8", "po 9", "po 10"]', 'of many the first ten are listed');
SELECT results_eq($$SELECT address, urgency::text, payload FROM nightbell.deliveries WHERE type = 'DIGEST' AND channel = 'email'$$, $$VALUES ('ada@acme.example', 'high', '{"count": 13}'::jsonb)$$, 'to the person''s address, as urgent as the most urgent');
SELECT results_eq(format('SELECT status, digest_id = (SELECT id FROM nightbell.deliveries WHERE type = ''DIGEST'' AND channel = ''email'') FROM nightbell.deliveries WHERE id = %L', :'note'), $$VALUES ('digested', true)$$, 'each says by which it leaves');
SELECT results_eq(format('SELECT code, detail ? ''digest'' FROM nightbell.decisions WHERE subject_id = %L', :'note'), $$VALUES ('digested', true)$$, 'and why tells it');
SELECT set_eq(format('SELECT s, count(*) FROM pg_temp.shown(%L) AS s WHERE s !~ ''^(po|note)'' AND s !~ ''sms'' GROUP BY s', :'ADA'),
    $$VALUES ('DIGEST email queued', 1::bigint), ('hook 1 webhook queued', 1), ('hook 2 webhook queued', 1), ('later email held 03 07:01', 2), ('over email held 03 07:00', 2)$$, 'a program gets each; what is not due, and what is over the rate, waits');
SELECT is((SELECT count(*) FROM pg_temp.shown(:'ADA') AS s WHERE s = 'other channel sms digested'), 2::bigint, 'two by another channel are another digest');
SELECT is(pg_temp.digest(), 0::bigint, 'nothing leaves twice');
SELECT is(nightbell.release_held(100), 2::bigint, 'what is over the rate is let go by its own duty');

-- late
DELETE FROM nightbell.deliveries WHERE held_slot > '2027-06-03 07:00+00';
SELECT pg_temp.hold(:'ADA', 'late', '2027-06-03 07:00+00', 'quiet_hours') AS late \gset
SELECT pg_temp.digest() IS NULL AS quiet \gset
SELECT results_eq(format('SELECT s FROM pg_temp.shown(%L) AS s WHERE s ~ ''late''', :'ADA'), $$VALUES ('late email queued')$$, 'what is committed after its digest leaves as itself');
UPDATE nightbell.user_settings SET quiet_from = NULL, quiet_to = NULL, digest = 'daily', digest_at = '07:00';
SELECT count(pg_temp.hold(:'ADA', 'later ' || n, '2027-06-03 07:00+00', 'held_for_digest')) AS quiet FROM generate_series(1, 2) AS n \gset
SELECT pg_temp.digest() IS NULL AS quiet \gset
SELECT results_eq(format('SELECT s FROM pg_temp.shown(%L) AS s WHERE s ~ ''later'' ORDER BY s', :'ADA'), $$VALUES ('later 1 email held 04 07:00'), ('later 2 email held 04 07:00')$$, 'or with the next digest');
SELECT pg_temp.at('2027-06-04 07:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 2::bigint, 'which takes it');

-- nobody was at work when the night was over
UPDATE nightbell.user_settings SET quiet_from = '22:00', quiet_to = '07:00', digest = 'off';
SELECT count(pg_temp.hold(:'ADA', 'old ' || n, '2027-06-05 07:00+00', 'quiet_hours')) AS quiet FROM generate_series(1, 2) AS n \gset
SELECT pg_temp.at('2027-06-05 23:00+00') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 0::bigint, 'it is night again');
SELECT results_eq(format('SELECT s FROM pg_temp.shown(%L) AS s WHERE s ~ ''old'' ORDER BY s', :'ADA'), $$VALUES ('old 1 email held 06 07:00'), ('old 2 email held 06 07:00')$$, 'nobody is woken');
SELECT pg_temp.at('2027-06-06 09:00+00') IS NULL AS quiet \gset
SELECT pg_temp.hold(:'ADA', 'new', '2027-06-06 08:00+00', 'do_not_disturb') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 3::bigint, 'in the morning; what was due at different times is one digest');

-- the person changes their mind
UPDATE nightbell.user_settings SET quiet_from = NULL, quiet_to = NULL, dnd_until = '2027-06-07 12:00+00';
SELECT pg_temp.at('2027-06-07 10:00+00') IS NULL AS quiet \gset
SELECT count(pg_temp.hold(:'ADA', 'mind ' || n, '2027-06-07 12:00+00', 'do_not_disturb')) AS quiet FROM generate_series(1, 2) AS n \gset
SELECT nightbell.set_preferences('{"dnd_until": "2027-06-07T14:00:00Z"}', NULL, 'acme', 'ada') IS NULL AS quiet \gset
SELECT is(nightbell.digest_next(), '2027-06-07 14:00+00', 'later than what was said');
SELECT nightbell.set_preferences('{"preferences": [{"channel": "push", "enabled": false}]}', NULL, 'acme', 'ada') IS NULL AS quiet \gset
SELECT is(nightbell.digest_next(), '2027-06-07 14:00+00', 'another word moves nothing');
SELECT nightbell.set_preferences('{"dnd_until": null}', NULL, 'acme', 'ada') IS NULL AS quiet \gset
SELECT is(pg_temp.digest(), 2::bigint, 'or now');

-- who is no more
SELECT count(pg_temp.hold(:'CAROL', 'never ' || n, '2027-06-07 07:00+00', 'quiet_hours')) AS quiet FROM generate_series(1, 2) AS n \gset
UPDATE nightbell.users SET deleted_at = now() WHERE id = :'CAROL';
SELECT is(pg_temp.digest(), 0::bigint, 'somebody who was deleted gets none');
SELECT results_eq(format('SELECT s FROM pg_temp.shown(%L) AS s ORDER BY s', :'CAROL'), $$VALUES ('never 1 email cancelled'), ('never 2 email cancelled')$$, 'and nothing waits for ever');
SELECT is(nightbell.digest_next(), NULL, 'nobody waits');

-- the template, the language
SELECT is((SELECT change FROM nightbell.import_templates(:'ACME', ARRAY['{"template_code": "digest", "texts": [{"channel": "email", "locale": "default", "body_template": "{{count}}"}]}'])), 'added', 'a template of the tenant');
UPDATE nightbell.users SET locale = 'fr' WHERE id = :'BOB';
SELECT count(pg_temp.hold(:'BOB', 't', '2027-06-07 07:00+00', 'quiet_hours', c)) AS quiet FROM unnest('{email,email,sms,sms}'::text[]) AS c \gset
SELECT results_eq($$SELECT channel, template_code, person::jsonb ->> 'name', locale FROM nightbell.digest_due(10) ORDER BY channel$$, $$VALUES ('email', 'digest', 'bob', 'fr'), ('sms', NULL, 'bob', 'fr')$$, 'is for the channels that it has texts for');
-- digest_due() alone, without digest_write(), loses nothing
SELECT pg_temp.digest() IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.deliveries WHERE user_id = :'BOB' AND status = 'queued'), 4::bigint, 'what was taken and not written leaves another time');

-- slots are forgotten
SELECT cmp_ok((SELECT count(*) FROM nightbell.digest_slots), '>', 5::bigint, 'slots that were taken');
SELECT pg_temp.at('2027-06-08 09:59+00') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.digest_slots WHERE claimed_at > '2027-06-07 09:59+00'), (SELECT count(*) - nightbell.purge_digest_slots(1000) FROM nightbell.digest_slots), 'are forgotten a day later');

-- weeks in which the clocks are changed, in six zones: every hour something comes; each morning one digest, each thing in one
DELETE FROM nightbell.deliveries; DELETE FROM nightbell.digest_slots; DELETE FROM nightbell.user_settings;
INSERT INTO nightbell.users (tenant_id, id, name, email, time_zone)
SELECT :'ACME', ('00000000-0000-4000-8000-0000000001' || lpad(n::text, 2, '0'))::uuid, 'zone ' || n, n || '@acme.example', z
FROM unnest('{Europe/Riga,America/New_York,Australia/Lord_Howe,Africa/Cairo,America/Santiago,Asia/Kolkata}'::text[]) WITH ORDINALITY AS z (z, n);
INSERT INTO nightbell.user_settings (tenant_id, user_id, digest, digest_at) SELECT tenant_id, id, 'daily', '02:30' FROM nightbell.users WHERE name LIKE 'zone %';
CREATE FUNCTION pg_temp.live(begins timestamptz, ends timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    at timestamptz := begins;
BEGIN
    WHILE at < ends LOOP
        PERFORM pg_temp.at(at);
        PERFORM pg_temp.digest();
        IF extract(minute FROM at) = 15 THEN
            PERFORM pg_temp.hold(v.user_id, at::text, v.held_until, v.code) FROM nightbell.channel_verdicts('00000000-0000-4000-8000-00000000acee', 'TEST_NOTE', NULL, NULL, 'normal', NULL,
                ARRAY(SELECT id FROM nightbell.users WHERE name LIKE 'zone %'), '{email}', at) AS v;
        END IF;
        at := at + interval '15 minutes';
    END LOOP;
END
$$;
SELECT pg_temp.live('2027-03-27 12:00+00', '2027-03-30 12:00+00') IS NULL AS quiet \gset
DELETE FROM nightbell.deliveries WHERE status = 'held';
SELECT pg_temp.live('2027-10-30 12:00+00', '2027-11-02 12:00+00') IS NULL AS quiet \gset
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', d.status, d.held_for), ',' ORDER BY concat_ws(' ', d.status, d.held_for)) FROM nightbell.deliveries d WHERE d.type <> 'DIGEST'), 'digested held_for_digest,held held_for_digest', 'each is in a digest, or waits for one');
SELECT is_empty($$SELECT u.time_zone, d.queued_at AT TIME ZONE u.time_zone FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE d.type = 'DIGEST'
    AND d.queued_at <> nightbell.clock_reaches((d.queued_at AT TIME ZONE u.time_zone)::date + time '02:30', u.time_zone)$$, 'each digest leaves when the clock first reads half past two');
SELECT set_eq($$SELECT DISTINCT count(*) FROM nightbell.deliveries d JOIN nightbell.users u ON u.id = d.user_id WHERE d.type = 'DIGEST' GROUP BY d.user_id$$, '{6}'::bigint[], 'once a day');
SELECT is((SELECT sum((body::jsonb ->> 'count')::int) FROM nightbell.deliveries WHERE type = 'DIGEST'), (SELECT count(*) FROM nightbell.deliveries WHERE status = 'digested'), 'and nothing is in two');
SELECT * FROM finish();
ROLLBACK;
