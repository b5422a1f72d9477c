-- System events: raised once for what is the same, worked on by operators, first wins, history and undo.
BEGIN;
SELECT plan(126);
CREATE TEMP TABLE row (name text, id bigint);
CREATE TEMP TABLE undo (name text, state jsonb);
CREATE FUNCTION pg_temp.row(wanted text) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM pg_temp.row WHERE name = wanted $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql

-- raising
SET SESSION AUTHORIZATION nightbell_producing;
INSERT INTO row SELECT 'job', nightbell.raise_event('job_failure', 'medium', 'export failed', '{"exit": 137}', :'ACME', :'ADA', 'export', 'cron');
SELECT is(nightbell.raise_event('job_failure', 'high', 'export failed again', NULL, :'ACME', fingerprint => 'export'), pg_temp.row('job'), 'the same fingerprint is the same event');
SELECT is(nightbell.raise_event('job_failure', 'low', 'export failed a bit', NULL, :'ACME', fingerprint => 'export'), pg_temp.row('job'), 'whatever its severity');
SELECT isnt(nightbell.raise_event('job_failure', 'low', 'import failed', NULL, :'ACME', fingerprint => 'import'), pg_temp.row('job'), 'another fingerprint is another');
SELECT isnt(nightbell.raise_event('disk_full', 'low', 'export failed', NULL, :'ACME', fingerprint => 'export'), pg_temp.row('job'), 'another type too');
SELECT isnt(nightbell.raise_event('job_failure', 'low', 'export failed', NULL, :'GLOBEX', fingerprint => 'export'), pg_temp.row('job'), 'and another tenant''s');
INSERT INTO row SELECT 'global', nightbell.raise_event('job_failure', 'critical', 'backup failed', fingerprint => 'export');
SELECT isnt(pg_temp.row('global'), pg_temp.row('job'), 'and the installation''s own');
SELECT is(nightbell.raise_event('job_failure', 'low', 'backup failed', fingerprint => 'export'), pg_temp.row('global'), 'of which there is one');
INSERT INTO row SELECT 'plain', nightbell.raise_event('x', 'low', 'd', NULL, :'ACME');
SELECT isnt(nightbell.raise_event('x', 'low', 'd', NULL, :'ACME'), pg_temp.row('plain'), 'without fingerprint each is one');
RESET SESSION AUTHORIZATION;
SELECT results_eq(format('SELECT severity::text, occurrences, description, details, source, user_id, is_resolved FROM nightbell.admin_system_events WHERE id = %s', pg_temp.row('job')),
    format($$VALUES ('high', 3::bigint, 'export failed', '{"exit": 137}'::jsonb, 'cron', %L::uuid, false)$$, :'ADA'), 'counted; severity raised, not lowered; the rest as it was said first');
SELECT results_eq(format('SELECT action, note, actor_name FROM nightbell.event_actions WHERE event_id = %s', pg_temp.row('job')),
    $$VALUES ('raise_again', 'medium → high', NULL::text)$$, 'that it got worse is history');

CREATE FUNCTION pg_temp.badly(arguments text, state text, words text) RETURNS SETOF text LANGUAGE sql
AS $$ SELECT throws_ok('SELECT nightbell.raise_event(' || arguments || ')', state, NULL, words || ': ' || state)
      UNION ALL SELECT throws_like('SELECT nightbell.raise_event(' || arguments || ')', words, words) $$;
