-- What a person prefers, in one document; and whose document a caller may read and change: one's own, and with the rights of
-- an administrator that of anybody in the tenant.

-- The person whom a caller means. person NULL or '': the caller; otherwise a name, address or UUID, for administrators.
-- tenant: its name or UUID; NULL: one's own, or the only one there is.
CREATE OR REPLACE FUNCTION nightbell.preferring(tenant text, person text, OUT tenant_id uuid, OUT user_id uuid)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    who nightbell.identity;
    found record;
BEGIN
    IF coalesce(person, '') <> '' THEN
        tenant_id := nightbell.tenant_to_configure(tenant);
        SELECT * INTO found FROM nightbell.person_of(tenant_id, person);
        IF found.problem IS NOT NULL THEN
            PERFORM nightbell.refuse(CASE WHEN found.problem LIKE 'nobody%' THEN 'P0002' ELSE '22023' END, found.problem, NULL);
        END IF;
        user_id := found.id;
        RETURN;
    END IF;
    who := nightbell.claims();
    IF who.known IS NOT TRUE THEN
        PERFORM nightbell.refuse('42501', 'not allowed: ' || coalesce(who.reason, 'no identity'),
            CASE WHEN nightbell.administers(NULL) THEN 'Name the person whose preferences are meant.'
                 ELSE 'Get a new token; nightbell.whoami() says who a session is.' END);
    ELSIF who.home_tenant_id IS NULL THEN
        PERFORM nightbell.refuse('42501', 'who only produces has no preferences', NULL);
    END IF;
    tenant_id := who.home_tenant_id;
    user_id := who.user_id;
END
$$;

-- The types that a person can get, with what becomes of each by each channel. from: whether the person's own word on the
-- type, on its module or on all decides, or none does (default). locked: it cannot be switched off. usual: the type goes out by
-- it where neither a rule nor the producer names channels.
CREATE OR REPLACE FUNCTION nightbell.preferred_types(tenant uuid, "user" uuid) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('type', t.type, 'module', t.module, 'description', t.description, 'urgency', t.urgency,
        'channels', (
            SELECT jsonb_object_agg(c.channel, jsonb_build_object(
                'enabled', coalesce(p.enabled, true) OR l.locked, 'locked', l.locked, 'usual', c.channel = ANY (t.default_channels),
                'from', CASE WHEN l.locked OR p.enabled IS NULL THEN 'default' WHEN p.type <> '*' THEN 'type' WHEN p.module <> '*' THEN 'module' ELSE 'all' END))
            FROM unnest((SELECT nightbell.all_channels())) AS c (channel)
            CROSS JOIN LATERAL (SELECT c.channel = 'in_app' AND NOT t.unsubscribable AS locked) AS l
            LEFT JOIN LATERAL (
                SELECT q.enabled, q.type, q.module FROM nightbell.preferences q
                WHERE q.tenant_id = preferred_types.tenant AND q.user_id = preferred_types."user" AND q.channel = c.channel
                    AND (q.type = t.type OR q.type = '*' AND q.module IN (t.module, '*'))
                ORDER BY q.type = '*', q.module = '*' LIMIT 1) AS p ON true)) ORDER BY t.module, t.type), '[]')
    FROM nightbell.notification_types t WHERE t.type <> 'DIGEST' -- which is made of others
$$;

CREATE OR REPLACE FUNCTION nightbell.preferences_document(tenant uuid, "user" uuid) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object('tenant_id', u.tenant_id, 'user_id', u.id, 'name', u.name, 'version', coalesce(s.version, 0),
        'quiet', CASE WHEN s.quiet_from IS NOT NULL
            THEN jsonb_build_object('from', to_char(s.quiet_from, 'HH24:MI'), 'to', to_char(s.quiet_to, 'HH24:MI')) END,
        'quiet_days', ARRAY(SELECT ('{mon,tue,wed,thu,fri,sat,sun}'::text[])[d] FROM unnest(s.quiet_days) AS d ORDER BY d),
        'dnd_until', CASE WHEN s.dnd_until > nightbell.clock() THEN s.dnd_until END,
        'digest', coalesce(s.digest, 'off'), 'digest_at', to_char(coalesce(s.digest_at, '08:00'), 'HH24:MI'),
        'time_zone', coalesce(s.time_zone, u.time_zone), 'time_zone_is_own', s.time_zone IS NOT NULL,
        'locale', coalesce(s.locale, u.locale), 'locale_is_own', s.locale IS NOT NULL,
        'channels', nightbell.all_channels(),
        'addresses', jsonb_build_object('email', u.email, 'sms', u.phone),
        'problems', (SELECT jsonb_object_agg(c.channel, nightbell.address_problem(u.tenant_id, u.id, c.channel, u.email, u.phone))
                     FROM unnest(nightbell.all_channels()) AS c (channel) WHERE c.channel <> 'in_app'),
        'preferences', (SELECT coalesce(jsonb_agg(jsonb_build_object('type', p.type, 'module', p.module, 'channel', p.channel, 'enabled', p.enabled)
                                                  ORDER BY p.type <> '*', p.module <> '*', p.type, p.module, p.channel), '[]')
                        FROM nightbell.preferences p WHERE p.tenant_id = u.tenant_id AND p.user_id = u.id),
        'thresholds', (SELECT coalesce(jsonb_agg(jsonb_build_object('event_type', t.event_type, 'module', t.module, 'condition', t.condition::text,
                                                                    'is_active', t.is_active) ORDER BY t.event_type, t.module), '[]')
                       FROM nightbell.alert_thresholds t WHERE t.tenant_id = u.tenant_id AND t.user_id = u.id),
        'types', nightbell.preferred_types(u.tenant_id, u.id))
    FROM nightbell.users u LEFT JOIN nightbell.user_settings s ON s.tenant_id = u.tenant_id AND s.user_id = u.id
    WHERE u.tenant_id = tenant AND u.id = "user" AND u.deleted_at IS NULL
$$;

-- For administrators, of somebody; person NULL: one's own.
CREATE OR REPLACE FUNCTION nightbell.preferences_of(tenant text, person text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$
DECLARE
    whose record;
BEGIN
    SELECT * INTO whose FROM nightbell.preferring(tenant, person);
    RETURN nightbell.preferences_document(whose.tenant_id, whose.user_id);
END
$$;

CREATE OR REPLACE FUNCTION nightbell.my_preferences() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
AS $$ SELECT nightbell.preferences_of(NULL, NULL) $$;
