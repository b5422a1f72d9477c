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

DROP FUNCTION IF EXISTS nightbell.applied_keys(text, boolean, text); -- without an owner, until version 25
DROP FUNCTION IF EXISTS nightbell.note_applied(text, boolean, text, text[], boolean);

-- Those that files of this owner brought last.
CREATE OR REPLACE FUNCTION nightbell.applied_keys(tenant text, of_a_tenant boolean, kind text, owner text) RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
BEGIN ATOMIC
    SELECT a.key FROM nightbell.applied a
    WHERE a.tenant_id = nightbell.applied_tenant(applied_keys.tenant, applied_keys.of_a_tenant) AND a.kind = applied_keys.kind
        AND a.owner = applied_keys.owner
    ORDER BY a.key;
END;

-- These keys are all that an apply of this owner's files brought now. What files of another owner brought before is theirs no more.
CREATE OR REPLACE FUNCTION nightbell.note_applied(tenant text, of_a_tenant boolean, kind text, owner text, keys text[], pruned boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    home CONSTANT uuid := nightbell.applied_tenant(tenant, of_a_tenant);
BEGIN
    IF pruned THEN
        DELETE FROM nightbell.applied AS a WHERE a.tenant_id = home AND a.kind = note_applied.kind AND a.owner = note_applied.owner
            AND a.key <> ALL (keys);
    END IF;
    INSERT INTO nightbell.applied AS a (tenant_id, kind, key, owner)
    SELECT home, note_applied.kind, k, note_applied.owner FROM unnest(keys) AS k
    ON CONFLICT (tenant_id, kind, key) DO UPDATE SET applied_at = excluded.applied_at, owner = excluded.owner;
END
$$;
