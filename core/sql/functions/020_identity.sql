-- Who the session is. A token in the setting nightbell.token decides alone, also when it is a bad one; without a token the
-- PostgreSQL login does (role_identities). Verified anew on every statement, so that what expires or is revoked ends at once.
--
-- Nothing in here may raise or start a subtransaction: it runs inside policies, in parallel plans too. Hence every text is
-- matched against a grammar before it is cast. What was wrong with a token is told by whoami() only.

-- The bytes, or NULL for anything but the one canonical unpadded encoding.
CREATE OR REPLACE FUNCTION nightbell.base64url_decode(part text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    bytes bytea;
BEGIN
    IF part !~ '^[A-Za-z0-9_-]+$' OR length(part) % 4 = 1 THEN
        RETURN NULL;
    END IF;
    bytes := decode(rpad(translate(part, '-_', '+/'), (length(part) + 3) / 4 * 4, '='), 'base64');
    IF rtrim(translate(encode(bytes, 'base64'), E'+/\n', '-_'), '=') <> part THEN
        RETURN NULL; -- stray bits behind the last byte
    END IF;
    RETURN bytes;
END
$$;

-- A flat JSON object: plain values and lists of strings, no member twice, no exponents (1e999999 is not a time), no escape
-- that jsonb would choke on (\u0000, surrogates). NULL for anything else.
-- The bytes are read as LATIN1, which cannot fail: every value that is looked at is ASCII.
CREATE OR REPLACE FUNCTION nightbell.token_object(bytes bytea) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
AS $$
DECLARE
    object text;
    result jsonb;
BEGIN
    IF position('\x00'::bytea IN bytes) > 0 THEN
        RETURN NULL;
    END IF;
    object := convert_from(bytes, 'LATIN1');
    -- the brace is read as a comma, so that the grammar needs to say what a member is only once; no bounded repetitions
    -- ({1,64}), which would make the matching several times slower
    IF NOT starts_with(object, '{') OR ',' || substr(object, 2) !~
        ('^(?:,\s*"[^"\\\x01-\x1f]*"\s*:\s*'
         '(?:"(?:[^"\\\x01-\x1f]|\\["\\/bfnrt]'
         '|\\u(?:[1-9a-cA-C][0-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]|00[2-9a-fA-F])[0-9a-fA-F])*"'
         '|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|true|false|null'
         '|\[\s*(?:"[^"\\\x01-\x1f]*"\s*(?:,\s*"[^"\\\x01-\x1f]*"\s*)*)?\])\s*)+\}\s*$') THEN
        RETURN NULL;
    END IF;
    result := object::jsonb;
    IF (SELECT count(*) FROM json_object_keys(object::json)) <> (SELECT count(*) FROM jsonb_object_keys(result)) THEN
        RETURN NULL;
    END IF;
    RETURN result;
END
$$;

-- A time claim as a number of seconds; NULL when it is absent, -1 when it is not one that can be used.
CREATE OR REPLACE FUNCTION nightbell.token_time(claims jsonb, name text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT CASE jsonb_typeof(claims -> name)
           WHEN 'number' THEN CASE WHEN (claims ->> name)::numeric BETWEEN 0 AND 253402300799
                              THEN (claims ->> name)::numeric ELSE -1 END
           WHEN NULL THEN NULL
           ELSE CASE WHEN claims ? name THEN -1 END
           END
$$;

-- Everything about the claims of a token whose signature is right. Fills in who; sets reason where it is not acceptable.
CREATE OR REPLACE FUNCTION nightbell.accept_claims(claims jsonb, wanted_issuer text, wanted_audience text)
RETURNS nightbell.identity
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    uuid_pattern CONSTANT text := '^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$';
    leeway CONSTANT int := 30; -- seconds that the clocks of signer and server may differ
    who nightbell.identity;
    at numeric := date_part('epoch', statement_timestamp());
    expires numeric := nightbell.token_time(claims, 'exp');
    begins numeric := nightbell.token_time(claims, 'nbf');
    issued numeric := nightbell.token_time(claims, 'iat');
BEGIN
    who.known := false;
    who.reason := CASE
        WHEN expires IS NULL THEN 'the token has no expiry (exp)'
        WHEN expires < 0 OR begins < 0 OR issued < 0 THEN 'the token has a time that is not a number of seconds (exp, nbf, iat)'
        WHEN expires <= at THEN 'the token expired at ' || to_timestamp(expires)::timestamptz(0)
        WHEN begins > at + leeway THEN 'the token is not valid before ' || to_timestamp(begins)::timestamptz(0)
        WHEN issued > at + leeway THEN 'the token was issued in the future'
        WHEN claims -> 'aud' ? wanted_audience IS NOT TRUE THEN 'the token is for another audience (aud)'
        WHEN wanted_issuer IS NOT NULL AND claims -> 'iss' <> to_jsonb(wanted_issuer) IS NOT FALSE
            THEN 'the token is of another issuer (iss)'
        WHEN claims ->> 'sub' ~ uuid_pattern IS NOT TRUE THEN 'the token names no user (sub must be a UUID)'
        WHEN (claims ->> 'tenant' = '*' OR claims ->> 'tenant' ~ uuid_pattern) IS NOT TRUE
            THEN 'the token names no tenant (tenant must be a UUID, or * for a global operator)'
        WHEN claims ? 'roles' AND claims ->> 'roles' !~ '^\[("[a-z]*"(, )?)*\]$' THEN 'the roles of the token are not a list of words'
        WHEN claims ? 'jti' AND jsonb_typeof(claims -> 'jti') <> 'string' THEN 'the token''s id (jti) is not a string'
        WHEN claims ? 'jti' AND EXISTS (SELECT FROM nightbell.revoked_tokens r WHERE r.jti = claims ->> 'jti')
            THEN 'the token has been revoked'
        END;
    IF who.reason IS NOT NULL THEN
        RETURN who;
    END IF;

    who.user_id := claims ->> 'sub';
    IF claims ->> 'tenant' = '*' THEN
        who.is_global := true;
        SELECT u.tenant_id, u.name INTO who.home_tenant_id, who.user_name
        FROM nightbell.users u WHERE u.id = who.user_id AND u.deleted_at IS NULL ORDER BY u.created_at LIMIT 1;
    ELSE
        who.is_global := false;
        who.tenant_id := claims ->> 'tenant';
        SELECT u.tenant_id, u.name INTO who.home_tenant_id, who.user_name
        FROM nightbell.users u
        WHERE u.tenant_id = who.tenant_id AND u.id = who.user_id AND u.deleted_at IS NULL;
    END IF;
    IF who.home_tenant_id IS NULL THEN
        RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'the token''s user does not exist')::nightbell.identity;
    END IF;

    IF claims ? 'roles' THEN
        -- 'worker' is not a role of people
        who.roles := array_remove(translate(claims ->> 'roles', '[]" ', '{}')::text[], 'worker');
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
    parts text[];
    header jsonb;
    claims jsonb;
    signature bytea;
    key nightbell.signing_keys;
BEGIN
    who.known := false;
    IF octet_length(token) > 8192 THEN
        who.reason := 'the token is larger than 8 KiB';
        RETURN who;
    END IF;
    parts := string_to_array(token, '.');
    IF cardinality(parts) <> 3 THEN
        who.reason := 'the token is not a signed JWT of three parts';
        RETURN who;
    END IF;
    header := nightbell.token_object(nightbell.base64url_decode(parts[1]));
    signature := nightbell.base64url_decode(parts[3]);
    IF header IS NULL OR signature IS NULL OR header ? 'crit' OR lower(header ->> 'typ') <> 'jwt' THEN
        who.reason := 'the token''s header or signature is malformed';
        RETURN who;
    END IF;

    -- the key says which algorithm it is for; the header may only agree
    SELECT * INTO key FROM nightbell.signing_keys k
    WHERE k.kid = header ->> 'kid' AND (k.retired_at IS NULL OR k.retired_at > statement_timestamp());
    IF NOT FOUND OR key.algorithm <> header ->> 'alg' IS NOT FALSE THEN
        who.reason := 'the token is signed with a key that is not accepted here (kid, alg)';
        RETURN who;
    END IF;
    -- hashed once more before they are compared: how long that takes tells nothing about the right signature
    IF sha256(key.secret || signature) <> sha256(key.secret || nightbell.keyed_hash(
            convert_to(parts[1] || '.' || parts[2], 'UTF8'), key.secret, 'sha' || substr(key.algorithm, 3))) THEN
        who.reason := 'the token''s signature is wrong';
        RETURN who;
    END IF;

    claims := nightbell.token_object(nightbell.base64url_decode(parts[2]));
    IF claims IS NULL THEN
        who.reason := 'the token''s claims are not a flat JSON object without duplicates';
        RETURN who;
    END IF;
    RETURN nightbell.accept_claims(claims, key.issuer, key.audience);
END
$$;

CREATE OR REPLACE FUNCTION nightbell.claims() RETURNS nightbell.identity
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
    token text := current_setting('nightbell.token', true);
BEGIN
    IF token <> '' THEN
        RETURN nightbell.verify_token(token);
    END IF;
    SELECT true, u.id, u.name, CASE WHEN NOT i.is_global THEN u.tenant_id END, u.tenant_id, i.is_global,
           ARRAY(SELECT r.role FROM nightbell.user_roles r
                 WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role)
    INTO who.known, who.user_id, who.user_name, who.tenant_id, who.home_tenant_id, who.is_global, who.roles
    FROM nightbell.role_identities i JOIN nightbell.users u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
    WHERE i.role_name = session_user AND u.deleted_at IS NULL;
    IF NOT FOUND THEN
        who.known := false;
        who.reason := format('no token, and the PostgreSQL role %I is nobody''s', session_user);
    END IF;
    RETURN who;
END
$$;

-- What policies and queries ask, as (SELECT nightbell.current_tenant()): once a statement.

-- The tenant whose data the session may see; NULL for a global operator, and for nobody.
CREATE OR REPLACE FUNCTION nightbell.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (nightbell.claims()).tenant_id $$;

-- The tenant where the session's own inbox is, a global operator's too.
CREATE OR REPLACE FUNCTION nightbell.home_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (nightbell.claims()).home_tenant_id $$;

CREATE OR REPLACE FUNCTION nightbell.current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT (nightbell.claims()).user_id $$;

CREATE OR REPLACE FUNCTION nightbell.is_global() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce((nightbell.claims()).is_global, false) $$;

CREATE OR REPLACE FUNCTION nightbell.has_role(role text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce(role = ANY ((nightbell.claims()).roles), false) $$;

-- The tenant whose system events the session may see and work on.
CREATE OR REPLACE FUNCTION nightbell.operated_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
BEGIN
    RETURN CASE WHEN 'operator' = ANY (who.roles) THEN who.tenant_id END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.operates_globally() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
BEGIN
    RETURN coalesce(who.is_global AND 'operator' = ANY (who.roles), false);
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
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
    login_roles text[] := '{}';
BEGIN
    IF NOT who.known AND current_setting('nightbell.token', true) <> '' THEN
        RAISE EXCEPTION 'the token is not accepted: %', who.reason
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
    RETURN (who.tenant_id, NOT who.known OR who.is_global, login_roles || coalesce(who.roles, '{}'),
            who.user_id)::nightbell.producer;
END
$$;
