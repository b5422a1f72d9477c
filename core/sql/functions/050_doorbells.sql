-- Doorbells: NOTIFY without content on keys that cannot be guessed. A hint, never the truth: what there is to see is fetched
-- through row security. Once a recipient and statement; over 100 recipients once a tenant, as resync.

-- scope: notification (a user's), announcement, event (a tenant's; without a tenant: the global operators'), ping.
CREATE OR REPLACE FUNCTION nightbell.doorbell_key(secret bytea, scope text, tenant uuid, "user" uuid) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT 'nb_' || left(encode(nightbell.keyed_hash(convert_to(
        scope || ':' || coalesce(tenant::text, '*') || ':' || coalesce("user"::text, '*'), 'UTF8'), secret, 'sha256'), 'hex'), 40)
$$;

CREATE OR REPLACE FUNCTION nightbell.doorbell_payload(kind text, op text, n bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT '{"v":1,"kind":"' || kind || '","op":"' || op || '","n":' || n || '}' $$;

-- All trigger functions here see the statement's rows in the transition table "rung", and run as the schema's owner: whoever
-- writes has no right to the secret. It is not looked up (NULL) when the hub rings instead of the writer.

-- On notifications and receipts: the users' own keys.
CREATE OR REPLACE FUNCTION nightbell.ring_users() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    secret bytea := (SELECT i.doorbell_secret FROM nightbell.installation i WHERE i.ring = 'commit');
    op text := CASE WHEN TG_TABLE_NAME = 'receipts' THEN 'update' ELSE lower(TG_OP) END;
    recipients bigint;
BEGIN
    IF secret IS NULL THEN
        RETURN NULL;
    END IF;
    -- most statements write one row: no aggregate for them
    SELECT count(*) INTO recipients FROM (SELECT FROM rung LIMIT 2) AS r;
    IF recipients = 1 THEN
        PERFORM pg_notify(nightbell.doorbell_key(secret, 'notification', r.tenant_id, r.user_id),
                          nightbell.doorbell_payload('notification', op, 1))
        FROM rung r;
        RETURN NULL;
    ELSIF recipients = 0 THEN
        RETURN NULL;
    END IF;
    SELECT count(*) INTO recipients FROM (SELECT FROM rung GROUP BY tenant_id, user_id LIMIT 101) AS r;
    IF recipients <= 100 THEN
        PERFORM pg_notify(nightbell.doorbell_key(secret, 'notification', r.tenant_id, r.user_id),
                          nightbell.doorbell_payload('notification', op, r.n))
        FROM (SELECT tenant_id, user_id, count(*) AS n FROM rung GROUP BY tenant_id, user_id) AS r;
    ELSE
        PERFORM pg_notify(nightbell.doorbell_key(secret, 'announcement', r.tenant_id, NULL),
                          nightbell.doorbell_payload('notification', 'resync', r.n))
        FROM (SELECT tenant_id, count(*) AS n FROM rung GROUP BY tenant_id) AS r;
    END IF;
    RETURN NULL;
END
$$;

-- On announcements: the tenant's key.
CREATE OR REPLACE FUNCTION nightbell.ring_tenants() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    secret bytea := (SELECT i.doorbell_secret FROM nightbell.installation i WHERE i.ring = 'commit');
BEGIN
    PERFORM pg_notify(nightbell.doorbell_key(secret, 'announcement', r.tenant_id, NULL),
                      nightbell.doorbell_payload('notification', lower(TG_OP), r.n))
    FROM (SELECT tenant_id, count(*) AS n FROM rung GROUP BY tenant_id) AS r
    WHERE secret IS NOT NULL;
    RETURN NULL;
END
$$;

-- On system events: each tenant's operators, and the global operators.
CREATE OR REPLACE FUNCTION nightbell.ring_operators() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    secret bytea := (SELECT i.doorbell_secret FROM nightbell.installation i WHERE i.ring = 'commit');
BEGIN
    PERFORM pg_notify(nightbell.doorbell_key(secret, 'event', r.tenant_id, NULL),
                      nightbell.doorbell_payload('event', lower(TG_OP), r.n))
    FROM (SELECT tenant_id, count(*) AS n FROM rung WHERE tenant_id IS NOT NULL GROUP BY tenant_id
          UNION ALL
          SELECT NULL, count(*) FROM rung HAVING count(*) > 0) AS r
    WHERE secret IS NOT NULL;
    RETURN NULL;
END
$$;

CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.notifications
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_users();
CREATE OR REPLACE TRIGGER ring_update AFTER UPDATE ON nightbell.notifications
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_users();
CREATE OR REPLACE TRIGGER ring_delete AFTER DELETE ON nightbell.notifications
    REFERENCING OLD TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_users();
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.receipts
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_users();
CREATE OR REPLACE TRIGGER ring_update AFTER UPDATE ON nightbell.receipts
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_users();
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.announcements
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_tenants();
CREATE OR REPLACE TRIGGER ring_update AFTER UPDATE ON nightbell.announcements
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_tenants();
CREATE OR REPLACE TRIGGER ring_delete AFTER DELETE ON nightbell.announcements
    REFERENCING OLD TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_tenants();
CREATE OR REPLACE TRIGGER ring_insert AFTER INSERT ON nightbell.admin_system_events
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_operators();
CREATE OR REPLACE TRIGGER ring_update AFTER UPDATE ON nightbell.admin_system_events
    REFERENCING NEW TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_operators();
CREATE OR REPLACE TRIGGER ring_delete AFTER DELETE ON nightbell.admin_system_events
    REFERENCING OLD TABLE AS rung FOR EACH STATEMENT EXECUTE FUNCTION nightbell.ring_operators();

-- The channels the session may listen to; none for nobody.
CREATE OR REPLACE FUNCTION nightbell.my_channels() RETURNS TABLE (channel text, kind text)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity := nightbell.claims();
    secret bytea := (SELECT i.doorbell_secret FROM nightbell.installation i);
BEGIN
    IF NOT who.known THEN
        RETURN;
    END IF;
    RETURN QUERY VALUES
        (nightbell.doorbell_key(secret, 'notification', who.home_tenant_id, who.user_id), 'notification'),
        (nightbell.doorbell_key(secret, 'announcement', who.home_tenant_id, NULL), 'announcement'),
        (nightbell.doorbell_key(secret, 'ping', who.home_tenant_id, who.user_id), 'ping');
    IF 'operator' = ANY (who.roles) THEN
        RETURN QUERY SELECT nightbell.doorbell_key(secret, 'event', CASE WHEN NOT who.is_global THEN who.tenant_id END, NULL), 'event';
    END IF;
END
$$;
