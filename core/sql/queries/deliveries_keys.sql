-- Deliveries by key, in any order; with the text and the address where they are the reader's own.
-- refusal: where nothing came, why the database does not know who asks; NULL: it does.
-- $1 uuid[]: the keys
SELECT p.id, p.tenant_id, p.user_id, p.notification_id, p.app_event, p.rule_id, p.type, p.channel, p.urgency, p.template_code,
       p.locale, array_to_string(p.missing, ', ') AS missing, p.status, p.held_for, p.held_slot, p.attempts, p.max_attempts,
       p.next_attempt_at, p.worker, p.provider, p.provider_message_id, p.error, p.digest_id, p.fallback_of,
       array_to_string(p.fallback_channels, ', ') AS fallback_channels, p.created_at, p.queued_at, p.sending_at, p.sent_at,
       p.delivered_at, p.read_at, p.ended_at, p.state_at, p.tenant_name, p.user_name,
       x.subject, x.body, x.address, jsonb_pretty(x.payload) AS payload,
       CASE WHEN p.id IS NULL THEN (nightbell.claims()).reason END AS refusal,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    -- the range is for the planner, which may otherwise read all of the tenant's rows to find these
    SELECT d.* FROM nightbell.deliveries_seen AS d
    WHERE d.id = ANY ($1::uuid[])
      AND d.id >= (SELECT k.id FROM unnest($1::uuid[]) AS k (id) ORDER BY k.id LIMIT 1)
      AND d.id <= (SELECT k.id FROM unnest($1::uuid[]) AS k (id) ORDER BY k.id DESC LIMIT 1)
) AS p ON true
LEFT JOIN nightbell.delivery_texts($1::uuid[]) AS x ON x.id = p.id
