-- Who may import, export and delete the configuration of a tenant: a login that is a member of nightbell_admin, and a token
-- with the role admin of that tenant (or of all tenants).

CREATE OR REPLACE FUNCTION nightbell.administers(tenant uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
BEGIN
    IF pg_has_role(session_user, 'nightbell_admin', 'MEMBER') THEN
        RETURN true;
    END IF;
    who := nightbell.claims();
    RETURN coalesce(who.known AND 'admin' = ANY (who.roles) AND (who.is_global OR who.tenant_id = tenant), false);
END
$$;

-- Called first by every function that imports, lists or deletes the configuration of a tenant.
CREATE OR REPLACE FUNCTION nightbell.require_administrator(tenant uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
BEGIN
    IF NOT nightbell.administers(tenant) THEN
        who := nightbell.claims();
        IF NOT coalesce(who.known, false) AND who.reason IS NOT NULL THEN -- a token that is not accepted: more roles would not help
            PERFORM nightbell.refuse('42501', 'not allowed: ' || who.reason,
                                     'Use a login that is a member of nightbell_admin (--dsn), or a token with the role admin.');
        END IF;
        RAISE EXCEPTION 'this needs an administrator of the tenant'
            USING ERRCODE = 'insufficient_privilege',
                  HINT = 'Use a login that is a member of nightbell_admin (--dsn), or a token with the role admin.';
    ELSIF NOT EXISTS (SELECT FROM nightbell.tenants t WHERE t.id = tenant) THEN
        RAISE EXCEPTION 'there is no tenant %', coalesce(tenant::text, 'NULL') USING ERRCODE = 'no_data_found';
    END IF;
END
$$;

-- The tenant that is meant where nobody names one: the only one. For those who may see all of them.
CREATE OR REPLACE FUNCTION nightbell.only_tenant() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    found uuid;
    several boolean;
BEGIN
    SELECT min(t.id::text)::uuid, count(*) > 1 INTO found, several FROM nightbell.tenants t;
    IF several THEN
        RAISE EXCEPTION 'there are several tenants' USING ERRCODE = 'invalid_parameter_value', HINT = 'Name one with --tenant.';
    ELSIF found IS NULL THEN
        RAISE EXCEPTION 'there is no tenant yet' USING ERRCODE = 'no_data_found', HINT = 'Insert one into nightbell.tenants.';
    END IF;
    RETURN found;
END
$$;

-- The tenant that an administrator means: its name or UUID; NULL or '': one's own, or the only one there is.
CREATE OR REPLACE FUNCTION nightbell.tenant_to_configure(named text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    who nightbell.identity;
    found uuid;
BEGIN
    IF named <> '' THEN
        SELECT t.id INTO found FROM nightbell.tenants t WHERE t.id::text = lower(named) OR lower(t.name) = lower(named)
        ORDER BY t.id::text = lower(named) DESC LIMIT 1;
        -- who administers nothing is refused below, at the same place as for a tenant that exists
        IF found IS NULL AND nightbell.administers(NULL) THEN
            RAISE EXCEPTION 'there is no tenant "%"', left(named, 100) USING ERRCODE = 'no_data_found';
        END IF;
    ELSE
        who := nightbell.claims();
        found := coalesce(who.home_tenant_id, who.tenant_id);
    END IF;
    IF found IS NULL AND nightbell.administers(NULL) THEN
        found := nightbell.only_tenant();
    END IF;
    PERFORM nightbell.require_administrator(found);
    RETURN found;
END
$$;

-- Imports the documents of a kind from JSON texts, with one outcome each; a bad one does not stop the others.
-- checking: nightbell.CHECKING(item) returns what is wrong with a document, or NULL. key_member names the document.
-- storing: nightbell.STORING(tenant, item) returns added, changed or same, or raises what only the tables know.
CREATE OR REPLACE FUNCTION nightbell.import_documents(tenant uuid, items text[], checking text, key_member text, storing text)
RETURNS TABLE (ordinal int, key text, change text, sqlstate text, message text, hint text)
LANGUAGE plpgsql
AS $$
DECLARE
    item jsonb;
    state text; -- needed because sqlstate changes inside a nested handler
BEGIN
    PERFORM nightbell.require_administrator(tenant);
    PERFORM FROM nightbell.tenants t WHERE t.id = tenant FOR NO KEY UPDATE; -- imports of a tenant come one after the other
    FOR i IN 1 .. coalesce(cardinality(items), 0) LOOP
        ordinal := i;
        key := NULL;
        change := NULL;
        message := NULL;
        hint := NULL;
        BEGIN
            state := '22023';
            item := items[i]::jsonb;
            EXECUTE format('SELECT nightbell.%I($1)', checking) INTO message USING item;
            IF message IS NULL THEN
                key := item ->> key_member;
                EXECUTE format('SELECT nightbell.%I($1, $2)', storing) INTO change USING tenant, item;
                state := NULL;
            END IF;
        EXCEPTION
            WHEN data_exception OR program_limit_exceeded OR integrity_constraint_violation OR object_not_in_prerequisite_state
                OR syntax_error THEN
                GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, hint = PG_EXCEPTION_HINT;
                IF key IS NULL THEN
                    message := 'the item is no JSON that PostgreSQL takes';
                    hint := NULL;
                END IF;
        END;
        sqlstate := state;
        RETURN NEXT;
    END LOOP;
END
$$;
