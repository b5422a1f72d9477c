-- Why somebody heard, or did not; and what would happen, before it does.

-- The decisions that the caller may see about a thing: kind is notification, delivery, event, app_event, or NULL for
-- whatever has that id. A person sees what was decided about them, an operator what was decided in the tenant (a global
-- one in all). No texts. Its app event says what was decided for the other channels and recipients too; of a delivery only what concerns
-- whom it is for. What a delivery that failed fell back to goes with it.
CREATE OR REPLACE FUNCTION nightbell.why(kind text, named text)
RETURNS TABLE (at timestamptz, subject text, subject_id text, app_event bigint, event_type text, user_id uuid, user_name text,
               channel text, rule_id text, code text, outcome text, detail jsonb, is_own boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, nightbell, pg_temp
SET enable_seqscan = off
AS $$
DECLARE
    who nightbell.identity;
    delivery CONSTANT uuid := CASE WHEN named ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN named END;
    works boolean; -- operates, or administers
    everywhere boolean;
BEGIN
    IF kind IS NOT NULL AND kind <> ALL ('{notification,delivery,event,app_event}') THEN
        PERFORM nightbell.refuse('22023', 'the kind is none of notification, delivery, event, app_event', NULL);
    END IF;
    who := nightbell.claims();
    everywhere := coalesce(who.known AND who.is_global AND 'operator' = ANY (who.roles), false)
        OR who.known IS NOT TRUE AND coalesce(current_setting('nightbell.token', true), '') = '' AND pg_has_role(session_user, 'nightbell_admin', 'MEMBER');
    works := everywhere OR coalesce('operator' = ANY (who.roles), false);
    IF who.known IS NOT TRUE AND NOT everywhere THEN
        PERFORM nightbell.refuse('42501', 'this session is nobody''s: ' || coalesce(who.reason, 'no identity'), NULL);
    END IF;
    RETURN QUERY
    WITH RECURSIVE asked AS MATERIALIZED (
        SELECT DISTINCT d.tenant_id, d.app_event, d.subject, d.subject_id, CASE WHEN d.subject = 'delivery' THEN d.user_id END AS user_id
        FROM nightbell.tenants t
        JOIN nightbell.decisions d ON d.tenant_id = t.id
        WHERE (everywhere OR t.id = coalesce(who.tenant_id, who.home_tenant_id)) AND d.subject_id = named AND (kind IS NULL OR d.subject = kind)
        UNION
        SELECT d.tenant_id, d.app_event, 'delivery', d.id::text, d.user_id FROM nightbell.tenants t
        JOIN nightbell.deliveries d ON d.tenant_id = t.id
        WHERE (everywhere OR t.id = coalesce(who.tenant_id, who.home_tenant_id)) AND d.id = delivery AND (kind IS NULL OR kind = 'delivery')
    ), about AS MATERIALIZED (
        SELECT d.* FROM (SELECT DISTINCT a.tenant_id, a.app_event, a.user_id FROM asked a WHERE a.app_event IS NOT NULL) AS a
        JOIN nightbell.decisions d ON d.tenant_id = a.tenant_id AND d.app_event = a.app_event
        WHERE a.user_id IS NULL OR d.user_id IS NULL OR d.user_id = a.user_id
        UNION ALL
        SELECT d.* FROM asked a JOIN nightbell.decisions d ON d.tenant_id = a.tenant_id AND d.subject_id = a.subject_id AND d.subject = a.subject
        WHERE d.app_event IS NULL
    ), fallen_back (tenant_id, id) AS ( -- where another way failed: an app event of its own has decided on those
        SELECT d.tenant_id, d.detail ->> 'delivery' FROM about d WHERE d.code = 'fallback'
        UNION
        SELECT d.tenant_id, d.detail ->> 'delivery' FROM fallen_back f
        JOIN nightbell.decisions d ON d.tenant_id = f.tenant_id AND d.subject_id = f.id AND d.subject = 'delivery' AND d.code = 'fallback'
    ), sent AS ( -- that a delivery was sent stands in itself, and in no decision since version 34
        SELECT d.tenant_id, d.sent_at, d.id, d.app_event, d.user_id, d.channel, d.rule_id
        FROM (SELECT DISTINCT a.tenant_id, a.app_event, a.user_id FROM asked a WHERE a.app_event IS NOT NULL) AS a
        JOIN nightbell.deliveries d ON d.tenant_id = a.tenant_id AND d.app_event = a.app_event
        WHERE a.user_id IS NULL OR d.user_id = a.user_id
        UNION ALL
        SELECT d.tenant_id, d.sent_at, d.id, d.app_event, d.user_id, d.channel, d.rule_id
        FROM asked a JOIN nightbell.deliveries d ON d.tenant_id = a.tenant_id AND d.id = delivery
        WHERE a.subject = 'delivery' AND a.subject_id = delivery::text AND d.app_event IS NULL
        UNION ALL
        SELECT d.tenant_id, d.sent_at, d.id, d.app_event, d.user_id, d.channel, d.rule_id
        FROM fallen_back f JOIN nightbell.deliveries d ON d.tenant_id = f.tenant_id AND d.id = f.id::uuid
    )
    SELECT d.at, d.subject, d.subject_id, d.app_event, o.event_type, d.user_id, u.name, d.channel, d.rule_id, d.code, c.outcome, d.detail,
        coalesce(d.user_id = who.user_id, false)
    FROM (
        SELECT d.* FROM about d
        UNION
        SELECT d.* FROM fallen_back f JOIN nightbell.decisions d ON d.tenant_id = f.tenant_id AND d.subject_id = f.id AND d.subject = 'delivery'
        UNION
        SELECT s.tenant_id, s.sent_at, 'delivery', s.id::text, s.app_event, s.user_id, s.channel::text, s.rule_id, 'sent', NULL FROM sent s
        WHERE s.sent_at IS NOT NULL AND NOT EXISTS (SELECT FROM nightbell.decisions o
            WHERE o.tenant_id = s.tenant_id AND o.subject = 'delivery' AND o.subject_id = s.id::text AND o.code = 'sent')
    ) AS d
    JOIN nightbell.decision_codes c ON c.code = d.code
    LEFT JOIN nightbell.users u ON u.tenant_id = d.tenant_id AND u.id = d.user_id
    LEFT JOIN nightbell.outbox o ON o.tenant_id = d.tenant_id AND o.id = d.app_event
    WHERE works OR d.user_id = who.user_id AND d.tenant_id = who.home_tenant_id
    ORDER BY d.at, d.app_event, c.stage, d.rule_id, u.name, d.channel
    LIMIT 10000;
END
$$;
