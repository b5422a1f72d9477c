-- Through every table, view and function that a client has: nothing of another tenant, of another person, of anybody for
-- nobody. Found by the catalogue, so that a new view is tried too.
BEGIN;
SELECT plan(31);
CREATE FUNCTION pg_temp.become(token text) RETURNS text LANGUAGE sql AS $$ SELECT set_config('nightbell.token', token, true) $$;
-- Every relation that a client may read, and how many rows of a tenant (NULL: of any) it shows to the session.
CREATE TABLE pg_temp.readable AS
SELECT c.oid::regclass::text AS relation, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') AS has_tenant
FROM pg_class c
WHERE c.relnamespace = 'nightbell'::regnamespace AND c.relkind IN ('r', 'p', 'v')
    AND (has_table_privilege('nightbell_client', c.oid, 'SELECT') OR has_any_column_privilege('nightbell_client', c.oid, 'SELECT'));
CREATE FUNCTION pg_temp.shows(tenant uuid) RETURNS TABLE (relation text, rows bigint) LANGUAGE plpgsql
AS $$
BEGIN
    FOR relation IN SELECT r.relation FROM pg_temp.readable r WHERE r.relation <> 'nightbell.notification_types' LOOP
        EXECUTE format('SELECT count(*) FROM %s%s', relation, CASE
            WHEN tenant IS NULL THEN ''
            WHEN relation = 'nightbell.tenants' THEN format(' WHERE id = %L', tenant)
            ELSE format(' WHERE tenant_id = %L', tenant) END) INTO rows;
        IF rows > 0 THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
\ir everybody.psql

SELECT nightbell.notify(:'ACME', :'ADA', 'TEST_NOTE', 'secret of ada', 'm', actor => :'BOB'),
    nightbell.announce(:'ACME', 'TEST_NOTE', 'secret of acme', 'm'),
    nightbell.raise_event('job', 'high', 'secret of acme''s operators', NULL, :'ACME', :'ADA', 'f'),
    nightbell.raise_event('job', 'high', 'secret of the installation'),
    nightbell.notify(:'GLOBEX', :'MALLORY', 'TEST_NOTE', 'of mallory', 'm') IS NULL AS quiet \gset
INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id, read_at) SELECT tenant_id, id, :'ADA', now() FROM nightbell.announcements;
INSERT INTO nightbell.event_actions (event_id, tenant_id, action) SELECT id, tenant_id, 'note' FROM nightbell.admin_system_events;
SELECT cmp_ok((SELECT count(*) FROM readable), '>=', 14::bigint, 'there is something to try');

SET SESSION AUTHORIZATION nightbell_console;
SELECT is_empty('SELECT * FROM pg_temp.shows(NULL)', 'nobody sees no row anywhere');
SELECT pg_temp.become('x.y.z') IS NULL AS quiet \gset
SELECT is_empty('SELECT * FROM pg_temp.shows(NULL)', 'a bad token neither');
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT is_empty(format('SELECT * FROM pg_temp.shows(%L)', :'ACME'), 'an operator of one tenant sees no row of another anywhere');
SELECT is_empty('SELECT * FROM nightbell.events WHERE tenant_id IS NULL', 'nor the installation''s');
SELECT is((SELECT count(*) FROM nightbell.notifications WHERE user_id = :'MALLORY'), 1::bigint, 'but what is theirs');
SELECT pg_temp.become(:'token_bob') IS NULL AS quiet \gset
SELECT is_empty(format('SELECT title FROM nightbell.notifications WHERE user_id <> %L', :'BOB'), 'an operator reads no other person''s notifications');
SELECT is_empty('SELECT * FROM nightbell.receipts', 'nor what they have read');
SELECT pg_temp.become(:'token_olga') IS NULL AS quiet \gset
SELECT is_empty(format('SELECT title FROM nightbell.notifications WHERE user_id <> %L', :'OLGA'), 'a global operator neither');

-- tricks of a client that has psql
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT throws_ok('SET ROLE nightbell_owner', '42501', NULL, 'SET ROLE to the owner');
SET row_security = off;
SELECT throws_ok('SELECT * FROM nightbell.inbox', '42501', NULL, 'row_security = off: an error instead of rows');
SET row_security = on;
SELECT throws_ok('CREATE FUNCTION nightbell.mine() RETURNS int LANGUAGE sql AS ''SELECT 1''', '42501', NULL, 'a function in our schema');
SELECT throws_ok('CREATE POLICY open ON nightbell.notifications USING (true)', '42501', NULL, 'a policy of their own');
SELECT throws_ok('ALTER TABLE nightbell.notifications DISABLE ROW LEVEL SECURITY', '42501', NULL, 'switching the policies off');
SELECT throws_ok('SELECT secret FROM nightbell.signing_keys', '42501', NULL, 'reading the keys');
SELECT throws_ok('LOCK TABLE nightbell.notifications IN ACCESS EXCLUSIVE MODE', '42501', NULL, 'locking everybody out');

