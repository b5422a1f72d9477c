-- A token that was found right is looked up by its digest afterwards; whatever can end it ends it all the same, at once.
BEGIN;
CREATE SCHEMA mint;
CREATE FUNCTION mint.part(bytes bytea) RETURNS text LANGUAGE sql
AS $$ SELECT rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION mint.ada(more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql
AS $$
    SELECT t || '.' || mint.part(nightbell.keyed_hash(convert_to(t, 'UTF8'), k.secret, 'sha256'))
    FROM nightbell.signing_keys k, LATERAL (
        SELECT mint.part('{"alg":"HS256","typ":"JWT","kid":"second"}') || '.' || mint.part(convert_to((jsonb_build_object(
            'sub', '00000000-0000-4000-8000-0000000000a1', 'tenant', '00000000-0000-4000-8000-00000000acee',
            'aud', 'nightbell', 'exp', extract(epoch FROM now())::bigint + 600) || more)::text, 'UTF8'))) AS s (t)
    WHERE k.kid = 'second'
$$;
-- Sets the token; what the session is with it, by the whole record of it.
CREATE FUNCTION mint.who(token text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('nightbell.token', token, true);
    RETURN nightbell.claims()::text;
END
$$;
CREATE FUNCTION mint.known(token text) RETURNS boolean LANGUAGE sql AS $$ SELECT mint.who(token) LIKE '(t,%' $$;
INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('second', 'HS256', sha256('second'));
CREATE TABLE mint.tokens AS SELECT mint.ada(t.more) AS token, t.name, mint.who(mint.ada(t.more)) AS verified FROM (VALUES
    ('plain', '{}'::jsonb), ('roles', '{"roles": ["producer", "user"], "jti": "one"}'),
    ('null for roles', '{"roles": null}'), ('no role', '{"roles": [], "jti": "two"}'), ('olga', '{"sub": "00000000-0000-4000-8000-0000000000f1", "tenant": "*"}'),
    ('wrong', '{"aud": "other"}'), ('past', '{"exp": 1}')) AS t (name, more);
CREATE FUNCTION mint.token(wanted text) RETURNS text LANGUAGE sql AS $$ SELECT token FROM mint.tokens WHERE name = wanted $$;

SELECT plan(43);
\ir everybody.psql
SELECT is(nightbell.remember_token(token), verified LIKE '(t,%', 'remembered if it is right: ' || name) FROM mint.tokens;
SELECT results_eq('SELECT count(*) FROM nightbell.verified_tokens v JOIN mint.tokens t ON v.digest = sha256(convert_to(t.token, ''UTF8''))
                   WHERE t.name NOT IN (''wrong'', ''past'')', ARRAY[5::bigint], 'five are kept');
SELECT is((SELECT count(*) FROM nightbell.verified_tokens v WHERE v.kid = 'second'), 5::bigint, 'and nothing else');
SELECT is(mint.who(token), verified, 'looked up, it says the same as verified: ' || name) FROM mint.tokens WHERE name NOT IN ('wrong', 'past');
SELECT ok(nightbell.remember_token(mint.token('plain')), 'a second time is as good');
SELECT ok(NOT nightbell.remember_token('no token'), 'what is no token is not kept');
SELECT ok(NOT nightbell.remember_token(NULL), 'nor nothing');
SELECT ok(NOT mint.known(mint.token('plain') || ' '), 'no other bytes than these');

SAVEPOINT changes;
INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('one', now() + interval '1 day');
SELECT is(mint.known(mint.token('roles')), false, 'revoked');
SELECT ok(mint.known(mint.token('no role')), 'another is not');
DELETE FROM nightbell.user_roles WHERE user_id = '00000000-0000-4000-8000-0000000000a1';
SELECT ok(mint.who(mint.token('plain')) LIKE '%,f,{},%', 'roles that the token does not name are the stored ones of now');
SELECT ok(mint.who(mint.token('null for roles')) LIKE '%,f,{},%', 'and so are those of a token that says null');
UPDATE nightbell.signing_keys SET retired_at = now() - interval '1 s' WHERE kid = 'second';
SELECT is(mint.known(mint.token('plain')), false, 'the key is retired');
UPDATE nightbell.signing_keys SET retired_at = NULL WHERE kid = 'second';
SELECT is(mint.known(mint.token('plain')), true, 'and taken back into use');
SELECT is(mint.known(mint.token('roles')), false, 'what was revoked stays so');
DELETE FROM nightbell.revoked_tokens WHERE jti = 'one';
SELECT is(mint.known(mint.token('roles')), true, 'until the administrator takes it back');
ROLLBACK TO changes;
UPDATE nightbell.users SET name = 'ada the first' WHERE id = '00000000-0000-4000-8000-0000000000a1';
SELECT is((SELECT user_name FROM nightbell.whoami(), set_config('nightbell.token', mint.token('plain'), true)), 'ada the first', 'a new name is told at once');
ROLLBACK TO changes;
UPDATE nightbell.signing_keys SET secret = sha256('other') WHERE kid = 'second';
SELECT is(mint.known(mint.token('plain')), false, 'the key has another secret');
SELECT ok(NOT nightbell.remember_token(mint.token('plain')), 'and what it verified is not to be remembered');
ROLLBACK TO changes;
UPDATE nightbell.users SET deleted_at = now() WHERE id = '00000000-0000-4000-8000-0000000000a1';
SELECT is(mint.known(mint.token('plain')), false, 'the user is deleted');
SELECT is(mint.known(mint.token('olga')), true, 'another is not');
UPDATE nightbell.users SET deleted_at = NULL WHERE id = '00000000-0000-4000-8000-0000000000a1';
SELECT is(mint.known(mint.token('plain')), true, 'and is there again');
ROLLBACK TO changes;
-- whoever holds a token chooses how their session writes numbers
UPDATE nightbell.signing_keys SET retired_at = now() + interval '1 hour 0.123456 s' WHERE kid = 'second';
SET LOCAL extra_float_digits = -10;
SELECT ok(nightbell.remember_token(mint.token('roles')), 'remembered of a key that will be retired');
SET LOCAL extra_float_digits = 1;
UPDATE nightbell.signing_keys SET retired_at = now() - interval '1 s' WHERE kid = 'second';
SELECT is(mint.known(mint.token('roles')), false, 'which is retired earlier: it ends, however its session writes numbers');
ROLLBACK TO changes;
-- a global operator's own inbox is where they are a user still
INSERT INTO nightbell.users (tenant_id, id, name, created_at)
VALUES ('00000000-0000-4000-8000-00000000b0b0', '00000000-0000-4000-8000-0000000000f1', 'olga', now() + interval '1 s');
UPDATE nightbell.users SET deleted_at = now()
WHERE tenant_id = '00000000-0000-4000-8000-00000000acee' AND id = '00000000-0000-4000-8000-0000000000f1';
SELECT ok(nightbell.remember_token(mint.token('olga')), 'remembered anew');
SELECT is((mint.who(mint.token('olga'))::nightbell.identity).home_tenant_id, '00000000-0000-4000-8000-00000000b0b0', 'with the home of now');
ROLLBACK TO changes;
-- what statements ask is kept by triggers: by itself it ends a token, whatever the tables say
CREATE FUNCTION mint.ended() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM nightbell.ended_grounds';
CREATE TEMP TABLE before AS SELECT mint.ended();
INSERT INTO nightbell.users (tenant_id, id, name) SELECT '00000000-0000-4000-8000-00000000acee', gen_random_uuid(), 'many ' || n FROM generate_series(1, 5) AS n;
UPDATE nightbell.users SET deleted_at = now() WHERE name LIKE 'many %';
SELECT is(mint.ended() - (SELECT ended FROM before), 5::bigint, 'each deleted user ends what rests on it');
DELETE FROM nightbell.users WHERE name LIKE 'many %';
SELECT is(mint.ended(), (SELECT ended FROM before), 'and who is gone altogether leaves nothing behind');
INSERT INTO nightbell.revoked_tokens (jti, expires_at) SELECT 'past ' || n, now() - interval '1 s' FROM generate_series(1, 5) AS n;
SELECT is(mint.ended() - (SELECT ended FROM before), 5::bigint, 'nor do revocations');
SELECT count(*) AS quiet FROM nightbell.purge_bookkeeping(1000) \gset
SELECT is(mint.ended(), (SELECT ended FROM before), 'of which nothing is left when their tokens are past anyway');
ROLLBACK TO changes;
-- the clock of a test cannot be set: the token's end is moved instead
UPDATE nightbell.verified_tokens SET ends_at = now() - interval '1 s', roles = '{admin}';
SELECT ok(mint.who(mint.token('roles')) LIKE '%producer,user%', 'what is past its time is not looked up but verified');
ROLLBACK TO changes;
SET SESSION AUTHORIZATION nightbell_console;
SELECT throws_ok('SELECT * FROM nightbell.verified_tokens', '42501', NULL, 'no client can read what was verified');
SELECT throws_ok('INSERT INTO nightbell.verified_tokens (digest) VALUES ('''')', '42501', NULL, 'let alone write it');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
