-- What stands between a recipient and a channel. These know addresses only; later files put preferences, quiet hours,
-- digests and maintenance windows in their place.

DO $do$
BEGIN
    IF to_regprocedure('nightbell.channel_verdicts(uuid,text,text,text,text,jsonb,uuid[],text[],timestamptz)') IS NULL THEN
        EXECUTE $f$
            CREATE FUNCTION nightbell.channel_verdicts(tenant uuid, type text, module text, event_type text, urgency text, context jsonb,
                users uuid[], channels text[], at timestamptz)
            RETURNS TABLE (user_id uuid, channel text, code text, held_until timestamptz, slot timestamptz, detail jsonb)
            LANGUAGE sql STABLE
            AS $$
                SELECT u.id, c.channel, CASE WHEN c.channel = 'email' AND u.email IS NULL OR c.channel = 'sms' AND u.phone IS NULL
                    THEN 'no_address' END, NULL::timestamptz, NULL::timestamptz, NULL::jsonb
                FROM nightbell.users u CROSS JOIN unnest(channels) AS c (channel)
                WHERE u.tenant_id = tenant AND u.id = ANY (users)
            $$
        $f$;
    END IF;
    IF to_regprocedure('nightbell.window_holding(uuid,text,text,text,jsonb,timestamptz)') IS NULL THEN
        EXECUTE $f$
            CREATE FUNCTION nightbell.window_holding(tenant uuid, event_type text, source text, severity text, details jsonb, at timestamptz)
            RETURNS TABLE (window_id text, behaviour text, until timestamptz)
            LANGUAGE sql STABLE
            AS $$ SELECT NULL::text, NULL::text, NULL::timestamptz WHERE false $$
        $f$;
    END IF;
END
$do$;