-- a function that tells what it is shown gets to see rows behind the policy only
CREATE FUNCTION pg_temp.leak(what text) RETURNS boolean LANGUAGE plpgsql COST 0.0001
AS $$ BEGIN PERFORM set_config('test.leaked', coalesce(current_setting('test.leaked', true), '') || what, true); RETURN true; END $$;
SELECT count(*) AS quiet FROM nightbell.inbox WHERE pg_temp.leak(title) \gset
SELECT count(*) AS quiet FROM nightbell.notifications WHERE pg_temp.leak(title) \gset
SELECT count(*) AS quiet FROM nightbell.events WHERE pg_temp.leak(description) \gset
SELECT count(*) AS quiet FROM nightbell.announcements WHERE pg_temp.leak(title) \gset
SELECT unalike(current_setting('test.leaked'), '%secret%', 'a cheap leaky function in WHERE sees nothing of others');
SELECT alike(current_setting('test.leaked'), '%of mallory%', 'though it does work');
SELECT is_empty($$SELECT title FROM nightbell.notifications WHERE 1 / (CASE WHEN title LIKE 'secret%' THEN 0 ELSE 1 END) = 0$$, 'nor does a division by zero tell');

-- what is shadowed in front of pg_catalog changes nothing: an operator = that always agrees, functions with our names
RESET SESSION AUTHORIZATION;
CREATE SCHEMA evil AUTHORIZATION nightbell_console;
SET SESSION AUTHORIZATION nightbell_console;
CREATE FUNCTION evil.agree(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION evil.agree(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.agree);
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.agree);
CREATE FUNCTION evil.now() RETURNS timestamptz LANGUAGE sql AS $$ SELECT 'infinity'::timestamptz $$;
CREATE FUNCTION evil.hmac(bytea, bytea, text) RETURNS bytea LANGUAGE sql AS $$ SELECT '\x00'::bytea $$;
SELECT pg_temp.become(:'token_ada') IS NULL AS quiet \gset
SET search_path = evil, pg_catalog, pg_temp;
SELECT pg_catalog.count(*) AS events FROM nightbell.events \gset
SELECT nightbell.has_role('operator') AS operator \gset
SELECT pg_catalog.count(*) AS own FROM nightbell.notifications \gset
SELECT pg_catalog.count(*) AS read FROM nightbell.inbox_set_state('read', ARRAY(SELECT id FROM nightbell.inbox), '{2026-11-21}') \gset
SET search_path = pgtap, public;
SELECT is(:events, 0, 'an operator = of one''s own makes nobody an operator');
SELECT is(:'operator'::text, 'f', 'nor gives a role');
SELECT is(:own, 1, 'and the inbox stays one''s own');
SELECT is(:read, 1, 'acts do what they do, with what is one''s own');

-- a setting of the session is no identity
SELECT pg_temp.become('') IS NULL AS quiet \gset
SELECT set_config('nightbell.user_id', :'ADA', true), set_config('nightbell.tenant', :'ACME', true), set_config('request.jwt.claims', '{"role": "admin"}', true) \gset quiet_
SELECT is_empty('SELECT * FROM pg_temp.shows(NULL)', 'settings with promising names mean nothing');

-- functions that are not for clients
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'nightbell'::regnamespace AND p.proname IN
    ('verify_token', 'accept_claims', 'token_object', 'keyed_hash', 'doorbell_key', 'store_draft', 'store_drafts', 'store_event',
     'producing', 'check_draft', 'partitions', 'ensure_partition', 'ensure_partitions', 'drain_default', 'make_partitions', 'purge', 'take_past', 'detached_lines',
     'drop_past_partition', 'detach_past_partition', 'drop_detached', 'begin_archive', 'security_report')
    AND has_function_privilege('nightbell_client', p.oid, 'EXECUTE')$$, 'what works inside is called by nobody outside');
SELECT throws_ok($$SELECT nightbell.keyed_hash('a', 'b', 'sha256')$$, '42501', NULL, 'really');
SELECT throws_ok($$SELECT nightbell.ensure_partitions()$$, '42501', NULL, 'administering neither');
SELECT is((SELECT known FROM nightbell.whoami()), false, 'whoami answers nobody');
SELECT cmp_ok(nightbell.schema_version(), '>', 0, 'and everybody may ask for the version');
-- an error says nothing of what exists
SELECT pg_temp.become(:'token_mallory') IS NULL AS quiet \gset
SELECT is((SELECT count(*) FROM nightbell.event_act('resolve', ARRAY(SELECT generate_series(1, 100)))), 0::bigint, 'acts on events of others and on none look the same');
SELECT throws_like(format($$SELECT nightbell.event_act('assign', '{1}', "user" => %L)$$, :'ADA'), 'there is no such person to assign to', 'a person of another tenant is nobody');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
