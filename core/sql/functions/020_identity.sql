-- The identity of the session. A token in the setting nightbell.token decides alone, even when it is invalid; without a
-- token the PostgreSQL login decides (role_identities). The identity is determined again in every statement, so that
-- expiry and revocation work at once. A signature is verified only once: a verified token is kept (verified_tokens) and
-- accepted until it expires or one of its grounds ends (ended_grounds).
--
-- Nothing that claims() calls may raise an error or start a subtransaction: it runs inside policies, also in parallel
-- plans.

-- The digest by which a verified token is looked up.
CREATE OR REPLACE FUNCTION nightbell.token_digest(token text) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN sha256(convert_to(token, 'UTF8'));

-- Verifies a token and keeps the result, so that the session's statements need not verify it again. Returns whether it
-- is valid. Nothing here may make other sessions wait: a person about to be revoked could hold the lock for ever.
CREATE OR REPLACE FUNCTION nightbell.remember_token(token text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
    claims jsonb;
    key nightbell.signing_keys;
    told uuid;
    names_roles boolean;
BEGIN
    IF token IS NULL OR octet_length(token) NOT BETWEEN 1 AND 8192 OR pg_is_in_recovery()
       OR current_setting('transaction_read_only')::boolean THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM nightbell.verified_tokens v WHERE v.digest = nightbell.token_digest(token)
                   AND NOT EXISTS (SELECT FROM nightbell.ended_grounds e WHERE e.ground = ANY (v.grounds))) THEN
        RETURN true;
    END IF;
    -- read the key before the verification: a change in between then makes the row void
    SELECT k.* INTO key FROM nightbell.signing_keys k
    WHERE k.kid = CASE WHEN token ~ '^[A-Za-z0-9_-]+\.' THEN nightbell.token_object(split_part(token, '.', 1)) ->> 'kid' END;
    who := nightbell.verify_token(token);
    IF NOT who.known OR key.kid IS NULL THEN
        RETURN false;
    END IF;
    claims := nightbell.token_object(split_part(token, '.', 2));
    names_roles := coalesce(jsonb_typeof(claims -> 'roles') = 'array', false); -- null: stored roles were taken
    told := nightbell.token_ground(claims ->> 'jti');
    -- no need to wait for the disk: a lost row only means another verification
    PERFORM set_config('synchronous_commit', 'off', true);
    INSERT INTO nightbell.verified_tokens AS v (digest, kid, user_id, home_tenant_id, tenant_id, reader_tenant_id, roles, expires_at,
                                                ends_at, grounds)
    SELECT nightbell.token_digest(token), key.kid, who.user_id, who.home_tenant_id, who.tenant_id,
        CASE WHEN names_roles AND nightbell.reads_back(who.roles) THEN who.home_tenant_id END,
        CASE WHEN names_roles THEN who.roles END, who.expires_at, least(who.expires_at, key.retired_at),
        array_remove(ARRAY[nightbell.user_ground(who.home_tenant_id, who.user_id), nightbell.key_ground(key), told], NULL)
    ON CONFLICT (digest) DO UPDATE SET home_tenant_id = excluded.home_tenant_id, reader_tenant_id = excluded.reader_tenant_id,
        roles = excluded.roles, grounds = excluded.grounds, ends_at = excluded.ends_at;
    RETURN true;
END
$$;

-- An older version of these functions may have accepted more, so all tokens are verified again.
DELETE FROM nightbell.verified_tokens;

-- Whether the roles may read: a pure producer may not.
CREATE OR REPLACE FUNCTION nightbell.reads_back(roles text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN 'producer' <> ALL (roles) OR roles && '{user,operator,admin}'::text[];

-- In READ COMMITTED each statement sees all earlier ends. Other transactions keep their snapshot: see 019_grounds.sql.
CREATE OR REPLACE FUNCTION nightbell.sees_what_ends() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN current_setting('transaction_isolation') = 'read committed' OR nightbell.shows_every_end();

-- The session's identity by full verification, or the reason why it has none.
CREATE OR REPLACE FUNCTION nightbell.examined_claims() RETURNS nightbell.identity
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
DECLARE
    who nightbell.identity;
    token CONSTANT text := current_setting('nightbell.token', true);
BEGIN
    IF token <> '' THEN
        who := nightbell.verify_token(token);
    ELSE
        -- most logins without a token are producers without a person: a single look-up for them
        SELECT i.user_id, i.tenant_id, i.is_global INTO who.user_id, who.home_tenant_id, who.is_global
        FROM nightbell.role_identities i WHERE i.role_name = session_user;
        IF NOT FOUND THEN
            RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL,
                    format('no token, and the PostgreSQL role %I is nobody''s', session_user))::nightbell.identity;
        END IF;
        SELECT true, CASE WHEN NOT who.is_global THEN u.tenant_id END,
            ARRAY(SELECT r.role FROM nightbell.user_roles r
                  WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role)
        INTO who.known, who.tenant_id, who.roles
        FROM nightbell.users u
        WHERE u.tenant_id = who.home_tenant_id AND u.id = who.user_id AND u.deleted_at IS NULL;
        IF who.known IS NOT TRUE THEN
            who.reason := format('the person of the PostgreSQL role %I does not exist any more', session_user);
        END IF;
    END IF;
    IF who.known AND NOT nightbell.sees_what_ends() THEN
        who.reason := 'what this transaction rests on may have ended since its snapshot was taken: begin another one';
    END IF;
    IF who.reason IS NOT NULL THEN
        RETURN (false, NULL, NULL, NULL, NULL, NULL, NULL, who.reason)::nightbell.identity;
    END IF;
    IF NOT nightbell.reads_back(who.roles) THEN
        who.home_tenant_id := NULL;
    END IF;
    RETURN who;
