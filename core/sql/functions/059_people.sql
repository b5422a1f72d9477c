-- Whom a text names: by a whole name, an e-mail address or a UUID, whatever the case.

-- In one tenant; NULL: in any. An address never stands for a name that looks like it: where a text is the one of this and the
-- other of that person, both come.
CREATE OR REPLACE FUNCTION nightbell.people_named(wanted text, tenant uuid) RETURNS SETOF nightbell.users
LANGUAGE sql STABLE
AS $$
    SELECT u.* FROM nightbell.users u
    WHERE (tenant IS NULL OR u.tenant_id = tenant) AND lower(u.name) = lower(wanted) AND u.deleted_at IS NULL
    UNION
    SELECT u.* FROM nightbell.users u
    WHERE (tenant IS NULL OR u.tenant_id = tenant) AND lower(u.email) = lower(wanted) AND u.deleted_at IS NULL AND u.email IS NOT NULL
    UNION
    SELECT u.* FROM nightbell.users u
    WHERE (tenant IS NULL OR u.tenant_id = tenant) AND u.deleted_at IS NULL
        AND u.id = CASE WHEN wanted ~ '^[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$' THEN wanted::uuid END
$$;

-- The one person of a tenant whom a text names, for items of a stream; otherwise the problem.
CREATE OR REPLACE FUNCTION nightbell.person_of(tenant uuid, wanted text, OUT id uuid, OUT problem text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    found uuid[] := ARRAY(SELECT p.id FROM nightbell.people_named(wanted, tenant) p LIMIT 2);
BEGIN
    id := CASE WHEN tenant IS NOT NULL AND cardinality(found) = 1 THEN found[1] END;
    problem := CASE
        WHEN tenant IS NULL THEN 'a user is named, but no tenant'
        WHEN cardinality(found) = 0 THEN format('nobody in the tenant is called "%s"', left(wanted, 100))
        WHEN cardinality(found) > 1 THEN format('"%s" may mean several people', left(wanted, 100))
        END;
END
$$;

-- For who names a person: operators, of the tenant's people (global ones of everybody's), and who may produce for a tenant, of
-- that tenant's. Operators also see addresses and, where nobody is called exactly so, who is similar: a producer learns only whom it
-- named, which to notify somebody tells as well.
CREATE OR REPLACE FUNCTION nightbell.person_find(wanted text, tenant uuid) RETURNS TABLE (id uuid, name text, email text, is_exact boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    who nightbell.identity := nightbell.claims();
    operates CONSTANT boolean := coalesce(who.known AND 'operator' = ANY (who.roles)
        AND (who.is_global OR tenant IS NULL OR tenant = who.tenant_id), false);
    home uuid := CASE WHEN operates AND NOT who.is_global THEN who.tenant_id ELSE tenant END;
    part CONSTANT text := regexp_replace(left(wanted, 256), '([\\%_])', '\\\1', 'g');
    producer nightbell.producer;
BEGIN
    IF NOT operates THEN
        producer := nightbell.producing();
        home := coalesce(tenant, producer.tenant_id);
        IF NOT nightbell.may_produce_for(producer, tenant) THEN
            PERFORM nightbell.refuse('42501', 'this session may produce for its own tenant only',
                                     'Leave the tenant out, or use a token of that tenant.');
        ELSIF home IS NULL THEN
            PERFORM nightbell.refuse('22023', 'a user is named, but no tenant', 'Name the tenant, or give the user''s UUID.');
        END IF;
    END IF;
    RETURN QUERY
        SELECT p.id, p.name, CASE WHEN operates THEN p.email END, true
        FROM nightbell.people_named(wanted, home) p ORDER BY p.name, p.id LIMIT 6;
    IF NOT FOUND AND operates THEN
        RETURN QUERY SELECT p.id, p.name, p.email, false FROM nightbell.people_find('%' || part || '%', part || '%') p LIMIT 6;
    END IF;
END
$$;
