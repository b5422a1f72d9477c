-- The directory: who may change whom, and that a batch does what its items one by one would do.
BEGIN;
SELECT no_plan();
CREATE FUNCTION pg_temp.import(tenant text, VARIADIC items text[]) RETURNS text LANGUAGE sql
    AS $$ SELECT string_agg(coalesce(i.change, i.message), ', ' ORDER BY i.ordinal) FROM nightbell.import_users(tenant::uuid, items) AS i $$;
CREATE FUNCTION pg_temp.person(number int, name text, more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql
    AS $$ SELECT (jsonb_build_object('id', format('00000000-0000-4000-9000-%s', lpad(number::text, 12, '0')), 'name', name) || more)::text $$;

SELECT is((SELECT count(*) FROM nightbell.import_users(:'ACME', '{}')), 0::bigint, 'no items, no outcomes');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'one'), pg_temp.person(2, 'two', '{"roles": ["user", "operator", "user"]}')), 'added, added', 'people are added');
SELECT is((SELECT array_agg(change) FROM nightbell.import_users(:'ACME', ARRAY(SELECT document FROM nightbell.user_documents(:'ACME')))),
    array_fill('same'::text, ARRAY[(SELECT count(*)::int FROM nightbell.users WHERE tenant_id = :'ACME')]), 'what is exported changes nothing');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'one', '{"email": null, "roles": null}')), 'same', 'null is as good as left out');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(2, 'two')), 'changed', 'a role that is left out');
SELECT is(nightbell.stored_roles(:'ACME', '00000000-0000-4000-9000-000000000002'), '{user}', 'is taken away');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(2, 'two', '{"roles": []}')), 'changed', 'no roles at all');
SELECT is(nightbell.stored_roles(:'ACME', '00000000-0000-4000-9000-000000000002'), '{}', 'are none');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'two'), pg_temp.person(2, 'one')), 'name: somebody else in the tenant is called "two", name: somebody else in the tenant is called "one"', 'line after line: neither name is free');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'x'), pg_temp.person(1, 'y'), pg_temp.person(1, 'x')), 'changed, changed, changed', 'the last of several wins');
SELECT is((SELECT name FROM nightbell.users WHERE id = '00000000-0000-4000-9000-000000000001'), 'x', 'as one by one');
SELECT is(pg_temp.import(:'ACME', upper(pg_temp.person(1, 'x')::text)), 'id: expected a string', 'members are written in lower case');
SELECT is(pg_temp.import(:'GLOBEX', pg_temp.person(1, 'x')), 'added', 'the administrator of the installation may bring one person to two tenants');

-- archived and brought back
SELECT ok(nightbell.delete_user(:'ACME', 'X'), 'somebody is deleted');
SELECT ok(NOT nightbell.delete_user(:'ACME', 'x'), 'once');
SELECT is((SELECT count(*)::int FROM nightbell.users WHERE id = '00000000-0000-4000-9000-000000000001' AND deleted_at IS NULL), 1, 'in that tenant only');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(3, 'x')), 'added', 'the name is free');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'x')), 'name: somebody else in the tenant is called "x"', 'and then taken');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(1, 'again')), 'changed', 'who is imported again is back');
SELECT is((SELECT deleted_at FROM nightbell.users WHERE id = '00000000-0000-4000-9000-000000000001' AND tenant_id = :'ACME'), NULL, 'as a row like others');

-- a tenant's administrator
INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id) VALUES ('nightbell_console', :'ACME', :'CAROL');
INSERT INTO nightbell.user_roles VALUES (:'ACME', :'CAROL', 'admin');
GRANT USAGE ON SCHEMA pgtap TO nightbell_console;
SET SESSION AUTHORIZATION nightbell_console;
SELECT ok((SELECT count(*) FROM nightbell.user_documents(:'ACME')) > 5, 'an administrator of acme sees its people');
SELECT is(pg_temp.import(:'ACME', pg_temp.person(5, 'five', '{"roles": ["admin"]}')), 'added', 'and brings some');
SELECT throws_ok(format('SELECT * FROM nightbell.import_users(%L, %L)', :'GLOBEX', '{}'), '42501', NULL, 'brings nobody to another tenant');
SELECT throws_ok(format('SELECT * FROM nightbell.user_documents(%L)', :'GLOBEX'), '42501', NULL, 'sees nobody of it');
SELECT throws_ok(format('SELECT nightbell.delete_user(%L, %L)', :'GLOBEX', 'mallory'), '42501', NULL, 'deletes nobody there');
SELECT throws_ok(format('SELECT %s', call), '42501', NULL, 'nor ' || call) FROM unnest(ARRAY['nightbell.import_groups', 'nightbell.import_devices', 'nightbell.import_addresses']) AS f,
    LATERAL (SELECT format('%s(%L, %L)', f, :'GLOBEX', '{}')) AS c (call);
SELECT throws_ok('SELECT nightbell.store_users(NULL, NULL)', '42501', NULL, 'and reaches nothing behind these functions');
SELECT throws_ok('SELECT nightbell.import_users_together(NULL, NULL)', '42501', NULL, 'not one of them');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
