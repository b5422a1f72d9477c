-- How long what is kept, each tenant by its settings; deleted users; how the default partition is emptied.
BEGIN;
SELECT plan(59);
\ir everybody.psql
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
-- a notification that is that old, and was read that long ago
CREATE FUNCTION pg_temp.letter(title text, tenant uuid, "user" uuid, age interval, read interval DEFAULT NULL, expires interval DEFAULT NULL, actor uuid DEFAULT NULL)
RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, created_at, read_at, expires_at, actor_id)
    VALUES (nightbell.uuidv7_at(now() - age), tenant, "user", 'TEST_NOTE', title, 'm', now() - age, now() - read, now() + expires, actor)
    RETURNING id
$$;
CREATE FUNCTION pg_temp.titles() RETURNS SETOF text LANGUAGE sql AS $$ SELECT title FROM nightbell.notifications ORDER BY title $$;
CREATE FUNCTION pg_temp.purge() RETURNS TABLE (kind text, removed bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR turn IN 1 .. 20 LOOP
        RETURN QUERY SELECT p.kind, p.removed FROM nightbell.purge(3) p WHERE p.removed > 0;
        EXIT WHEN NOT FOUND;
    END LOOP;
END $$;

-- settings are refused when they are written, not when they are needed
SELECT throws_ok(format($$UPDATE nightbell.tenants SET settings = settings || '{"retention_days_%s": %s}' WHERE name = 'acme'$$, key, value), '22023', NULL,
    format('refused: retention_days_%s %s', key, value))
FROM (VALUES ('notifications', '0'), ('notifications', '-1'), ('notifications', '3651'), ('notifications', '99999'), ('notifications', '1.5'),
    ('notifications', '"a week"'), ('notifications', 'null'), ('notifications', '[30]'), ('read', '""'), ('notification', '30')) AS bad (key, value);
SELECT lives_ok($$UPDATE nightbell.tenants SET settings = settings || '{"retention_days_read": 1, "retention_days_events": 3650}' WHERE name = 'acme'$$, 'days from one to ten years');
SELECT lives_ok($$UPDATE nightbell.tenants SET settings = '{"retention_days_notifications": "30"}' WHERE name = 'acme'$$, 'as a string too');
UPDATE nightbell.tenants SET settings = '{}';

-- the standard, and what expired
SELECT pg_temp.letter('a year', :'ACME', :'ADA', '365 days'), pg_temp.letter('181 days', :'ACME', :'ADA', '181 days'),
    pg_temp.letter('179 days', :'ACME', :'ADA', '179 days'), pg_temp.letter('read and old', :'ACME', :'ADA', '100 days', read => '90 days'),
    pg_temp.letter('expired', :'ACME', :'ADA', '1 day', expires => '-1 hour'), pg_temp.letter('not yet', :'ACME', :'ADA', '1 day', expires => '1 hour') \gset quiet_
SELECT results_eq($$SELECT rows FROM nightbell.purge_preview() WHERE kind = 'notifications'$$, ARRAY[3::bigint], 'a preview counts');
SELECT is((SELECT sum(removed) FROM pg_temp.purge()), 3::numeric, 'and the purge removes as many');
SELECT results_eq('SELECT pg_temp.titles()', ARRAY['179 days', 'not yet', 'read and old'], '180 days, and what has not expired');

-- per tenant
SELECT pg_temp.letter('of globex', :'GLOBEX', :'MALLORY', '179 days') IS NULL AS quiet \gset
UPDATE nightbell.tenants SET settings = '{"retention_days_notifications": 120}' WHERE name = 'acme';
SELECT is((SELECT sum(removed) FROM pg_temp.purge()), 1::numeric, 'a tenant''s own period');
SELECT results_eq('SELECT pg_temp.titles()', ARRAY['not yet', 'of globex', 'read and old'], 'is its own');
-- read ones sooner
SELECT pg_temp.letter('read yesterday', :'ACME', :'ADA', '100 days', read => '1 day') IS NULL AS quiet \gset
SELECT pg_temp.letter('read in globex', :'GLOBEX', :'MALLORY', '100 days', read => '90 days') IS NULL AS quiet \gset
UPDATE nightbell.tenants SET settings = '{"retention_days_read": 30}' WHERE name = 'acme';
SELECT is((SELECT sum(removed) FROM pg_temp.purge()), 1::numeric, 'read ones go sooner where the tenant says so');
SELECT results_eq('SELECT pg_temp.titles()', ARRAY['not yet', 'of globex', 'read in globex', 'read yesterday'], 'so many days after they were read');
UPDATE nightbell.tenants SET settings = '{"retention_days_read": 3000}' WHERE name = 'acme';
SELECT pg_temp.letter('old and read', :'ACME', :'ADA', '181 days', read => '1 day') IS NULL AS quiet \gset
SELECT is((SELECT sum(removed) FROM pg_temp.purge()), 1::numeric, 'and never later than the others');
UPDATE nightbell.tenants SET settings = '{}';

-- announcements take their receipts along, and are out of sight before
INSERT INTO nightbell.announcements (id, tenant_id, type, title, message) VALUES
    (nightbell.uuidv7_at(now() - interval '181 days'), :'ACME', 'TEST_NOTE', 'old news', 'm'), (nightbell.uuidv7(), :'ACME', 'TEST_NOTE', 'news', 'm');
INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id) SELECT a.tenant_id, a.id, u.id FROM nightbell.announcements a JOIN nightbell.users u USING (tenant_id);
SELECT is((SELECT removed FROM nightbell.purge(3) WHERE kind = 'receipts'), 3::bigint, 'receipts go in chunks');
SELECT is((SELECT count(*) FROM nightbell.announcements WHERE title = 'old news' AND deleted_at IS NOT NULL), 1::bigint, 'while theirs is withdrawn: nobody finds it unread again');
SELECT results_eq('SELECT * FROM pg_temp.purge()', $$VALUES ('receipts', 2::bigint), ('announcements', 1)$$, 'then it goes');
SELECT is((SELECT count(*) FROM nightbell.receipts), 5::bigint, 'those of the other one stay');

