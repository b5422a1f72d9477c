-- publish(): what an application tells of what happened, in its own transaction; and which system events become app events.
BEGIN;
SELECT plan(43);
CREATE TEMP TABLE row (name text, id bigint);
GRANT ALL ON row TO PUBLIC;
CREATE FUNCTION pg_temp.row(wanted text) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM pg_temp.row WHERE name = wanted $$;
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
\ir everybody.psql

-- candidates
SELECT is(nightbell.event_candidates('po_x'), '{po_x,po_x*,po_*,po*,p*,*}', 'a name and every prefix of it with a star');
SELECT is(nightbell.event_candidates('é'), '{é,é*,*}', 'by characters, not bytes');

-- the clock
SELECT set_config('nightbell.clock', '2027-03-28 01:30+00', true) AS quiet \gset
SELECT is(nightbell.clock(), '2027-03-28 01:30+00', 'an administrator sets the clock');
CREATE ROLE only_working LOGIN IN ROLE nightbell_worker;
SET SESSION AUTHORIZATION only_working;
INSERT INTO row SELECT 'moved', nightbell.publish(:'ACME', 'clock', 'm');
RESET SESSION AUTHORIZATION;
SELECT is(occurred_at, '2027-03-28 01:30+00', 'and so does a worker''s login') FROM nightbell.outbox WHERE id = pg_temp.row('moved');
SET SESSION AUTHORIZATION nightbell_producing;
INSERT INTO row SELECT 'now', nightbell.publish(:'ACME', 'clock', 'm');
RESET SESSION AUTHORIZATION;
SELECT ok(occurred_at > now() - interval '1 minute' AND occurred_at < now() + interval '1 hour', 'a producer does not move time')
FROM nightbell.outbox WHERE id = pg_temp.row('now');
SELECT set_config('nightbell.clock', '', true) AS quiet \gset

-- storing
SET SESSION AUTHORIZATION nightbell_producing;
INSERT INTO row SELECT 'po', nightbell.publish(:'ACME', 'po_approved', 'purchasing', '{"amount": 150000}', 'po-1', '2026-11-30 10:00+00');
SELECT is(nightbell.publish(:'ACME', 'po_approved', 'purchasing', '{"amount": 1}', 'po-1'), pg_temp.row('po'), 'the same idempotency key returns the first id');
SELECT isnt(nightbell.publish(:'GLOBEX', 'po_approved', 'purchasing', '{}', 'po-1'), pg_temp.row('po'), 'another tenant''s key is another');
SELECT isnt(nightbell.publish(:'ACME', 'po_approved', 'purchasing', '{}'), nightbell.publish(:'ACME', 'po_approved', 'purchasing', '{}'), 'without a key each is one');
SELECT throws_ok('SELECT * FROM nightbell.outbox', '42501', NULL, 'a producer reads nothing back');
RESET SESSION AUTHORIZATION;
SELECT results_eq($$SELECT event_type, module, context, occurred_at, critical, source_kind, attempts, next_attempt_at IS NOT NULL, processed_at FROM nightbell.outbox WHERE id = pg_temp.row('po')$$,
    $$VALUES ('po_approved', 'purchasing', '{"amount": 150000}'::jsonb, '2026-11-30 10:00+00'::timestamptz, false, 'publish', 0, true, NULL::timestamptz)$$, 'what was said first is stored, and due');
SAVEPOINT before;
SELECT nightbell.publish(:'ACME', 'undone', 'm') AS quiet \gset
ROLLBACK TO before;
SELECT is_empty($$SELECT FROM nightbell.outbox WHERE event_type = 'undone'$$, 'rolled back with its producer');

-- refusing
CREATE FUNCTION pg_temp.badly(arguments text, state text, words text) RETURNS SETOF text LANGUAGE sql
AS $$ SELECT throws_ok('SELECT nightbell.publish(' || arguments || ')', state, NULL, words || ': ' || state)
      UNION ALL SELECT throws_like('SELECT nightbell.publish(' || arguments || ')', words, words) $$;
SELECT pg_temp.badly(format('%L, NULL, %L', :'ACME', 'm'), '22023', 'the event type is empty');
SELECT pg_temp.badly(format('%L, repeat(%L, 101), %L', :'ACME', 'x', 'm'), '22023', 'the event type is longer%');
SELECT pg_temp.badly(format('%L, %L, %L', :'ACME', 'po*', 'm'), '22023', 'the event type contains a blank%');
SELECT pg_temp.badly(format('%L, %L, %L', :'ACME', 'x', ''), '22023', 'the module is empty');
SELECT pg_temp.badly(format('%L, %L, %L, %L', :'ACME', 'x', 'm', '[]'), '22023', 'the context is a JSON array; it must be an object');
SELECT pg_temp.badly(format('%L, %L, %L, NULL', :'ACME', 'x', 'm'), '22023', 'the context is missing');
SELECT pg_temp.badly(format('%L, %L, %L, jsonb_build_object(%L, repeat(%L, 65536))', :'ACME', 'x', 'm', 'a', 'x'), '22023', 'the context has % bytes; at most 65536 are allowed');
SELECT pg_temp.badly(format('%L, %L, %L, %L, %L', :'ACME', 'x', 'm', '{}', ''), '22023', 'the idempotency key must have 1 to 255 bytes');
SELECT pg_temp.badly(format('gen_random_uuid(), %L, %L', 'x', 'm'), 'P0002', 'there is no tenant%');
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_like($$SELECT nightbell.publish(NULL, 'x', 'm')$$, 'no tenant is named%', 'a producer of every tenant names it');
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SELECT throws_ok($$SELECT nightbell.publish(NULL, 'x', 'm')$$, '42501', NULL, 'a reader does not publish');
SELECT pg_temp.become(:'token_app') IS NULL AS quiet \gset
SELECT ok(nightbell.publish(NULL, 'x', 'm') IS NOT NULL, 'a person with the role producer does, for the own tenant');
SELECT throws_ok(format('SELECT nightbell.publish(%L, %L, %L)', :'GLOBEX', 'x', 'm'), '42501', NULL, 'and for no other');
SELECT pg_temp.become('') IS NULL AS quiet \gset
RESET SESSION AUTHORIZATION;

