-- A person's own endpoints, confirmed by a code that is sent there. preferring() decides whose they are: one's own, or somebody's for an
-- administrator.

-- The endpoint that is meant, locked.
CREATE OR REPLACE FUNCTION nightbell.endpoint_meant(tenant text, person text, wanted text) RETURNS nightbell.endpoints
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    whose record;
    meant nightbell.endpoints;
BEGIN
    SELECT * INTO whose FROM nightbell.preferring(tenant, person);
    SELECT * INTO meant FROM nightbell.endpoints e WHERE e.tenant_id = whose.tenant_id AND e.user_id = whose.user_id AND e.id::text = lower(wanted)
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM nightbell.refuse('P0002', format('there is no endpoint "%s"', nightbell.plain_text(coalesce(wanted, ''), 40)), NULL);
    END IF;
    RETURN meant;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.endpoints_of(tenant text, person text)
RETURNS TABLE (id uuid, channel text, address text, label text, created_at timestamptz, verified_at timestamptz, disabled_at timestamptz,
    disabled_reason text, last_success_at timestamptz, failing_since timestamptz, secret_version int, former_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    whose record;
BEGIN
    SELECT * INTO whose FROM nightbell.preferring(endpoints_of.tenant, person);
    RETURN QUERY SELECT e.id, e.channel::text, e.address, e.label, e.created_at, e.verified_at, e.disabled_at, e.disabled_reason, e.last_success_at,
        e.failing_since, e.secret_version, CASE WHEN e.former_until > nightbell.clock() THEN e.former_until END
    FROM nightbell.endpoints e WHERE e.tenant_id = whose.tenant_id AND e.user_id = whose.user_id ORDER BY e.created_at, e.id;
END
$$;

-- Sends a code of six digits to an endpoint, by a delivery that goes nowhere else. One a minute, ten a day for a person: whoever else
-- the address belongs to is not to be bothered.
CREATE OR REPLACE FUNCTION nightbell.send_code(wanted nightbell.endpoints) RETURNS void
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    code CONSTANT text := lpad((('x' || encode(substr(uuid_send(gen_random_uuid()), 1, 4), 'hex'))::bit(32)::bigint % 1000000)::text, 6, '0');
    delivery CONSTANT uuid := nightbell.uuidv7();
BEGIN
    IF wanted.code_sent_at > at - interval '1 minute' THEN
        PERFORM nightbell.refuse('55000', 'a code was sent there just now', 'Wait a minute.');
    ELSIF (SELECT count(*) FROM nightbell.deliveries d WHERE d.tenant_id = wanted.tenant_id AND d.user_id = wanted.user_id
           AND d.id >= nightbell.uuidv7_floor(at - interval '1 day') AND d.type = 'ADDRESS_CODE') >= 10 THEN
        PERFORM nightbell.refuse('55000', 'ten codes were sent within a day', 'Wait until tomorrow, or ask an administrator.');
    END IF;
    UPDATE nightbell.endpoints e SET code_digest = sha256(uuid_send(e.id) || convert_to(code, 'UTF8')), code_until = at + interval '15 minutes',
        code_tries = 0, code_sent_at = at, code_delivery = delivery
    WHERE e.tenant_id = wanted.tenant_id AND e.user_id = wanted.user_id AND e.id = wanted.id;
    INSERT INTO nightbell.deliveries (id, tenant_id, user_id, type, channel, urgency, subject, body, payload, next_attempt_at, queued_at)
    VALUES (delivery, wanted.tenant_id, wanted.user_id, 'ADDRESS_CODE', wanted.channel, 'high', format('%s is your code', code),
            format(E'%s confirms that notifications may be sent to %s.\nIf you did not ask for that, do nothing: the code ends within 15 minutes.',
                code, nightbell.plain_text(wanted.address, 100)),
            jsonb_build_object('code', code, 'endpoint', wanted.id), at, at);
END
$$;

-- A new one. One's own is unconfirmed until the code that goes there comes back; what an administrator adds for somebody is confirmed.
CREATE OR REPLACE FUNCTION nightbell.add_endpoint(tenant text, person text, channel text, address text, label text DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    most CONSTANT int := 50;
    whose record;
    problem text;
    made nightbell.endpoints;
BEGIN
    SELECT * INTO whose FROM nightbell.preferring(tenant, person);
    problem := coalesce(nightbell.endpoint_channel_problem(coalesce(add_endpoint.channel, '')),
        nightbell.endpoint_address_problem(add_endpoint.channel, coalesce(add_endpoint.address, '')),
        CASE WHEN char_length(add_endpoint.label) NOT BETWEEN 1 AND 100 OR add_endpoint.label ~ '[[:cntrl:]]'
            THEN 'label: expected 1 to 100 characters, no control characters' END);
    IF problem IS NOT NULL THEN
        PERFORM nightbell.refuse('22023', problem, NULL);
    END IF;
    -- the limit holds for concurrent calls too
    PERFORM FROM nightbell.users u WHERE u.tenant_id = whose.tenant_id AND u.id = whose.user_id FOR NO KEY UPDATE;
    IF (SELECT count(*) FROM nightbell.endpoints e WHERE e.tenant_id = whose.tenant_id AND e.user_id = whose.user_id) >= most THEN
        PERFORM nightbell.refuse('54000', format('more than %s endpoints', most), NULL);
    END IF;
    INSERT INTO nightbell.endpoints AS e (tenant_id, user_id, channel, address, label, created_at, verified_at)
    VALUES (whose.tenant_id, whose.user_id, add_endpoint.channel, add_endpoint.address, add_endpoint.label, nightbell.clock(),
            CASE WHEN coalesce(person, '') <> '' THEN nightbell.clock() END)
    ON CONFLICT DO NOTHING RETURNING e.* INTO made;
    IF made.id IS NULL THEN
        PERFORM nightbell.refuse('23505', 'there is an endpoint with that address already', NULL);
    ELSIF made.verified_at IS NULL THEN
        PERFORM nightbell.send_code(made);
    END IF;
    RETURN made.id;
END
$$;

-- Sends another code.
CREATE OR REPLACE FUNCTION nightbell.resend_code(tenant text, person text, wanted text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    meant CONSTANT nightbell.endpoints := nightbell.endpoint_meant(tenant, person, wanted);
BEGIN
    IF meant.verified_at IS NOT NULL THEN
        PERFORM nightbell.refuse('55000', 'it is confirmed already', NULL);
    END IF;
    PERFORM nightbell.send_code(meant);
END
$$;

-- Confirms an endpoint by the code that arrived there; five tries a code. A wrong one is counted, so the answer is a row and no error:
-- an error would undo the count. problem NULL: it is confirmed.
CREATE OR REPLACE FUNCTION nightbell.confirm_endpoint(tenant text, person text, wanted text, code text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    at CONSTANT timestamptz := nightbell.clock();
    meant CONSTANT nightbell.endpoints := nightbell.endpoint_meant(tenant, person, wanted);
BEGIN
    IF meant.verified_at IS NOT NULL THEN
        RETURN 'it is confirmed already';
    ELSIF meant.code_until IS NULL OR meant.code_until <= at THEN
        RETURN 'there is no code that is still good: have another one sent';
    ELSIF meant.code_tries >= 5 THEN
        RETURN 'five wrong codes: have another one sent';
    ELSIF sha256(uuid_send(meant.id) || convert_to(coalesce(btrim(code), ''), 'UTF8')) <> meant.code_digest THEN
        UPDATE nightbell.endpoints e SET code_tries = e.code_tries + 1 WHERE e.tenant_id = meant.tenant_id AND e.user_id = meant.user_id AND e.id = meant.id;
        RETURN 'that is not the code';
    END IF;
    UPDATE nightbell.endpoints e SET verified_at = at, code_digest = NULL, code_until = NULL, code_tries = 0, code_delivery = NULL
    WHERE e.tenant_id = meant.tenant_id AND e.user_id = meant.user_id AND e.id = meant.id;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION nightbell.remove_endpoint(tenant text, person text, wanted text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    meant CONSTANT nightbell.endpoints := nightbell.endpoint_meant(tenant, person, wanted);
BEGIN
    DELETE FROM nightbell.endpoints e WHERE e.tenant_id = meant.tenant_id AND e.user_id = meant.user_id AND e.id = meant.id;
END
$$;

-- Signs with a new secret from now on, and until `keep` is over with the former one beside it. The number of the new one, and when the former
-- one ends.
DROP FUNCTION IF EXISTS nightbell.rotate_endpoint(text, text, text, interval); -- told the number alone, until version 33
CREATE FUNCTION nightbell.rotate_endpoint(tenant text, person text, wanted text, keep interval DEFAULT '1 day', OUT version int, OUT former_until timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    meant nightbell.endpoints;
BEGIN
    IF keep IS NULL OR keep < interval '0' OR keep > interval '30 days' THEN
        PERFORM nightbell.refuse('22023', 'expected a time from 0 to 30 days for the former secret', NULL);
    END IF;
    meant := nightbell.endpoint_meant(tenant, person, wanted);
    version := meant.secret_version + 1;
    former_until := nightbell.clock() + keep;
    UPDATE nightbell.endpoints e SET secret_version = rotate_endpoint.version, former_version = e.secret_version, former_until = rotate_endpoint.former_until
    WHERE e.tenant_id = meant.tenant_id AND e.user_id = meant.user_id AND e.id = meant.id;
END
$$;
