-- Who the session is. A token in the setting nightbell.token decides alone, also when it is a bad one; without a token the
-- PostgreSQL login does (role_identities). Asked anew on every statement, so that what expires or is revoked ends at once. The
-- signature of the very same bytes needs to be found right only once: what was verified is kept (verified_tokens), and counts
-- until its key changes, or it is revoked or expires.
--
-- Nothing in here may raise or start a subtransaction: it runs inside policies, in parallel plans too. Hence every text is
-- matched against a grammar before it is cast. What was wrong with a token is told by whoami() only.

-- This is on the way of every statement, so it is written for speed as well: replace() instead of translate(), few regular
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
        SELECT u.tenant_id, u.name, r.jti IS NOT NULL INTO who.home_tenant_id, who.user_name, revoked
        FROM nightbell.users u LEFT JOIN nightbell.revoked_tokens r ON r.jti = claims ->> 'jti'
        WHERE u.id = who.user_id AND u.deleted_at IS NULL ORDER BY u.created_at LIMIT 1;
    ELSE
        who.tenant_id := tenant;
        SELECT u.tenant_id, u.name, r.jti IS NOT NULL INTO who.home_tenant_id, who.user_name, revoked
        FROM nightbell.users u LEFT JOIN nightbell.revoked_tokens r ON r.jti = claims ->> 'jti'
        WHERE u.tenant_id = who.tenant_id AND u.id = who.user_id AND u.deleted_at IS NULL;
    END IF;
    IF revoked IS NOT FALSE THEN
        RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
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

-- The digest that a verified token is found by.
CREATE OR REPLACE FUNCTION nightbell.token_digest(token text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(token, 'UTF8'));

-- Verifies a token and keeps what came out, so that the statements of a session need not do it again; whether it was right.
-- Whoever can call this holds the token. Nothing here makes anybody wait: who is to be revoked could do that for ever.
CREATE OR REPLACE FUNCTION nightbell.remember_token(token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
    claims jsonb;
    key record;
BEGIN
    IF token IS NULL OR octet_length(token) NOT BETWEEN 1 AND 8192 OR pg_is_in_recovery()
       OR current_setting('transaction_read_only')::boolean THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM nightbell.verified_tokens v JOIN nightbell.signing_keys k ON k.kid = v.kid AND k.xmin = v.key_version
               WHERE v.digest = nightbell.token_digest(token)
                   AND NOT EXISTS (SELECT FROM nightbell.revoked_tokens r WHERE r.jti = v.jti)) THEN
        RETURN true;
    END IF;
    -- the key's version before the verification: one that changes in between makes the row void
    SELECT k.kid, k.xmin AS version, k.retired_at INTO key FROM nightbell.signing_keys k
    WHERE k.kid = CASE WHEN token ~ '^[A-Za-z0-9_-]+\.' THEN nightbell.token_object(split_part(token, '.', 1)) ->> 'kid' END;
    who := nightbell.verify_token(token);
    IF NOT who.known OR key.kid IS NULL THEN
        RETURN false;
    END IF;
    claims := nightbell.token_object(split_part(token, '.', 2));
    -- not worth waiting for the disk: what is lost is verified again
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO nightbell.verified_tokens (digest, kid, key_version, jti, user_id, home_tenant_id, is_global, roles, expires_at, ends_at)
    VALUES (nightbell.token_digest(token), key.kid, key.version, claims ->> 'jti', who.user_id, who.home_tenant_id, who.is_global,
            CASE WHEN claims ? 'roles' THEN who.roles END, who.expires_at, least(who.expires_at, key.retired_at))
    ON CONFLICT (digest) DO UPDATE SET key_version = excluded.key_version, ends_at = excluded.ends_at;
    RETURN true;
END
$$;

-- What an older definition of these functions accepted is verified again.
DELETE FROM nightbell.verified_tokens;

CREATE OR REPLACE FUNCTION nightbell.claims() RETURNS nightbell.identity
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
    token text := current_setting('nightbell.token', true);
BEGIN
    IF token <> '' THEN
        -- everything that can end a token that was right once is in this one query
        IF octet_length(token) <= 8192 THEN
            SELECT true, v.user_id, u.name, CASE WHEN NOT v.is_global THEN v.home_tenant_id END, v.home_tenant_id,
                v.is_global, v.roles, v.expires_at, NULL
            INTO who
            FROM nightbell.verified_tokens v
            JOIN nightbell.signing_keys k ON k.kid = v.kid AND k.xmin = v.key_version -- not changed since, nor retired
            JOIN nightbell.users u ON u.tenant_id = v.home_tenant_id AND u.id = v.user_id
            WHERE v.digest = nightbell.token_digest(token) AND v.ends_at > clock_timestamp() AND u.deleted_at IS NULL
                AND NOT EXISTS (SELECT FROM nightbell.revoked_tokens r WHERE r.jti = v.jti);
        END IF;
        IF who.known IS NOT TRUE THEN
            who := nightbell.verify_token(token); -- not remembered, or it says why it is wrong
        ELSIF who.roles IS NULL THEN
            who.roles := ARRAY(SELECT r.role FROM nightbell.user_roles r
                               WHERE r.tenant_id = who.home_tenant_id AND r.user_id = who.user_id ORDER BY r.role);
        END IF;
    ELSE
        -- most logins without a token are producers, who are nobody's: one probe for them
        SELECT i.user_id, i.tenant_id, i.is_global INTO who.user_id, who.home_tenant_id, who.is_global
        FROM nightbell.role_identities i WHERE i.role_name = session_user;
        IF NOT FOUND THEN
            RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                    format('no token, and the PostgreSQL role %I is nobody''s', session_user))::nightbell.identity;
        END IF;
        SELECT true, u.name, CASE WHEN NOT who.is_global THEN u.tenant_id END,
            ARRAY(SELECT r.role FROM nightbell.user_roles r
                  WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role)
        INTO who.known, who.user_name, who.tenant_id, who.roles
        FROM nightbell.users u
        WHERE u.tenant_id = who.home_tenant_id AND u.id = who.user_id AND u.deleted_at IS NULL;
        IF who.known IS NOT TRUE THEN
            who.reason := format('the person of the PostgreSQL role %I does not exist any more', session_user);
        END IF;
    END IF;
    -- such a transaction keeps its snapshot, and does not see what was revoked since
    IF who.known AND current_setting('transaction_isolation') <> 'read committed' AND clock_timestamp() > now() + interval '1 minute' THEN
        who.reason := 'a transaction that is not READ COMMITTED knows for a minute who you are: begin another one';
    END IF;
    IF who.reason IS NOT NULL THEN
        RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, who.reason)::nightbell.identity;
    END IF;
    IF 'producer' = ANY (who.roles) AND NOT who.roles && '{user,operator,admin}' THEN
        who.home_tenant_id := NULL; -- who only produces reads nothing back
    END IF;
    RETURN who;
