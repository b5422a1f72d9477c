-- The engine's decisions: which rules match, whom they mean, what each hears and by which channel, and every "no".
BEGIN;
SELECT no_plan();
SELECT set_config('test.tenant', :'ACME', false) AS quiet \gset
\ir engine.psql
CREATE TEMP TABLE row (name text, id bigint);
CREATE FUNCTION pg_temp.row(wanted text) RETURNS bigint LANGUAGE sql AS $$ SELECT id FROM pg_temp.row WHERE name = wanted $$;
INSERT INTO nightbell.notification_types (type, module, description, urgency, data_schema) VALUES
    ('ENGINE_NOTE', 'm', 'A note of the engine', 'normal', '{"type": "object"}'),
    ('ENGINE_PO', 'm', 'A purchase order', 'normal', '{"type": "object", "required": ["poId"], "properties": {"poId": {"type": "string"}, "amount": {"type": "number"}}}');
UPDATE nightbell.tenants SET settings = settings || '{"rate_limit": 0}' WHERE id = :'ACME';

-- rules as documents
SELECT is(pg_temp.rule('{"rule_id": "big", "event_type": "po_**", "recipient_type": "user", "recipient_value": "ada", "notification_type": "ENGINE_PO", "condition_expr": "$.amount > 100000"}'), 'added', 'a rule is imported');
SELECT is((SELECT event_type FROM nightbell.rules WHERE rule_id = 'big'), 'po_*', 'its pattern is normalised');
SELECT is((SELECT change FROM nightbell.import_rules(:'ACME', ARRAY(SELECT document FROM nightbell.rule_documents(:'ACME')))), 'same', 'what is exported changes nothing');
SELECT is(pg_temp.rule('{"rule_id": "big", "event_type": "po_*", "recipient_type": "user", "recipient_value": "ada", "notification_type": "ENGINE_PO", "condition_expr": "$.amount > 100000", "channel": ["in_app", "email"]}'), 'changed', 'and changed');
SELECT is(pg_temp.rule(document), problem, problem) FROM (VALUES
    ('7', 'the item is not a JSON object'), ('{', 'the item is no JSON that PostgreSQL takes'),
    ('{"rule_id": 7}', 'rule_id: expected a string'),
    ('{"rule_id": "x y", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO"}', 'rule_id: expected at most 100 of A to Z, a to z, 0 to 9 and _ . : -, a letter or digit first'),
    ('{"rule_id": "x", "event_type": "a*b", "recipient_type": "tenant", "notification_type": "ENGINE_PO"}', 'event_type: expected a name such as po_approved, or a prefix with * behind it, without blanks'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "all", "notification_type": "ENGINE_PO"}', 'recipient_type: expected role, user, group, tenant, dynamic_field or oncall'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "role", "recipient_value": "boss", "notification_type": "ENGINE_PO"}', 'recipient_value: expected a role: user, operator, producer or admin'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "user", "notification_type": "ENGINE_PO"}', 'recipient_value: expected who it is'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "dynamic_field", "recipient_value": "$.", "notification_type": "ENGINE_PO"}', 'recipient_value: expected a path into the context, such as $.po.created_by'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "NO_SUCH"}', 'notification_type: there is no notification type "NO_SUCH"'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "condition_expr": "$.a == 1 && $x == 1"}', 'condition_expr: a condition has no variables: begin its paths with $.'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "dynamic_field", "recipient_value": "$.a ? (@ == $x)", "notification_type": "ENGINE_PO"}', 'recipient_value: a path into the context has no variables: begin it with $.'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "condition_expr": "$.amount"}', 'condition_expr: expected a condition such as $.amount > 100000, not a path'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "channel": ["fax"]}', 'channel: there is no channel "fax": expected in_app, email, push, sms or webhook (a worker whose channels.conf has [channel.fax] makes it known)'),
    ('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "who": 1}', 'unknown member "who"')) AS v (document, problem);
SELECT is(nightbell.condition_problem('$.a like_regex "^a$" && $."$x" == "$"'), NULL, 'a $ in a string or a name is none');
SELECT ok(pg_temp.rule('{"rule_id": "x", "event_type": "a", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "condition_expr": "$.a >"}') LIKE 'condition_expr: %', 'a condition that does not parse is refused when it is saved');
SELECT is(nightbell.delete_rule(:'ACME', 'nobody'), false, 'there is none to delete');

