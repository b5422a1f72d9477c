-- Who a session is: by token, by PostgreSQL login; and every way in which a token can be wrong gives nobody.
BEGIN;
-- Mints in SQL what a signer would: any header, any claims, any key.
CREATE SCHEMA mint;
CREATE FUNCTION mint.part(bytes bytea) RETURNS text LANGUAGE sql
AS $$ SELECT rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION mint.signed(header text, payload bytea, kid text) RETURNS text LANGUAGE sql
AS $$
    SELECT t || '.' || mint.part(nightbell.keyed_hash(convert_to(t, 'UTF8'), k.secret, 'sha' || substr(k.algorithm, 3)))
    FROM (SELECT mint.part(convert_to(header, 'UTF8')) || '.' || mint.part(payload)) AS s (t),
         nightbell.signing_keys k WHERE k.kid = signed.kid
$$;
CREATE FUNCTION mint.ada(more jsonb DEFAULT '{}', kid text DEFAULT 'tests') RETURNS text LANGUAGE sql
AS $$
    SELECT mint.signed(format('{"alg":"%s","typ":"JWT","kid":"%s"}', k.algorithm, kid), convert_to(jsonb_strip_nulls(jsonb_build_object(
        'sub', '00000000-0000-4000-8000-0000000000a1', 'tenant', '00000000-0000-4000-8000-00000000acee',
        'roles', '["user"]'::jsonb, 'aud', 'nightbell', 'exp', extract(epoch FROM now())::bigint + 600) || more)::text, 'UTF8'), kid)
    FROM nightbell.signing_keys k WHERE k.kid = ada.kid
$$;
CREATE FUNCTION mint.raw(payload text) RETURNS text LANGUAGE sql
AS $$ SELECT mint.signed('{"alg":"HS256","typ":"JWT","kid":"tests"}', convert_to(payload, 'UTF8'), 'tests') $$;
-- What whoami() says of a token.
CREATE FUNCTION mint.reason(token text) RETURNS text LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('nightbell.token', token, true);
    RETURN (SELECT CASE WHEN known THEN 'known' ELSE coalesce(reason, 'no reason') END FROM nightbell.whoami());
END
$$;
INSERT INTO nightbell.signing_keys (kid, algorithm, secret, issuer, audience) VALUES
    ('k384', 'HS384', sha384('384'), NULL, 'nightbell'), ('k512', 'HS512', sha512('512'), NULL, 'nightbell'),
    ('issued', 'HS256', sha256('issued'), 'https://id.example', 'elsewhere');
INSERT INTO nightbell.signing_keys (kid, algorithm, secret, retired_at) VALUES ('old', 'HS256', sha256('old'), now() - interval '1 s');
INSERT INTO nightbell.revoked_tokens (jti, expires_at) VALUES ('gone', now() + interval '1 day');

SELECT plan(68);

SELECT is(mint.reason(mint.ada()), 'known', 'a token with HS256');
SELECT is(mint.reason(mint.ada(kid => 'k384')), 'known', 'with HS384');
SELECT is(mint.reason(mint.ada(kid => 'k512')), 'known', 'with HS512');
SELECT is(mint.reason(:'token_ada'), 'known', 'one that another program made');
SELECT is(mint.reason(mint.ada('{"roles": null}')), 'known', 'without roles: those that are stored');
SELECT is((SELECT roles FROM nightbell.whoami()), '{user}', 'namely these');
SELECT is(mint.reason(mint.ada('{"aud": ["other", "nightbell"]}')), 'known', 'an audience among others');
SELECT is(mint.reason(mint.ada('{"nbf": 1, "iat": 1, "jti": "x", "name": "Ada \"the\" first", "extra": [], "n": -1.5}')), 'known',
          'with further claims');
