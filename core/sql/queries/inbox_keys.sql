-- Inbox rows by key, with data, in any order.
-- refusal: where nothing came, why the database does not know who asks; NULL: it does.
-- $1 uuid[]: the keys
SELECT p.id, p.tenant_id, p.actor_id, p.is_announcement, p.type, p.title, p.message, p.link,
       p.actions::text AS actions, p.action_taken, p.channel, p.urgency, p.created_at, p.updated_at, p.read_at,
       p.archived_at, p.expires_at, p.actor_name, p.silent,
       jsonb_pretty(p.data) AS data,
       CASE WHEN p.id IS NULL THEN (nightbell.claims()).reason END AS refusal,
       s.snapshot
FROM (SELECT pg_current_snapshot()::text AS snapshot) AS s
LEFT JOIN LATERAL (
    -- the range is for the planner, which may otherwise read all of the reader's rows to find these
    SELECT i.* FROM nightbell.inbox AS i
    WHERE i.id = ANY ($1::uuid[])
      AND i.id >= (SELECT k.id FROM unnest($1::uuid[]) AS k (id) ORDER BY k.id LIMIT 1)
      AND i.id <= (SELECT k.id FROM unnest($1::uuid[]) AS k (id) ORDER BY k.id DESC LIMIT 1)
) AS p ON true