SELECT pg_temp.badly($$'', 'low', 'd'$$, '22023', 'the event type is empty');
SELECT pg_temp.badly($$repeat('x', 101), 'low', 'd'$$, '22023', 'the event type is longer%');
SELECT pg_temp.badly($$'x', 'bad', 'd'$$, '22023', 'the severity is none of%');
SELECT pg_temp.badly($$'x', 'low', NULL$$, '22023', 'the description is empty');
SELECT pg_temp.badly($$'x', 'low', repeat('é', 4097)$$, '22023', 'the description has 8194 bytes%');
SELECT pg_temp.badly($$'x', 'low', 'd', jsonb_build_object('a', repeat('x', 65536))$$, '22023', 'details have % bytes%');
SELECT pg_temp.badly($$'x', 'low', 'd', fingerprint => repeat('x', 256)$$, '22023', 'the fingerprint%');
SELECT pg_temp.badly($$'x', 'low', 'd', tenant => gen_random_uuid()$$, 'P0002', 'there is no tenant%');
SELECT pg_temp.badly(format($$'x', 'low', 'd', tenant => %L, "user" => %L$$, :'ACME', :'MALLORY'), 'P0002', 'there is no user%');
SELECT results_eq($$SELECT ordinal, id IS NOT NULL, sqlstate, message FROM nightbell.produce_many('raise', '{
    "{\"event_type\": \"many\", \"severity\": \"low\", \"description\": \"d\", \"details\": {\"a\": 1}}",
    "{\"event_type\": \"many\", \"severity\": \"bad\", \"description\": \"d\"}",
    "{\"event_type\": \"many\", \"severity\": \"low\", \"description\": 7}", "7"}')$$,
    $$VALUES (1, true, NULL, NULL), (2, false, '22023', 'the severity is none of low, medium, high, critical'),
             (3, false, '22023', 'description must be a string'), (4, false, '22023', 'the item is not a JSON object')$$, 'a stream of them, with an outcome each');

-- who sees which
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT is_empty('SELECT * FROM nightbell.events', 'a user sees no events, not even those about her');
SELECT is_empty('SELECT * FROM nightbell.admin_system_events', 'neither in the table');
SELECT is_empty('SELECT * FROM nightbell.event_history', 'nor the history');
SELECT throws_ok($$SELECT nightbell.event_act('resolve', '{1}')$$, '42501', NULL, 'nor works on them');
SELECT is_empty($$SELECT * FROM nightbell.people_find('%', '%')$$, 'nor gets people''s addresses');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT set_eq('SELECT DISTINCT tenant_name FROM nightbell.events', ARRAY['acme'], 'an operator sees those of the tenant');
SELECT is((SELECT count(*) FROM nightbell.events), 5::bigint, 'all of them');
SELECT set_eq($$SELECT name FROM nightbell.people_find('%a%', 'a%')$$, ARRAY['ada', 'bob', 'carol', 'app', 'olga'], 'and its people, by name and address');
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.events), 1::bigint, 'one of another tenant that one''s');
SELECT is_empty(format($$SELECT * FROM nightbell.event_act('resolve', '{%s,%s}')$$, pg_temp.row('job'), pg_temp.row('global')), 'and works on no others: they do not exist');
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.events), 8::bigint, 'a global operator sees all');
SELECT is((SELECT count(*) FROM nightbell.events WHERE tenant_name IS NULL), 2::bigint, 'with those of no tenant');
SELECT throws_ok($$UPDATE nightbell.admin_system_events SET is_resolved = true$$, '42501', NULL, 'and writes nothing past event_act');

-- acts
CREATE FUNCTION pg_temp.act(what text, event text, note text DEFAULT NULL, who uuid DEFAULT NULL, until timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql
AS $$
DECLARE
    outcome record;
BEGIN
    SELECT * INTO outcome FROM nightbell.event_act(what, ARRAY[pg_temp.row(event)], note, who, until);
    DELETE FROM pg_temp.undo WHERE name = event;
    INSERT INTO pg_temp.undo VALUES (event, outcome.previous);
    RETURN CASE WHEN outcome.changed THEN 'done' ELSE coalesce(outcome.reason || coalesce(' ' || outcome.reason_time, ''), 'so already') END;
END
$$;
CREATE FUNCTION pg_temp.undo(event text, state jsonb) RETURNS text LANGUAGE sql
AS $$ SELECT CASE WHEN changed THEN 'done' ELSE reason || coalesce(' ' || reason_time, '') END FROM nightbell.event_act('undo', ARRAY[pg_temp.row(event)], states => ARRAY[state]) $$;
CREATE FUNCTION pg_temp.last(event text) RETURNS jsonb LANGUAGE sql AS $$ SELECT state FROM pg_temp.undo WHERE name = event $$;

SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.act('acknowledge', 'job'), 'done', 'bob acknowledges');
SELECT is(pg_temp.act('acknowledge', 'job'), 'so already', 'twice is once');
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT matches(pg_temp.act('acknowledge', 'job'), '^acknowledged by bob at \d{4}-\d\d-\d\d \d\d:\d\d:', 'carol is told who was first');
SELECT is(pg_temp.act('assign', 'job', who => :'CAROL'), 'done', 'she takes it');
SELECT is(pg_temp.act('assign', 'job', who => :'CAROL'), 'so already', 'twice is once');
SELECT is(pg_temp.act('snooze', 'job', until => '2100-01-01'), 'done', 'snoozes it');
SELECT is(pg_temp.act('snooze', 'job'), 'done', 'ends the snooze');
SELECT is(pg_temp.act('note', 'job', 'looking into it'), 'done', 'writes a note');
SELECT is(pg_temp.act('resolve', 'job', 'restarted'), 'done', 'and resolves it');
SELECT results_eq(format('SELECT is_resolved, resolution, resolved_by_name, acknowledged_by_name, assigned_to_name, version FROM nightbell.events WHERE id = %s', pg_temp.row('job')),
    $$VALUES (true, 'restarted', 'carol', 'bob', 'carol', 5::bigint)$$, 'all of which shows');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT matches(pg_temp.act(act, 'job', who => :'BOB', until => '2100-01-01'), '^resolved by carol at ', 'bob is told that it is resolved: ' || act)
