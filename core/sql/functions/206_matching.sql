-- Which rules an app event matches, and whom they mean.

-- The members that a condition names and the context lacks: "$.amount". For the decision's wording only.
CREATE OR REPLACE FUNCTION nightbell.condition_lacks(context jsonb, condition jsonpath) RETURNS text[]
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    path text;
    lacking text[] := '{}';
BEGIN
    FOR path IN
        SELECT DISTINCT replace(m[1], '"', '') FROM regexp_matches(condition::text, '(\$(?:\."[A-Za-z_][A-Za-z0-9_]*")+)', 'g') AS m LIMIT 20
    LOOP
        IF NOT jsonb_path_exists(context, ('lax ' || path)::jsonpath, silent => true) THEN
            lacking := lacking || path;
        END IF;
    END LOOP;
    RETURN lacking;
END
$$;

-- Every rule that an app event asks, with matched, or why not. Evaluated silently: what a condition cannot compare is
-- not met.
CREATE OR REPLACE FUNCTION nightbell.match_rules(tenant uuid, event_type text, of_module text, context jsonb)
RETURNS TABLE (rule nightbell.rules, code text)
LANGUAGE plpgsql STABLE ROWS 10
SET enable_seqscan = off
SET jit = off
AS $$
#variable_conflict use_variable
DECLARE
    is_off CONSTANT boolean := EXISTS (SELECT FROM nightbell.module_config m
                                       WHERE m.tenant_id = tenant AND m.module_code = of_module AND NOT m.is_enabled);
BEGIN
    RETURN QUERY
    SELECT f.r, CASE WHEN NOT (f.r).is_active THEN 'rule_off' WHEN is_off THEN 'module_off'
        WHEN (f.r).condition_expr IS NULL OR context @@ (f.r).condition_expr THEN 'matched' ELSE 'condition_not_met' END
    FROM unnest(nightbell.event_candidates(event_type)) AS c (pattern)
    CROSS JOIN LATERAL (SELECT r FROM nightbell.rules r WHERE r.tenant_id = tenant AND r.event_type = c.pattern
                            AND (r.module IS NULL OR r.module = of_module) OFFSET 0) AS f
    ORDER BY (f.r).rule_id;
END
$$;

-- The person that a text means: a UUID, an e-mail address, or a name. NULL: nobody.
CREATE OR REPLACE FUNCTION nightbell.recipient_named(tenant uuid, named text) RETURNS uuid
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
DECLARE
    found uuid;
BEGIN
    IF named ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' THEN
        SELECT u.id INTO found FROM nightbell.users u WHERE u.tenant_id = tenant AND u.id = named::uuid AND u.deleted_at IS NULL;
    ELSIF position('@' IN named) > 0 THEN
        SELECT u.id INTO found FROM nightbell.users u
        WHERE u.tenant_id = tenant AND lower(u.email) = lower(named) AND u.deleted_at IS NULL ORDER BY u.id LIMIT 1;
    END IF;
    IF found IS NULL THEN
        SELECT u.id INTO found FROM nightbell.users u
        WHERE u.tenant_id = tenant AND lower(u.name) = lower(named) AND u.deleted_at IS NULL;
    END IF;
    RETURN found;
END
$$;