-- matching
SELECT is(pg_temp.rule('{"rule_id": "off", "event_type": "*", "recipient_type": "tenant", "notification_type": "ENGINE_PO", "is_active": false}'), 'added', 'a rule that is off');
SELECT is(pg_temp.rule('{"rule_id": "other", "event_type": "po_approved", "module": "other", "recipient_type": "tenant", "notification_type": "ENGINE_PO"}'), 'added', 'a rule of another module');
INSERT INTO row SELECT 'po', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": "1", "amount": 150000, "secret": "s"}');
INSERT INTO row SELECT 'small', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": "1", "amount": 1}');
INSERT INTO row SELECT 'lacking', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": "1"}');
INSERT INTO row SELECT 'bad', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": 1, "amount": 150000}');
INSERT INTO row SELECT 'elsewhere', nightbell.publish(:'GLOBEX', 'po_approved', 'm', '{"poId": "1", "amount": 150000}');
SELECT is(pg_temp.work(), 2::bigint, 'one of them tells ada, by two channels');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('po'))$$, '{rule_off off - -,matched big - -,in_app big ada in_app,queued big ada email}'::text[], 'and says so');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('small'))$$, '{rule_off off - -,condition_not_met big - -}'::text[], 'a condition is not met');
SELECT is((SELECT detail FROM nightbell.decisions WHERE app_event = pg_temp.row('small') AND rule_id = 'big'), '{"condition": "($.\"amount\" > 100000)"}', 'which one');
SELECT is((SELECT detail -> 'missing' FROM nightbell.decisions WHERE app_event = pg_temp.row('lacking') AND rule_id = 'big'), '["$.amount"]', 'and what it misses');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('bad'))$$, '{rule_off off - -,matched big - -,data_invalid big - -}'::text[], 'data that its type does not take tells nobody');
SELECT is_empty($$SELECT pg_temp.decided(pg_temp.row('elsewhere'))$$, 'another tenant has its own rules');
SELECT results_eq($$SELECT type::text, title, data, u.name FROM nightbell.notifications n JOIN nightbell.users u ON u.id = n.user_id WHERE n.id = (SELECT subject_id::uuid FROM nightbell.decisions WHERE app_event = pg_temp.row('po') AND code = 'in_app')$$,
    $$VALUES ('ENGINE_PO', 'A purchase order', '{"poId": "1", "amount": 150000}'::jsonb, 'ada')$$, 'the notification has the data that its type knows, no more');
SELECT results_eq($$SELECT d.status, d.channel::text, d.address, d.notification_id = (SELECT subject_id::uuid FROM nightbell.decisions WHERE app_event = pg_temp.row('po') AND code = 'in_app'), d.rule_id
    FROM nightbell.deliveries d WHERE d.app_event = pg_temp.row('po')$$, $$SELECT 'queued', 'email', email, true, 'big' FROM nightbell.users WHERE name = 'ada'$$, 'the delivery is linked with it, and waits for its channel');
SELECT is_empty($$SELECT FROM nightbell.outbox WHERE next_attempt_at IS NOT NULL OR processed_at IS NULL$$, 'all are processed');
SELECT nightbell.set_module(:'ACME', 'm', false) AS quiet \gset
INSERT INTO row SELECT 'module', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": "1", "amount": 150000}');
SELECT is(pg_temp.work(), 0::bigint, 'a module that is off tells nobody');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('module'))$$, '{rule_off off - -,module_off big - -}'::text[], 'and says so');
SELECT nightbell.set_module(:'ACME', 'm', true) AS quiet \gset
INSERT INTO row SELECT 'again', nightbell.publish(:'ACME', 'po_approved', 'm', '{"poId": "1", "amount": 150000, "secret": "s"}');
SELECT is(pg_temp.work(), 2::bigint, 'the same again');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('again'))$$, '{rule_off off - -,matched big - -,duplicate big ada in_app,duplicate big ada email}'::text[], 'is a repetition, by every channel');

