-- A page of deliveries before a place, oldest first.
-- As events_page_newer.sql: a LIMIT for each branch. In full: with the text and the address where they are the reader's own.
-- $1 uuid: the key, exclusive · $2 bigint: how many, at most 1001 · $3 boolean: in full
-- An empty page is one row of NULLs with the snapshot and, if the database does not accept the caller's identity, the
-- refusal.
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
    SELECT d.*
    FROM (
        (SELECT d.* FROM nightbell.deliveries_of_tenant AS d
          WHERE (/*rank*/d.id) > (/*bound 1*/$1::uuid) /*filter*/
          ORDER BY /*rank*/d.id LIMIT 1001)
        UNION ALL
        (SELECT d.* FROM nightbell.deliveries_of_all_tenants/*newer*/ AS d
          WHERE (/*rank*/d.id) > (/*bound 1*/$1::uuid) /*filter*/
          ORDER BY /*rank*/d.id LIMIT 1001)
    ) AS d
    ORDER BY /*rank*/d.id LIMIT $2::bigint
) AS p ON true
LEFT JOIN LATERAL nightbell.delivery_texts(ARRAY[p.id]) AS x ON $3::boolean
