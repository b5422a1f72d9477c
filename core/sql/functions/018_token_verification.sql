-- Whether a token is right: its form, its signature, its claims. What was found right is remembered (020_identity.sql).
--
-- Nothing in here may raise or start a subtransaction: it runs inside policies, in parallel plans too. Hence every text is
-- matched against a grammar before it is cast. What was wrong with a token is told by whoami() only.

-- It may be on the way of every statement, so it is written for speed as well: replace() instead of translate(), few regular
-- expressions without bounded repetitions ({1,64} makes matching several times slower), one look-up for user and revocation.

-- A flat JSON object: plain values and lists of strings, no member twice, no exponents (1e999999 is not a time), no escape
-- that jsonb would choke on (\u0000, surrogates). NULL for anything else. part: base64url, its alphabet checked already.
CREATE OR REPLACE FUNCTION nightbell.token_object(part text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    bytes bytea;
    object text;
    result jsonb;
    written text;
BEGIN
    IF octet_length(part) % 4 = 1 THEN
        RETURN NULL;
    END IF;
    bytes := decode(replace(replace(part, '-', '+'), '_', '/') || repeat('=', -octet_length(part) & 3), 'base64');
    IF position('\x00'::bytea IN bytes) > 0 THEN
        RETURN NULL;
    END IF;
    object := convert_from(bytes, 'LATIN1'); -- cannot fail; every value that is looked at is ASCII
    -- the opening brace is read as a comma, so that the grammar says only once what a member is
    IF NOT starts_with(object, '{') OR ',' || substr(object, 2) !~
        ('^(?:,\s*"[^"\\\x01-\x1f]*":\s*'
         '(?:"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]'
         '|\\u(?:[1-9a-cA-C][0-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]|00[2-9a-fA-F])[0-9a-fA-F])*"'
         '|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null'
         '|\[\s*(?:"[^"\\\x01-\x1f]*"\s*(?:,\s*"[^"\\\x01-\x1f]*"\s*)*)?\])\s*)+\}\s*$') THEN
        RETURN NULL;
    END IF;
    result := object::jsonb;
    -- jsonb keeps one of two members with the same name: then it has fewer colons than the text had
    written := result::text;
    IF (octet_length(object) - octet_length(replace(object, '":', ''))) / 2 <>
       (octet_length(written) - octet_length(replace(written, '": ', ''))) / 3 THEN
        RETURN NULL;
    END IF;
    RETURN result;
END
$$;

-- Everything about the claims of a token whose signature is right.
CREATE OR REPLACE FUNCTION nightbell.accept_claims(claims jsonb, wanted_issuer text, wanted_audience text)
RETURNS nightbell.identity
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    leeway CONSTANT float8 := 30; -- seconds that the clocks of signer and server may differ
    who nightbell.identity;
    at float8 := date_part('epoch', clock_timestamp()); -- a DO block is one statement, however long it runs
    -- -1: there, but not a number that can be a time
    expires float8 := CASE WHEN jsonb_typeof(claims -> 'exp') = 'number' AND octet_length(claims ->> 'exp') <= 18
        THEN (claims -> 'exp')::float8 WHEN claims ? 'exp' THEN -1 END;
    begins float8 := CASE WHEN jsonb_typeof(claims -> 'nbf') = 'number' AND octet_length(claims ->> 'nbf') <= 18
        THEN (claims -> 'nbf')::float8 WHEN claims ? 'nbf' THEN -1 END;
    issued float8 := CASE WHEN jsonb_typeof(claims -> 'iat') = 'number' AND octet_length(claims ->> 'iat') <= 18
        THEN (claims -> 'iat')::float8 WHEN claims ? 'iat' THEN -1 END;
    tenant text := claims ->> 'tenant';
    revoked boolean;
BEGIN
    who.known := false;
    who.reason := CASE
        WHEN expires IS NULL THEN 'the token has no expiry (exp)'
        WHEN expires NOT BETWEEN 0 AND 253402300799 OR begins < 0 OR issued < 0 THEN 'a time of the token is not a number of seconds (exp, nbf, iat)'
        WHEN expires <= at THEN 'the token expired at ' || to_timestamp(expires)::timestamptz(0)
        WHEN begins > at + leeway THEN 'the token is not valid yet (nbf)'
        WHEN issued > at + leeway THEN 'the token was issued in the future'
        WHEN claims -> 'aud' ? wanted_audience IS NOT TRUE THEN 'the token is for another audience (aud)'
        WHEN claims ->> 'iss' = wanted_issuer IS NOT TRUE AND wanted_issuer IS NOT NULL THEN 'the token is of another issuer (iss)'
        WHEN claims ->> 'sub' ~ uuid_pattern IS NOT TRUE THEN 'the token names no user (sub must be a UUID)'
        WHEN (tenant = '*' OR tenant ~ uuid_pattern) IS NOT TRUE
            THEN 'the token names no tenant (tenant must be a UUID, or * for a global operator)'
        WHEN claims ->> 'roles' !~ '^\[("[a-z]*"(, )?)*\]$' THEN 'the roles of the token are not a list of words'
        WHEN jsonb_typeof(claims -> 'jti') <> 'string' THEN 'the token''s id (jti) is not a string'
        END;
    IF who.reason IS NOT NULL THEN
        RETURN who;
    END IF;

    who.user_id := claims ->> 'sub';
    who.is_global := tenant = '*';
    IF who.is_global THEN
        SELECT u.tenant_id, r.jti IS NOT NULL INTO who.home_tenant_id, revoked
        FROM nightbell.users u LEFT JOIN nightbell.revoked_tokens r ON r.jti = claims ->> 'jti'
        WHERE u.id = who.user_id AND u.deleted_at IS NULL ORDER BY u.created_at LIMIT 1;
    ELSE
        who.tenant_id := tenant;
        SELECT u.tenant_id, r.jti IS NOT NULL INTO who.home_tenant_id, revoked
        FROM nightbell.users u LEFT JOIN nightbell.revoked_tokens r ON r.jti = claims ->> 'jti'
        WHERE u.tenant_id = who.tenant_id AND u.id = who.user_id AND u.deleted_at IS NULL;
    END IF;
    IF revoked IS NOT FALSE THEN
        RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL,
                CASE WHEN revoked THEN 'the token has been revoked' ELSE 'the token''s user does not exist' END)::nightbell.identity;
    END IF;

    IF jsonb_typeof(claims -> 'roles') = 'array' THEN
        -- 'worker' is not a role of people
        who.roles := array_remove(replace(replace(claims ->> 'roles', '[', '{'), ']', '}')::text[], 'worker');
    ELSE
        who.roles := ARRAY(SELECT r.role FROM nightbell.user_roles r
                           WHERE r.tenant_id = who.home_tenant_id AND r.user_id = who.user_id ORDER BY r.role);
    END IF;
    who.expires_at := to_timestamp(expires);
    who.known := true;
    RETURN who;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.verify_token(token text) RETURNS nightbell.identity
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity;
    header jsonb;
    claims jsonb;
    signature text;
    key record;
