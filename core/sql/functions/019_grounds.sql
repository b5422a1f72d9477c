-- What a verified token rests on, and what of that has ended: its key as it was, its user, and that it was not revoked.

-- Grounds are named in verified_tokens and ended_grounds by 128 bits of SHA-256.
CREATE OR REPLACE FUNCTION nightbell.ground(written text) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN encode(substr(sha256(convert_to(written, 'UTF8')), 1, 16), 'hex')::uuid;
CREATE OR REPLACE FUNCTION nightbell.user_ground(tenant uuid, "user" uuid) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.ground(format('user %s %s', tenant, "user"));
CREATE OR REPLACE FUNCTION nightbell.token_ground(jti text) RETURNS uuid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
RETURN nightbell.ground('token ' || jti);
-- All that a key says: one that changes is another. Nothing in here may be written otherwise by a session that sets itself so
-- (a float8 would be: extra_float_digits): it would be another ground to it.
CREATE OR REPLACE FUNCTION nightbell.key_ground(key nightbell.signing_keys) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.ground(format('key %L %L %s %L %L %L', key.kid, key.algorithm, encode(sha256(key.secret), 'hex'), key.issuer,
                               key.audience, extract(epoch FROM key.retired_at)));

-- Keeps ended_grounds, in the transaction that ends one of them or takes that back.
CREATE OR REPLACE FUNCTION nightbell.end_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    begun uuid;
    ended uuid;
BEGIN
    IF TG_TABLE_NAME = 'signing_keys' THEN
        begun := CASE WHEN TG_OP = 'UPDATE' THEN nightbell.key_ground(NEW) END; -- perhaps as it was once before
        ended := nightbell.key_ground(OLD);
    ELSIF TG_TABLE_NAME = 'revoked_tokens' THEN
        begun := CASE WHEN TG_OP <> 'INSERT' THEN nightbell.token_ground(OLD.jti) END;
        ended := CASE WHEN TG_OP <> 'DELETE' THEN nightbell.token_ground(NEW.jti) END;
    ELSIF TG_OP = 'UPDATE' AND NEW.deleted_at IS NOT NULL THEN
        ended := nightbell.user_ground(NEW.tenant_id, NEW.id);
    ELSE -- there again; or gone altogether, which takes the tokens along (verified_tokens' foreign key)
        begun := nightbell.user_ground(OLD.tenant_id, OLD.id);
    END IF;
    IF ended IS DISTINCT FROM begun THEN
        DELETE FROM nightbell.ended_grounds e WHERE e.ground = begun;
        INSERT INTO nightbell.ended_grounds (ground) SELECT ended WHERE ended IS NOT NULL ON CONFLICT DO NOTHING;
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
CREATE OR REPLACE TRIGGER end_ground AFTER INSERT OR UPDATE OR DELETE ON nightbell.revoked_tokens
    FOR EACH ROW EXECUTE FUNCTION nightbell.end_ground();