SELECT is(mint.reason(mint.raw(E'{ "sub" : "x" }')), 'the token has no expiry (exp)', 'blanks may be where JSON lets them');
SELECT is(mint.reason(mint.ada('{"aud": "elsewhere", "iss": "https://id.example"}', 'issued')), 'known', 'of the key''s issuer, for its audience');
SELECT is((SELECT (known, user_id, user_name, tenant_id, tenant_name, is_global, roles)::text FROM nightbell.whoami()),
          '(t,00000000-0000-4000-8000-0000000000a1,ada,00000000-0000-4000-8000-00000000acee,acme,f,{user})', 'whoami says who');
SELECT isnt((SELECT expires_at FROM nightbell.whoami()), NULL, 'and until when');

-- each of these is nobody
CREATE FUNCTION pg_temp.refused(token text, wanted text, name text) RETURNS text LANGUAGE sql
AS $$ SELECT matches(mint.reason(token), wanted, name) $$;
SELECT pg_temp.refused(mint.ada('{"exp": null}'), 'no expiry', 'without exp');
SELECT pg_temp.refused(mint.ada('{"exp": 1}'), 'expired at', 'expired');
SELECT pg_temp.refused(mint.ada(jsonb_build_object('exp', floor(extract(epoch FROM now())))), 'expired', 'expired in this very second');
SELECT pg_temp.refused(mint.ada('{"exp": "9999999999"}'), 'not a number', 'exp as a string');
SELECT pg_temp.refused(mint.ada('{"exp": true}'), 'not a number', 'exp as a boolean');
SELECT pg_temp.refused(mint.ada('{"exp": 99999999999999999999}'), 'JSON object', 'exp beyond the calendar');
SELECT pg_temp.refused(mint.ada('{"exp": 999999999999}'), 'not a number', 'exp beyond the year 9999');
SELECT pg_temp.refused(mint.ada('{"exp": -1}'), 'not a number', 'exp below zero');
SELECT pg_temp.refused(mint.raw('{"sub":"x","exp":1e999999}'), 'JSON object', 'exp with an exponent');
SELECT pg_temp.refused(mint.ada(jsonb_build_object('nbf', extract(epoch FROM now())::bigint + 300)), 'not valid yet', 'not valid yet');
SELECT pg_temp.refused(mint.ada(jsonb_build_object('iat', extract(epoch FROM now())::bigint + 300)), 'in the future', 'issued in the future');
SELECT pg_temp.refused(mint.ada('{"aud": "other"}'), 'another audience', 'for another audience');
SELECT pg_temp.refused(mint.ada('{"aud": null}'), 'another audience', 'for no audience');
SELECT pg_temp.refused(mint.ada('{"aud": 7}'), 'another audience', 'for a number');
SELECT pg_temp.refused(mint.ada('{"aud": "elsewhere"}', 'issued'), 'another issuer', 'of no issuer where the key has one');
SELECT pg_temp.refused(mint.ada('{"aud": "elsewhere", "iss": "https://evil.example"}', 'issued'), 'another issuer', 'of another issuer');
SELECT pg_temp.refused(mint.ada('{"jti": "gone"}'), 'revoked', 'revoked');
SELECT pg_temp.refused(mint.ada('{"jti": 7}'), 'jti', 'with an id that is none');
SELECT pg_temp.refused(mint.ada(kid => 'old'), 'key that is not accepted', 'signed with a retired key');
SELECT pg_temp.refused(mint.ada('{"sub": "ada"}'), 'names no user', 'sub is no UUID');
SELECT pg_temp.refused(mint.ada('{"sub": null}'), 'names no user', 'no sub');
SELECT pg_temp.refused(mint.ada('{"sub": "00000000-0000-4000-8000-0000000000ff"}'), 'does not exist', 'of a user who is not there');
SELECT pg_temp.refused(mint.ada('{"tenant": "00000000-0000-4000-8000-00000000b0b0"}'), 'does not exist', 'of a user in another tenant');
SELECT pg_temp.refused(mint.ada('{"tenant": null}'), 'names no tenant', 'without tenant');
SELECT pg_temp.refused(mint.ada('{"tenant": "acme"}'), 'names no tenant', 'tenant is no UUID');
SELECT pg_temp.refused(mint.ada('{"roles": "operator"}'), 'not a list of words', 'roles as a string');
SELECT pg_temp.refused(mint.ada('{"roles": ["op{er}ator"]}'), 'not a list of words', 'roles that could break an array');
SELECT is(mint.reason(mint.ada('{"roles": ["user", "worker"]}')), 'known', 'a worker is no role of people');
SELECT is((SELECT roles FROM nightbell.whoami()), '{user}', 'so it is dropped');