BEGIN
    who.known := false;
    IF octet_length(token) > 8192 THEN
        who.reason := 'the token is larger than 8 KiB';
        RETURN who;
    END IF;
    IF token !~ '^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$' THEN
        who.reason := 'the token is not a signed JWT of three parts';
        RETURN who;
    END IF;
    header := nightbell.token_object(split_part(token, '.', 1));
    IF header IS NULL OR header ? 'crit' OR lower(header ->> 'typ') <> 'jwt' THEN
        who.reason := 'the token''s header is malformed';
        RETURN who;
    END IF;

    -- the key says which algorithm it is for; the header may only agree
    SELECT k.algorithm, k.secret, k.issuer, k.audience INTO key FROM nightbell.signing_keys k
    WHERE k.kid = header ->> 'kid' AND k.algorithm = header ->> 'alg'
        AND (k.retired_at IS NULL OR k.retired_at > clock_timestamp());
    IF NOT FOUND THEN
        who.reason := 'the token is signed with a key that is not accepted here (kid, alg)';
        RETURN who;
    END IF;
    -- The right signature is encoded rather than the given one decoded: only the one canonical spelling is equal to it.
    -- Both are hashed once more before they are compared, so that the time it takes tells nothing.
    signature := replace(replace(replace(rtrim(encode(nightbell.keyed_hash(
        convert_to(split_part(token, '.', 1) || '.' || split_part(token, '.', 2), 'UTF8'),
        key.secret, 'sha' || substr(key.algorithm, 3)), 'base64'), '='), '+', '-'), '/', '_'), E'\n', '');
    IF sha256(key.secret || convert_to(signature, 'UTF8')) <>
       sha256(key.secret || convert_to(split_part(token, '.', 3), 'UTF8')) THEN
        who.reason := 'the token''s signature is wrong';
        RETURN who;
    END IF;

    claims := nightbell.token_object(split_part(token, '.', 2));
    IF claims IS NULL THEN
        who.reason := 'the token''s claims are not a flat JSON object without duplicates';
        RETURN who;
    END IF;
    RETURN nightbell.accept_claims(claims, key.issuer, key.audience);
END
$$;