-- What a rule's recipient says one by one: the names of recipient type user, or what the path of dynamic_field finds.
CREATE OR REPLACE FUNCTION nightbell.recipient_names(r nightbell.rules, context jsonb) RETURNS SETOF text
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    IF r.recipient_type = 'user' THEN
        RETURN QUERY SELECT DISTINCT btrim(n) FROM unnest(string_to_array(r.recipient_value, ',')) AS n WHERE btrim(n) <> '';
    ELSIF r.recipient_type = 'dynamic_field' THEN
        RETURN QUERY
        SELECT DISTINCT coalesce(e.value #>> '{}', 'null')
        FROM jsonb_path_query(context, r.recipient_value::jsonpath, silent => true) AS p (value)
        CROSS JOIN LATERAL (SELECT p.value WHERE jsonb_typeof(p.value) <> 'array'
                            UNION ALL SELECT a FROM jsonb_array_elements(CASE jsonb_typeof(p.value) WHEN 'array' THEN p.value END) AS a) AS e (value)
        LIMIT 10000;
    END IF;
END
$$;

-- The recipients of a rule behind a user id, at most that many, by id.
CREATE OR REPLACE FUNCTION nightbell.rule_audience(r nightbell.rules, context jsonb, behind uuid, most int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
SET jit = off
AS $$
DECLARE
    after CONSTANT uuid := coalesce(behind, '00000000-0000-0000-0000-000000000000');
BEGIN
    CASE r.recipient_type
    WHEN 'tenant' THEN
        RETURN QUERY SELECT u.id FROM nightbell.users u
        WHERE u.tenant_id = r.tenant_id AND u.id > after AND u.deleted_at IS NULL ORDER BY u.id LIMIT most;
    WHEN 'role' THEN
        RETURN QUERY SELECT u.id FROM nightbell.user_roles o JOIN nightbell.users u ON u.tenant_id = o.tenant_id AND u.id = o.user_id
        WHERE o.tenant_id = r.tenant_id AND o.role = r.recipient_value AND o.user_id > after AND u.deleted_at IS NULL
        ORDER BY o.user_id LIMIT most;
    WHEN 'group' THEN
        RETURN QUERY SELECT u.id FROM nightbell.groups g
        JOIN nightbell.group_members m ON m.tenant_id = g.tenant_id AND m.group_id = g.id
        JOIN nightbell.users u ON u.tenant_id = m.tenant_id AND u.id = m.user_id
        WHERE g.tenant_id = r.tenant_id AND (lower(g.name) = lower(r.recipient_value) OR g.id::text = lower(r.recipient_value))
            AND m.user_id > after AND u.deleted_at IS NULL
        ORDER BY m.user_id LIMIT most;
    WHEN 'user', 'dynamic_field' THEN
        RETURN QUERY SELECT DISTINCT f.id FROM nightbell.recipient_names(r, context) AS n (name)
        CROSS JOIN LATERAL (SELECT nightbell.recipient_named(r.tenant_id, n.name)) AS f (id)
        WHERE f.id > after ORDER BY f.id LIMIT most;
    ELSE
        RETURN; -- oncall: unknown_recipients() says why
    END CASE;
END
$$;

-- The recipients of a rule that there are not, with a reason.
CREATE OR REPLACE FUNCTION nightbell.unknown_recipients(r nightbell.rules, context jsonb) RETURNS TABLE (detail jsonb)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off
AS $$
BEGIN
    IF r.recipient_type = 'oncall' THEN
        RETURN QUERY SELECT jsonb_build_object('recipient', 'oncall:' || left(r.recipient_value, 200), 'reason', 'there are no on-call schedules');
    ELSIF r.recipient_type = 'group' THEN
        RETURN QUERY SELECT jsonb_build_object('recipient', left(r.recipient_value, 200), 'reason', 'there is no such group')
        WHERE NOT EXISTS (SELECT FROM nightbell.groups g WHERE g.tenant_id = r.tenant_id
                              AND (lower(g.name) = lower(r.recipient_value) OR g.id::text = lower(r.recipient_value)));
    ELSIF r.recipient_type IN ('user', 'dynamic_field') THEN
        RETURN QUERY SELECT jsonb_build_object('recipient', left(n.name, 200), 'reason', 'there is no such user')
        FROM nightbell.recipient_names(r, context) AS n (name) WHERE nightbell.recipient_named(r.tenant_id, n.name) IS NULL LIMIT 100;
        IF r.recipient_type = 'dynamic_field' AND NOT EXISTS (SELECT FROM nightbell.recipient_names(r, context)) THEN
            RETURN QUERY SELECT jsonb_build_object('recipient', left(r.recipient_value, 200), 'reason', 'the context has nobody there');
        END IF;
    END IF;
END
$$;
