-- What is set for events by type, and what falls due with it. Time is injected (nightbell.clock).
BEGIN;
SELECT plan(31);
CREATE FUNCTION pg_temp.at(clock timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.clock', clock::text, true) $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql
SELECT set_config('nightbell.acme', :'ACME', true) IS NULL AS quiet \gset
CREATE FUNCTION pg_temp.import(item text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', i.key, i.change, i.message) FROM nightbell.import_event_types(current_setting('nightbell.acme')::uuid, ARRAY[item]) AS i $$;
CREATE FUNCTION pg_temp.raise(type text, severity text DEFAULT 'medium') RETURNS bigint LANGUAGE sql AS $$
    SELECT nightbell.raise_event(type, severity, 'd', tenant => current_setting('nightbell.acme')::uuid, fingerprint => 'f', source => 's') $$;
CREATE FUNCTION pg_temp.act(what text, event bigint, until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN a.changed THEN 'done' ELSE coalesce(a.reason, 'so already') END FROM nightbell.event_act(what, ARRAY[event], until => act.until) AS a $$;
CREATE FUNCTION pg_temp.history(event bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', actor_name, action), ', ' ORDER BY id) FROM nightbell.event_actions WHERE event_id = event $$;

SELECT pg_temp.at('2026-03-01 12:00 UTC') IS NULL AS quiet \gset
SELECT is(pg_temp.import('{"event_type": "job_*", "ack_expires": "PT4H", "auto_resolve_after": "PT1H", "flap_changes": 3, "flap_within": "PT30M"}'), 'job_* added', 'settings are added');
SELECT is(pg_temp.import('{"event_type": "job_*", "ack_expires": "PT4H", "auto_resolve_after": "PT1H", "flap_changes": 3, "flap_within": "PT30M"}'), 'job_* same', 'again they are the same');
SELECT is(pg_temp.import('{"event_type": "*", "stale_after": "PT5M"}'), '* added', 'for every type');
SELECT is((SELECT string_agg(i.change, ' ') FROM nightbell.import_event_types(:'ACME', ARRAY(SELECT d.document FROM nightbell.event_type_documents(:'ACME') AS d)) AS i),
    'same same', 'what is exported and imported changes nothing');
SELECT is(pg_temp.import('{"event_type": "a", "ack_expires": "4 hours"}'), 'ack_expires: expected a time span such as PT90M or P1DT12H', 'a span is ISO 8601');
SELECT is(pg_temp.import('{"event_type": "a", "ack_expires": "PT1S"}'), 'a ack_expires: expected 1 minute to 1 year', 'within bounds');
SELECT is(pg_temp.import('{"event_type": "a*b"}'), 'event_type: expected a name of at most 100 characters, or the beginning of one with * behind it', 'a pattern is a prefix');
SELECT is(pg_temp.import('{"event_type": "a", "frob": 1}'), 'unknown member "frob"', 'an unknown member is named');

-- an acknowledgement that runs out
SELECT pg_temp.raise('job_a') AS job \gset
SELECT is((SELECT auto_resolve_at FROM nightbell.admin_system_events WHERE id = :job), '2026-03-01 13:00 UTC'::timestamptz, 'it is known when it will be over by itself');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.act('acknowledge', :job), 'done', 'bob acknowledges it');
SELECT pg_temp.become('') IS NULL AS quiet \gset
UPDATE nightbell.admin_system_events SET acknowledged_at = '2026-03-01 12:00 UTC', auto_resolve_at = NULL WHERE id = :job;
SELECT is(nightbell.events_due(), '2026-03-01 15:00 UTC'::timestamptz, 'a quarter before its end is the reminder');
SELECT pg_temp.at('2026-03-01 15:00 UTC') IS NULL AS quiet \gset
SELECT is(nightbell.events_due(), '2026-03-01 16:00 UTC'::timestamptz, 'after which is its end');
SELECT is((SELECT noticed_at FROM nightbell.admin_system_events WHERE id = :job), '2026-03-01 15:00 UTC'::timestamptz, 'people are reminded');
SELECT pg_temp.at('2026-03-01 16:00 UTC') IS NULL AS quiet \gset
SELECT is(nightbell.events_due(), NULL, 'then nothing is to come');
SELECT results_eq(format('SELECT acknowledged_by, noticed_at FROM nightbell.admin_system_events WHERE id = %s', :job), $$VALUES (NULL::uuid, '2026-03-01 16:00 UTC'::timestamptz)$$, 'it is open again, and people are told');
SELECT is(pg_temp.history(:job), 'bob acknowledge, remind, lapse', 'which is history');

-- one that gets worse
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT pg_temp.act('acknowledge', :job) AS quiet \gset
SELECT pg_temp.act('snooze', :job, now() + interval '1 hour') AS quiet \gset
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.at(now()) IS NULL AS quiet \gset
SELECT is(pg_temp.raise('job_a'), :job::bigint, 'as bad as before, it stays acknowledged');
SELECT isnt((SELECT acknowledged_by FROM nightbell.admin_system_events WHERE id = :job), NULL, 'by bob');
SELECT is(pg_temp.raise('job_a', 'critical'), :job::bigint, 'worse');
SELECT results_eq(format('SELECT acknowledged_by, snoozed_until, ack_expires_at FROM nightbell.admin_system_events WHERE id = %s', :job), $$VALUES (NULL::uuid, NULL::timestamptz, NULL::timestamptz)$$, 'it is neither acknowledged nor snoozed');
SELECT is((SELECT note FROM nightbell.event_actions WHERE event_id = :job AND action = 'raise_again'), 'medium → critical, no longer acknowledged, no longer snoozed', 'which is history');

-- a snooze that ends
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT pg_temp.act('snooze', :job, now() + interval '10 minutes') AS quiet \gset
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT pg_temp.at(now() + interval '9 minutes') IS NULL AS quiet \gset
SELECT nightbell.events_due() AS quiet \gset
SELECT isnt((SELECT snoozed_until FROM nightbell.admin_system_events WHERE id = :job), NULL, 'snoozed until it ends');
SELECT pg_temp.at(now() + interval '10 minutes') IS NULL AS quiet \gset
SELECT nightbell.events_due() AS quiet \gset
SELECT is((SELECT snoozed_until FROM nightbell.admin_system_events WHERE id = :job), NULL, 'then not any more');
SELECT matches(pg_temp.history(:job), ', wake$', 'which is history');

-- over when quiet
SELECT pg_temp.at(now() + interval '59 minutes') IS NULL AS quiet \gset
SELECT nightbell.events_due() AS quiet \gset
SELECT is((SELECT is_resolved FROM nightbell.admin_system_events WHERE id = :job), false, 'open within its quiet time');
SELECT pg_temp.at(now() + interval '61 minutes') IS NULL AS quiet \gset
SELECT nightbell.events_due() AS quiet \gset
SELECT results_eq(format('SELECT is_resolved, settled_by FROM nightbell.admin_system_events WHERE id = %s', :job), $$VALUES (true, 'quiet')$$, 'then resolved by itself');

-- flapping and stale are seen, not stored
SELECT set_config('nightbell.clock', '', true) IS NULL AS quiet \gset
SELECT nightbell.settle_event('s', 'f', tenant => :'ACME') FROM (SELECT pg_temp.raise('job_flap')) AS r \g /dev/null
SELECT pg_temp.raise('job_flap') AS flap \gset
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is((SELECT is_flapping FROM nightbell.events WHERE id = :flap), true, 'three changes within half an hour are flapping');
SELECT pg_temp.become('') IS NULL AS quiet \gset
UPDATE nightbell.admin_system_events SET flapping_until = now() - interval '1 second' WHERE id = :flap;
SELECT pg_temp.raise('other') AS stale \gset
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT results_eq(format('SELECT is_flapping, is_stale FROM nightbell.events WHERE id IN (%s, %s) ORDER BY id', :flap, :stale), 'VALUES (false, false), (false, false)', 'and not for ever');
SELECT pg_temp.become('') IS NULL AS quiet \gset
UPDATE nightbell.admin_system_events SET stale_at = stale_at - interval '6 minutes' WHERE id = :stale;
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is((SELECT is_stale FROM nightbell.events WHERE id = :stale), true, 'what is not refreshed for its type''s time is stale');
SET SESSION AUTHORIZATION nightbell_console;
SELECT throws_ok(format($$SELECT * FROM nightbell.import_event_types(%L, '{}')$$, :'ACME'), '42501', NULL, 'an operator sets nothing');
SELECT throws_ok('SELECT nightbell.events_due()', '42501', NULL, 'nor does what is due');
SELECT * FROM finish();
ROLLBACK;
