-- Groups, devices, and addresses to which nothing is sent, as documents.

-- ---- groups ----

CREATE OR REPLACE FUNCTION nightbell.group_document(g nightbell.groups) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('group', (g).name, 'members', ARRAY(
    SELECT nightbell.person_text(u) FROM nightbell.group_members m JOIN nightbell.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
    WHERE m.tenant_id = (g).tenant_id AND m.group_id = (g).id AND u.deleted_at IS NULL ORDER BY nightbell.person_text(u) COLLATE "C"));

-- What is wrong with a document; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.group_document_problem(item jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN jsonb_typeof(item) IS DISTINCT FROM 'object' THEN 'the item is not a JSON object'
    WHEN jsonb_typeof(item -> 'group') IS DISTINCT FROM 'string' THEN 'group: expected a string'
    WHEN char_length(item ->> 'group') NOT BETWEEN 1 AND 100 OR item ->> 'group' ~ '[[:cntrl:]]|^[[:space:]]|[[:space:]]$'
        THEN 'group: expected 1 to 100 characters, no control characters, no blanks around them'
    WHEN coalesce(jsonb_typeof(item -> 'members'), 'null') NOT IN ('array', 'null') THEN 'members: expected a list of people'
    ELSE coalesce((SELECT format('members[%s]: expected a name, an e-mail address or a UUID', m.n - 1)
                   FROM jsonb_array_elements(CASE jsonb_typeof(item -> 'members') WHEN 'array' THEN item -> 'members' END) WITH ORDINALITY AS m (value, n)
                   WHERE jsonb_typeof(m.value) <> 'string' ORDER BY m.n LIMIT 1),
                  nightbell.unknown_member(item, '{group,members}'))
    END;

-- Archived members stay in their groups, so that whoever is brought back is a member again.
CREATE OR REPLACE FUNCTION nightbell.import_group(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    old nightbell.groups;
    before text;
    problem text;
    people uuid[];
BEGIN
    SELECT array_agg(p.id), min(format('members[%s]: %s', m.n - 1, p.problem)) FILTER (WHERE p.problem IS NOT NULL) INTO people, problem
    FROM jsonb_array_elements_text(CASE jsonb_typeof(item -> 'members') WHEN 'array' THEN item -> 'members' END) WITH ORDINALITY AS m (named, n)
    CROSS JOIN LATERAL nightbell.person_of(tenant, m.named) AS p;
    IF problem IS NOT NULL THEN
        PERFORM nightbell.refuse_member(problem);
    END IF;
    SELECT * INTO old FROM nightbell.groups g WHERE g.tenant_id = tenant AND lower(g.name) = lower(item ->> 'group');
    IF old.id IS NULL THEN
        INSERT INTO nightbell.groups AS g VALUES (tenant, nightbell.uuidv7(), item ->> 'group') RETURNING g.* INTO old;
    ELSE
        before := nightbell.group_document(old)::text;
        UPDATE nightbell.groups g SET name = item ->> 'group' WHERE g.tenant_id = tenant AND g.id = old.id AND g.name <> item ->> 'group';
    END IF;
    DELETE FROM nightbell.group_members m WHERE m.tenant_id = tenant AND m.group_id = old.id AND m.user_id <> ALL (coalesce(people, '{}'))
        AND EXISTS (SELECT FROM nightbell.users u WHERE u.tenant_id = m.tenant_id AND u.id = m.user_id AND u.deleted_at IS NULL);
    INSERT INTO nightbell.group_members (tenant_id, group_id, user_id) SELECT DISTINCT tenant, old.id, p FROM unnest(people) AS p ON CONFLICT DO NOTHING;
    SELECT * INTO old FROM nightbell.groups g WHERE g.tenant_id = tenant AND g.id = old.id;
    RETURN CASE WHEN before IS NULL THEN 'added' WHEN before <> nightbell.group_document(old)::text THEN 'changed' ELSE 'same' END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_groups(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'group_document_problem', 'group', 'import_group') $$;

CREATE OR REPLACE FUNCTION nightbell.group_documents(tenant uuid, named text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT g.name, nightbell.group_document(g)::text FROM nightbell.groups g
        WHERE g.tenant_id = tenant AND (named IS NULL OR lower(g.name) = lower(named)) ORDER BY g.name COLLATE "C";
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_group(tenant uuid, named text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.groups g WHERE g.tenant_id = tenant AND lower(g.name) = lower(named);
    RETURN FOUND;
END
$$;

-- ---- devices ----

CREATE OR REPLACE FUNCTION nightbell.device_document(d nightbell.devices, u nightbell.users) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', (d).id, 'user', nightbell.person_text(u), 'platform', (d).platform, 'token', (d).token,
    'disabled', (d).disabled_at IS NOT NULL);

CREATE OR REPLACE FUNCTION nightbell.device_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    texts CONSTANT text[] := '{id,user,platform,token}';
    problem CONSTANT text := nightbell.text_member_problem(item, texts, texts);
BEGIN
    RETURN CASE
        WHEN problem IS NOT NULL THEN problem
        WHEN item ->> 'id' !~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN 'id: expected a UUID'
        WHEN item ->> 'platform' NOT IN ('ios', 'android', 'web') THEN 'platform: expected ios, android or web'
        WHEN octet_length(item ->> 'token') NOT BETWEEN 1 AND 2048 OR item ->> 'token' ~ '[[:cntrl:]]'
            THEN 'token: expected 1 to 2048 bytes, no control characters'
        WHEN coalesce(jsonb_typeof(item -> 'disabled'), 'null') NOT IN ('boolean', 'null') THEN 'disabled: expected true or false'
        ELSE nightbell.unknown_member(item, texts || '{disabled}')
        END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_device(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    wanted CONSTANT uuid := item ->> 'id';
    disabled CONSTANT boolean := coalesce((nullif(item -> 'disabled', 'null'))::boolean, false);
    owner record;
    old nightbell.devices;
    other uuid;
BEGIN
    SELECT p.id, p.problem INTO owner FROM nightbell.person_of(tenant, item ->> 'user') AS p;
    IF owner.problem IS NOT NULL THEN
        PERFORM nightbell.refuse_member('user: ' || owner.problem);
    END IF;
    SELECT d.id INTO other FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.platform = item ->> 'platform'
        AND md5(d.token) = md5(item ->> 'token') AND d.id <> wanted;
    IF FOUND THEN
        PERFORM nightbell.refuse_member(format('token: the device %s has it: delete that one first', other));
    END IF;
    SELECT * INTO old FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.id = wanted;
    IF (old.user_id, old.platform, old.token, old.disabled_at IS NOT NULL) = (owner.id, item ->> 'platform', item ->> 'token', disabled) THEN
        RETURN 'same';
    END IF;
    DELETE FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.id = wanted;
    INSERT INTO nightbell.devices (tenant_id, user_id, id, platform, token, created_at, last_seen_at, disabled_at)
    VALUES (tenant, owner.id, wanted, item ->> 'platform', item ->> 'token', coalesce(old.created_at, now()), old.last_seen_at,
            CASE WHEN disabled THEN coalesce(old.disabled_at, now()) END);
    RETURN CASE WHEN old.id IS NULL THEN 'added' ELSE 'changed' END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_devices(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'device_document_problem', 'id', 'import_device') $$;

CREATE OR REPLACE FUNCTION nightbell.device_documents(tenant uuid, wanted text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT d.id::text, nightbell.device_document(d, u)::text
        FROM nightbell.devices d JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id
        WHERE d.tenant_id = tenant AND u.deleted_at IS NULL AND (wanted IS NULL OR d.id::text = lower(wanted)) ORDER BY d.id;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_device(tenant uuid, wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.id::text = lower(wanted);
    RETURN FOUND;
END
$$;

-- ---- addresses to which nothing is sent ----

-- The channel of an address; NULL: it is none.
CREATE OR REPLACE FUNCTION nightbell.channel_of_address(address text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN octet_length(address) NOT BETWEEN 1 AND 320 THEN NULL
    WHEN address ~ '^\+[1-9][0-9]{1,14}$' THEN 'sms'
    WHEN address ~ '^https?://[^[:space:][:cntrl:]]+$' THEN 'webhook'
    WHEN address ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$' THEN 'email'
    END;

-- As it is stored: e-mail addresses in lower case.
CREATE OR REPLACE FUNCTION nightbell.stored_address(address text) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE nightbell.channel_of_address(address) WHEN 'email' THEN lower(address) ELSE address END;

CREATE OR REPLACE FUNCTION nightbell.address_document(a nightbell.disabled_addresses) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('address', (a).address, 'reason', (a).reason);

CREATE OR REPLACE FUNCTION nightbell.address_document_problem(item jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE
    WHEN jsonb_typeof(item) IS DISTINCT FROM 'object' THEN 'the item is not a JSON object'
    WHEN jsonb_typeof(item -> 'address') IS DISTINCT FROM 'string' OR nightbell.channel_of_address(item ->> 'address') IS NULL
        THEN 'address: expected an e-mail address, a number such as +37120000000 or a URL, at most 320 bytes'
    WHEN coalesce(jsonb_typeof(item -> 'reason'), 'null') NOT IN ('string', 'null') OR octet_length(item ->> 'reason') > 1000
        OR item ->> 'reason' ~ '[[:cntrl:]]' THEN 'reason: expected at most 1000 bytes, no control characters'
    ELSE nightbell.unknown_member(item, '{address,reason}')
    END;

CREATE OR REPLACE FUNCTION nightbell.import_address(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    added boolean;
BEGIN
    INSERT INTO nightbell.disabled_addresses AS a (tenant_id, channel, address, reason)
    VALUES (tenant, nightbell.channel_of_address(item ->> 'address'), nightbell.stored_address(item ->> 'address'), item ->> 'reason')
    ON CONFLICT (tenant_id, channel, address) DO UPDATE SET reason = excluded.reason WHERE a.reason IS DISTINCT FROM excluded.reason
    RETURNING a.xmax = 0 INTO added;
    RETURN CASE WHEN added THEN 'added' WHEN NOT added THEN 'changed' ELSE 'same' END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_addresses(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'address_document_problem', 'address', 'import_address') $$;

CREATE OR REPLACE FUNCTION nightbell.address_documents(tenant uuid, wanted text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT a.address, nightbell.address_document(a)::text FROM nightbell.disabled_addresses a
        WHERE a.tenant_id = tenant AND (wanted IS NULL OR a.address = nightbell.stored_address(wanted)) ORDER BY a.address COLLATE "C";
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_address(tenant uuid, wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.disabled_addresses a WHERE a.tenant_id = tenant AND a.address = nightbell.stored_address(wanted);
    RETURN FOUND;
END
$$;
