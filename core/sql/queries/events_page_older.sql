-- A page of system events older than a key, newest first.
-- Each branch of the view has a LIMIT of its own: a LIMIT over the union would sort everything that can be seen.
-- $1 bigint: the key, itself not included · $2 bigint: how many · $3 boolean: details too
-- One row with NULLs but for the snapshot when there is nothing.
SELECT p.id, p.tenant_id, p.user_id, p.event_type, p.severity, p.description, p.source, p.fingerprint,
       p.occurrences, p.version, p.created_at, p.last_seen_at, p.is_resolved, p.resolved_at, p.resolved_by,
       p.resolution, p.acknowledged_at, p.acknowledged_by, p.assigned_to, p.snoozed_until, p.tenant_name, p.user_name,
       p.resolved_by_name, p.acknowledged_by_name, p.assigned_to_name,
       CASE WHEN $3::boolean THEN jsonb_pretty(p.details) END AS details,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    (SELECT e.* FROM nightbell.events AS e
      WHERE NOT e.across_tenants AND e.id < $1::bigint /*filter*/
      ORDER BY e.id DESC LIMIT $2::bigint)
    UNION ALL
    (SELECT e.* FROM nightbell.events AS e
      WHERE e.across_tenants AND e.id < $1::bigint /*filter*/
      ORDER BY e.id DESC LIMIT $2::bigint)
    ORDER BY id DESC LIMIT $2::bigint
) AS p ON true