-- a deleted user is out of everything at once
SELECT pg_temp.letter('carols', :'ACME', :'CAROL', '10 days') IS NULL AS quiet \gset
SELECT nightbell.notify(:'ACME', :'BOB', 'TEST_NOTE', 'by carol', 'm', actor => :'CAROL') IS NULL AS quiet \gset
SELECT nightbell.raise_event('test_event', 'low', 'about carol', tenant => :'ACME', "user" => :'CAROL') AS event \gset
INSERT INTO nightbell.role_identities VALUES ('nightbell_producing', :'ACME', :'CAROL', false);
INSERT INTO nightbell.groups VALUES (:'ACME', '00000000-0000-4000-8000-00000000aaaa', 'on call');
INSERT INTO nightbell.group_members VALUES (:'ACME', '00000000-0000-4000-8000-00000000aaaa', :'CAROL');
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.inbox), 2::bigint, 'carol has an inbox');
SELECT isnt_empty('SELECT * FROM nightbell.events', 'and events');
SELECT isnt_empty('SELECT * FROM nightbell.my_channels()', 'and doorbells');
RESET SESSION AUTHORIZATION;
UPDATE nightbell.users SET deleted_at = now() WHERE id = :'CAROL';
SET SESSION AUTHORIZATION nightbell_console;
SELECT is((SELECT known FROM nightbell.whoami()), false, 'deleted, her token is nobody''s');
SELECT is_empty('SELECT 1 FROM nightbell.' || view, view || ' shows nothing')
FROM unnest('{inbox,inbox_with_deleted,notifications,announcements,receipts,events,event_history,users,my_channels()}'::text[]) AS view;
SELECT throws_ok($$SELECT * FROM nightbell.inbox_set_state('read', ARRAY(SELECT gen_random_uuid()), ARRAY[now()])$$, '42501', NULL, 'nor can she act');
SELECT pg_temp.become('') IS NULL AS quiet \gset
SET SESSION AUTHORIZATION nightbell_producing;
SELECT is_empty('SELECT * FROM nightbell.inbox', 'nor her login');
RESET SESSION AUTHORIZATION;
DELETE FROM nightbell.role_identities WHERE role_name = 'nightbell_producing';
SET SESSION AUTHORIZATION nightbell_producing;
SELECT throws_ok(format($$SELECT nightbell.notify(%L, %L, 'TEST_NOTE', 't', 'm')$$, :'ACME', :'CAROL'), 'P0002', NULL, 'nobody can notify her');
SELECT is((SELECT sqlstate FROM nightbell.produce_many('notify', ARRAY[jsonb_build_object('tenant', :'ACME', 'user', :'CAROL', 'type', 'TEST_NOTE', 'title', 't', 'message', 'm')])), 'P0002', 'in a stream neither');
SELECT is(nightbell.broadcast(:'ACME', 'group', 'on call', 'TEST_NOTE', 'to the group', 'm'), 0::bigint, 'a broadcast leaves her out');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is((SELECT actor_name FROM nightbell.inbox WHERE title = 'by carol'), 'carol', 'what she did keeps her name');
SELECT is((SELECT user_name FROM nightbell.events WHERE description = 'about carol'), 'carol', 'events too');
SELECT is_empty($$SELECT * FROM nightbell.people_find('carol', NULL)$$, 'she is not among the people to assign to');
SELECT throws_ok(format($$SELECT * FROM nightbell.event_act('assign', ARRAY[%s::bigint], "user" => %L)$$, :event, :'CAROL'), 'P0002', NULL, 'and cannot be assigned to');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE user_id = :'CAROL'), 1::bigint, 'her rows stay');
SELECT is((SELECT count(*) FROM pg_temp.purge()), 0::bigint, 'through a purge');
UPDATE nightbell.users SET deleted_at = NULL WHERE id = :'CAROL';
SET SESSION AUTHORIZATION nightbell_console;
SELECT pg_temp.become(:'token_carol') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.inbox), 2::bigint, 'brought back, she finds them');
RESET SESSION AUTHORIZATION;
SELECT pg_temp.become('') IS NULL AS quiet \gset