SELECT pg_temp.refused(mint.raw('{"sub":"a","sub":"b"}'), 'duplicates', 'a claim twice');
SELECT pg_temp.refused(mint.raw('{"sub":{"a":1}}'), 'no expiry', 'nested claims');
SELECT pg_temp.refused(mint.raw('not json'), 'JSON object', 'not JSON');
SELECT pg_temp.refused(mint.raw('[]'), 'JSON object', 'a list');
SELECT pg_temp.refused(mint.raw('{}'), 'no expiry', 'empty');
SELECT pg_temp.refused(mint.raw('{"a":"\u0000"}'), 'JSON object', 'an escaped NUL');
SELECT pg_temp.refused(mint.raw('{"a":"\ud800"}'), 'JSON object', 'half a surrogate pair');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","kid":"tests"}', '\x7b2261223a00227d', 'tests'), 'JSON object', 'a NUL byte');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","kid":"tests"}', '\x7b2261223a22ff227d', 'tests'), 'JSON object', 'bytes that are no UTF-8 are no JSON');

SELECT pg_temp.refused(mint.signed('{"alg":"none","kid":"tests"}', '{}', 'tests'), 'not accepted', 'alg none');
SELECT pg_temp.refused(mint.signed('{"alg":"HS512","kid":"tests"}', '{}', 'tests'), 'not accepted', 'an algorithm that is not the key''s');
SELECT pg_temp.refused(mint.signed('{"alg":"RS256","kid":"tests"}', '{}', 'tests'), 'not accepted', 'RS256 with an HMAC key');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","kid":"nobody"}', '{}', 'tests'), 'not accepted', 'an unknown key');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256"}', '{}', 'tests'), 'not accepted', 'no key named');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","kid":"tests","crit":"exp"}', '{}', 'tests'), 'header', 'a critical extension');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","alg":"none","kid":"tests"}', '{}', 'tests'), 'header', 'a header member twice');
SELECT pg_temp.refused(mint.signed('{"alg":"HS256","kid":"tests","typ":"JWE"}', '{}', 'tests'), 'header', 'another type');
SELECT pg_temp.refused(left(mint.ada(), -1), 'signature', 'a signature cut short');
SELECT pg_temp.refused(left(t, -1) || chr(ascii(right(t, 1)) + 1), 'signature', 'a signature with stray bits behind its last byte')
FROM mint.ada() AS t;
SELECT pg_temp.refused(mint.ada() || 'A', 'signature', 'a signature too long');
SELECT pg_temp.refused(regexp_replace(mint.ada(), '\.[^.]*$', '.') , 'three parts', 'no signature');
SELECT pg_temp.refused(mint.ada() || '=', 'three parts', 'padding');
SELECT pg_temp.refused('a.b', 'three parts', 'two parts');
SELECT pg_temp.refused(' ' || mint.ada(), 'three parts', 'a blank in front');
SELECT pg_temp.refused(rpad('a.b.', 8193, 'x'), 'larger than 8 KiB', 'larger than 8 KiB');

UPDATE nightbell.users SET deleted_at = now() WHERE name = 'ada';
SELECT pg_temp.refused(mint.ada(), 'does not exist', 'of a user who was deleted');
SELECT is_empty('SELECT * FROM nightbell.my_channels()', 'who has no doorbell either');
SELECT * FROM finish();
ROLLBACK;