FROM unnest('{resolve,acknowledge,assign,snooze}'::text[]) AS act;
SELECT is((SELECT resolution FROM nightbell.events WHERE id = pg_temp.row('job')), 'restarted', 'nothing is overwritten');
SELECT results_eq(format('SELECT actor_name, action, note, note_time FROM nightbell.event_history WHERE event_id = %s ORDER BY id', pg_temp.row('job')),
    $$VALUES (NULL, 'raise_again', 'medium → high', NULL::timestamptz), ('bob', 'acknowledge', NULL, NULL), ('carol', 'assign', 'to carol', NULL),
      ('carol', 'snooze', 'until', '2100-01-01'), ('carol', 'snooze', 'ended', NULL), ('carol', 'note', 'looking into it', NULL),
      ('carol', 'resolve', 'restarted', NULL)$$, 'the history has every act, and none that was refused');

-- undo
SELECT is(pg_temp.act('reopen', 'job'), 'done', 'bob reopens it');
SELECT is(pg_temp.act('reopen', 'job'), 'so already', 'open is open');
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 6)), 'done', 'and undoes that');
SELECT results_eq(format('SELECT is_resolved, resolution, resolved_by_name FROM nightbell.events WHERE id = %s', pg_temp.row('job')),
    $$VALUES (true, 'restarted', 'carol')$$, 'carol has resolved it, as before');
SELECT matches(pg_temp.undo('job', jsonb_build_object('version', 6)), '^changed since \(undo\) by bob at ', 'which cannot be undone twice');
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 7)), 'done', 'the undo can be undone');
SELECT results_eq(format('SELECT action, note FROM nightbell.event_history WHERE event_id = %s ORDER BY id DESC LIMIT 2', pg_temp.row('job')),
    $$VALUES ('redo', 'reopen'), ('undo', 'reopen')$$, 'that is a redo, and both name the act');
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 6)), 'done', 'what is done again can be undone again');
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 9)), 'done', 'and be done again');
SELECT is(pg_temp.undo('job', '{}'), 'there is nothing to undo', 'nothing is nothing');
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 99)), 'there is nothing to undo', 'the future neither');
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT is(pg_temp.undo('job', jsonb_build_object('version', 10)), 'only who did it can undo it', 'carol cannot undo what bob did');
SELECT is(pg_temp.act('acknowledge', 'plain'), 'done', 'an act');
INSERT INTO undo SELECT 'kept', pg_temp.last('plain');
SELECT is((SELECT count(*) FROM nightbell.event_act('note', ARRAY[pg_temp.row('plain')], 'by the way')), 1::bigint, 'with a note on it');
SELECT is(pg_temp.undo('plain', pg_temp.last('kept')), 'done', 'can still be undone');
SELECT is((SELECT acknowledged_at FROM nightbell.events WHERE id = pg_temp.row('plain')), NULL, 'it is');