END
$$;

-- The session's identity. For a remembered token it takes one query without a join, because starting up each plan node
-- and expression costs more than the look-ups. The query checks everything that can end a verified token: its expiry,
-- and its grounds (key, user, not revoked). All other cases are verified in full.
CREATE OR REPLACE FUNCTION nightbell.claims() RETURNS nightbell.identity
LANGUAGE plpgsql STABLE SECURITY DEFINER PARALLEL SAFE
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
BEGIN
    SELECT v.roles IS NOT NULL, v.user_id, v.tenant_id, v.reader_tenant_id, v.tenant_id IS NULL, v.roles, v.expires_at, NULL
    INTO who
    FROM nightbell.verified_tokens v
    -- (SELECT …): evaluated once, even when a small table is scanned sequentially
    WHERE v.digest = (SELECT nightbell.token_digest(current_setting('nightbell.token', true))) AND v.ends_at > clock_timestamp()
        AND (SELECT e.ground FROM nightbell.ended_grounds e WHERE e.ground = ANY (v.grounds) LIMIT 1) IS NULL
        AND nightbell.sees_what_ends();
    IF who.known THEN
        RETURN who;
    ELSIF who.known IS NULL THEN
        RETURN nightbell.examined_claims();
    END IF;
    -- the token names no roles: use the currently stored ones
    who.known := true;
    SELECT u.tenant_id, ARRAY(SELECT r.role FROM nightbell.user_roles r
                              WHERE r.tenant_id = u.tenant_id AND r.user_id = u.id ORDER BY r.role)
    INTO who.home_tenant_id, who.roles
    FROM nightbell.verified_tokens v JOIN nightbell.users u ON u.tenant_id = v.home_tenant_id AND u.id = v.user_id
    WHERE v.digest = nightbell.token_digest(current_setting('nightbell.token', true));
    IF NOT nightbell.reads_back(who.roles) THEN
        who.home_tenant_id := NULL;
    END IF;
    RETURN who;
END
$$;

-- Policies and queries call these as (SELECT nightbell.current_tenant()), once per statement. They run with the
-- caller's rights and search path, so nothing may be looked up by name: bodies are parsed at definition, operators have
-- a schema.

-- The tenant whose data the session may see; NULL for a global operator, and without an identity.
CREATE OR REPLACE FUNCTION nightbell.current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (nightbell.claims()).tenant_id;

-- The tenant of the session's own inbox, also for a global operator.
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

-- The tenant whose system events the session may see and act on.
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

-- For people and programs. Never raises an error, so it can be called with any token.
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
    RETURN QUERY SELECT coalesce(who.known, false), who.user_id,
        (SELECT u.name FROM nightbell.users u
         WHERE u.id = who.user_id AND u.tenant_id = coalesce(who.home_tenant_id, who.tenant_id, u.tenant_id) AND u.deleted_at IS NULL
         ORDER BY u.created_at LIMIT 1),
        who.tenant_id,
        CASE WHEN who.is_global THEN '*' ELSE (SELECT t.name FROM nightbell.tenants t WHERE t.id = who.tenant_id) END,
        coalesce(who.is_global, false), coalesce(who.roles, '{}'), who.expires_at, who.reason;
EXCEPTION WHEN OTHERS THEN
    RETURN QUERY SELECT false, NULL::uuid, NULL, NULL::uuid, NULL, false, '{}'::text[], NULL::timestamptz,
        'the identity could not be checked: ' || SQLERRM;
END
$$;

-- The rights of a producing call. Raises an error when the caller may not produce at all.
CREATE OR REPLACE FUNCTION nightbell.producing() RETURNS nightbell.producer
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    who nightbell.identity;
    login_roles text[] := '{}';
    token CONSTANT boolean := coalesce(current_setting('nightbell.token', true) <> '', false);
BEGIN
    -- a login without token and person is a plain producer: nothing else to check
    IF token OR EXISTS (SELECT FROM nightbell.role_identities i WHERE i.role_name = session_user) THEN
        who := nightbell.claims();
    END IF;
    IF NOT who.known THEN -- a login mapped to a person that is invalid must not count as a plain producer
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
