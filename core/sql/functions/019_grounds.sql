-- What a verified token rests on, and what of that has ended: its key as it was, its user, and that it was not revoked.

-- What a token rests on, as it is named in verified_tokens and ended_grounds: 128 bits of SHA-256.
CREATE OR REPLACE FUNCTION nightbell.ground(written text) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN encode(substr(sha256(convert_to(written, 'UTF8')), 1, 16), 'hex')::uuid;
CREATE OR REPLACE FUNCTION nightbell.user_ground(tenant uuid, "user" uuid) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.ground(format('user %s %s', tenant, "user"));
CREATE OR REPLACE FUNCTION nightbell.token_ground(jti text) RETURNS uuid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN nightbell.ground('token ' || jti);
-- All that a key says: one that changes is another.
CREATE OR REPLACE FUNCTION nightbell.key_ground(key nightbell.signing_keys) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.ground(format('key %L %L %s %L %L %L', key.kid, key.algorithm, encode(sha256(key.secret), 'hex'), key.issuer,
                               key.audience, date_part('epoch', key.retired_at)));

CREATE OR REPLACE FUNCTION nightbell.end_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    what uuid;
    ended boolean := true;
BEGIN
    IF TG_TABLE_NAME = 'signing_keys' THEN
        what := nightbell.key_ground(OLD);
        ended := TG_OP = 'DELETE' OR what <> nightbell.key_ground(NEW);
        IF TG_OP = 'UPDATE' THEN -- as it was once before
            DELETE FROM nightbell.ended_grounds e WHERE e.ground = nightbell.key_ground(NEW);
        END IF;
    ELSIF TG_TABLE_NAME = 'users' THEN
        what := nightbell.user_ground(OLD.tenant_id, OLD.id);
        -- whoever is gone altogether has taken the tokens along (verified_tokens' foreign key)
        ended := TG_OP = 'UPDATE' AND NEW.deleted_at IS NOT NULL;
    ELSIF TG_OP = 'INSERT' THEN
        what := nightbell.token_ground(NEW.jti);
    ELSE
        what := nightbell.token_ground(OLD.jti);
        ended := false;
    END IF;
    IF ended THEN
        INSERT INTO nightbell.ended_grounds (ground) VALUES (what) ON CONFLICT DO NOTHING;
    ELSE
        DELETE FROM nightbell.ended_grounds e WHERE e.ground = what;
    END IF;
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER end_ground AFTER UPDATE OR DELETE ON nightbell.signing_keys
    FOR EACH ROW EXECUTE FUNCTION nightbell.end_ground();
CREATE OR REPLACE TRIGGER end_ground AFTER UPDATE ON nightbell.users
    FOR EACH ROW WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION nightbell.end_ground();
CREATE OR REPLACE TRIGGER end_ground_of_deleted AFTER DELETE ON nightbell.users
    FOR EACH ROW WHEN (OLD.deleted_at IS NOT NULL) EXECUTE FUNCTION nightbell.end_ground();
CREATE OR REPLACE TRIGGER end_ground AFTER INSERT OR DELETE ON nightbell.revoked_tokens
    FOR EACH ROW EXECUTE FUNCTION nightbell.end_ground();