-- recipients
DELETE FROM nightbell.rules;
INSERT INTO nightbell.groups (tenant_id, id, name) VALUES (:'ACME', '00000000-0000-4000-8000-0000000000aa', 'Buyers');
INSERT INTO nightbell.group_members VALUES (:'ACME', '00000000-0000-4000-8000-0000000000aa', :'CAROL'), (:'ACME', '00000000-0000-4000-8000-0000000000aa', :'BOB');
CREATE FUNCTION pg_temp.hears(name text, kind text, value text, context text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    told bigint;
BEGIN
    DELETE FROM nightbell.rules WHERE rule_id = 'r';
    PERFORM pg_temp.rule(jsonb_build_object('rule_id', 'r', 'event_type', 'hear', 'recipient_type', kind, 'recipient_value', value, 'notification_type', 'ENGINE_NOTE')::text);
    told := nightbell.publish(current_setting('test.tenant')::uuid, 'hear', 'm', context::jsonb || jsonb_build_object('title', name));
    PERFORM pg_temp.work();
    RETURN QUERY SELECT concat_ws(' ', u.name, d.code, d.detail ->> 'recipient') FROM nightbell.decisions d LEFT JOIN nightbell.users u ON u.id = d.user_id
        WHERE d.app_event = told AND d.code <> 'matched';
END
$$;
SELECT set_eq(format('SELECT pg_temp.hears(%L, %L, %L, %L)', name, kind, value, context), heard, name) FROM (VALUES
    ('a role', 'role', 'operator', '{}', '{bob in_app,carol in_app,olga in_app}'::text[]),
    ('users by name, UUID and address', 'user', 'carol, 00000000-0000-4000-8000-000000000999,nobody', '{}', '{carol in_app,unknown_recipient 00000000-0000-4000-8000-000000000999,unknown_recipient nobody}'),
    ('a group by name', 'group', 'buyers', '{}', '{carol in_app,bob in_app}'),
    ('a group by id', 'group', '00000000-0000-4000-8000-0000000000AA', '{"again": 1}', '{carol in_app,bob in_app}'),
    ('no group', 'group', 'sellers', '{}', '{unknown_recipient sellers}'),
    ('the tenant', 'tenant', NULL, '{}', '{ada in_app,bob in_app,carol in_app,app in_app,olga in_app}'),
    ('a field', 'dynamic_field', '$.po.created_by', '{"po": {"created_by": "ada"}}', '{ada in_app}'),
    ('a list', 'dynamic_field', '$.po.created_by', '{"po": {"created_by": ["ada", "bob", "x"]}}', '{ada in_app,bob in_app,unknown_recipient x}'),
    ('a list by path', 'dynamic_field', '$.w[*].who', '{"w": [{"who": "ada"}, {"who": "carol"}]}', '{ada in_app,carol in_app}'),
    ('no field', 'dynamic_field', '$.po.created_by', '{}', '{unknown_recipient $.po.created_by}'),
    ('who is on call', 'oncall', 'ops', '{}', '{unknown_recipient oncall:ops}')) AS v (name, kind, value, context, heard);
DELETE FROM nightbell.rules;
SELECT pg_temp.rule(format('{"rule_id": "%s", "event_type": "two", "recipient_type": "%s", "recipient_value": "%s", "notification_type": "ENGINE_NOTE", "urgency": "%s", "channel": %s}', v.a, v.b, v.c, v.d, v.e))
FROM (VALUES ('a', 'user', 'ada', 'low', '["in_app", "email"]'), ('b', 'tenant', '', 'high', '["in_app"]')) AS v (a, b, c, d, e) \g /dev/null
INSERT INTO row SELECT 'two', nightbell.publish(:'ACME', 'two', 'm', '{"title": "two"}');
SELECT is(pg_temp.work(), 6::bigint, 'the same person by two rules and one channel hears once');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('two'))$$, '{matched a - -,matched b - -,in_app b ada in_app,duplicate_recipient a ada in_app,queued a ada email,in_app b bob in_app,in_app b carol in_app,in_app b app in_app,in_app b olga in_app}'::text[], 'by the more urgent one');

-- a large audience, in chunks
INSERT INTO nightbell.users (tenant_id, id, name) SELECT :'ACME', gen_random_uuid(), 'many ' || n FROM generate_series(1, 95) AS n;
INSERT INTO row SELECT 'many', nightbell.publish(:'ACME', 'two', 'm', '{"title": "many"}');
SELECT is(pg_temp.work(10), 101::bigint, 'a large audience is served in chunks');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE title = 'many'), 100::bigint, 'each of them once');
SELECT is((SELECT count(*) FROM nightbell.decisions WHERE app_event = pg_temp.row('many') AND code = 'matched'), 2::bigint, 'what rules said is said once');
SELECT is((SELECT progress FROM nightbell.outbox WHERE id = pg_temp.row('many')), NULL, 'and it is done');

