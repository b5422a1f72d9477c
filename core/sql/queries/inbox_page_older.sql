-- A page of notifications and announcements older than a key, newest first.
-- Each branch has its own LIMIT, because a LIMIT over the union would sort all visible rows. It is a constant, the most
-- that is ever asked for, so that one plan serves all calls: planning takes longer than the page. No branch reads
-- ahead.
-- $1 uuid: the key, exclusive · $2 bigint: how many, at most 1001 · $3 boolean: with data
-- An empty page is one row of NULLs with the snapshot and, if the database does not accept the caller's identity, the
-- refusal.
SELECT p.id, p.tenant_id, p.actor_id, p.is_announcement, p.type, p.title, p.message, p.link,
       p.actions::text AS actions, p.action_taken, p.channel, p.urgency, p.created_at, p.updated_at, p.read_at,
       p.archived_at, p.expires_at,
       p.actor_name, p.silent,
       CASE WHEN $3::boolean THEN jsonb_pretty(p.data) END AS data,
       CASE WHEN p.id IS NULL THEN (nightbell.claims()).reason END AS refusal,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    (SELECT i.id, i.tenant_id, i.actor_id, i.is_announcement, i.type, i.title, i.message, i.link, i.actions, i.action_taken,
            i.channel, i.urgency, i.created_at, i.updated_at, i.read_at, i.archived_at, i.expires_at, i.actor_name, i.silent, i.data
       FROM nightbell.inbox_notifications AS i
      WHERE i.id < $1::uuid /*filter*/
      ORDER BY i.id DESC LIMIT 1001)
    UNION ALL
    (SELECT i.id, i.tenant_id, i.actor_id, i.is_announcement, i.type, i.title, i.message, i.link, i.actions, i.action_taken,
            i.channel, i.urgency, i.created_at, i.updated_at, i.read_at, i.archived_at, i.expires_at, i.actor_name, i.silent, i.data
       FROM nightbell.inbox_announcements AS i
      WHERE i.id < $1::uuid /*filter*/
      ORDER BY i.id DESC LIMIT 1001)
    ORDER BY id DESC LIMIT $2::bigint
) AS p ON true
