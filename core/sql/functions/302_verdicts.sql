-- What people's preferences say of a notification before it is made.

-- A person's word that decides whether they get a type by a channel: on the type, on one of its modules (the first first), on all.
-- detail: what it was said of, for decisions. No row: they have said nothing.
CREATE OR REPLACE FUNCTION nightbell.preferred(tenant uuid, "user" uuid, channel text, type text, modules text[])
RETURNS TABLE (enabled boolean, detail jsonb)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT p.enabled, jsonb_strip_nulls(jsonb_build_object('type', nullif(p.type, '*'), 'module', nullif(p.module, '*')))
    FROM nightbell.preferences p
    WHERE p.tenant_id = preferred.tenant AND p.user_id = preferred."user" AND p.channel = preferred.channel
        AND (p.type = preferred.type OR p.type = '*' AND (p.module = '*' OR p.module = ANY (preferred.modules)))
    ORDER BY p.type = '*', p.module = '*', array_position(preferred.modules, p.module::text) LIMIT 1;
END;

-- Whether something may reach each of the users by each of the channels: a row for each pair (none for who is deleted or
-- unknown). code NULL: it leaves now; opted_out, below_threshold, no_address, address_disabled: it does not; quiet_hours,
-- do_not_disturb, held_for_digest: not before held_until, together with what else waits for the slot. Critical ones pass what
-- holds, and the inbox never waits. context NULL: nothing that thresholds could be asked of.
CREATE OR REPLACE FUNCTION nightbell.channel_verdicts(tenant uuid, type text, module text, event_type text, urgency text, context jsonb,
                                                      users uuid[], channels text[], at timestamptz)
RETURNS TABLE (user_id uuid, channel text, code text, held_until timestamptz, slot timestamptz, detail jsonb)
LANGUAGE plpgsql STABLE
AS $$
#variable_conflict use_column
DECLARE
    modules CONSTANT text[] := array_remove(ARRAY[(SELECT t.module FROM nightbell.notification_types t WHERE t.type = channel_verdicts.type),
                                                  channel_verdicts.module], NULL);
    must_show CONSTANT boolean := coalesce((SELECT NOT t.unsubscribable FROM nightbell.notification_types t WHERE t.type = channel_verdicts.type), false);
BEGIN
    RETURN QUERY
    SELECT k.id, c.channel,
        v.code,
        CASE WHEN v.code = h.reason THEN h.until END,
        CASE WHEN v.code = h.reason THEN h.until END,
        CASE v.code
            WHEN 'opted_out' THEN preferred.detail
            WHEN 'below_threshold' THEN jsonb_build_object('condition', threshold.condition, 'event_type', threshold.event_type, 'module', threshold.module)
            WHEN h.reason THEN h.detail
        END
    FROM nightbell.users k
    CROSS JOIN unnest(channel_verdicts.channels) AS c (channel)
    LEFT JOIN nightbell.holds_of(array_fill(channel_verdicts.tenant, ARRAY[cardinality(channel_verdicts.users)]),
        channel_verdicts.users, channel_verdicts.at) AS h ON h.user_id = k.id AND channel_verdicts.urgency IS DISTINCT FROM 'critical'
    LEFT JOIN LATERAL nightbell.preferred(channel_verdicts.tenant, k.id, c.channel, channel_verdicts.type, modules) AS preferred ON true
    LEFT JOIN LATERAL (
        SELECT t.condition::text AS condition, t.event_type, t.module,
            coalesce(jsonb_path_match(channel_verdicts.context, t.condition, '{}', true), false) AS is_met
        FROM nightbell.alert_thresholds t
        WHERE channel_verdicts.context IS NOT NULL AND t.tenant_id = channel_verdicts.tenant AND t.user_id = k.id AND t.is_active
            AND t.event_type IN (channel_verdicts.event_type, '*') AND (t.module = '*' OR t.module = ANY (modules))
        ORDER BY t.event_type = '*', t.module = '*', array_position(modules, t.module) LIMIT 1) AS threshold ON true
    CROSS JOIN LATERAL (SELECT CASE
        WHEN must_show AND c.channel = 'in_app' THEN NULL
        WHEN NOT preferred.enabled THEN 'opted_out'
        WHEN NOT threshold.is_met THEN 'below_threshold'
        WHEN c.channel = 'in_app' THEN NULL
        ELSE coalesce(nightbell.address_problem(channel_verdicts.tenant, k.id, c.channel, k.email, k.phone), h.reason) END AS code) AS v
    WHERE k.tenant_id = channel_verdicts.tenant AND k.id = ANY (channel_verdicts.users) AND k.deleted_at IS NULL;
END
$$;

-- no_address, address_disabled, or NULL where something can be sent.
CREATE OR REPLACE FUNCTION nightbell.address_problem(tenant uuid, "user" uuid, channel text, email text, phone text) RETURNS text
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    reached CONSTANT text := CASE channel WHEN 'email' THEN lower(email) WHEN 'sms' THEN phone END;
    usable boolean;
BEGIN
    IF channel = 'push' THEN
        SELECT bool_or(d.disabled_at IS NULL) INTO usable FROM nightbell.devices d WHERE d.tenant_id = tenant AND d.user_id = "user";
        RETURN CASE WHEN usable IS NULL THEN 'no_address' WHEN NOT usable THEN 'address_disabled' END;
    ELSIF channel NOT IN ('email', 'sms') THEN
        SELECT bool_or(e.disabled_at IS NULL AND NOT EXISTS (SELECT FROM nightbell.disabled_addresses a
            WHERE a.tenant_id = tenant AND a.channel = address_problem.channel AND a.address = e.address)) INTO usable FROM nightbell.endpoints e
        WHERE e.tenant_id = tenant AND e.user_id = "user" AND e.channel = address_problem.channel AND e.verified_at IS NOT NULL;
        RETURN CASE WHEN usable THEN NULL WHEN NOT usable THEN 'address_disabled'
            WHEN EXISTS (SELECT FROM nightbell.channels c WHERE c.name = address_problem.channel AND NOT c.needs_address) THEN NULL ELSE 'no_address' END;
    ELSIF reached IS NULL THEN
        RETURN 'no_address';
    ELSIF EXISTS (SELECT FROM nightbell.disabled_addresses a WHERE a.tenant_id = tenant AND a.channel = address_problem.channel AND a.address = reached) THEN
        RETURN 'address_disabled';
    END IF;
    RETURN NULL;
END
$$;
