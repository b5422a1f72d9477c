-- The people of the tests: two tenants, one user, two operators of acme, one operator of everything, one stranger.
-- Fixed ids, so that a test can write them down; the same names as variables are in cluster.sh.
BEGIN;
INSERT INTO nightbell.tenants (id, name) VALUES
    ('00000000-0000-4000-8000-00000000acee', 'acme'),
    ('00000000-0000-4000-8000-00000000b0b0', 'globex');
INSERT INTO nightbell.users (tenant_id, id, name, email, time_zone) VALUES
    ('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000a1', 'ada', 'ada@acme.example', 'UTC'),
    ('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000b1', 'bob', 'bob@acme.example', 'UTC'),
    ('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000c1', 'carol', 'carol@acme.example', 'UTC'),
    ('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000e1', 'app', NULL, 'UTC'),
    ('00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000f1', 'olga', 'olga@ops.example', 'UTC'),
    ('00000000-0000-4000-8000-00000000b0b0', '00000000-0000-4000-8000-0000000000d1', 'mallory', 'm@globex.example', 'UTC');
INSERT INTO nightbell.user_roles (tenant_id, user_id, role)
SELECT u.tenant_id, u.id, r.role
  FROM nightbell.users u
  JOIN (VALUES ('ada', 'user'), ('bob', 'user'), ('bob', 'operator'), ('carol', 'user'), ('carol', 'operator'),
               ('app', 'producer'), ('olga', 'user'), ('olga', 'operator'), ('olga', 'producer'), ('olga', 'admin'),
               ('mallory', 'user'), ('mallory', 'operator')) AS r (name, role) ON r.name = u.name;
INSERT INTO nightbell.signing_keys (kid, algorithm, secret)
VALUES ('tests', 'HS256', convert_to('a secret of the tests, 32 bytes or more', 'UTF8'));
-- A type that any producer may send without data.
INSERT INTO nightbell.notification_types (type, module, description) VALUES ('TEST_NOTE', 'test', 'Of the tests');
-- A login that is a person by its PostgreSQL role alone.
INSERT INTO nightbell.role_identities (role_name, tenant_id, user_id)
VALUES ('ada', '00000000-0000-4000-8000-00000000acee', '00000000-0000-4000-8000-0000000000a1');
COMMIT;
-- The logins of people, of applications and of the administrator, as in the embedded local cluster.
CREATE ROLE nightbell_console LOGIN IN ROLE nightbell_client;
CREATE ROLE nightbell_producing LOGIN IN ROLE nightbell_producer, nightbell_client;
CREATE ROLE nightbell_administrator LOGIN SUPERUSER IN ROLE nightbell_admin;
CREATE ROLE ada LOGIN IN ROLE nightbell_client;