-- failing
DELETE FROM nightbell.rules;
INSERT INTO row SELECT 'fails', nightbell.publish(:'ACME', 'fails', 'm', '{}');
SELECT ok(nightbell.engine_failed(:'ACME', pg_temp.row('fails'), '22000', 'the moment') > now(), 'what failed is due again later');
SELECT is((SELECT count(*) FROM nightbell.engine_claim(false, 10, 0)), 0::bigint, 'not now');
SELECT nightbell.engine_failed(:'ACME', pg_temp.row('fails'), '22000', 'the moment') IS NULL AS quiet FROM generate_series(1, 4) \g /dev/null
SELECT results_eq($$SELECT attempts, dead_at IS NOT NULL, error FROM nightbell.outbox WHERE id = pg_temp.row('fails')$$, $$VALUES (5, true, 'the moment')$$, 'after five attempts it is a dead letter');
SELECT set_eq($$SELECT pg_temp.decided(pg_temp.row('fails'))$$, '{dead_letter - - -}'::text[], 'and says so');
SELECT is(nightbell.engine_watch(), 1::bigint, 'the engine notices');
SELECT is(nightbell.engine_watch(), 0::bigint, 'once');
SELECT results_eq($$SELECT event_type, tenant_id, is_resolved, source FROM nightbell.admin_system_events WHERE event_type LIKE 'engine%'$$, format($$VALUES ('engine_dead_letters', %L::uuid, false, 'nightbell')$$, :'ACME'), 'with a system event of the tenant');
UPDATE nightbell.outbox SET dead_at = now() - interval '2 days' WHERE dead_at IS NOT NULL;
SELECT is(nightbell.engine_watch(), 1::bigint, 'which settles itself');
SELECT is((SELECT is_resolved FROM nightbell.admin_system_events WHERE event_type = 'engine_dead_letters'), true, 'when none came for a day');
INSERT INTO row SELECT 'waits', nightbell.publish(:'ACME', 'waits', 'm', '{}');
UPDATE nightbell.outbox SET next_attempt_at = now() - interval '6 minutes' WHERE id = pg_temp.row('waits');
SELECT is(nightbell.engine_watch(), 1::bigint, 'a queue that nobody works on is noticed');
SELECT pg_temp.work() AS quiet \gset
SELECT is(nightbell.engine_watch(), 1::bigint, 'until somebody does');
SELECT nightbell.worker_start('w/1', 'host', 1, '1') AS quiet \gset
UPDATE nightbell.workers SET heartbeat_at = now() - interval '3 minutes';
SELECT is(nightbell.engine_watch(), 1::bigint, 'a worker that is gone is noticed');
SELECT nightbell.worker_start('w/1', 'host', 2, '1') AS quiet \gset
SELECT is(nightbell.engine_watch(), 1::bigint, 'until it is back');

-- the states of a delivery
CREATE FUNCTION pg_temp.moves(state text) RETURNS void LANGUAGE sql AS $$ UPDATE nightbell.deliveries SET status = state WHERE app_event = pg_temp.row('po') $$;
SELECT throws_like($$SELECT pg_temp.moves('sent')$$, 'a delivery does not go from queued to sent', 'a delivery is not sent before it is sending');
SELECT lives_ok($$SELECT pg_temp.moves('sending')$$, 'from queued to sending');
SELECT lives_ok($$SELECT pg_temp.moves('sent')$$, 'from sending to sent');
SELECT throws_like($$SELECT pg_temp.moves('queued')$$, 'a delivery does not go from sent to queued', 'never back from sent');
SELECT throws_like($$UPDATE nightbell.deliveries SET body = 'x'$$, 'a delivery is written once%', 'its text never changes');

-- upkeep
SELECT is(nightbell.make_log_partitions(), 0, 'db init has made partitions ahead');
SELECT ok((SELECT count(*) FROM nightbell.log_partitions('decisions')) >= 9, 'of decisions, weeks');
SELECT ok((SELECT max(ends) FROM nightbell.log_partitions('deliveries')) > now() + interval '8 weeks', 'of deliveries, months');
SET nightbell.clock = '2044-03-05 12:00+00';
SELECT nightbell.decide(:'ACME', 'app_event', '1', NULL, NULL, NULL, 'dead_letter') AS quiet \gset
RESET nightbell.clock;
SELECT is((SELECT count(*) FROM ONLY nightbell.decisions_default), 1::bigint, 'what no partition covers falls into the default one');
SELECT is(nightbell.make_log_partition('decisions', '2044-03-05'), true, 'its partition is made');
SELECT results_eq($$SELECT tableoid::regclass::text FROM nightbell.decisions WHERE at > '2044-01-01'$$, $$VALUES ('nightbell.decisions_20440229')$$, 'and it moves there');
SELECT is(nightbell.make_log_partition('decisions', '2044-03-05'), false, 'once');
UPDATE nightbell.outbox SET processed_at = now() - interval '8 days' WHERE id = pg_temp.row('po');
SELECT ok(nightbell.purge_engine(100) >= 1, 'app events go a week after they were processed');
SELECT is_empty($$SELECT FROM nightbell.outbox WHERE id = pg_temp.row('po')$$, 'that one');
SELECT * FROM finish();
ROLLBACK;
