-- Links by which people unsubscribe with one click and without a session (RFC 8058). A token is what it allows, signed: version,
-- tenant, user, channel and type. It has no end, for mails are kept for years; it can only switch one type off by one channel.

CREATE OR REPLACE FUNCTION nightbell.base64url(bytes bytea) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN translate(encode(bytes, 'base64'), E'+/=\n', '-_');

CREATE OR REPLACE FUNCTION nightbell.unsubscribe_signature(content bytea, secret bytea) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nightbell.keyed_hash(convert_to('unsubscribe:', 'UTF8') || content, secret, 'sha256');

-- For who sends: the token of a link in a message of that type. NULL where the type is none that one unsubscribes from: security and
-- the like, and digests, which are switched by their own setting.
CREATE OR REPLACE FUNCTION nightbell.unsubscribe_token(tenant uuid, "user" uuid, type text, channel text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    content bytea;
BEGIN
    IF channel IS NULL OR channel <> ALL (nightbell.all_channels()) THEN
        PERFORM nightbell.refuse('22023', 'expected a channel: ' || nightbell.channels_expected(), NULL);
    ELSIF tenant IS NULL OR "user" IS NULL OR NOT EXISTS (
        SELECT FROM nightbell.notification_types t WHERE t.type = unsubscribe_token.type AND t.unsubscribable AND t.type <> 'DIGEST') THEN
        RETURN NULL;
    END IF;
    content := '\x01'::bytea || uuid_send(tenant) || uuid_send("user") || convert_to(channel || ':' || type, 'UTF8');
    RETURN (SELECT nightbell.base64url(content || nightbell.unsubscribe_signature(content, i.unsubscribe_secret)) FROM nightbell.installation i);
END
$$;

-- What a token says; no row: it is none of ours. Signatures are compared by hashes under a key of the moment, so that how long
-- it takes tells nothing of the right one.
CREATE OR REPLACE FUNCTION nightbell.unsubscribe_meaning(token text) RETURNS TABLE (tenant_id uuid, user_id uuid, channel text, type text)
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    key CONSTANT bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    bytes bytea;
    content bytea;
    given bytea;
    named text;
BEGIN
    IF token IS NULL OR octet_length(token) NOT BETWEEN 90 AND 300 OR token !~ '^[A-Za-z0-9_-]+$' OR octet_length(token) % 4 = 1 THEN
        RETURN;
    END IF;
    bytes := decode(translate(token, '-_', '+/') || repeat('=', (4 - char_length(token) % 4) % 4), 'base64');
    IF nightbell.base64url(bytes) <> token THEN -- one token has one spelling
        RETURN;
    END IF;
    content := substr(bytes, 1, octet_length(bytes) - 32);
    given := nightbell.keyed_hash(substr(bytes, octet_length(bytes) - 31), key, 'sha256');
    IF NOT (SELECT bool_or(nightbell.keyed_hash(nightbell.unsubscribe_signature(content, s.secret), key, 'sha256') = given)
            FROM nightbell.installation i CROSS JOIN unnest(i.unsubscribe_secret || i.former_unsubscribe_secrets) AS s (secret)) THEN
        RETURN;
    END IF;
    named := convert_from(substr(content, 34), 'UTF8');
    IF get_byte(content, 0) = 1 THEN
        RETURN QUERY SELECT encode(substr(content, 2, 16), 'hex')::uuid, encode(substr(content, 18, 16), 'hex')::uuid,
            split_part(named, ':', 1), substr(named, position(':' IN named) + 1);
    END IF;
END
$$;

-- Switches off what a link names, for whoever has the link: no token of a session is asked for. Again: nothing changes.
CREATE OR REPLACE FUNCTION nightbell.unsubscribe(token text) RETURNS TABLE (type text, channel text, description text, changed boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    meant record;
    kind nightbell.notification_types;
BEGIN
    SELECT m.* INTO meant FROM nightbell.unsubscribe_meaning(token) AS m
    JOIN nightbell.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.deleted_at IS NULL;
    IF NOT FOUND THEN
        PERFORM nightbell.refuse('22023', 'this link is none to unsubscribe by', 'Take the whole link from the message; or nightbell prefs set.');
    END IF;
    SELECT t.* INTO kind FROM nightbell.notification_types t WHERE t.type = meant.type;
    IF NOT FOUND OR NOT kind.unsubscribable THEN
        PERFORM nightbell.refuse('22023', format('%s is nothing that one unsubscribes from', meant.type), NULL);
    END IF;
    changed := NOT EXISTS (SELECT FROM nightbell.preferences p WHERE p.tenant_id = meant.tenant_id AND p.user_id = meant.user_id
                           AND p.channel = meant.channel AND p.type = meant.type AND NOT p.enabled);
    IF changed THEN
        INSERT INTO nightbell.user_settings AS s (tenant_id, user_id) VALUES (meant.tenant_id, meant.user_id)
        ON CONFLICT (tenant_id, user_id) DO UPDATE SET version = s.version + 1;
        INSERT INTO nightbell.preferences AS p (tenant_id, user_id, channel, type, enabled)
        VALUES (meant.tenant_id, meant.user_id, meant.channel, meant.type, false)
        ON CONFLICT (tenant_id, user_id, channel, type, module) DO UPDATE SET enabled = false, changed_at = now() WHERE p.enabled;
        PERFORM nightbell.cancel_opted_out(meant.tenant_id, meant.user_id);
    END IF;
    type := meant.type;
    channel := meant.channel;
    description := kind.description;
    RETURN NEXT;
END
$$;

-- Signs links with a new secret from now on. Those of the last four former ones stay good; with forget, where a secret has
-- become known, none does.
CREATE OR REPLACE FUNCTION nightbell.rotate_unsubscribe_secret(forget boolean DEFAULT false) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
    UPDATE nightbell.installation i SET
        former_unsubscribe_secrets = CASE WHEN forget THEN '{}' ELSE (i.unsubscribe_secret || i.former_unsubscribe_secrets)[1:4] END,
        unsubscribe_secret = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
$$;
