-- Endpoints of people (webhooks, and what programs send to) as the queue needs them.

DROP FUNCTION IF EXISTS nightbell.endpoint_targets(text, uuid, uuid, uuid[]); -- until version 33

-- Those that are live and that a delivery has not reached yet; NULL: none. A code goes to the endpoint that it confirms, and to no other.
-- One without id and address stands for a channel by which all goes to one place.
CREATE OR REPLACE FUNCTION nightbell.endpoint_targets(channel text, tenant uuid, "user" uuid, delivery uuid, reached uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    is_code CONSTANT boolean := EXISTS (SELECT FROM nightbell.deliveries d
        WHERE d.tenant_id = tenant AND d.user_id = "user" AND d.id = delivery AND d.type = 'ADDRESS_CODE');
BEGIN
    IF EXISTS (SELECT FROM nightbell.channels c WHERE c.name = channel AND NOT c.needs_address) THEN
        RETURN '[{"id": null, "address": null}]';
    END IF;
    RETURN (SELECT jsonb_agg(jsonb_build_object('id', e.id, 'address', e.address, 'secret_version', e.secret_version,
                'former_version', CASE WHEN e.former_until > nightbell.clock() THEN e.former_version ELSE 0 END) ORDER BY e.created_at, e.id)
            FROM nightbell.endpoints e
            WHERE e.tenant_id = tenant AND e.user_id = "user" AND e.channel = endpoint_targets.channel AND e.disabled_at IS NULL AND e.id <> ALL (reached)
                AND CASE WHEN is_code THEN e.code_delivery = delivery ELSE e.verified_at IS NOT NULL END
                AND NOT EXISTS (SELECT FROM nightbell.disabled_addresses a
                    WHERE a.tenant_id = tenant AND a.channel = endpoint_targets.channel AND a.address = e.address));
END
$$;

-- false: it was disabled already.
CREATE OR REPLACE FUNCTION nightbell.disable_endpoint(tenant uuid, "user" uuid, endpoint uuid, reason text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql VOLATILE
AS $$
BEGIN
    UPDATE nightbell.endpoints e SET disabled_at = at, disabled_reason = left(reason, 250)
    WHERE e.tenant_id = tenant AND e.user_id = "user" AND e.id = endpoint AND e.disabled_at IS NULL;
    RETURN FOUND;
END
$$;

-- Endpoints that were tried: since when one fails, and when it last did not. One without a success for five days is disabled. The columns are those of
-- delivery_finish(): one row a try.
CREATE OR REPLACE FUNCTION nightbell.note_endpoints(tenants uuid[], users uuid[], items int[], outcomes text[], errors text[], targets uuid[],
    channels text[], at timestamptz) RETURNS void
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    patience CONSTANT interval := '5 days';
    one record;
BEGIN
    IF NOT EXISTS (SELECT FROM unnest(channels, targets) AS t (channel, target) WHERE t.target IS NOT NULL AND t.channel <> 'push') THEN
        RETURN;
    END IF;
    FOR one IN
        WITH tried AS MATERIALIZED (
            SELECT tenants[t.item] AS tenant_id, users[t.item] AS user_id, t.target, t.channel, bool_or(t.outcome = 'sent') AS sent, max(t.error) AS error
            FROM unnest(items, outcomes, errors, targets, channels) AS t (item, outcome, error, target, channel)
            WHERE t.target IS NOT NULL AND t.channel <> 'push' AND t.outcome <> 'cancelled'
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3
        ), noted AS (
            UPDATE nightbell.endpoints e SET last_success_at = CASE WHEN t.sent THEN at ELSE e.last_success_at END,
                failing_since = CASE WHEN NOT t.sent THEN coalesce(e.failing_since, at) END
            FROM tried t
            WHERE e.tenant_id = t.tenant_id AND e.user_id = t.user_id AND e.id = t.target
                AND CASE WHEN t.sent THEN e.failing_since IS NOT NULL OR e.last_success_at IS NULL OR e.last_success_at < at - interval '10 minutes'
                    ELSE e.failing_since IS NULL OR e.failing_since < at - patience END
            RETURNING e.tenant_id, e.user_id, e.id, t.channel, t.error, NOT t.sent AND e.failing_since < at - patience AND e.disabled_at IS NULL AS is_over
        )
        SELECT n.* FROM noted n WHERE n.is_over
    LOOP
        PERFORM nightbell.end_address(one.tenant_id, one.user_id, one.channel, one.id, NULL, concat('nothing has arrived there for 5 days', ': ' || one.error), at);
    END LOOP;
END
$$;
