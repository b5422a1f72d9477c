-- Endpoints: webhooks of people, and what programs take for an address, as documents that administrators keep.

-- Whether people have endpoints of a channel. The inbox needs none; e-mail, SMS and push have addresses and devices.
CREATE OR REPLACE FUNCTION nightbell.has_endpoints(channel text) RETURNS boolean
LANGUAGE sql STABLE
RETURN channel <> ALL ('{in_app,email,sms,push}') AND EXISTS (SELECT FROM nightbell.channels c WHERE c.name = channel AND c.needs_address);

-- What is wrong with an address of a channel; NULL: nothing.
CREATE OR REPLACE FUNCTION nightbell.endpoint_address_problem(channel text, address text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    kind CONSTANT text := coalesce((SELECT c.kind FROM nightbell.channels c WHERE c.name = channel), channel);
BEGIN
    IF octet_length(address) NOT BETWEEN 1 AND 2048 OR address ~ '[[:cntrl:]]|^[[:space:]]|[[:space:]]$' THEN
        RETURN 'address: expected 1 to 2048 bytes, no control characters, no blanks around them';
    ELSIF kind = 'webhook' AND address !~ '^https?://([^][[:space:]/?#@\\"<>]+|\[[0-9A-Fa-f:.]+\](:[0-9]+)?)([/?][^[:space:]#\\"<>]*)?$' THEN
        RETURN 'address: expected a URL such as https://example.org/hook, without a name and password in it';
    ELSIF kind = 'smtp' AND nightbell.channel_of_address(address) IS DISTINCT FROM 'email' THEN
        RETURN 'address: expected an e-mail address';
    ELSIF kind = 'twilio' AND nightbell.channel_of_address(address) IS DISTINCT FROM 'sms' THEN
        RETURN 'address: expected a number such as +37120000000';
    END IF;
    RETURN NULL;
END
$$;

-- Why a channel has no endpoints; NULL: it has.
CREATE OR REPLACE FUNCTION nightbell.endpoint_channel_problem(channel text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    RETURN CASE
        WHEN channel = 'in_app' THEN 'the inbox needs no endpoint'
        WHEN channel IN ('email', 'sms') THEN format('what goes by %s goes to the person''s own address: see nightbell users', channel)
        WHEN channel = 'push' THEN 'what goes by push goes to devices: see nightbell devices'
        WHEN channel = ANY (nightbell.all_channels()) AND NOT nightbell.has_endpoints(channel) THEN format('all that goes by %s goes to one place', channel)
        ELSE nightbell.unknown_channel(ARRAY[channel]) END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.endpoint_document(e nightbell.endpoints, u nightbell.users) RETURNS json
LANGUAGE sql STABLE
RETURN json_build_object('id', (e).id, 'user', nightbell.person_text(u), 'channel', (e).channel, 'address', (e).address, 'label', (e).label,
    'verified', (e).verified_at IS NOT NULL, 'disabled', (e).disabled_at IS NOT NULL);

CREATE OR REPLACE FUNCTION nightbell.endpoint_document_problem(item jsonb) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    needed CONSTANT text[] := '{id,user,channel,address}';
    problem CONSTANT text := nightbell.text_member_problem(item, needed || '{label}', needed);
BEGIN
    RETURN CASE
        WHEN problem IS NOT NULL THEN problem
        WHEN item ->> 'id' !~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN 'id: expected a UUID'
        WHEN nightbell.endpoint_channel_problem(item ->> 'channel') IS NOT NULL THEN 'channel: ' || nightbell.endpoint_channel_problem(item ->> 'channel')
        WHEN nightbell.endpoint_address_problem(item ->> 'channel', item ->> 'address') IS NOT NULL
            THEN nightbell.endpoint_address_problem(item ->> 'channel', item ->> 'address')
        WHEN char_length(item ->> 'label') NOT BETWEEN 1 AND 100 OR item ->> 'label' ~ '[[:cntrl:]]' THEN 'label: expected 1 to 100 characters, no control characters'
        WHEN coalesce(jsonb_typeof(item -> 'verified'), 'null') NOT IN ('boolean', 'null') THEN 'verified: expected true or false'
        WHEN coalesce(jsonb_typeof(item -> 'disabled'), 'null') NOT IN ('boolean', 'null') THEN 'disabled: expected true or false'
        ELSE nightbell.unknown_member(item, needed || '{label,verified,disabled}')
        END;
END
$$;

-- verified left out: the application vouches for it. With another address or owner it begins anew, with a secret of its own.
CREATE OR REPLACE FUNCTION nightbell.import_endpoint(tenant uuid, item jsonb) RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    wanted CONSTANT uuid := item ->> 'id';
    verified CONSTANT boolean := coalesce((nullif(item -> 'verified', 'null'))::boolean, true);
    disabled CONSTANT boolean := coalesce((nullif(item -> 'disabled', 'null'))::boolean, false);
    owner record;
    old nightbell.endpoints;
    other uuid;
    stays boolean;
BEGIN
    SELECT p.id, p.problem INTO owner FROM nightbell.person_of(tenant, item ->> 'user') AS p;
    IF owner.problem IS NOT NULL THEN
        PERFORM nightbell.refuse_member('user: ' || owner.problem);
    END IF;
    SELECT e.id INTO other FROM nightbell.endpoints e WHERE e.tenant_id = tenant AND e.user_id = owner.id AND e.channel = item ->> 'channel'
        AND md5(e.address) = md5(item ->> 'address') AND e.id <> wanted;
    IF FOUND THEN
        PERFORM nightbell.refuse_member(format('address: the endpoint %s has it: delete that one first', other));
    END IF;
    SELECT * INTO old FROM nightbell.endpoints e WHERE e.tenant_id = tenant AND e.id = wanted;
    stays := coalesce((old.user_id, old.channel::text, old.address) = (owner.id, item ->> 'channel', item ->> 'address'), false);
    IF stays AND (old.label, old.verified_at IS NOT NULL, old.disabled_at IS NOT NULL) IS NOT DISTINCT FROM (item ->> 'label', verified, disabled) THEN
        RETURN 'same';
    ELSIF stays THEN
        UPDATE nightbell.endpoints e SET label = item ->> 'label', verified_at = CASE WHEN verified THEN coalesce(e.verified_at, at) END,
            disabled_at = CASE WHEN disabled THEN coalesce(e.disabled_at, at) END,
            disabled_reason = CASE WHEN disabled THEN e.disabled_reason END, failing_since = CASE WHEN disabled THEN e.failing_since END
        WHERE e.tenant_id = tenant AND e.id = wanted;
        RETURN 'changed';
    END IF;
    DELETE FROM nightbell.endpoints e WHERE e.tenant_id = tenant AND e.id = wanted;
    INSERT INTO nightbell.endpoints (tenant_id, user_id, id, channel, address, label, created_at, verified_at, secret_version, disabled_at)
    VALUES (tenant, owner.id, wanted, item ->> 'channel', item ->> 'address', item ->> 'label', coalesce(old.created_at, at),
            CASE WHEN verified THEN at END, coalesce(old.secret_version, 0) + 1, CASE WHEN disabled THEN at END);
    RETURN CASE WHEN old.id IS NULL THEN 'added' ELSE 'changed' END;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.import_endpoints(tenant uuid, items text[])
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT * FROM nightbell.import_documents(tenant, items, 'endpoint_document_problem', 'id', 'import_endpoint') $$;

CREATE OR REPLACE FUNCTION nightbell.endpoint_documents(tenant uuid, wanted text DEFAULT NULL) RETURNS TABLE (key text, document text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    RETURN QUERY SELECT e.id::text, nightbell.endpoint_document(e, u)::text
        FROM nightbell.endpoints e JOIN nightbell.users u ON u.tenant_id = e.tenant_id AND u.id = e.user_id
        WHERE e.tenant_id = tenant AND u.deleted_at IS NULL AND (wanted IS NULL OR e.id::text = lower(wanted)) ORDER BY e.id;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.delete_endpoint(tenant uuid, wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    DELETE FROM nightbell.endpoints e WHERE e.tenant_id = tenant AND e.id::text = lower(wanted);
    RETURN FOUND;
END
$$;
