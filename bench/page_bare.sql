-- The inbox's page from the bare tables for one reader, without view, policies and token: the floor of row security.
-- $1 uuid: the key · $2 bigint: how many · $3 boolean: data too
SELECT p.id, p.tenant_id, p.actor_id, p.is_announcement, p.type, p.title, p.message, p.link,
       p.actions::text AS actions, p.action_taken, p.channel, p.urgency, p.created_at, p.updated_at, p.read_at,
       p.archived_at, p.expires_at, p.actor_name, p.silent,
       CASE WHEN $3::boolean THEN jsonb_pretty(p.data) END AS data,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    (SELECT n.id, n.tenant_id, n.actor_id, false AS is_announcement, n.type, n.title, n.message, n.link, n.actions,
            n.action_taken, n.channel::text AS channel, n.urgency::text AS urgency, n.created_at, n.updated_at, n.read_at,
            n.archived_at, n.expires_at, n.actor_name, n.silent, n.data
       FROM nightbell.notifications AS n
      WHERE n.tenant_id = '00000000-0000-4000-8000-00000000acee' AND n.user_id = '00000000-0000-4000-8000-00000000be02'
        AND n.deleted_at IS NULL AND (n.expires_at IS NULL OR n.expires_at > now()) AND n.id < $1::uuid
      ORDER BY n.id DESC LIMIT 1001)
    UNION ALL
    (SELECT a.id, a.tenant_id, a.actor_id, true, a.type, a.title, a.message, a.link, a.actions,
            r.action_taken, a.channel::text, a.urgency::text, a.created_at, a.updated_at, r.read_at,
            r.archived_at, a.expires_at, a.actor_name, false, a.data
       FROM nightbell.announcements AS a
       LEFT JOIN nightbell.receipts AS r ON r.tenant_id = a.tenant_id AND r.notification_id = a.id
                 AND r.user_id = '00000000-0000-4000-8000-00000000be02'
      WHERE a.tenant_id = '00000000-0000-4000-8000-00000000acee' AND a.deleted_at IS NULL AND r.deleted_at IS NULL
        AND (a.expires_at IS NULL OR a.expires_at > now()) AND a.id < $1::uuid
      ORDER BY a.id DESC LIMIT 1001)
    ORDER BY id DESC LIMIT $2::bigint
) AS p ON true