-- and then goes
UPDATE nightbell.users SET deleted_at = now() - interval '20 days' WHERE id = :'CAROL';
UPDATE nightbell.tenants SET settings = '{"retention_days_deleted_users": 14}' WHERE name = 'acme';
SELECT bag_eq('SELECT * FROM pg_temp.purge()', $$VALUES ('notifications', 1::bigint), ('receipts', 1)$$, 'a deleted user''s rows go after the tenant''s time for them');
SELECT is((SELECT count(*) FROM nightbell.users WHERE id = :'CAROL'), 1::bigint, 'the user not while something names her');
DELETE FROM nightbell.notifications WHERE actor_id = :'CAROL';
DELETE FROM nightbell.admin_system_events;
SELECT is((SELECT removed FROM pg_temp.purge() WHERE kind = 'users'), 1::bigint, 'then she goes');
SELECT is((SELECT count(*) FROM nightbell.group_members WHERE user_id = :'CAROL'), 0::bigint, 'with her memberships');

-- the default partition: a span with few rows is moved, many rows become a partition as they are
CREATE FUNCTION pg_temp.drain(chunk int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE moved bigint; said text := '';
BEGIN
    LOOP
        moved := nightbell.drain_default(chunk);
        EXIT WHEN moved IS NULL;
        said := said || ' ' || moved;
    END LOOP;
    RETURN said;
END $$;
DELETE FROM nightbell.notifications;
CREATE TEMP TABLE times AS SELECT date_trunc('month', now(), 'UTC') - months * interval '1 month' + interval '3 days' AS at, months FROM generate_series(-12, 12) AS months;
INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)
SELECT nightbell.uuidv7_at(t.at + n * interval '1 minute'), :'ACME', :'ADA', 'TEST_NOTE', format('%s %s', t.months, n), 'm'
FROM times t JOIN (VALUES (2, 5), (3, 40), (4, 50), (-6, 30), (-8, 7)) AS w (months, rows) USING (months), generate_series(1, w.rows) AS n;
CREATE TEMP TABLE before AS SELECT * FROM nightbell.notifications;
SELECT is((SELECT count(*) FROM nightbell.notifications_default), 132::bigint, 'rows of five months lie in the default partition');
SELECT is(pg_temp.drain(20), ' 5 7 20 20 10 20 20 30', 'small spans are moved, big ones in slices while there are others, the last as a whole');
SELECT results_eq('SELECT n::text FROM nightbell.notifications n ORDER BY id', 'SELECT b::text FROM before b ORDER BY id', 'every row is there, unchanged, in order');
SELECT is((SELECT count(*) FROM nightbell.notifications_default), 0::bigint, 'none in the default partition');
SELECT is((SELECT count(*) FROM nightbell.partitions() a JOIN nightbell.partitions() b ON a.lower_id > b.lower_id AND a.lower_id < b.upper_id), 0::bigint, 'no partition overlaps another');
SELECT is_empty('SELECT * FROM nightbell.security_report()', 'all are protected');
SELECT * FROM finish();
ROLLBACK;