-- undo is a stack of one's own acts: whatever was done since and taken back does not count
RESET SESSION AUTHORIZATION;
INSERT INTO row SELECT 'stacked', nightbell.raise_event('x', 'low', 'd', NULL, :'ACME');
SET SESSION AUTHORIZATION nightbell_console;
CREATE TEMP TABLE stack (step text, state jsonb);
CREATE FUNCTION pg_temp.push(step text, what text, note text DEFAULT NULL, who uuid DEFAULT NULL, until timestamptz DEFAULT NULL) RETURNS text LANGUAGE sql
AS $$ SELECT set_config('timezone', 'Asia/Tokyo', true);
      WITH done AS (SELECT changed, previous FROM nightbell.event_act(what, ARRAY[pg_temp.row('stacked')], note, who, until)),
           kept AS (INSERT INTO pg_temp.stack SELECT push.step, previous FROM done)
      SELECT CASE WHEN changed THEN 'done' ELSE 'not done' END FROM done $$;
CREATE FUNCTION pg_temp.pull(step text) RETURNS text LANGUAGE sql
AS $$ SELECT set_config('timezone', 'UTC', true);
      SELECT pg_temp.undo('stacked', (SELECT state FROM pg_temp.stack s WHERE s.step = pull.step)) $$;
CREATE FUNCTION pg_temp.now_so(words text) RETURNS text LANGUAGE sql
AS $$ SELECT is((SELECT concat_ws(' ', CASE WHEN acknowledged_at IS NOT NULL THEN 'acked' END, assigned_to_name,
                                  CASE WHEN snoozed_until IS NOT NULL THEN 'snoozed' END, CASE WHEN is_resolved THEN 'resolved' END)
                 FROM nightbell.events WHERE id = pg_temp.row('stacked')), words, 'it is now: ' || words) $$;
SELECT is(pg_temp.push('ack', 'acknowledge'), 'done', 'carol acknowledges');
SELECT is(pg_temp.push('take', 'assign', who => :'CAROL'), 'done', 'takes it');
SELECT is(pg_temp.push('sleep', 'snooze', until => '2100-01-01 00:00:00.123456'), 'done', 'snoozes it');
SELECT is(pg_temp.push('fix', 'resolve', 'fixed'), 'done', 'resolves it');
SELECT pg_temp.now_so('acked carol snoozed resolved');
SELECT matches(pg_temp.pull('take'), '^changed since \(resolve\) by carol at ', 'nothing is undone from the middle');
SELECT is(pg_temp.pull('fix'), 'done', 'the last one first');
SELECT is(pg_temp.pull('sleep'), 'done', 'then the one before it, in a session of another zone');
SELECT pg_temp.now_so('acked carol');
SELECT is(pg_temp.push('again', 'snooze', until => '2100-01-01'), 'done', 'another act is put on the stack');
SELECT is(pg_temp.pull('again'), 'done', 'and taken off');
SELECT is(pg_temp.pull('take'), 'done', 'the next one down');
SELECT is(pg_temp.pull('ack'), 'done', 'down to the first');
SELECT pg_temp.now_so('');
SELECT matches(pg_temp.pull('ack'), '^changed since \(undo\) by carol at ', 'below which there is nothing');
SELECT is(pg_temp.push('ack2', 'acknowledge'), 'done', 'she acknowledges it again');
SELECT is(pg_temp.push('take2', 'assign', who => :'CAROL'), 'done', 'and takes it');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.push('bob', 'assign', who => :'BOB'), 'done', 'bob takes it from her');
SELECT matches(pg_temp.pull('ack2'), '^changed since \(assign\) by carol at ', 'and undoes nothing of hers');
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT matches(pg_temp.pull('take2'), '^changed since \(assign\) by bob at \d{4}-\d\d-\d\d \d\d:\d\d:', 'she is told who changed it, and when');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is(pg_temp.pull('bob'), 'done', 'bob undoes that');
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT matches(pg_temp.pull('take2'), '^changed since \(undo\) by bob at ', 'though it is as she left it, somebody else had it in between');

-- the same again while it was resolved: two open ones with one fingerprint cannot be
SELECT is(pg_temp.act('resolve', 'job'), 'done', 'resolved once more');
RESET SESSION AUTHORIZATION;
INSERT INTO row SELECT 'job2', nightbell.raise_event('job_failure', 'low', 'export failed', NULL, :'ACME', fingerprint => 'export');
SELECT isnt(pg_temp.row('job2'), pg_temp.row('job'), 'raised again it is another event');
SET SESSION AUTHORIZATION nightbell_console;
SELECT is(pg_temp.act('reopen', 'job'), 'it happened again since: that event is open', 'the old one stays resolved');
SELECT matches(pg_temp.undo('job', pg_temp.last('job')), 'there is nothing to undo|it happened again since', 'by an undo too');

