-- Verifies a token: its form, signature and claims. Verified tokens are remembered (020_identity.sql).
--
-- Nothing here may raise an error or start a subtransaction, because it runs inside policies, also in parallel plans.
-- So every text is matched against a grammar before it is cast. Only whoami() reports what is wrong with a token.

-- It may run in every statement, so it is written for speed, too: replace() instead of translate(), few regular
-- expressions, none with bounded repetitions ({1,64} matches several times slower), one look-up for user and
-- revocation.

-- A JSON object by the same rules as core/base/json.c: no duplicate members at any depth, at most 64 levels, no number
-- with more than 18 digits before its point, no escape that jsonb refuses. NULL for anything else.
-- part: base64url, whose alphabet the caller has checked.
CREATE OR REPLACE FUNCTION nightbell.token_object(part text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    -- \u0000 and half of a surrogate pair are no characters
    string CONSTANT text := '"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]'
        '|\\u(?:[1-9a-cA-CefEF][0-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]|00[1-9a-fA-F]|[dD][0-7][0-9a-fA-F])[0-9a-fA-F]'
        '|\\u000[1-9a-fA-F]|\\u[dD][89abAB][0-9a-fA-F][0-9a-fA-F]\\u[dD][c-fC-F][0-9a-fA-F][0-9a-fA-F])*"';
    -- \x01 stands for a string, \x02 for an object or a list that has been read
    value CONSTANT text := '(?:[\x01\x02]|true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE](?:-0*[0-9][0-9]?[0-9]?|\+?0*[0-9][0-9]?))?)';
    member CONSTANT text := '\x01[ \t\n\r]*:[ \t\n\r]*' || value || '[ \t\n\r]*';
    innermost CONSTANT text := '\{[ \t\n\r]*(?:' || member || '(?:,[ \t\n\r]*' || member || ')*)?\}'
        '|\[[ \t\n\r]*(?:' || value || '[ \t\n\r]*(?:,[ \t\n\r]*' || value || '[ \t\n\r]*)*)?\]';
    -- fast path for most tokens: plain values and lists of strings without escapes; the opening brace becomes a comma
    plain CONSTANT text := '^(?:,[ \t\n\r]*"[^"\x01-\x1f]*":[ \t\n\r]*'
        '(?:"[^"\x01-\x1f]*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null'
        '|\[[ \t\n\r]*(?:"[^"\x01-\x1f]*"[ \t\n\r]*(?:,[ \t\n\r]*"[^"\x01-\x1f]*"[ \t\n\r]*)*)?\])[ \t\n\r]*)+\}[ \t\n\r]*$';
    bytes bytea;
    object text;
    written text;
    shape text;
    smaller text;
    members int;
    result jsonb;
BEGIN
    IF octet_length(part) % 4 = 1 THEN
        RETURN NULL;
    END IF;
    bytes := decode(replace(replace(part, '-', '+'), '_', '/') || repeat('=', -octet_length(part) & 3), 'base64');
    -- canonical spelling only: no stray bits after the last byte
    IF right(part, 1) <> replace(replace(right(rtrim(encode(bytes, 'base64'), E'=\n'), 1), '+', '-'), '/', '_')
       OR position('\x00'::bytea IN bytes) > 0 THEN
        RETURN NULL;
    END IF;
    object := convert_from(bytes, 'LATIN1'); -- cannot fail, as it could from UTF8
    IF object ~ '[\x80-\xff]' THEN
        IF object !~ ('^(?:[\x01-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf][\x80-\xbf]'
                      '|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf][\x80-\xbf]|[\xf1-\xf3][\x80-\xbf][\x80-\xbf][\x80-\xbf]'
                      '|\xf4[\x80-\x8f][\x80-\xbf][\x80-\xbf])*$') THEN
            RETURN NULL;
        END IF;
        object := convert_from(bytes, 'UTF8');
    END IF;
    -- The fast path detects duplicate members by counting quotes before a colon, in the input and in jsonb's output.
    -- Each ends a name or begins a text that starts with a colon. jsonb never writes more of them than the input has,
    -- so equal counts mean that no member was dropped. With different counts the slow path decides.
    IF starts_with(object, '{') AND position('\' IN object) = 0 AND ',' || substr(object, 2) ~ plain AND object !~ '[0-9]{19}' THEN
        result := object::jsonb;
        written := result::text;
        IF (octet_length(object) - octet_length(replace(object, '":', ''))) / 2 =
           (octet_length(written) - octet_length(replace(written, '": ', ''))) / 3 THEN
            RETURN result;
        END IF;
    END IF;
    IF object !~ '^[ \t\n\r]*\{' OR object ~ '[\x01-\x08\x0b\x0c\x0e-\x1f]' THEN
        RETURN NULL;
    END IF;

    -- Replaces values from the inside out. If anything is left over at the end, the text was not JSON; else the cast
    -- cannot fail.
    shape := regexp_replace(object, string, E'\x01', 'g');
    members := octet_length(shape) - octet_length(replace(shape, ':', ''));
    FOR level IN 1 .. 64 LOOP
        smaller := regexp_replace(shape, innermost, E'\x02', 'g');
        EXIT WHEN smaller = shape;
        shape := smaller;
    END LOOP;
    IF btrim(shape, E' \t\n\r') <> E'\x02' THEN
        RETURN NULL;
    END IF;
    result := object::jsonb;
    -- jsonb keeps only one of two members with the same name, so duplicates show in a smaller number of members
    shape := regexp_replace(result::text, string, '', 'g');
    IF members <> octet_length(shape) - octet_length(replace(shape, ':', ''))
       OR jsonb_path_exists(result, '$.** ? (@.type() == "number" && (@ >= 1000000000000000000 || @ <= -1000000000000000000))') THEN
        RETURN NULL;
    END IF;
    RETURN result;
END
$$;

-- Checks the claims of a token whose signature is valid.
CREATE OR REPLACE FUNCTION nightbell.accept_claims(claims jsonb, wanted_issuer text, wanted_audience text)
RETURNS nightbell.identity
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    latest CONSTANT numeric := 253402300799; -- the last second of the year 9999
    leeway CONSTANT int := 30; -- seconds that the clocks of signer and server may differ
    who nightbell.identity;
    -- numeric, because float8 raises an error on underflow
    at numeric := extract(epoch FROM clock_timestamp()); -- a DO block is one statement, however long it runs
    -- -1: the claim is present, but not a number that can be a time
    expires numeric := CASE WHEN jsonb_typeof(claims -> 'exp') = 'number' THEN (claims -> 'exp')::numeric WHEN claims ? 'exp' THEN -1 END;
    begins numeric := CASE WHEN jsonb_typeof(claims -> 'nbf') = 'number' THEN (claims -> 'nbf')::numeric WHEN claims ? 'nbf' THEN -1 END;
    issued numeric := CASE WHEN jsonb_typeof(claims -> 'iat') = 'number' THEN (claims -> 'iat')::numeric WHEN claims ? 'iat' THEN -1 END;
    tenant text := claims ->> 'tenant';
    revoked boolean;
BEGIN
    who.known := false;
    who.reason := CASE
        WHEN expires IS NULL THEN 'the token has no expiry (exp)'
        WHEN expires NOT BETWEEN 0 AND latest OR begins NOT BETWEEN 0 AND latest OR issued NOT BETWEEN 0 AND latest
            THEN 'a time of the token is not a number of seconds (exp, nbf, iat)'
        WHEN expires <= at THEN 'the token expired at ' || to_timestamp(round(expires, 6)::float8)::timestamptz(0)
        WHEN begins > at + leeway THEN 'the token is not valid yet (nbf)'
        WHEN issued > at + leeway THEN 'the token was issued in the future'
        WHEN (claims -> 'aud' ? wanted_audience AND jsonb_typeof(claims -> 'aud') <> 'object') IS NOT TRUE THEN 'the token is for another audience (aud)'
        WHEN claims -> 'iss' = to_jsonb(wanted_issuer) IS NOT TRUE AND wanted_issuer IS NOT NULL THEN 'the token is of another issuer (iss)'
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
    who.expires_at := to_timestamp(round(expires, 6)::float8);
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
    IF header IS NULL OR header ? 'crit' OR header ? 'b64'
       OR header ? 'typ' AND header ->> 'typ' IS DISTINCT FROM 'JWT' AND (header -> 'typ')::text !~* '^"(application/)?(at\+)?jwt"$' THEN
        who.reason := 'the token''s header is malformed';
        RETURN who;
    END IF;

    -- the key decides the algorithm; the header must agree with it
    SELECT k.algorithm, k.secret, k.issuer, k.audience INTO key FROM nightbell.signing_keys k
    WHERE k.kid = header ->> 'kid' AND jsonb_typeof(header -> 'kid') = 'string'
        AND k.algorithm = header ->> 'alg' AND jsonb_typeof(header -> 'alg') = 'string'
        AND octet_length(k.secret) * 8 >= substr(k.algorithm, 3)::int -- RFC 7518, 3.2
        AND (k.retired_at IS NULL OR k.retired_at > clock_timestamp());
    IF NOT FOUND THEN
        who.reason := 'the token is signed with a key that is not accepted here (kid, alg)';
        RETURN who;
    END IF;
    -- The expected signature is encoded rather than the given one decoded, so that only the canonical spelling matches.
    -- Both are hashed before they are compared, so that the comparison's time reveals nothing.
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
        who.reason := 'the token''s claims are not a JSON object without duplicates';
        RETURN who;
    END IF;
    RETURN nightbell.accept_claims(claims, key.issuer, key.audience);
END
$$;
