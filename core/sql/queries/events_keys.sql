-- System events by key, with details, in any order.
-- refusal: where nothing came, why the database does not know who asks; NULL: it does.
-- $1 bigint[]: the keys
SELECT p.id, p.tenant_id, p.user_id, p.event_type, p.severity, p.description, p.source, p.fingerprint,
       p.occurrences, p.version, p.created_at, p.last_seen_at, p.is_resolved, p.resolved_at, p.resolved_by,
       p.resolution, p.acknowledged_at, p.acknowledged_by, p.assigned_to, p.snoozed_until, p.tenant_name, p.user_name,
       p.resolved_by_name, p.acknowledged_by_name, p.assigned_to_name,
       p.episode_at, p.ack_expires_at, p.auto_resolve_at, p.is_stale, p.is_flapping, p.held_by,
       jsonb_pretty(p.details) AS details,
       CASE WHEN p.id IS NULL THEN (nightbell.claims()).reason END AS refusal,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    SELECT e.* FROM nightbell.events AS e WHERE e.id = ANY ($1::bigint[])
) AS p ON true
