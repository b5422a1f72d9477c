-- The grounds of a verified token are its key (with the contents it had), its user, and its not being revoked. This
-- file records which grounds have ended, and lets a transaction that keeps its snapshot find out that one has ended
-- since.

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
-- Covers every column of the key, so that a changed key is another ground. No part may depend on a session's settings
-- (as float8 output does on extra_float_digits), or sessions would compute different grounds.
CREATE OR REPLACE FUNCTION nightbell.key_ground(key nightbell.signing_keys) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.ground(format('key %L %L %s %L %L %L', key.kid, key.algorithm, encode(sha256(key.secret), 'hex'), key.issuer,
                               key.audience, extract(epoch FROM key.retired_at)));

-- Maintains ended_grounds, in the transaction that ends a ground or restores it.
CREATE OR REPLACE FUNCTION nightbell.end_ground() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    begun uuid;
    ended uuid;
BEGIN
    IF TG_TABLE_NAME = 'signing_keys' THEN
        begun := CASE WHEN TG_OP = 'UPDATE' THEN nightbell.key_ground(NEW) END; -- maybe earlier contents again
        ended := nightbell.key_ground(OLD);
    ELSIF TG_TABLE_NAME = 'revoked_tokens' THEN
        begun := CASE WHEN TG_OP <> 'INSERT' THEN nightbell.token_ground(OLD.jti) END;
        ended := CASE WHEN TG_OP <> 'DELETE' THEN nightbell.token_ground(NEW.jti) END;
    ELSIF TG_OP = 'UPDATE' AND NEW.deleted_at IS NOT NULL THEN
        ended := nightbell.user_ground(NEW.tenant_id, NEW.id);
    ELSE -- the user is restored; or deleted for good, which also deletes the tokens (verified_tokens' foreign key)
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

-- A snapshot may be far older than its transaction: a session can export it to another one (pg_export_snapshot, SET
-- TRANSACTION SNAPSHOT). So each end is counted twice, in a row and in a sequence. A query sees the row as of its
-- snapshot but the sequence as of now. If they differ, something has ended that the snapshot does not show.
--
-- Ends are counted at commit, one transaction at a time: the row's lock is held from before the sequence is increased
-- until the transaction ends, so a snapshot that shows one end shows all earlier ones. A commit that fails after
-- counting leaves the sequence ahead. Transactions that keep their snapshot are then refused until the next end, or
-- until the purge levels the two.
CREATE OR REPLACE FUNCTION nightbell.count_end() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM FROM nightbell.endings e WHERE e.changed_xid <> pg_current_xact_id() FOR UPDATE; -- once per transaction
    IF FOUND THEN
        UPDATE nightbell.endings e SET changed_xid = pg_current_xact_id(),
            number = greatest(e.number, (SELECT s.last_value FROM nightbell.endings_so_far s)) + 1;
        PERFORM setval('nightbell.endings_so_far', (SELECT e.number FROM nightbell.endings e));
    END IF;
    RETURN NULL;
END
$$;

-- Levels row and sequence. Never runs in a client's transaction, which could keep the row locked for any time.
CREATE OR REPLACE FUNCTION nightbell.level_endings() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM FROM nightbell.endings e WHERE e.number <> (SELECT s.last_value FROM nightbell.endings_so_far s) FOR UPDATE;
    IF FOUND THEN
        UPDATE nightbell.endings e SET number = greatest(e.number, (SELECT s.last_value FROM nightbell.endings_so_far s)) + 1;
        PERFORM setval('nightbell.endings_so_far', (SELECT e.number FROM nightbell.endings e));
    END IF;
END
$$;
SELECT nightbell.level_endings(); -- the dump of a restored database may have been taken between the two

-- Whether the snapshot of a transaction that keeps it shows every end.
CREATE OR REPLACE FUNCTION nightbell.shows_every_end() RETURNS boolean
LANGUAGE plpgsql STABLE PARALLEL SAFE
AS $$
BEGIN
    RETURN (SELECT e.number FROM nightbell.endings e) = (SELECT s.last_value FROM nightbell.endings_so_far s);
END
$$;

-- Also counts ends that have no ground because every statement checks them itself: a role, the person of a login, a
-- user who was deleted for good.
DO $do$
DECLARE
    source text;
    ends text;
BEGIN
    FOR source, ends IN VALUES ('signing_keys', 'UPDATE OR DELETE'), ('users', 'UPDATE OF deleted_at OR DELETE'),
        ('revoked_tokens', 'INSERT OR UPDATE'), ('user_roles', 'UPDATE OR DELETE'), ('role_identities', 'UPDATE OR DELETE')
    LOOP
        -- a constraint trigger cannot be replaced
        EXECUTE format('DROP TRIGGER IF EXISTS count_end ON nightbell.%I', source);
        EXECUTE format('CREATE CONSTRAINT TRIGGER count_end AFTER %s ON nightbell.%I DEFERRABLE INITIALLY DEFERRED
                        FOR EACH ROW EXECUTE FUNCTION nightbell.count_end()', ends, source);
    END LOOP;
END
$do$;
