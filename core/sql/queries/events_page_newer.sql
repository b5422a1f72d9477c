-- A page of system events before a place, oldest first.
-- Each branch has its own LIMIT, because a LIMIT over the union would sort all visible rows. It is a constant, the most
-- that is ever asked for, so that one plan serves all calls: planning takes longer than the page. No branch reads
-- ahead. What all tenants have is read from the view that is sorted already. Where the filter sorts by something else, that stands before each id.
-- $1 bigint: the key, exclusive · $2 bigint: how many, at most 1001 · $3 boolean: with details
-- An empty page is one row of NULLs with the snapshot and, if the database does not accept the caller's identity, the
-- refusal.
SELECT p.id, p.tenant_id, p.user_id, p.event_type, p.severity, p.description, p.source, p.fingerprint,
       p.occurrences, p.version, p.created_at, p.last_seen_at, p.is_resolved, p.resolved_at, p.resolved_by,
       p.resolution, p.acknowledged_at, p.acknowledged_by, p.assigned_to, p.snoozed_until, p.tenant_name, p.user_name,
       p.resolved_by_name, p.acknowledged_by_name, p.assigned_to_name,
       p.episode_at, p.ack_expires_at, p.auto_resolve_at, p.is_stale, p.is_flapping, p.held_by,
       CASE WHEN $3::boolean THEN jsonb_pretty(p.details) END AS details,
       CASE WHEN p.id IS NULL THEN (nightbell.claims()).reason END AS refusal,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    SELECT e.*
    FROM (
        (SELECT e.* FROM nightbell.events_of_tenant AS e
          WHERE (/*rank*/e.id) > (/*bound 1*/$1::bigint) /*filter*/
          ORDER BY /*rank*/e.id LIMIT 1001)
        UNION ALL
        (SELECT e.* FROM nightbell.events_of_all_tenants/*newer*/ AS e
          WHERE (/*rank*/e.id) > (/*bound 1*/$1::bigint) /*filter*/
          ORDER BY /*rank*/e.id LIMIT 1001)
    ) AS e
    ORDER BY /*rank*/e.id LIMIT $2::bigint
) AS p ON true
