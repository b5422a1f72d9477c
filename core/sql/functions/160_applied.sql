-- Which documents of configuration `nightbell apply` brought.

-- The tenant that an administrator of it means; nil for what belongs to the installation, which needs one of all tenants.
CREATE OR REPLACE FUNCTION nightbell.applied_tenant(tenant text, of_a_tenant boolean) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
BEGIN
    IF of_a_tenant THEN
        RETURN nightbell.tenant_to_configure(tenant);
    ELSIF NOT pg_has_role(session_user, 'nightbell_admin', 'MEMBER') THEN
        RAISE EXCEPTION 'this needs an administrator of the installation'
            USING ERRCODE = 'insufficient_privilege', HINT = 'Use a login that is a member of nightbell_admin (--dsn).';
    END IF;
    RETURN '00000000-0000-0000-0000-000000000000';
END
$$;

CREATE OR REPLACE FUNCTION nightbell.applied_keys(tenant text, of_a_tenant boolean, kind text) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
BEGIN ATOMIC
    SELECT a.key FROM nightbell.applied a
    WHERE a.tenant_id = nightbell.applied_tenant(applied_keys.tenant, applied_keys.of_a_tenant) AND a.kind = applied_keys.kind
    ORDER BY a.key;
END;

-- These keys are all that an apply brought now.
CREATE OR REPLACE FUNCTION nightbell.note_applied(tenant text, of_a_tenant boolean, kind text, keys text[], pruned boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    owner CONSTANT uuid := nightbell.applied_tenant(tenant, of_a_tenant);
BEGIN
    IF pruned THEN
        DELETE FROM nightbell.applied AS a WHERE a.tenant_id = owner AND a.kind = note_applied.kind AND a.key <> ALL (keys);
    END IF;
    INSERT INTO nightbell.applied AS a (tenant_id, kind, key)
    SELECT owner, note_applied.kind, k FROM unnest(keys) AS k
    ON CONFLICT (tenant_id, kind, key) DO UPDATE SET applied_at = excluded.applied_at;
END
$$;