-- a global operator in a tenant
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FILTER (WHERE changed) FROM nightbell.event_act('resolve', ARRAY[pg_temp.row('job2'), pg_temp.row('global')])), 2::bigint, 'olga resolves what is whose ever');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT matches(pg_temp.act('resolve', 'job2'), '^resolved by olga at ', 'bob is told her name');

-- requests that are none
SELECT throws_ok($$SELECT nightbell.event_act('explode', '{1}')$$, '22023', NULL, 'an unknown act');
SELECT throws_ok($$SELECT nightbell.event_act('note', '{1}', ' ')$$, '22023', NULL, 'an empty note');
SELECT throws_ok($$SELECT nightbell.event_act('note', '{1}', repeat('x', 4097))$$, '22023', NULL, 'a long note');
SELECT throws_ok($$SELECT nightbell.event_act('snooze', '{1}', until => now() - interval '1 s')$$, '22023', NULL, 'a snooze into the past');
SELECT throws_ok($$SELECT nightbell.event_act('undo', '{1}')$$, '22023', NULL, 'an undo of nothing');
SELECT throws_ok(format($$SELECT nightbell.event_act('assign', '{1}', "user" => %L)$$, :'MALLORY'), 'P0002', NULL, 'to somebody of another tenant');
SELECT pg_temp.become('rubbish') IS NULL AS quiet \gset
SELECT throws_ok($$SELECT nightbell.event_act('resolve', '{1}')$$, '42501', NULL, 'by nobody');

-- for every writer, a superuser too
RESET SESSION AUTHORIZATION;
SELECT throws_ok(format('UPDATE nightbell.admin_system_events SET %s WHERE id = %s', change, pg_temp.row('plain')), '23000', NULL, 'written once: ' || change)
FROM unnest('{"description = ''x''","details = ''{}''","event_type = ''y''","tenant_id = NULL","created_at = now() - interval ''1 d''"}'::text[]) AS change;
SELECT throws_ok(format('UPDATE nightbell.admin_system_events SET resolved_at = now() + interval ''1 s'' WHERE id = %s', pg_temp.row('job')), '23000', NULL, 'who resolved first stays');
SELECT throws_ok(format($$UPDATE nightbell.admin_system_events SET severity = 'low' WHERE id = %s$$, pg_temp.row('job')), '23000', NULL, 'severity is never lowered');
SELECT throws_ok(format('UPDATE nightbell.admin_system_events SET resolved_by = %L WHERE id = %s', :'BOB', pg_temp.row('plain')), '23514', NULL, 'an open event has nobody who resolved it');
SELECT throws_ok(format('UPDATE nightbell.admin_system_events SET acknowledged_at = now() WHERE id = %s', pg_temp.row('plain')), '23514', NULL, 'acknowledged means by somebody');
SELECT lives_ok(format('UPDATE nightbell.admin_system_events SET is_resolved = true WHERE id = %s', pg_temp.row('plain')), 'a program may set is_resolved only');
SELECT isnt((SELECT resolved_at FROM nightbell.admin_system_events WHERE id = pg_temp.row('plain')), NULL, 'and the time is filled in');
SELECT lives_ok(format('UPDATE nightbell.admin_system_events SET is_resolved = false WHERE id = %s', pg_temp.row('plain')), 'and back');
SELECT is((SELECT resolved_at FROM nightbell.admin_system_events WHERE id = pg_temp.row('plain')), NULL, 'and taken away');
SELECT throws_ok($$UPDATE nightbell.event_actions SET note = 'never happened'$$, '23000', NULL, 'history is not rewritten');
SELECT throws_ok($$DELETE FROM nightbell.event_actions$$, '23000', NULL, 'nor shortened');
SELECT throws_ok($$TRUNCATE nightbell.event_actions$$, '23000', NULL, 'nor emptied');
SELECT lives_ok(format('DELETE FROM nightbell.admin_system_events WHERE id = %s', pg_temp.row('job')), 'it goes with its event');
SELECT * FROM finish();
ROLLBACK;