END
$$;

-- What policies and queries ask, as (SELECT nightbell.current_tenant()): once a statement. They run with the caller's rights
-- and search path, so nothing in them may be looked up by name: bodies parsed at definition, operators with their schema.

-- The tenant whose data the session may see; NULL for a global operator, and for nobody.
CREATE OR REPLACE FUNCTION nightbell.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (nightbell.claims()).tenant_id;

-- The tenant where the session's own inbox is, a global operator's too.
CREATE OR REPLACE FUNCTION nightbell.home_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (nightbell.claims()).home_tenant_id;

CREATE OR REPLACE FUNCTION nightbell.current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (nightbell.claims()).user_id;

CREATE OR REPLACE FUNCTION nightbell.is_global() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce((nightbell.claims()).is_global, false);

CREATE OR REPLACE FUNCTION nightbell.has_role(role text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(role OPERATOR(pg_catalog.=) ANY ((nightbell.claims()).roles), false);

-- The tenant whose system events the session may see and work on.
CREATE OR REPLACE FUNCTION nightbell.operated_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
BEGIN
    RETURN CASE WHEN 'operator' OPERATOR(pg_catalog.=) ANY (who.roles) THEN who.tenant_id END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.operates_globally() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
BEGIN
    RETURN coalesce(who.is_global AND 'operator' OPERATOR(pg_catalog.=) ANY (who.roles), false);
END
$$;

-- For people and programs; never raises, so it can be asked with any token.
CREATE OR REPLACE FUNCTION nightbell.whoami()
RETURNS TABLE (known boolean, user_id uuid, user_name text, tenant_id uuid, tenant_name text, is_global boolean,
               roles text[], expires_at timestamptz, reason text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
BEGIN
    who := nightbell.claims();
    RETURN QUERY SELECT coalesce(who.known, false), who.user_id, who.user_name, who.tenant_id,
        CASE WHEN who.is_global THEN '*' ELSE (SELECT t.name FROM nightbell.tenants t WHERE t.id = who.tenant_id) END,
        coalesce(who.is_global, false), coalesce(who.roles, '{}'), who.expires_at, who.reason;
EXCEPTION WHEN OTHERS THEN
    RETURN QUERY SELECT false, NULL::uuid, NULL, NULL::uuid, NULL, false, '{}'::text[], NULL::timestamptz,
        'the identity could not be checked: ' || SQLERRM;
END
$$;

-- What a producing call may do. Raises when it may not produce at all.
CREATE OR REPLACE FUNCTION nightbell.producing() RETURNS nightbell.producer
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    who nightbell.identity;
    login_roles text[] := '{}';
    token CONSTANT boolean := coalesce(current_setting('nightbell.token', true) <> '', false);
BEGIN
    -- a login without a token that is no person: nothing else is to be found out
    IF token OR EXISTS (SELECT FROM nightbell.role_identities i WHERE i.role_name = session_user) THEN
        who := nightbell.claims();
    END IF;
    IF NOT who.known THEN -- a login that was to be somebody is not one that is nobody's
        RAISE EXCEPTION '%not accepted: %', CASE WHEN token THEN 'the token is ' ELSE '' END, who.reason
            USING ERRCODE = 'insufficient_privilege', HINT = 'Get a new token; SELECT * FROM nightbell.whoami() says who a session is.';
    END IF;
    IF pg_has_role(session_user, 'nightbell_producer', 'MEMBER') THEN
        login_roles := login_roles || 'producer'::text;
    END IF;
    IF pg_has_role(session_user, 'nightbell_worker', 'MEMBER') THEN
        login_roles := login_roles || '{producer,worker}'::text[];
    END IF;
    IF pg_has_role(session_user, 'nightbell_admin', 'MEMBER') THEN
        login_roles := login_roles || '{producer,admin}'::text[];
    END IF;
    IF login_roles = '{}' AND NOT coalesce(who.roles && '{producer,admin}', false) THEN
        RAISE EXCEPTION 'producing needs the role producer'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Use a login that is a member of nightbell_producer, or a token with the role producer.';
    END IF;
    RETURN (who.tenant_id, who.known IS NOT TRUE OR who.is_global, login_roles || coalesce(who.roles, '{}'),
            who.user_id)::nightbell.producer;
END
$$;