-- a stream
SELECT results_eq(format($$SELECT ordinal, id IS NOT NULL, sqlstate, message FROM nightbell.produce_many('publish', ARRAY[
    '{"tenant": "%1$s", "event_type": "many", "module": "m", "context": {"a": 1}, "idempotency_key": "k", "occurred_at": "2026-01-01T00:00:00Z"}',
    '{"tenant": "%1$s", "event_type": "many", "module": "m", "idempotency_key": "k"}',
    '{"tenant": "%1$s", "event_type": "many", "module": "m", "occurred_at": "soon"}',
    '{"tenant": "%1$s", "event_type": "many", "modul": "m"}', '7']::jsonb[])$$, :'ACME'),
    $$VALUES (1, true, NULL, NULL), (2, true, NULL, NULL), (3, false, '22023', 'occurred_at "soon" is not a time'),
             (4, false, '22023', 'unknown member "modul": members are event_type, module, context, tenant, idempotency_key, occurred_at'),
             (5, false, '22023', 'the item is not a JSON object')$$, 'a stream of them, with an outcome each');
SELECT is((SELECT count(*) FROM nightbell.outbox WHERE event_type = 'many'), 1::bigint, 'the same key in one stream is one app event');

-- system events become app events where a rule waits for them
SELECT nightbell.raise_event('job_failure', 'low', 'd', NULL, :'ACME') AS quiet \gset
SELECT is_empty($$SELECT FROM nightbell.outbox WHERE source_kind = 'event'$$, 'without a rule a system event is none');
INSERT INTO nightbell.rules (tenant_id, rule_id, event_type, recipient_type, notification_type, module)
VALUES (:'ACME', 'jobs', 'job_*', 'tenant', 'SYSTEM_EVENT', 'purchasing'), (:'ACME', 'off', 'job_failure', 'tenant', 'SYSTEM_EVENT', NULL);
UPDATE nightbell.rules SET is_active = false WHERE rule_id = 'off';
SELECT nightbell.raise_event('job_failure', 'low', 'd', NULL, :'ACME') AS quiet \gset
SELECT is_empty($$SELECT FROM nightbell.outbox WHERE source_kind = 'event'$$, 'nor with one of another module, or one that is off');
UPDATE nightbell.rules SET module = NULL WHERE rule_id = 'jobs';
INSERT INTO row SELECT 'job', nightbell.raise_event('job_failure', 'low', 'export failed', '{"exit": 137}', :'ACME', NULL, 'export', 'cron');
SELECT results_eq($$SELECT event_type, module, context, critical, subject_id FROM nightbell.outbox WHERE source_kind = 'event'$$,
    format($$VALUES ('job_failure', 'system', '{"eventId": %1$s, "eventType": "job_failure", "severity": "low", "description": "export failed", "source": "cron", "fingerprint": "export", "details": {"exit": 137}}'::jsonb, false, '%1$s')$$, pg_temp.row('job')),
    'with one it is, with all that is known of it');
SELECT nightbell.raise_event('job_failure', 'low', 'export failed', NULL, :'ACME', fingerprint => 'export') AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.outbox WHERE source_kind = 'event'), 1::bigint, 'another occurrence tells nobody anything new');
SELECT nightbell.raise_event('job_failure', 'critical', 'export failed', NULL, :'ACME', fingerprint => 'export') AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.outbox WHERE source_kind = 'event' AND critical), 1::bigint, 'a worse one does, in the critical lane');
SELECT nightbell.raise_event('job_failure', 'low', 'of all', NULL, NULL) AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.outbox WHERE source_kind = 'event'), 2::bigint, 'an event of the whole installation has no rules');
UPDATE nightbell.rules SET urgency = 'critical' WHERE rule_id = 'jobs';
SELECT nightbell.publish(:'ACME', 'job_done', 'm') AS id \gset
SELECT ok(critical, 'what a critical rule waits for goes into the critical lane') FROM nightbell.outbox WHERE id = :id;
SELECT nightbell.publish(:'GLOBEX', 'job_done', 'm') AS id \gset
SELECT ok(NOT critical, 'of that tenant only') FROM nightbell.outbox WHERE id = :id;
SELECT * FROM finish();
ROLLBACK;
